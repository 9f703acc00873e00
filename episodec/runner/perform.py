"""Performs orders in this process: lays them out, runs the backend, checks its outputs and stores them.

Used by the worker and by the inline executor. Knows neither pipes nor pools.
"""

import errno
import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path, PurePath
from typing import Any

from episodec import overrides
from episodec.engine.backend import Backend, Settings, WorkOrder
from episodec.engine.cache import Blob
from episodec.engine.executor import Done, Failed, Order, Outcome, Task
from episodec.engine.notes import Note
from episodec.errors import BackendError, EpisodecError, SettingsError
from episodec.extras import missing_extra_error
from episodec.runner.lay_out import laid_out
from episodec.runner.loading import accepts, load
from episodec.runner.note_checks import checked_notes
from episodec.shortage import shortage
from episodec.store.blobs import Blobs
from episodec.store.layout import unusable

Hold = Callable[[WorkOrder], None]
"""Checks an order's outputs before they are stored: `contracts.hold`. It decides whether a result is kept, never its
bytes, so it is not part of this package, which counts in every key.
"""


def unheld(_order: WorkOrder) -> None:
    """Accept any outputs, for stages without a contract."""


class LoadedBackends:
    """Loaded backends that serve many orders: one instance for each target and settings."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, tuple[tuple[str, str], ...]], Backend] = {}

    def run(
        self, target: str, sent: Order, log: Path, blobs: Blobs, hold: Hold, gpus: Sequence[int] = ()
    ) -> tuple[dict[str, Blob], tuple[Note, ...]]:
        """The order's outputs, in the store, and the backend's notes. All that is printed meanwhile, also by children,
        goes to the log.

        Raises:
            BackendError: the order has an override that the backend does not accept; the tool failed; an output is not
                a regular file, an undeclared file was written, or `hold` refused an output; a note has an
                undeclared code or names a path of this machine.
            CorruptBlob: a stored input is damaged, or became so while the tool ran; the fact `digest` names it.
            StoreError: an output cannot be stored, or the disk is full.
        """
        with (
            _logging_to(log),
            _with_shortage(sent),
            laid_out(sent, blobs, gpus) as here,
            _working_in(here.folder),
            _translating_errors(here.work),
        ):
            order = here.work
            backend = self._warm(target, order.settings)
            if not accepts(backend, order.stage):
                facts = {"backend": order.backend, "stage": order.stage, "offers": ", ".join(sorted(backend.stages))}
                raise BackendError("the backend does not implement this stage", facts=facts)
            overrides.check(order.backend, order.stage, overrides.of_stage(backend, order.stage), order.params)
            try:
                backend.run(order)
                _check_promises(order)
            finally:
                here.refuse_damaged()  # Before the backend is blamed for damaged inputs.
            hold(order)
            notes = checked_notes(order, backend, here.folder)
            return {name: blobs.put_file(path) for name, path in order.outputs.items()}, notes

    def _warm(self, target: str, settings: Settings) -> Backend:
        name = target, tuple(sorted(settings.items()))
        if name not in self._loaded:
            self._loaded[name] = load(target)
        return self._loaded[name]


def performer(targets: Mapping[str, str], blobs: Blobs, hold: Hold = unheld) -> Callable[[Task], Outcome]:
    """The `perform` of an `InlineExecutor`, with the backends of these targets."""
    warm = LoadedBackends()

    def perform(task: Task) -> Outcome:
        started = time.perf_counter()
        try:
            outputs, notes = warm.run(targets[task.order.backend], task.order, task.log, blobs, hold)
        except EpisodecError as error:
            return Failed(task.id, error, time.perf_counter() - started)
        return Done(task.id, outputs, time.perf_counter() - started, notes)

    return perform


def output_folder(order: WorkOrder) -> Path:
    """The folder that holds outputs and nothing else."""
    name, path = next(iter(order.outputs.items()))
    return path.parents[len(PurePath(name).parts) - 1]


def work_folder(order: WorkOrder) -> Path:
    """The action's own folder around its outputs: tools may leave files there."""
    return output_folder(order).parent


