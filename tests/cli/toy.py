"""The command line with toy backends: `python -m tests.cli.toy build …`. A real process, with real workers below it."""

import sys

from episodec.cli import answer_at_once
from episodec.cli.app import run
from episodec.series.noop import SeriesState
from episodec.series.request import MakeExecutor, Request
from tests.builds import short
from tests.builds.studio import BACKENDS, ROOT

TOYS = {
    **BACKENDS,
    "espeak": BACKENDS["say"],  # What `episodec new` writes.
    "procedural": BACKENDS["noise"],
    "tell": "tests.toys.backends:Tell",
    "slow": "tests.toys.backends:Slow",
    "talk": "tests.toys.backends:Talk",
    "fail": "tests.toys.backends:Fail",
    "random": "tests.toys.backends:Random",
    "crash": "tests.toys.backends:Crash",
}


def main(words: list[str], executor: MakeExecutor | None = None) -> int:
    """As `episodec.cli.main`, the fast way included."""
    observed: dict[str, SeriesState] = {}
    answer_at_once(words, observed)
    return run(words, observed, Request(backends=TOYS, worker_path=(ROOT,), lower=short.lower, executor=executor))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
