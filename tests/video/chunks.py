"""Small real chunks and sounds, made by our own encoder and by ffmpeg's AAC."""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from episodec.audio.wav import write_wav
from episodec.tools import ffmpeg
from episodec.video.frames import Frame
from episodec.video.x264 import FrameForm, encode_chunk

FFMPEG = ffmpeg.program({})
FORM = FrameForm(64, 48, 30)


def moving(count: int, *, start: int = 0, form: FrameForm = FORM) -> Iterator[Frame]:
    """A coloured picture that slides, so that every frame differs from every other."""
    y, x = np.mgrid[0 : form.height, 0 : form.width]
    for index in range(start, start + count):
        red, green = (x * 4 + index * 3) % 256, (y * 5 + index) % 256
        blue = np.where((x - index) % 32 < 12, 210, 40)
        yield np.stack([red, green, blue], axis=-1).astype(np.uint8)


def chunk(path: Path, count: int, *, start: int = 0, form: FrameForm = FORM) -> Path:
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


def check_even(path: Path, frames: int, rate: int) -> None:
    """Hold the picture of an mp4 to a constant rate, as players and editors see it."""
    import av

    with av.open(str(path)) as container:
        (track,) = container.streams.video
        packets: list[Any] = [packet for packet in container.demux(track) if packet.size]
        rows = [(packet.dts, packet.pts, packet.duration) for packet in packets]
        frame = Fraction(1, rate) / (track.time_base or Fraction(1))
        assert len(rows) == track.frames == frames
        assert (track.average_rate, track.base_rate) == (Fraction(rate), Fraction(rate))
        assert track.duration == frames * frame
    decoded = [dts for dts, _, _ in rows]
    assert {later - earlier for earlier, later in pairwise(decoded)} <= {frame}
    assert sorted(pts for _, pts, _ in rows) == [index * frame for index in range(frames)]
    assert {duration for _, _, duration in rows} == {frame}
    assert min(pts - dts for dts, pts, _ in rows) == 0  # Decoded no earlier than has to be.
