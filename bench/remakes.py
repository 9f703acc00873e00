"""The remakes that each of the last commits would have caused: the number of backends whose code key changed.

`python bench/remakes.py [COMMITS] [--at COMMIT] [-v]`: in a worktree of its own, commit by commit. Two units are
compared: functions, as keys have them, and whole modules. Of an adapter its own package counts, of all others all code
that they reach and the runner. `-v` names the backends, and the functions that changed.
"""

import argparse
import ast
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from episodec.backends import BUILTIN
from episodec.closure.code import RUNNER, BackendCode, changed_symbols
from episodec.closure.installed import search_path
from episodec.closure.reach import Reach
from episodec.closure.sources import Sources
from episodec.project.backends import is_adapter
from episodec.runner.loading import load
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

ROOT = Path(__file__).parents[1]
MOST = 2  # Of 70 commits, those that may make everything anew.

ADAPTERS = frozenset(name for name, target in BUILTIN.items() if is_adapter(load(target)))
"""Those of today: before, all code of an adapter was in its keys, too."""

Keys = Mapping[str, Mapping[str, str]]
"""By backend, the code that its keys hold: names to digests."""


@dataclass(slots=True)
class Sums:
    """How many of the backends that there were before changed, commit by commit."""

    changed: list[int] = field(default_factory=list)
    whole: int = 0  # Commits that changed every backend whose keys hold all of its code,
    by_runner: int = 0  # and of these, those that would not have without the runner.

    def add(self, before: Keys, now: Keys) -> str:
        """One commit; its column of the table."""
        known = [name for name in now if name in before]
        changed = changed_of(before, now)
        is_all = {*known} - ADAPTERS <= {*changed}
        is_runner = is_all and not {*known} - ADAPTERS <= {*changed_of(without_runner(before), without_runner(now))}
        self.changed.append(len(changed))
        self.whole += is_all
        self.by_runner += is_runner
        return f"{len(changed):3} of {len(known):2}{' runner' if is_runner else ' all   ' if is_all else '       '}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commits", nargs="?", type=int, default=70, help="how many that touched code (default: 70)")
    parser.add_argument("--at", default="HEAD", help="the last of them (default: HEAD)")
    parser.add_argument("-v", "--verbose", action="store_true", help="name backends and functions")
    given = parser.parse_args()
    touching = git("log", f"-{given.commits + 1}", "--first-parent", "--format=%H", given.at, "--", "episodec").split()[
        ::-1
    ]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        git("worktree", "add", "--quiet", "--detach", str(tree), touching[0])
        try:
            table(tree, Index(open_layout(Path(folder, "cache"))), touching, is_verbose=given.verbose)
        finally:
            git("worktree", "remove", "--force", str(tree))
    return 0


def table(tree: Path, index: Index, commits: list[str], *, is_verbose: bool) -> None:
    print(
        "Backends whose keys change, by commit; «all»: every one whose keys hold all its code; «runner»: all, and only"
    )
    print("because the runner counts in every key.\n")
    print("commit     functions         modules           subject")
    functions, modules = Sums(), Sums()
    before: tuple[Keys, Keys] | None = None
    for commit in commits:
        git("-C", str(tree), "checkout", "--quiet", commit)
        now = by_functions(tree, index), by_modules(tree, index)
        if before is not None:
            columns = f"{functions.add(before[0], now[0])}   {modules.add(before[1], now[1])}"
            print(f"{commit[:9]}  {columns}   {git('log', '-1', '--format=%s', commit).strip()[:80]}")
            if is_verbose and (changed := changed_of(before[0], now[0])):
                names = {one for name in changed for one in changed_symbols(before[0][name], now[0][name])}
                print(f"           {', '.join(changed)}\n           {', '.join(sorted(names)[:12])}")
        before = now
    print()
    for unit, sums in (("functions", functions), ("modules", modules)):
        none, keys = sums.changed.count(0), sum(sums.changed)
        messages = (
            f"{none} of {len(sums.changed)} commits change no key, {sums.whole} all ({sums.by_runner} by the runner)"
        )
        print(f"by {unit:9}: {messages}; {keys} keys in all")
    met = "met    " if functions.whole <= MOST else "NOT MET"
    print(f"\n{met}  at most {MOST} commits change all keys, by functions: {functions.whole}")


def changed_of(before: Keys, now: Keys) -> list[str]:
    """The backends that were there before and whose code is another now."""
    return [name for name in now if name in before and now[name] != before[name]]


def without_runner(keys: Keys) -> Keys:
    """The same keys if the runner did not count."""
    return {
        name: {symbol: digest for symbol, digest in code.items() if not symbol.startswith(f"{RUNNER}.")}
        for name, code in keys.items()
    }


def by_functions(tree: Path, index: Index) -> Keys:
    """The code and packages in keys."""
    code = BackendCode(index, FileDigests(index, tree), path_of(tree))
    by_name = {name: code.decided(target, None) for name, target in registered(tree).items()}
    return {name: one.own if name in ADAPTERS else one.symbols for name, one in by_name.items()}


def by_modules(tree: Path, index: Index) -> Keys:
    """The same where whoever reaches something of a module reaches all of it, and what it imports anywhere."""
    sources = Sources(index, FileDigests(index, tree), path_of(tree))
    sources.follow("episodec")
    reach = Reach(sources)
    runner = reach.own(sources.in_package(RUNNER))
    imported: dict[str, frozenset[str]] = {}

    def imports(module: str) -> frozenset[str]:
        if module not in imported:
            names = facts.symbols if (facts := sources.facts(module)) is not None else ()
            starts = [module, *(f"{module}.{name}" for name in names)]
            imported[module] = reach.closure(starts).modules if facts is not None else frozenset()
        return imported[module]

    keys: dict[str, dict[str, str]] = {}
    for name, target in registered(tree).items():
        module = target.partition(":")[0]
        above = module.rpartition(".")[0]
        if name in ADAPTERS:
            own = [module] if above == "episodec.backends" else sources.in_package(above)
            keys[name] = reach.own(own)
        else:
            keys[name] = reach.own(whole([module], imports)) | runner
    return keys


def whole(starts: Iterable[str], imports: Callable[[str], Iterable[str]]) -> set[str]:
    """All modules that these import, and those import."""
    actual: set[str] = set()
    todo = list(starts)
    while todo:
        module = todo.pop()
        if module not in actual:
            actual.add(module)
            todo += imports(module)
    return actual


def registered(tree: Path) -> dict[str, str]:
    """The backends of this tree, `module:Class` by name."""
    register = ast.parse((tree / "episodec/backends/__init__.py").read_bytes())
    (builtin,) = [
        ast.literal_eval(one.value)
        for one in register.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id == "BUILTIN"
    ]
    return dict(builtin)


def path_of(tree: Path) -> list[str]:
    """Where modules are looked for: the tree, then what is installed here."""
    return [str(tree), *search_path()[1:]]


def git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
