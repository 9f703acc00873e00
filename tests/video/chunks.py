"""Small real chunks and sounds, made by our own encoder and by ffmpeg's AAC."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from episodec.audio.wav import write_wav
from episodec.tools import ffmpeg
from episodec.video.frames import Frame
from episodec.video.x264 import Form, encode_chunk

FFMPEG = ffmpeg.program({})
FORM = Form(64, 48, 30)


def moving(count: int, *, start: int = 0, form: Form = FORM) -> Iterator[Frame]:
    """A coloured picture that slides, so that every frame differs from every other."""
    y, x = np.mgrid[0 : form.height, 0 : form.width]
    for index in range(start, start + count):
        red, green = (x * 4 + index * 3) % 256, (y * 5 + index) % 256
        blue = np.where((x - index) % 32 < 12, 210, 40)
        yield np.stack([red, green, blue], axis=-1).astype(np.uint8)


def chunk(path: Path, count: int, *, start: int = 0, form: Form = FORM) -> Path:
    """An encoded chunk of the sliding picture."""
    encode_chunk(moving(count, start=start, form=form), form, path, FFMPEG)
    return path


def aac(path: Path, samples: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Path:
    """AAC of these samples (n, 2) at 48 kHz, as long as they are."""
    sound = path.with_suffix(".wav")
    write_wav(sound, samples)
    coded = [
        "-c:a",
        "aac",
        "-b:a",
        "192k",
        "-fflags",
        "+bitexact",
        "-flags:a",
        "+bitexact",
        "-movie_timescale",
        "48000",
    ]
    subprocess.run([str(FFMPEG), "-v", "error", "-y", "-i", str(sound), *coded, str(path)], check=True)
    return path


def packets(path: Path, kind: str = "video") -> list[bytes]:
    """The packets of the first track of a kind, byte for byte."""
    import av

    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(**{kind: 0}) if packet.size]
