"""ffmpeg as a program: its path, its fingerprint, and runs of command lines that ffmpeg-python composes.

Knows no codec and no stage. ffmpeg-python's own functions for running are not used: they can deadlock.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from episodec.closure.installed import found_by_workers
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import BackendError, SettingsError
from episodec.tools.process import run_tool

SETTING = "ffmpeg"
"""The setting of every backend that runs ffmpeg: a program of this machine instead of the one installed by pip."""

BITEXACT: Mapping[str, str | int] = {
    "fflags": "+bitexact",  # No library versions, times or random numbers in the file.
    "flags:v": "+bitexact",
    "flags:a": "+bitexact",
    "threads": 1,  # The output of x264 depends on the number of threads.
}
"""Output options for reproducible bytes."""

_FORMATS: Mapping[str, str] = {".m4a": "mov", ".mp4": "mov", ".vtt": "webvtt", ".wav": "wav"}  # ffmpeg's names.

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error", "-filter_threads", "1", "-y")


def program(settings: Settings) -> Path:
    """The ffmpeg of this machine: that of the setting, or the one in imageio-ffmpeg.

    Raises:
        SettingsError: the setting is not an absolute path to a file, or workers would import another imageio-ffmpeg.
        BackendError: there is no ffmpeg.
    """
    named = settings.get(SETTING)
    if named is not None:
        if not Path(named).is_absolute() or not Path(named).is_file():
            hint = "give the program's absolute path, or remove the setting"
            raise SettingsError("the setting `ffmpeg` is not a program", facts={"ffmpeg": named}, hint=hint)
        return Path(named)
    import imageio_ffmpeg

    theirs = found_by_workers("imageio_ffmpeg")
    if theirs is None or not Path(theirs).samefile(imageio_ffmpeg.__file__):
        facts = {"here": imageio_ffmpeg.__file__, "in workers": theirs or "none"}
        hint = "unset PYTHONPATH, or set `ffmpeg` to a program"
        raise SettingsError("workers import a different imageio_ffmpeg", facts=facts, hint=hint)
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        hint = "pip install imageio-ffmpeg, or set `ffmpeg` to a program"
        raise BackendError("there is no ffmpeg", facts={"error": error}, hint=hint) from error


def fingerprint(settings: Settings, digests: Digester) -> Fingerprint:
    """The version and content of the ffmpeg of this machine.

    A system's ffmpeg may load libx264 from another file; a new libx264 is only noticed when ffmpeg is replaced, too.
    The ffmpeg of imageio-ffmpeg is linked statically.

    Raises:
        SettingsError: the setting is not a program. BackendError: the program is not ffmpeg.
    """
    path = program(settings)
    try:
        done = subprocess.run(
            [path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        digest = digests.of(str(path))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError("cannot start ffmpeg", facts={"program": path, "error": error}) from error
    match = re.match(r"ffmpeg version (\S+)", done.stdout.decode("utf-8", "replace"))
    if match is None:
        raise BackendError("this program is not ffmpeg", facts={"program": path})
    return Fingerprint({"ffmpeg": match[1], "ffmpeg_digest": digest}, (str(path),))


def file(path: Path) -> str:
    """A path as an argument of ffmpeg, never taken for an option, a protocol or a pattern."""
    return "file:" + os.fspath(path.absolute())


def source(path: Path) -> Any:
    """A file as an input of ffmpeg-python, opened in the format of its suffix: ffmpeg would otherwise guess by content,
    which may be a playlist that opens other files.
    """
    import ffmpeg as compose

    return compose.input(file(path), format=_FORMATS[path.suffix], protocol_whitelist="file")


def run(
    output: Any, ffmpeg: Path, *, feed: Iterable[bytes | memoryview] | None = None, timeout_s: float | None = None
) -> None:
    """Run an output of ffmpeg-python; `feed` is the content of `pipe:0`.

    Raises:
        BackendError: ffmpeg cannot be started, or failed; with the last lines of its output.
    """
    import ffmpeg as compose

    command = compose.compile(output, cmd=os.fspath(ffmpeg))
    run_tool([command[0], *QUIET, *command[1:]], feed=feed, timeout_s=timeout_s)
