"""Programs of this machine that play sounds and open films and pages for the user."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping

PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),  # macOS.
    ("paplay",),
    ("aplay", "-q"),
)
OPENERS = {"darwin": "open", "win32": "explorer"}  # Others have xdg-open.
PATIENCE_S = 3.0  # An opener that is still running then has opened the file.


def player(environment: Mapping[str, str]) -> list[str] | None:
    """The command that plays the sound file appended to it; None if there is no player."""
    for name, *options in PLAYERS:
        if program := shutil.which(name, path=environment.get("PATH")):
            return [program, *options]
    return None


def opener(environment: Mapping[str, str], path: str, platform: str = sys.platform) -> list[str] | None:
    """The command that opens this file: from BROWSER if it is set, else the platform's opener; None if there is none.

    `%s` in BROWSER is replaced by the file. BROWSER may hold several commands separated by `:`; the first that is
    installed is used.
    """
    for command in filter(None, environment.get("BROWSER", "").split(os.pathsep)):
        words = shlex.split(command)
        program = shutil.which(words[0], path=environment.get("PATH")) if words else None
        if program:
            rest = [word.replace("%s", path) for word in words[1:]]
            return [program, *rest] if any("%s" in word for word in words) else [program, *rest, path]
    program = shutil.which(OPENERS.get(platform, "xdg-open"), path=environment.get("PATH"))
    return None if program is None else [program, path]


def run_to_end(command: list[str]) -> str:
    """Run a command to its end; the last line of its error output if it failed, else an empty string."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        return error.strerror or str(error)
    stderr_lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if done.returncode == 0 else stderr_lines[-1] if stderr_lines else f"exit code {done.returncode}"


def start(command: list[str]) -> str:
    """Start a command and leave it running, also after episodec ends; the error if it fails immediately, else an empty
    string.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        code = process.wait(timeout=PATIENCE_S)
    except OSError as error:
        return error.strerror or str(error)
    except subprocess.TimeoutExpired:
        return ""
    return f"exit code {code}" if code else ""
