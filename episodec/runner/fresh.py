"""Where a worker begins: a program that is started by its path, and sees to it that no stale bytecode runs.

Python takes kept bytecode for that of a source of equal size and second. Keys go by what sources say, so a worker must
run just that: of all modules whose code counts, bytecode is kept with a hash of its source, which Python compares.
Whatever is started by its path is compiled from its source, as this file is. It knows Python's import system alone.

Python is started without `site`, which is run here: what a machine adds to every start of Python (sitecustomize,
usercustomize) is in no key, and does not run. Files that end with .pth do, since installed packages are found by them.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

_CHECKED = b"\x03\0\0\0"  # Of kept bytecode: it has a hash, which is compared (PEP 552).
_LATER_NS = 200_000_000  # From a source's last change to bytecode that cannot have been made of an earlier one.

OURS = "episodec"


class Fresh(SourceFileLoader):
    """Loads a module from bytecode with a hash of its source, which it makes where there is none."""

    def __init__(self, fullname: str, path: str, kept: str) -> None:
        """`kept`: where Python keeps bytecode of this source."""
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
            except (OSError, py_compile.PyCompileError):  # Nothing can be kept there; what is wrong is told below.
                if not _is_later(kept, self.path):
                    return self.source_to_code(self.get_data(self.path), self.path)
        return super().get_code(fullname)


class FreshFinder:
    """Finds modules as Python does; those whose code counts are loaded by `Fresh`."""

    def __init__(self) -> None:
        self._library = f"{os.path.dirname(os.__file__)}/"
        self.tops = {OURS}  # Also where they are installed beside other people's packages.

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((one for one in found if one is not None), None)
        if spec is None or type(spec.loader) is not SourceFileLoader or not self._counts(fullname, spec.loader.path):
            return spec
        if spec.cached is not None:
            spec.loader = Fresh(spec.loader.name, spec.loader.path, spec.cached)
        return spec

    def _counts(self, fullname: str, file: str) -> bool:
        is_others = file.startswith(self._library) or "/site-packages/" in file or "/dist-packages/" in file
        return not is_others or fullname.partition(".")[0] in self.tops


def keep_fresh(module: str) -> None:
    """The package of this module counts, too, wherever it is installed."""
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
    """Whether bytecode was made so long after its source had changed that it is of no earlier one."""
    try:
        return os.stat(kept).st_mtime_ns > os.stat(source).st_ctime_ns + _LATER_NS
    except OSError:
        return False


def main() -> None:
    """Run `main` of the module that is named, now that all it imports is fresh."""
    import site

    for name in ("sitecustomize", "usercustomize"):
        sys.modules[name] = ModuleType(name, "Nothing, in a worker.")
    sys.meta_path.insert(0, FreshFinder())
    sys.modules["episodec.runner.fresh"] = sys.modules["__main__"]  # One module under both names.
    site.main()
    import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
