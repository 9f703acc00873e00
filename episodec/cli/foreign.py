"""Programs of this machine that show files to the user: what plays sounds, what opens films and pages."""

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
PATIENCE_S = 3.0  # An opener that is still there then has opened what it was given.


def player(environment: Mapping[str, str]) -> list[str] | None:
    """The command that plays a sound file whose path is put behind it; None where nothing does."""
    for name, *options in PLAYERS:
        if found := shutil.which(name, path=environment.get("PATH")):
            return [found, *options]
    return None


def opener(environment: Mapping[str, str], path: str, platform: str = sys.platform) -> list[str] | None:
    """The command that opens this file: that of BROWSER where it is set, else the platform's; None where there is none.
    `%s` in BROWSER stands for the file, and `:` parts several, of which the first that is there is taken.
    """
    for one in filter(None, environment.get("BROWSER", "").split(os.pathsep)):
        words = shlex.split(one)
        found = shutil.which(words[0], path=environment.get("PATH")) if words else None
        if found:
            rest = [word.replace("%s", path) for word in words[1:]]
            return [found, *rest] if any("%s" in word for word in words) else [found, *rest, path]
    found = shutil.which(OPENERS.get(platform, "xdg-open"), path=environment.get("PATH"))
    return None if found is None else [found, path]


def run_to_end(command: list[str]) -> str:
    """Run it to its end; what is wrong where it failed, in a line, and nothing where it did not."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        return error.strerror or str(error)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if done.returncode == 0 else said[-1] if said else f"exit code {done.returncode}"


def start(command: list[str]) -> str:
    """Start it and let it go on; what is wrong where it fails at once, and nothing where it does not. It outlives the
    command: what is shown stays.
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
