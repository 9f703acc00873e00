"""The ffmpeg that imageio-ffmpeg brings. ffmpeg-python composes its arguments; its processes are run by us."""

from functools import cache
from pathlib import Path
from typing import Any

from episodec.engine.protocols import Fingerprint
from episodec.errors import BackendError
from episodec.media.process import run_tool

QUIET = ("-nostdin", "-hide_banner", "-loglevel", "error")


@cache
def binary() -> Path:
    """The program, or the one that IMAGEIO_FFMPEG_EXE names.

    Raises:
        BackendError: there is none.
    """
    import imageio_ffmpeg

    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe()).resolve()
    except RuntimeError as error:
        facts, hint = {"error": error}, "pip install imageio-ffmpeg"
        raise BackendError("there is no ffmpeg", facts=facts, hint=hint) from error


def ffmpeg_fingerprint() -> Fingerprint:
    """Its version, with the build's date and commit where it has them; the binary is watched.

    Raises:
        BackendError: there is none, or it does not tell its version.
    """
    import subprocess

    try:
        done = subprocess.run([binary(), "-version"], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise BackendError("ffmpeg does not tell its version", facts={"error": error}) from error
    version = done.stdout.partition(" Copyright ")[0].removeprefix("ffmpeg version ")
    return Fingerprint({"ffmpeg": version}, (str(binary()),))


def run_ffmpeg(stream: Any) -> None:
    """Run what ffmpeg-python composed, to its end; an existing output is overwritten.

    Raises:
        BackendError: it failed.
    """
    run_tool(stream.global_args(*QUIET).compile(cmd=str(binary()), overwrite_output=True))
