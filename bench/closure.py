"""The cost of finding the code of all backends: at first, after one edit, and when nothing changed.

`python bench/closure.py [--json]`: processor time of this process, the best of some runs, over a copy of the package.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench._table import Figure, Target, print_json, print_table, print_targets
from episodec.backends import BUILTIN
from episodec.closure.code import BackendCode
from episodec.closure.installed import search_path
from episodec.errors import EpisodecError
from episodec.project.backends import Backends
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

ROOT = Path(__file__).parents[1]
RUNS = 5
SETTLED_S = 0.05  # A younger file is not remembered.

COLD_S, EDITED_S, REMEMBERED_S = 1.5, 0.05, 0.01


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        index = Index(open_layout(Path(folder, "cache")))
        shutil.copytree(ROOT / "episodec", Path(folder, "episodec"), ignore=shutil.ignore_patterns("__pycache__"))
        time.sleep(SETTLED_S)
        cold = spent_s(lambda: closures(index, folder))
        edited = min(_after(index, folder, _edit) for _ in range(RUNS))
        touched = min(_after(index, folder, _touch) for _ in range(RUNS))
        names = here(index)
        time.sleep(SETTLED_S)
        remembered = min(spent_s(lambda: fingerprints(index, names)) for _ in range(RUNS))
        index.close()
    rows = {
        "all closures, cold": cold,
        "all closures, one file edited": edited,
        "all closures, one file touched": touched,
        "fingerprints of a build, nothing changed": remembered,
    }
    if "--json" in sys.argv[1:]:
        print_json([Figure(name, value, "s") for name, value in rows.items()])
        return 0
    print(f"Processor time for {len(BUILTIN)} backends, {len(names)} of which can be made here; the best of {RUNS}.\n")
    print_table(["", "ms"], [[name, f"{1000 * value:.1f}"] for name, value in rows.items()])
    slow = max(edited, touched)
    print_targets(
        [
            Target(f"all cold in at most {COLD_S:g} s: {cold:.2f}", cold <= COLD_S),
            Target(f"after one edit at most {EDITED_S:g} s: {slow:.3f}", slow <= EDITED_S),
            Target(f"a changed episode pays at most {REMEMBERED_S:g} s: {remembered:.4f}", remembered <= REMEMBERED_S),
            Target("a no-op imports nothing of it", not no_op_imports()),
        ]
    )
    return 0


def closures(index: Index, folder: str) -> None:
    """As a new process finds them."""
    code = BackendCode(index, FileDigests(index, folder), [folder, *search_path()[1:]])
    for target in BUILTIN.values():
        code.keep(code.decided(target, None).symbols)


def here(index: Index) -> list[str]:
    """The backends whose fingerprints this machine can tell."""
    actual = []
    backends = Backends(index, FileDigests(index, ROOT), {}, "")
    for name in BUILTIN:
        try:
            backends.fingerprint("", name)
        except EpisodecError:
            continue
        actual.append(name)
    return actual


def fingerprints(index: Index, names: list[str]) -> None:
    """As a build asks for them, and for the files that are watched while an action runs."""
    backends = Backends(index, FileDigests(index, ROOT), {}, "")
    for name in names:
        backends.fingerprint("", name)
        backends.inputs("", name)


def no_op_imports() -> bool:
    """Whether the no-op path imports anything that finds code."""
    output = "import sys, episodec.series.noop; print(any(name.startswith('episodec.closure') for name in sys.modules))"
    return (
        subprocess.run([sys.executable, "-c", output], capture_output=True, text=True, check=True).stdout != "False\n"
    )


def spent_s(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _after(index: Index, folder: str, change: Callable[[Path], None]) -> float:
    """Of a module that all backends reach."""
    change(Path(folder, "episodec", "digest.py"))
    time.sleep(SETTLED_S)
    return spent_s(lambda: closures(index, folder))


def _edit(path: Path) -> None:
    path.write_text(f"{path.read_text()}\n_EDIT_{time.monotonic_ns()} = 1\n")


def _touch(path: Path) -> None:
    os.utime(path)


if __name__ == "__main__":
    sys.exit(main())