def _check_promises(order: WorkOrder) -> None:
    """Check that the outputs exist: exit code 0 does not mean success.

    Raises:
        BackendError: an output is missing or not a regular file, or there is an undeclared file.
    """
    facts = {"backend": order.backend, "stage": order.stage}
    for name, path in order.outputs.items():
        mode = path.lstat().st_mode if os.path.lexists(path) else None
        if mode is None:
            raise BackendError("the backend ended without one of its outputs", facts={**facts, "output": name})
        if not stat.S_ISREG(mode):
            kind = "a symbolic link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a special file"
            raise BackendError("an output must be a regular file", facts={**facts, "output": name, "found": kind})
    extra = set(_files(output_folder(order))) - set(order.outputs.values())
    if extra:
        names = ", ".join(sorted(str(path.relative_to(output_folder(order))) for path in extra))
        raise BackendError("the backend wrote an undeclared output", facts={**facts, "extra": names})


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, symbolic links to folders included."""
    for where, folders, names in os.walk(folder):
        yield from (Path(where, name) for name in names)
        yield from (Path(where, name) for name in folders if Path(where, name).is_symlink())


@contextmanager
def _with_shortage(sent: Order) -> Iterator[None]:
    """Translate errors caused by a lack of memory or open files, wherever they occur, clean-up included."""
    try:
        yield
    except EpisodecError as error:
        short = shortage(error)
        if short is None:
            raise
        facts = {"backend": sent.backend, "stage": sent.stage}
        raise BackendError(short.sentence, facts=facts, hint=short.hint) from error


@contextmanager
def _translating_errors(order: WorkOrder) -> Iterator[None]:
    """Translate foreign exceptions at the backend's edge; the traceback goes to the log."""
    try:
        yield
    except EpisodecError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise unusable(error, work_folder(order)) from error
        raise _foreign(order, error) from error
    except ModuleNotFoundError as error:
        raise _absent(order, error) or _foreign(order, error) from error
    except (Exception, SystemExit) as error:  # Tools may raise anything, and nothing else catches it.
        raise _foreign(order, error) from error


def _absent(order: WorkOrder, error: ModuleNotFoundError) -> SettingsError | None:
    """The error that names the extra which provides the missing module."""
    absent = missing_extra_error(error)
    if absent is None:
        return None
    facts = {"backend": order.backend, "stage": order.stage, **absent.facts}
    return SettingsError(absent.sentence, facts=facts, hint=absent.hint)


def _foreign(order: WorkOrder, error: BaseException) -> BackendError:
    if shortage(error) is not None:
        return BackendError("the machine is out of resources")  # Replaced by `_with_shortage`.
    import traceback

    traceback.print_exception(error)
    message = str(error) or "no message"
    facts = {"backend": order.backend, "stage": order.stage, "error": f"{type(error).__qualname__}: {message}"}
    return BackendError("the backend raised an unexpected error", facts=facts)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Make the action's folder the current one, with its own folder for temporary files."""
    temporary = folder / "tmp"
    try:
        temporary.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(error, temporary) from error
    here, before = Path.cwd(), os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    _forget_temporary_folder()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        _forget_temporary_folder()


def _forget_temporary_folder() -> None:
    """Make `tempfile` look again, since it caches the folder; it is not imported for this."""
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]  # A documented variable of the module.


class _Lossy(io.RawIOBase):
    """A file that drops writes when the disk is full: no action fails because of its log."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        with suppress(OSError):
            os.write(self._descriptor, content)
        return len(content)


@contextmanager
def _logging_to(log: Path) -> Iterator[None]:
    """Redirect descriptors 1 and 2 and Python's own streams to the log."""
    kept = os.dup(1), os.dup(2)
    opened = _opened(log)
    stream = io.TextIOWrapper(io.BufferedWriter(_Lossy(opened)), "utf-8", "backslashreplace", line_buffering=True)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    finally:
        for descriptor, before in zip((1, 2), kept, strict=True):
            os.dup2(before, descriptor)
            os.close(before)
        stream.close()
        os.close(opened)


def _opened(log: Path) -> int:
    """A descriptor of the log; of /dev/null if it cannot be opened."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
