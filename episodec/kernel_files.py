"""Where compiled kernels are kept, and which sources they were compiled from. Knows files, and nothing of numba.

A folder holds the compiled kernels of one source file. Its name is the digest of that file and of every file of the
package that it imports, directly or not: everything a kernel refers to by name is defined in one of them.
Installations with equal sources share a folder. A link in it leads to each such source, which lets `store.kernels` find
folders that are no longer used.
"""

import ast
import contextlib
import marshal
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import blake2b

SOURCE_SUFFIX = ".source"  # Of the links.
_DIGEST_BYTES = 16
_LATER_NS = 200_000_000  # Bytecode written this long after its source last changed cannot come from an earlier version.
_TICK_NS = 10_000_000  # The most by which a file's time lags behind the clock.


def kernels_folder(environment: Mapping[str, str]) -> str | None:
    """The folder above all kernel folders, in the user's cache folder; None for a user without a home.

    The XDG Base Directory Specification says to ignore a relative XDG_CACHE_HOME.
    """
    base = environment.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = environment.get("HOME") or os.path.expanduser("~")
        if not (os.path.isabs(home) and os.path.isdir(home)):
            return None
        base = os.path.join(home, ".cache")
    return os.path.join(base, "episodec", "kernels")


def digest_of(source: str) -> str:
    """The digest of a source file and of the files of its package that it imports, directly or not.

    Raises:
        OSError: one of them cannot be read.
        SyntaxError: one of them is not valid Python.
    """
    return _digest(sources_of(source), _above(source))


def sources_of(source: str) -> list[str]:
    """Paths of a source file and of the files of its package that it imports, directly or not; sorted."""
    above = _above(source)
    package = os.path.relpath(source, above).split(os.sep)[0]
    sources, rest = {source}, [source]
    while rest:
        importing = rest.pop()
        for name in _imported(importing, above):
            if name.split(".")[0] != package:
                continue
            module = os.path.join(above, *name.split("."))
            files = [path for path in (f"{module}.py", os.path.join(module, "__init__.py")) if os.path.isfile(path)]
            rest += [path for path in files if path not in sources]
            sources.update(files)
    return sorted(sources)


@cache
def folder_of(source: str, kernels: str, loaded_at_ns: int) -> str | None:
    """The folder below `kernels` for the kernels of a source file; created if it is missing.

    `loaded_at_ns` is earlier than this process's first read of any of the sources. None: the folder cannot be created,
    a source cannot be read or changed since then, or Python would load stale bytecode for one. In the latter cases
    kernels might be compiled from code that is no longer on disk.
    """
    try:
        sources = sources_of(source)
        folder = os.path.join(kernels, _digest(sources, _above(source)))
        # A file's ctime: no program can set it back.
        if any(os.stat(path).st_ctime_ns + _TICK_NS >= loaded_at_ns for path in sources):
            return None
        if any(_has_stale_bytecode(path) for path in sources):
            return None
        os.makedirs(folder, exist_ok=True)
    except (OSError, SyntaxError):
        return None
    # Where nothing can be written, existing kernels can still be read.
    with contextlib.suppress(OSError):
        _link(source, folder)
    return folder


def read_kept(path: str) -> bytes | None:
    """The content kept in a file; None when it is missing or damaged: kernels are then compiled again."""
    try:
        content = _read(path)
    except OSError:
        return None
    return content[_DIGEST_BYTES:] if content[:_DIGEST_BYTES] == _checksum(content[_DIGEST_BYTES:]) else None


def keep(path: str, content: bytes) -> None:
    """Keep this content in a file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(_checksum(content) + content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _digest(sources: Iterable[str], above: str) -> str:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for path in sources:
        for part in (os.path.relpath(path, above).encode(), _read(path)):
            digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def _link(source: str, folder: str) -> None:
    """Record in the folder that this source uses it."""
    name = blake2b(source.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    os.symlink(source, os.path.join(folder, f"{name}{SOURCE_SUFFIX}"))


def _above(source: str) -> str:
    """The folder above the outermost package that a source belongs to."""
    folder = os.path.dirname(source)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder


def _imported(source: str, above: str) -> Iterator[str]:
    """Names of everything a file imports, anywhere in it: modules, and names in modules, which may be modules too."""
    for node in ast.walk(ast.parse(_read(source))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = os.path.relpath(source, above).split(os.sep)[: -node.level] if node.level else []
            base += node.module.split(".") if node.module else []
            yield ".".join(base)
            yield from (".".join([*base, name.name]) for name in node.names)


def _has_stale_bytecode(source: str) -> bool:
    """Whether the kept bytecode of a source comes from an earlier version of equal size and second.

    Python does not notice that. Bytecode written well after the last change is fresh.
    """
    from importlib.util import MAGIC_NUMBER, cache_from_source

    kept = cache_from_source(source)
    try:
        changed, kept_stat = os.stat(source), os.stat(kept)
        content = _read(kept)
    except OSError:  # There is no bytecode.
        return False
    magic, kind, second, size = content[:4], content[4:8], content[8:12], content[12:16]
    expected = (int(changed.st_mtime) & 0xFFFF_FFFF, changed.st_size & 0xFFFF_FFFF)
    is_taken = magic == MAGIC_NUMBER and (int.from_bytes(second, "little"), int.from_bytes(size, "little")) == expected
    # Any other kind holds a hash of the source, which Python compares.
    if not is_taken or kind != bytes(4) or kept_stat.st_mtime_ns > changed.st_ctime_ns + _LATER_NS:
        return False
    try:
        return bool(marshal.loads(content[16:]) != compile(_read(source), source, "exec", dont_inherit=True))  # noqa: S302
    except (ValueError, EOFError, TypeError):  # Damaged: Python does not load it either.
        return False


def _checksum(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
