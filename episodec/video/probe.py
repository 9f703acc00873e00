"""The properties of a video file, counted from its packets without decoding a picture. Knows no encoder."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.timebase import RATES
from episodec.video.container import opened

_MATROSKA_S = Fraction(1, 1000)  # One tick of Matroska's clock.
_SLACK_S = 0.5  # How much more containers that round or pad may promise than their last packet shows.


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A video file's first picture track, and its first sound track of a known codec, if there is one."""

    frames: int
    rate: Fraction  # Frames a second.
    is_constant: bool  # Each frame is at the time given by `rate`, within the `slack` of the container's clock.
    width: int
    height: int
    codec: str  # FFmpeg's name: h264.
    container: str  # FFmpeg's names: mov,mp4,m4a,3gp,3g2,mj2.
    start_s: Fraction
    audio_codec: str | None
    audio_rate: int | None  # Hz
    audio_samples: int | None  # As promised by the container; None: no sound, or not known.


def probe(path: Path) -> VideoFacts:
    """The properties of a video file.

    Raises:
        BackendError: the file is not a video file, has no pictures, is truncated, or its codec is unknown.
    """
    import av

    try:
        with opened(path) as container:
            if not container.streams.video:
                raise BackendError("the video file has no pictures", facts={"file": path.name})
            return _facts(path, container)
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or error}
        raise BackendError("this is not a complete video file", facts=facts) from error


def _facts(path: Path, container: Any) -> VideoFacts:
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise BackendError("the video's codec is unknown", facts={"file": path.name})
    audio = next((one for one in container.streams.audio if one.codec_context is not None), None)  # None: unknown.
    packets = [p for p in container.demux(stream) if p.size]
    if any(packet.is_corrupt for packet in packets):
        raise BackendError("the video file is cut short or damaged", facts={"file": path.name})
    ticks = sorted(p.pts for p in packets if not p.is_discard and p.pts is not None)
    if not ticks or not stream.average_rate:
        raise BackendError("the video file has no pictures", facts={"file": path.name, "frames": len(ticks)})
    _check_whole(path, container, stream, ticks)
    rate = _rate(ticks, stream)
    return VideoFacts(
        frames=len(ticks),
        rate=rate,
        is_constant=_is_constant(ticks, stream.time_base, rate),
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        codec=stream.codec_context.name,
        container=container.format.name,
        start_s=ticks[0] * stream.time_base,
        audio_codec=audio and audio.codec_context.name,
        audio_rate=audio and audio.codec_context.sample_rate,
        audio_samples=audio and _promised_samples(audio),
    )


def _promised_samples(audio: Any) -> int | None:
    if audio.duration is None:
        return None
    samples: int = round(audio.duration * audio.time_base * audio.codec_context.sample_rate)
    return samples


def _check_whole(path: Path, container: Any, stream: Any, ticks: list[int]) -> None:
    """Compare the frames found with those that the header promises; it survives truncation."""
    if stream.frames > len(ticks):
        facts = {"file": path.name, "promised": f"{stream.frames} frames", "found": f"{len(ticks)} frames"}
        raise BackendError("the video file is cut short", facts=facts)
    end_s = (ticks[-1] - ticks[0]) * stream.time_base + 1 / stream.average_rate
    if stream.frames == 0 and container.duration and container.duration / 1_000_000 > end_s + _SLACK_S:
        facts = {"file": path.name, "promised": f"{container.duration / 1e6:g} s", "found": f"{float(end_s):g} s"}
        raise BackendError("the video file is cut short", facts=facts)


def _rate(ticks: list[int], stream: Any) -> Fraction:
    """The exact rate if all frames are equally spaced, or else a usual rate that explains all times."""
    tick_s, average = Fraction(stream.time_base), Fraction(stream.average_rate)
    steps = {later - earlier for earlier, later in pairwise(ticks)}
    step = steps.pop() if len(steps) == 1 else 0
    exact = 1 / (step * tick_s) if step > 0 and tick_s < Fraction(1, 5000) else None
    whole = round(average)
    usual = (Fraction(whole), Fraction(whole * 1000, 1001))
    if exact in usual:
        return exact
    offered = sorted(map(Fraction, RATES), key=lambda rate: abs(rate - average))  # A few frames may fit several rates.
    return next((rate for rate in (*offered, *usual) if rate and _is_constant(ticks, tick_s, rate)), exact or average)


def _is_constant(ticks: list[int], tick_s: Fraction, rate: Fraction) -> bool:
    return all(abs((tick - ticks[0]) * tick_s - index / rate) <= slack(tick_s) for index, tick in enumerate(ticks))


def slack(tick_s: Fraction) -> Fraction:
    """The largest distance of a frame from its time, in seconds: a tick of the clock, or of Matroska's, its possible
    source.

    Matroska stores whole milliseconds, which remain when a video is copied to an mp4 with a finer clock.
    """
    return max(tick_s, _MATROSKA_S)
