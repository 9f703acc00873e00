"""ffmpeg as a program: where it lies, what of it changes bytes, and runs whose arguments ffmpeg-python composes.

Knows no codec and no stage. ffmpeg-python's own helpers for running are not used: they can wait for each other forever.
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
"""The setting of every backend that runs ffmpeg: a program of this machine in place of the one that pip installs."""

BITEXACT: Mapping[str, str | int] = {
    "fflags": "+bitexact",  # No version of a library, no moment and no random number in the file.
    "flags:v": "+bitexact",
    "flags:a": "+bitexact",
    "threads": 1,  # x264 gives other pictures for another number of threads.
}
"""Options of an output whose bytes are to be the same every time."""

_FORMATS: Mapping[str, str] = {".m4a": "mov", ".mp4": "mov", ".vtt": "webvtt", ".wav": "wav"}  # ffmpeg's names.

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error", "-filter_threads", "1", "-y")


def program(settings: Settings) -> Path:
    """The ffmpeg of this machine: the setting's, or the one that imageio-ffmpeg brings.

    Raises:
        SettingsError: the setting names no absolute path to a file, or workers would import another package that
            brings one. BackendError: nothing brings an ffmpeg.
    """
    named = settings.get(SETTING)
    if named is not None:
        if not Path(named).is_absolute() or not Path(named).is_file():
            hint = "name the program by its whole path, or remove the setting"
            raise SettingsError("the setting `ffmpeg` names no program", facts={"ffmpeg": named}, hint=hint)
        return Path(named)
    import imageio_ffmpeg

    theirs = found_by_workers("imageio_ffmpeg")
    if theirs is None or not Path(theirs).samefile(imageio_ffmpeg.__file__):
        facts = {"here": imageio_ffmpeg.__file__, "in workers": theirs or "none"}
        hint = "unset PYTHONPATH, or name an ffmpeg in the setting `ffmpeg`"
        raise SettingsError("workers import another imageio_ffmpeg than the one here", facts=facts, hint=hint)
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        hint = "pip install imageio-ffmpeg, or name an ffmpeg in the setting `ffmpeg`"
        raise BackendError("there is no ffmpeg", facts={"error": error}, hint=hint) from error


def fingerprint(settings: Settings, digests: Digester) -> Fingerprint:
    """The version and the content of the ffmpeg of this machine.

    A system's ffmpeg may find its libx264 in another file, whose replacement is seen only when the system replaces
    ffmpeg with it; the one of imageio-ffmpeg holds all of it.

    Raises:
        SettingsError: the setting names no program. BackendError: it is no ffmpeg.
    """
    path = program(settings)
    try:
        done = subprocess.run(
            [path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        digest = digests.of(str(path))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError("ffmpeg cannot be started", facts={"program": path, "error": error}) from error
    found = re.match(r"ffmpeg version (\S+)", done.stdout.decode("utf-8", "replace"))
    if found is None:
        raise BackendError("this program is no ffmpeg", facts={"program": path})
    return Fingerprint({"ffmpeg": found[1], "ffmpeg_digest": digest}, (str(path),))


def file(path: Path) -> str:
    """A file as ffmpeg is to be told of it: neither an option nor a protocol nor a pattern, whatever its name."""
    return "file:" + os.fspath(path.absolute())


def source(path: Path) -> Any:
    """A file as an input of ffmpeg-python. It is opened as what its suffix says, and never opens another file: ffmpeg
    goes by the content otherwise, which may be a list of files.
    """
    import ffmpeg as compose

    return compose.input(file(path), format=_FORMATS[path.suffix], protocol_whitelist="file")


def run(
    output: Any, ffmpeg: Path, *, feed: Iterable[bytes | memoryview] | None = None, timeout_s: float | None = None
) -> None:
    """Run what an output of ffmpeg-python says; `feed` is what it reads at `pipe:0`.

    Raises:
        BackendError: ffmpeg cannot be started, or failed; with the last lines it said.
    """
    import ffmpeg as compose

    command = compose.compile(output, cmd=os.fspath(ffmpeg))
    run_tool([command[0], *QUIET, *command[1:]], feed=feed, timeout_s=timeout_s)
