"""Frees compiled kernels in the user's cache folder that no installation uses. Knows the layout of `kernel_files`."""

import os
import re
import time
from collections.abc import Callable, Iterator

from episodec.kernel_files import SOURCE_SUFFIX, digest_of
from episodec.store import work
from episodec.store.layout import unusable

UNFINISHED_S = 3600  # Writing a kernel takes milliseconds.
_NAME = re.compile("[0-9a-f]{32}")


def collect_kernels(folder: str | None, *, dry_run: bool = False, now_ns: Callable[[], int] = time.time_ns) -> int:
    """Remove kernels whose sources are gone or changed, and unfinished files of killed processes. Returns their bytes.

    Raises:
        StoreError: something cannot be read or removed.
    """
    removed = 0
    for path in () if folder is None else _folders(folder):
        files = list(_files(path))
        is_used = _is_used(path, [name for name, _ in files])
        unfinished = [
            (name, status.st_size)
            for name, status in files
            if name.startswith(".") and status.st_mtime_ns < now_ns() - UNFINISHED_S * 1_000_000_000
        ]
        removed += sum(size for _, size in unfinished) if is_used else sum(status.st_size for _, status in files)
        if not dry_run:
            for doomed in [os.path.join(path, name) for name, _ in unfinished] if is_used else [path]:
                work.remove(doomed)
    return removed


def _folders(kernels: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(kernels))
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(error, kernels) from error
    for name in names:
        path = os.path.join(kernels, name)
        if _NAME.fullmatch(name) and not os.path.islink(path):  # A link may lead to files that belong to somebody else.
            yield path


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            yield from ((entry.name, entry.stat(follow_symlinks=False)) for entry in entries)
    except FileNotFoundError:
        return  # Another process has removed it.
    except OSError as error:
        raise unusable(error, folder) from error


def _is_used(folder: str, names: list[str]) -> bool:
    """Whether a source compiled into the folder would still be compiled into it today."""
    links = [os.path.join(folder, name) for name in names if name.endswith(SOURCE_SUFFIX)]
    return any(_digest_at(link) == os.path.basename(folder) for link in links)


def _digest_at(link: str) -> str | None:
    """The digest of the source that a link leads to; None when it cannot be read."""
    try:
        return digest_of(os.readlink(link))
    except (OSError, SyntaxError, ValueError):
        return None
