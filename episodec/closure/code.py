"""The code and the distributions that decide a backend's results, found from its class."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from episodec.closure.distributions import OURS, Distributions
from episodec.closure.installed import Distribution, files_of
from episodec.closure.reach import Reach, digest_of, lines_of
from episodec.closure.sources import Sources
from episodec.digest import Canonical, Digest, digest_bytes, digest_value
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded
from episodec.store.signature import Signature

RUNNER = f"{OURS}.runner"
"""The package that performs orders: it counts in every backend's code."""

_KEPT_CLOSURES = 2_000


@dataclass(frozen=True, slots=True)
class Decided:
    """Everything that decides a backend's results except its settings, models and orders."""

    symbols: Mapping[str, str]  # Of all code: functions, classes, constants by `module.name`, and files; to digests.
    own: Mapping[str, str]  # Those in the backend's own package.
    # Versions of distributions by name; digests of modules that no distribution installed.
    packages: Mapping[str, Canonical]
    named: frozenset[str]  # Those imported by name, not only needed by another.
    code: Mapping[str, Signature]  # The files of all code.
    watches: Mapping[str, Signature]  # Files and folders that show changes of third-party code and of installations.


class BackendCode:
    """The code of backends. A process looks at everything once; later changes are detected by signatures."""

    def __init__(self, index: Index, digests: FileDigests, path: Sequence[str]) -> None:
        """`path`: the folders in which workers look for modules, in this order (`installed.search_path`)."""
        self._index = index
        self._digests = digests
        self._path = path
        self.distributions = Distributions(index, digests, path)
        self._reaches: dict[tuple[str, ...], tuple[Sources, Reach]] = {}
        self._runners: dict[tuple[str, ...], tuple[list[str], dict[str, str]]] = {}

    def decided(self, target: str, file: str | None) -> Decided:
        """The code that decides the backend at `module:Class`. `file`: where its module is, for one that workers may
        not find.

        If a distribution offers the backend, all its modules and files count, with the code of episodec that they
        reach, since how the backend finds them is unknown. So do third-party packages through which it comes back to
        episodec's code.

        Raises:
            OSError: one of its files cannot be read.
            InputMoved: one changes faster than it can be read.
        """
        module, _, name = target.partition(":")
        top = module.partition(".")[0]
        offered_by = None if top == OURS else self.distributions.offering(target)
        tops = [OURS] if top == OURS else [top] if offered_by is None else _tops(offered_by, top)
        own_tops, whole = tops, tops if offered_by is not None else []
        while True:
            sources, reach = self._followed(tuple(tops), file)
            starts, files, folders = _everything(sources, whole)
            closure = reach.closure([f"{module}.{name}", *starts])
            through = [] if top == OURS else self.distributions.on_ours(closure.outside, offered_by)
            if not (more := [one for one in through if one not in tops]):
                break
            tops, whole = [*tops, *more], [*whole, *more]
        symbols = {**closure.symbols, **{path: sources.content(path) for path in files}}
        is_own = _within(own_tops if top != OURS else [_package(module)])
        own = {path: digest for path, digest in symbols.items() if is_own(path)}
        runner, runs = self._runner(tuple(tops), sources, reach)
        symbols |= runs
        reached = self.distributions.reached({*closure.outside, *tops} - {*own_tops, OURS}, offered_by)
        packages, named, watches = dict(reached.packages), reached.named, dict(reached.watches)
        if offered_by is not None:
            packages[offered_by.name] = offered_by.version
            named |= {offered_by.name}
            watches[offered_by.metadata] = self.distributions.signature(offered_by.metadata)
        code = _files(sources, {*closure.modules, *runner}, symbols)
        watches |= {folder: self.distributions.signature(folder) for folder in folders}
        theirs: dict[str, Signature] = {}
        if top != OURS:
            is_ours = _within([OURS])
            modules = [one for one in closure.modules if not is_ours(one)]
            theirs = _files(sources, modules, [one for one in symbols if not is_ours(one)])
        sources.flush()
        return Decided(symbols, own, packages, named, code, {**theirs, **watches})

    def keep(self, symbols: Mapping[str, str]) -> Digest:
        """Store code and return its digest, by which `symbols_of` finds it again."""
        digest = digest_of(symbols)
        if not self._index.rows("SELECT 1 FROM closures WHERE digest = ?", (digest,)):
            values = (digest, lines_of(symbols) or json.dumps(dict(symbols)))
            self._index.write("INSERT OR IGNORE INTO closures (digest, symbols) VALUES (?, ?)", values)
            sql = "DELETE FROM closures WHERE id <= (SELECT max(id) FROM closures) - ?"
            self._index.write(sql, (_KEPT_CLOSURES,))
        return digest

    def _followed(self, tops: tuple[str, ...], file: str | None) -> tuple[Sources, Reach]:
        """The sources and closures over these packages and episodec; `file` belongs to the last of them."""
        if tops not in self._reaches:
            sources = Sources(self._index, self._digests, self._path)
            for top in (OURS, *tops):
                sources.follow(top, file)
            self._reaches[tops] = sources, Reach(sources)
        return self._reaches[tops]

    def _runner(self, tops: tuple[str, ...], sources: Sources, reach: Reach) -> tuple[list[str], dict[str, str]]:
        """The modules that perform orders, and their code."""
        if tops not in self._runners:
            modules = sources.in_package(RUNNER)
            self._runners[tops] = modules, reach.own(modules)
        return self._runners[tops]


