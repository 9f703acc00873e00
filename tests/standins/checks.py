"""Shared parts of the tests of systems in environments of their own: digests of files, calls that stand-ins noted."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from episodec.digest import Digest, digest_bytes
from episodec.engine.backend import Backend

BACKENDS = Path(__file__).parents[2] / "episodec" / "backends"


class Digests:
    """Of files as they are, remembered by nobody."""

    def of(self, path: str) -> Digest:
        return digest_bytes(Path(path).read_bytes())

    def of_tree(self, folder: str) -> Digest:
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return digest_bytes(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files))


def calls(root: Path, program: str = "") -> list[dict[str, Any]]:
    """The calls of stand-ins, in order; only of this one."""
    if not (root / "calls").exists():
        return []
    tree = [json.loads(line) for line in (root / "calls").read_text().splitlines()]
    return [one for one in tree if one["program"].startswith(program)]


def fingerprint(backend: Backend, settings: dict[str, str]) -> dict[str, Any]:
    """Its parts, once every file that is watched is there."""
    actual = backend.fingerprint(settings, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


def check_in_fingerprint(backend: Backend, settings: dict[str, str], file: Path) -> None:
    """Another content of this file is another fingerprint, and the file is watched."""
    before = fingerprint(backend, settings)
    with file.open("ab") as opened:
        opened.write(b"\n")
    assert fingerprint(backend, settings) != before
    assert str(file) in backend.fingerprint(settings, Digests()).watches


def check_driver(system: str, version: tuple[int, int]) -> None:
    """A driver's syntax is known to the Python of the environment that it runs in."""
    tree = ast.parse((BACKENDS / system / "driver.py").read_text("utf-8"), feature_version=version)
    # What is evaluated while it is defined must be known, too: `list[str]` came with 3.9, `X | Y` with 3.10.
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            hints = [arg.annotation for arg in [*node.args.args, *node.args.kwonlyargs]] + [node.returns]
            for hint in hints:
                assert hint is None or isinstance(hint, ast.Name | ast.Constant), f"{system}: {ast.unparse(hint)}"
    if version < (3, 9):
        for node in ast.walk(tree):
            called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            assert called not in {"removeprefix", "removesuffix"}


def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins note their calls in `calls`, and run folders go to `tmp`."""
    import tempfile

    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("STANDIN_LOG", str(tmp_path / "calls"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
