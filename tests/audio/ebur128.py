"""An independent meter: ffmpeg's ebur128 filter."""

import re
import subprocess
from pathlib import Path

import numpy as np

from episodec.sound.loudness import Sound
from episodec.tools.ffmpeg import program


def ebur128(folder: Path, sound: Sound | Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, to a tenth."""
    if isinstance(sound, Path):
        source = ["-i", str(sound)]
    else:
        np.ascontiguousarray(sound, "<f4").tofile(folder / "measured.f32")
        source = ["-f", "f32le", "-ar", "48000", "-ac", str(sound.shape[1]), "-i", str(folder / "measured.f32")]
    command = [str(program({})), "-nostdin", "-hide_banner", *source, "-af", "ebur128=peak=true", "-f", "null", "-"]
    process = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = process[process.rindex("Summary:") :]
    match = [re.search(rf"{name}:\s+(-?[\d.]+|-inf|nan)", summary) for name in ("I", "Peak")]
    assert match[0] is not None
    assert match[1] is not None
    return float(match[0][1]), float(match[1][1])
