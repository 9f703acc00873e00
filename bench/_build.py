"""A whole build of the measured graph as a process: `python -m bench._build ROOT [--new COUNT] [--tell FILE]`.

The product's own build over the product's own store, with the graph of `_graph` in place of the stages'. With `--tell`
it writes a JSON object: episodes published, actions made, the seconds that the actions' own runs took (as the build's
events tell), and how many files the traces look at.
"""

import argparse
import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

from bench._graph import BACKENDS, lower
from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.engine.events import ActionMade, Event
from episodec.engine.executor import Executor
from episodec.series.request import Request

REPOSITORY = str(Path(__file__).parents[1])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--new", type=int, metavar="COUNT", help="make the series first, and build it in a hurry")
    parser.add_argument("--tell", metavar="FILE")
    asked = parser.parse_args()
    if asked.new is not None:
        make(Path(asked.root), asked.new)
    return run(asked.root, asked.tell, in_a_hurry=asked.new is not None)


def make(root: Path, count: int) -> None:
    """A new series."""
    from bench._series import make_series

    root.mkdir(parents=True)
    make_series(root, count, recorded=False)


def run(root: str, tell: str | None, *, in_a_hurry: bool) -> int:
    """Build; `in_a_hurry`, in this one process, 120 000 actions in minutes. What is measured goes the usual way."""
    worked: list[float] = []

    def emit(event: Event) -> None:
        if isinstance(event, ActionMade):
            worked.append(event.seconds)

    request = Request(
        targets=(f"{root}/episodes",),
        backends=BACKENDS,
        worker_path=(REPOSITORY,),
        lower=lower,
        executor=inline if in_a_hurry else None,
    )
    (outcome,) = build(request, emit, Stop())
    for diagnostic in outcome.diagnostics:
        print(diagnostic.path, diagnostic.code, diagnostic.message, file=sys.stderr)
    if tell is not None:
        import json

        messages = {
            "episodes": outcome.published,
            "made": outcome.made_count,
            "work_s": sum(worked),
            "looks_at": looks_at(root),
        }
        Path(tell).write_text(json.dumps(messages))
    return outcome.exit_code


def inline(targets: Mapping[str, str], store: Path) -> Executor:
    """Work in this process. Outputs are not synced, which the product always does: there is nothing to lose here."""
    from episodec.executors.inline import InlineExecutor
    from episodec.runner.perform import performer
    from episodec.store.blobs import Blobs
    from episodec.store.layout import open_layout

    return InlineExecutor(performer(targets, Blobs(open_layout(store), sync=lambda _: None)))


def looks_at(root: str) -> int:
    """How many files a no-op build asks the kernel about."""
    index = sqlite3.connect(os.path.join(root, "cache", "index.db"))  # noqa: PTH118
    try:
        sql = """SELECT sum(length(signatures)) / 32 FROM (SELECT signatures FROM traces UNION ALL
                 SELECT signatures FROM shared WHERE id IN (SELECT shared FROM traces))"""
        return int(index.execute(sql).fetchone()[0] or 0)
    finally:
        index.close()


if __name__ == "__main__":
    sys.exit(main())
