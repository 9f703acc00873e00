"""A machine that has no more memory or files to give is told as that, whoever found out."""

import errno

import pytest

from episodec.cli import app
from episodec.errors import BackendError
from episodec.shortage import FILES, MEMORY, Shortage, shortage

TORCH = "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to …"
LINKER = "libopenblas.so: failed to map segment from shared object: Cannot allocate memory"


def read() -> BackendError:
    """A reader's error, for whatever it caught."""
    error = BackendError("the mesh cannot be read")
    error.__cause__ = MemoryError()
    return error


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), MEMORY),
        (RuntimeError(TORCH), MEMORY),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), MEMORY),
        (ImportError(LINKER), MEMORY),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), MEMORY),
        (OSError(errno.EMFILE, "Too many open files"), FILES),
        (OSError(errno.ENFILE, "Too many open files in system"), FILES),
        (read(), MEMORY),
        (ValueError("can't allocate memory"), None),
        (OSError(errno.ENOENT, "No such file"), None),
        (BackendError("the mesh cannot be read"), None),
    ],
)
def test_shortage_is_known_from_mistakes(error: BaseException, short: Shortage | None) -> None:
    assert shortage(error) == short


def test_the_command_line_tells_it_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(_words: object) -> object:
        raise MemoryError

    monkeypatch.setattr(app, "parsed", parsed)
    assert app.run(["plan"]) == 1
    output = capsys.readouterr().err
    assert output.startswith("error: out of memory\n")
    assert "mistake" not in output
    assert "Traceback" not in output
