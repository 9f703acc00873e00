"""A copy of our code at work in a process of its own: it builds a series, and is asked what `plan` says of it.

`python -S -P copied.py FOLDER`: FOLDER/tree holds the copy, FOLDER/site-packages links to what is installed, so that
either may be changed. The first answer is what backends executed; to each line that is asked then, another one: the
backends of which something is made again, or was made by an older adapter.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIBRARY = "espeakng_loader"


class Copied:
    """The process, from outside."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.site = folder / "tree", folder / "site-packages"
        shutil.copytree(ROOT / "episodec", self.tree / "episodec", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "schema", self.tree / "schema")
        installed = Path(next(path for path in sys.path if path.endswith("site-packages")))
        self.site.mkdir()
        for first in installed.iterdir():
            if first.suffix != ".pth" and not first.name.startswith("episodec-"):
                (self.site / first.name).symlink_to(first)
        (self.site / LIBRARY).unlink()
        shutil.copytree(installed / LIBRARY, self.site / LIBRARY)
        command = [sys.executable, "-S", "-P", __file__, str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        messages = self._read_answer()
        self.executed = {
            name: {kind: [*map(_tuple, one)] for kind, one in seen.items()} for name, seen in messages.items()
        }

    def planned(self) -> set[str]:
        """The backends of which `plan` says that something is made again, or was made by an older adapter."""
        assert self._process.stdin is not None
        self._process.stdin.write("plan\n")
        self._process.stdin.flush()
        return {*self._read_answer()}

    def close(self) -> None:
        self._process.communicate()

    def _read_answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the copy ended: {self._process.wait()}"
        return json.loads(line)


def _tuple(case: Any) -> Any:
    return tuple(case) if isinstance(case, list) else case


def main(folder: Path) -> None:
    """The process, from inside."""
    sys.path[:0] = [str(folder / "tree")]
    sys.path += [str(folder / "site-packages"), str(ROOT)]
    from tests.closure.recorded import executed, request, series

    studio = series(folder)
    answers, sys.stdout = sys.stdout, sys.stderr  # What is printed on the way is no answer.
    actual = executed(studio)
    messages = {
        name: {"functions": sorted(one.functions), "packages": sorted(one.packages), "files": sorted(one.files)}
        for name, one in actual.items()
    }
    print(json.dumps(messages), file=answers, flush=True)
    before = fingerprints(request(studio), actual)
    for _ in sys.stdin:
        print(json.dumps(sorted(planned(request(studio), before))), file=answers, flush=True)


def fingerprints(request: Any, names: Any) -> dict[str, Any]:
    from episodec.series.session import opened, places

    ((place, targets),) = places(request.targets)
    with opened(place, targets, request, lambda _: None) as session:
        return {name: session.project.backends.fingerprint("", name) for name in names}


def planned(request: Any, before: dict[str, Any]) -> set[str]:
    """Actions that are certain to run; of waiting ones, those whose key changes in any case; and the notes."""
    from episodec.questions.plan import plan_series
    from episodec.series.session import linked, opened, places

    ((place, targets),) = places(request.targets)
    with opened(place, targets, request, lambda _: None) as session:
        answer = plan_series(session)
        assert not answer.blocked
        backends = {action.id: action.backend for action in linked(session.load())} if answer.plans else {}
        actual = set()
        for first in (one for plan in answer.plans for one in plan.actions):
            now = session.project.backends.fingerprint(first.stage, first.backend)
            if first.reason is not None or now != before[first.backend]:
                actual.add(first.backend)
        return actual | {backends[name] for plan in answer.plans for name in plan.older}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
