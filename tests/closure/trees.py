"""Code on disk whose closures are asked for: small packages, and copies of this one that a test may change."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from episodec.backends import BUILTIN
from episodec.closure.code import BackendCode, Decided
from episodec.closure.installed import search_path
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

OURS = Path(__file__).parents[2] / "episodec"


class Tree:
    """A folder of packages, and an index that remembers what was read of them."""

    def __init__(self, root: Path, *, is_whole: bool = False) -> None:
        self.is_whole = is_whole  # With all that is installed.
        self.root = root
        self._index = Index(open_layout(root / "store"))

    def write(self, files: Mapping[str, str]) -> "Tree":
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self

    def copy_ours(self) -> "Tree":
        shutil.copytree(OURS, self.root / "episodec", ignore=shutil.ignore_patterns("__pycache__"))
        return self

    def decided(self, target: str) -> Decided:
        """As a new process would find it."""
        return self.code().decided(target, None)

    def code(self, more: Sequence[str] = ()) -> BackendCode:
        """`more`: folders in which modules are looked for after the tree."""
        digests = FileDigests(self._index, self.root)
        rest = search_path() if self.is_whole else [str(OURS.parent)]
        return BackendCode(self._index, digests, [str(self.root), *more, *rest])

    def changed(self) -> dict[str, Mapping[str, str]]:
        """The code of each of our backends."""
        code = self.code()
        return {name: code.decided(target, None).symbols for name, target in BUILTIN.items()}
