"""What each of the last commits would have made anew: of how many backends the code that decides results changed.

`python bench/remakes.py [COMMITS] [-v]`: in a worktree of its own, commit by commit. `-v` names the backends, and the
functions that changed. Adapters count with all of their code, as `plan` tells of them; their keys hold less.
"""

import argparse
import ast
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from episodec.closure.code import Code, changed_symbols
from episodec.closure.installed import search_path
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

ROOT = Path(__file__).parents[1]

State = Mapping[str, Mapping[str, str]]
"""By backend, its code: names to digests."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commits", nargs="?", type=int, default=20, help="how many that touched code (default: 20)")
    parser.add_argument("-v", "--verbose", action="store_true", help="name backends and functions")
    given = parser.parse_args()
    touching = git("log", f"-{given.commits + 1}", "--first-parent", "--format=%H", "--", "episodec").split()[::-1]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        git("worktree", "add", "--quiet", "--detach", str(tree), touching[0])
        try:
            table(tree, Index(open_layout(Path(folder, "cache"))), touching, is_verbose=given.verbose)
        finally:
            git("worktree", "remove", "--force", str(tree))
    return 0


def table(tree: Path, index: Index, commits: list[str], *, is_verbose: bool) -> None:
    before: State = {}
    remade: list[float] = []
    for commit in commits:
        git("-C", str(tree), "checkout", "--quiet", commit)
        now = state(tree, index)
        if before:
            changed = [name for name in now if name in before and now[name] != before[name]]
            known = sum(name in before for name in now)
            remade.append(len(changed) / max(known, 1))
            subject = git("log", "-1", "--format=%s", commit).strip()
            print(f"{commit[:9]}  {len(changed):3} of {known:3}  {subject[:90]}")
            if is_verbose and changed:
                names = {one for name in changed for one in changed_symbols(before[name], now[name])}
                print(f"           {', '.join(changed)}\n           {', '.join(sorted(names)[:12])}")
        before = now
    whole, none = sum(part >= 0.9 for part in remade), remade.count(0)
    print(f"{len(remade)} commits: {none} make nothing anew, {whole} (nearly) everything")


def state(tree: Path, index: Index) -> State:
    """The code of each backend that is registered in this tree."""
    register = ast.parse((tree / "episodec/backends/__init__.py").read_bytes())
    (builtin,) = [
        ast.literal_eval(one.value)
        for one in register.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id == "BUILTIN"
    ]
    code = Code(index, FileDigests(index, tree), [str(tree), *search_path()[1:]])
    return {name: code.decided(target, None).symbols for name, target in builtin.items()}


def git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
