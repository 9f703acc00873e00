"""The entry point of a worker, started by its path; makes sure that no stale bytecode runs.

Python accepts cached bytecode whose source has the same size and the same second. Keys depend on source text, so a
worker must run exactly that: bytecode of modules that count in keys is cached with a hash of the source, which Python
compares. A program started by its path, as this file is, is always compiled from source. Knows only Python's import
system.

Python is started without `site`, which is run here: sitecustomize and usercustomize, which a machine may add to every
start of Python, are in no key and do not run. .pth files do, since installed packages may be found through them.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

_CHECKED = b"\x03\0\0\0"  # Flags of cached bytecode that is checked by a hash of its source (PEP 552).
_LATER_NS = 200_000_000  # Bytecode this much newer than the last change of its source is not stale.

OURS = "episodec"


class Fresh(SourceFileLoader):
    """Loads a module from bytecode with a hash of its source, and writes such bytecode where it is missing."""

    def __init__(self, fullname: str, path: str, kept: str) -> None:
        """`kept`: the path of Python's bytecode cache for this source."""
        super().__init__(fullname, path)
        self._kept = kept

    def get_code(self, fullname: str) -> CodeType | None:
        """See importlib.abc.InspectLoader."""
        kept = self._kept
        if not _is_checked(kept):
            import py_compile

            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            try:
                py_compile.compile(self.path, kept, doraise=True, invalidation_mode=mode)
            except (OSError, py_compile.PyCompileError):  # Not writable, or a syntax error, raised below.
                if not _is_later(kept, self.path):
                    return self.source_to_code(self.get_data(self.path), self.path)
        return super().get_code(fullname)


class FreshFinder:
    """Finds modules as Python does; those that count in keys are loaded by `Fresh`."""

    def __init__(self) -> None:
        self._library = f"{os.path.dirname(os.__file__)}/"
        self.tops = {OURS}  # Also when installed next to other packages.

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((one for one in specs if one is not None), None)
        if spec is None or type(spec.loader) is not SourceFileLoader or not self._counts(fullname, spec.loader.path):
            return spec
        if spec.cached is not None:
            spec.loader = Fresh(spec.loader.name, spec.loader.path, spec.cached)
        return spec

    def _counts(self, fullname: str, file: str) -> bool:
        is_others = file.startswith(self._library) or "/site-packages/" in file or "/dist-packages/" in file
        return not is_others or fullname.partition(".")[0] in self.tops


def keep_fresh(module: str) -> None:
    """Count the package of this module, too, wherever it is installed."""
    for finder in sys.meta_path:
        if isinstance(finder, FreshFinder):
            finder.tops.add(module.partition(".")[0])


def _is_checked(kept: str) -> bool:
    try:
        with open(kept, "rb") as file:
            return file.read(8)[4:] == _CHECKED
    except OSError:
        return False


def _is_later(kept: str, source: str) -> bool:
    """Whether bytecode is so much newer than its source that it cannot come from an earlier version."""
    try:
        return os.stat(kept).st_mtime_ns > os.stat(source).st_ctime_ns + _LATER_NS
    except OSError:
        return False


def main() -> None:
    """Run `main` of the module named in argv, with all its imports checked."""
    import site

    for name in ("sitecustomize", "usercustomize"):
        sys.modules[name] = ModuleType(name, "Nothing, in a worker.")
    sys.meta_path.insert(0, FreshFinder())
    sys.modules["episodec.runner.fresh"] = sys.modules["__main__"]  # One module under both names.
    site.main()
    import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
