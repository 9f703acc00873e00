"""What a finished episode must be, looked at in the finished file: frames, timestamps, lengths, order of boxes."""

from collections.abc import Iterator
from enum import Enum, auto
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame, seconds
from episodec.video.container import opened


class Sound(Enum):
    """Where an episode's sound is from."""

    NONE = auto()
    OURS = auto()  # Exactly as long as the picture.
    OWN = auto()  # A ready video's, as its author made it.


def check_delivery(path: Path, frames: int, rate: int, sound: Sound) -> None:
    """Hold a finished mp4 to its promise.

    Exactly `frames` pictures, evenly from 0; the length to the microsecond; our sound exactly as long, from 0, with the
    encoder's delay taken off by an edit list; the index before the content, so that a player can start at once.

    Raises:
        BackendError: something differs; what was found stands beside what is wanted.
    """
    found = _looked_at(path)
    wanted: dict[str, object] = {
        "boxes": "ftyp moov mdat",
        "frames": frames,
        "picture from": Fraction(0),
        "frame lasts": 1 / Fraction(rate),
    }
    if sound is not Sound.OWN:
        wanted["length in microseconds"] = round(seconds(frames, rate) * 1_000_000)
    if (until := found["captions until"]) > seconds(frames, rate):
        facts = {"episode": f"{float(seconds(frames, rate)):.3f} s", "captions": f"until {float(until):.3f} s"}
        raise BackendError("the captions go on after the end of the episode", facts=facts)
    if sound is Sound.OURS:
        wanted |= {
            "sound rate": SAMPLE_RATE,
            "sound from": Fraction(0),
            "samples": frames * samples_per_frame(rate),
        }
    wrong = {name: f"{found.get(name)}, not {value}" for name, value in wanted.items() if found.get(name) != value}
    if wrong:
        raise BackendError("the finished episode is not what it must be", facts=wrong)
    if sound is Sound.OWN and (over := found["sound over"]) > found["sound packet"]:
        facts = {"over": f"{float(over):.3f} s"}
        hint = "cut it: ffmpeg -i VIDEO -c copy -shortest CUT.mp4"
        raise BackendError("the ready video's own sound is longer than its picture", facts=facts, hint=hint)


def _looked_at(path: Path) -> dict[str, Any]:
    """What there is, in seconds and samples; a name is missing where there is no such thing."""
    import av

    found: dict[str, Any] = {"boxes": " ".join(name for name in _boxes(path) if name not in ("free", "skip"))}
    try:
        with opened(path) as container:
            found["length in microseconds"] = container.duration
            packets: dict[int, list[Any]] = {stream.index: [] for stream in container.streams}
            for packet in container.demux():
                if packet.size:
                    packets[packet.stream_index].append((packet.pts, packet.duration))
            for picture in container.streams.video[:1]:
                found |= _picture(packets[picture.index], picture)
            for sound in container.streams.audio[:1]:
                found |= _sound(packets[sound.index], sound)
            ends = [sum(packets[one.index][-1]) * one.time_base for one in container.streams.subtitles]
            found["captions until"] = max(ends, default=Fraction(0))
    except (OSError, av.FFmpegError) as error:
        raise BackendError("the finished episode cannot be read", facts={"error": error}) from error
    if "sound until" in found:
        found["sound over"] = found["sound until"] - found["frames"] * found["frame lasts"]
    return found


def _picture(packets: list[tuple[int, int]], stream: Any) -> dict[str, Any]:
    tick_s = Fraction(stream.time_base)
    shown = sorted(pts for pts, _ in packets)
    steps = {later - earlier for earlier, later in pairwise(shown)}
    lasts = steps.pop() * tick_s if len(steps) == 1 else None if steps else tick_s
    return {"frames": len(shown), "picture from": shown[0] * tick_s if shown else None, "frame lasts": lasts}


def _sound(packets: list[tuple[int, int]], stream: Any) -> dict[str, Any]:
    """What is heard: from the edit list's start to the end of the last packet.

    PyAV decodes the encoder's padding after that end too; a player, like ffmpeg, leaves it out.
    """
    if not packets:
        return {}
    tick_s, rate = Fraction(stream.time_base), stream.codec_context.sample_rate
    until = (packets[-1][0] + packets[-1][1]) * tick_s
    is_whole = all(pts + lasts == following for (pts, lasts), (following, _) in pairwise(packets))
    return {
        "sound rate": rate,
        "sound from": stream.start_time * tick_s if is_whole else "packets with gaps",
        "sound until": until,
        "sound packet": packets[0][1] * tick_s,
        "samples": until * rate,
    }


def _boxes(path: Path) -> Iterator[str]:
    """The names of the file's boxes in order (ISO/IEC 14496-12, 4.2)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size:
            file.seek(at)
            length, name = int.from_bytes(file.read(4), "big"), file.read(4)
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            yield name.decode("latin-1")
            if length < 8:
                return
            at += length