def symbols_of(index: Index, digest: str) -> dict[str, str] | None:
    """The code with this digest, by name; None if it is not stored any more."""
    sql = "SELECT symbols FROM closures WHERE digest = ?"
    rows = decoded(index, sql, (digest,), lambda text: _symbols(text, digest))
    return rows[0] if rows else None


def changed_symbols(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names whose code differs between two versions, sorted."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _everything(sources: Sources, tops: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """All modules of these packages, their other files as `package/name`, and their folders."""
    modules: list[str] = []
    files: list[str] = []
    folders: list[str] = []
    for top in filter(sources.is_followed, tops):
        inner, others, places = sources.everything(top)
        modules += inner
        files += others
        folders += places
    return modules, files, folders


def _tops(distribution: Distribution, top: str) -> list[str]:
    """The top-level modules of a distribution, including its backend's: an editable one lists none."""
    names = {name.partition("/")[0] for name in files_of(distribution) if name.endswith(".py")}
    return sorted({top, *(name.removesuffix(".py") for name in names)} - {OURS, ".."})


def _package(module: str) -> str:
    """A backend's own package: a system's package, or the single file."""
    above = module.rpartition(".")[0]
    return module if above == f"{OURS}.backends" else above


def _within(tops: Sequence[str]) -> Callable[[str], bool]:
    """A test whether a module, symbol or file is in one of these packages."""
    heads = tuple(f"{top}{mark}" for top in tops for mark in "./")
    return lambda name: name in tops or name.startswith(heads)


def _files(sources: Sources, modules: Iterable[str], symbols: Iterable[str]) -> dict[str, Signature]:
    """The files of these modules and symbols, with the signatures under which they were read."""
    paths = {path for module in modules if (path := sources.file_of(module)) is not None}
    paths |= {path for symbol in symbols if "/" in symbol for path in sources.paths_of(symbol)}
    return {path: sources.signatures[path] for path in sorted(paths) if path in sources.signatures}


def _symbols(text: str, digest: str) -> dict[str, str]:
    """The code in a row of the store. Raises: ValueError, if the digest does not match it."""
    symbols: dict[str, str] = {}
    if text.startswith("{"):  # The format for names with line breaks, and that of earlier versions.
        symbols = dict(json.loads(text))
        computed = digest_value("code-closure", dict(symbols))
    else:
        for line in text.split("\n")[1:]:
            name, _, content = line.rpartition("=")
            symbols[name] = content
        computed = digest_bytes(text.encode())
    if computed != digest:
        raise ValueError("the code in a row does not match its digest")
    return symbols
