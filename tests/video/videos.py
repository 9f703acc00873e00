"""Small real videos, made by the ffmpeg that imageio-ffmpeg brings."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()


def video(path: Path, *more: str, frames: int = 30, rate: str = "30", size: str = "64x48") -> Path:
    """A test picture with a tone; `more` are arguments of ffmpeg for the output."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}"]
    tone = ["-f", "lavfi", "-i", "sine=r=48000:d=1"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    command = [FFMPEG, "-v", "error", "-y", *picture, *tone, "-frames:v", str(frames), *coded, *more, str(path)]
    subprocess.run(command, check=True)
    return path
