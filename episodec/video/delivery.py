"""Checks a finished episode file against what was promised: frames, timestamps, lengths, boxes."""

from enum import Enum, auto
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame, seconds
from episodec.video.container import opened
from episodec.video.mp4 import Mp4Track, read_movie

_IN_ORDER = "one frame a step, none before it is decoded"


class SoundSource(Enum):
    """The source of an episode's sound."""

    NONE = auto()
    OURS = auto()  # Mixed by episodec, exactly as long as the picture.
    OWN = auto()  # A ready video's own sound, unchanged.


def check_delivery(path: Path, frames: int, rate: int, sound: SoundSource) -> None:
    """Check a finished mp4 against what was promised.

    Exactly `frames` pictures, shown evenly from 0 and decoded evenly, so every reader finds the same constant rate; the
    length exact to the microsecond; mixed sound exactly as long, from 0, with the encoder's delay removed by an edit
    list; the index before the content, so a player can start immediately. Packets are checked as FFmpeg reads them, and
    so are the tables used by other players and editors.

    Raises:
        BackendError: something differs; each fact says what was found and what was expected.
    """
    length, movie = seconds(frames, rate), read_movie(path)
    actual = {"boxes": " ".join(movie.boxes)} | _looked_at(path) | _picture_tables(movie.first("vide"))
    expected: dict[str, object] = {
        "boxes": "ftyp moov mdat",
        "frames": frames,
        "picture from": Fraction(0),
        "frame lasts": 1 / Fraction(rate),
        "decoded every": 1 / Fraction(rate),
        "average rate": rate,
        "base rate": rate,
        "picture's steps (stts)": f"{frames} of {1 / Fraction(rate)} s",
        "picture's order (ctts)": _IN_ORDER,
        "picture's sizes (stsz)": frames,
        "picture's clock (mdhd)": f"{length} s",
        "picture's length (tkhd)": f"{length} s",
        "picture's edits (elst)": f"{length} s from its first frame",
    }
    if sound is not SoundSource.OWN:
        actual["film's length (mvhd)"] = f"{movie.lasts_s} s"
        expected["film's length (mvhd)"] = f"{length} s"
        expected["length in microseconds"] = round(length * 1_000_000)
    if (until := actual["captions until"]) > length:
        facts = {"episode": f"{float(length):.3f} s", "captions": f"until {float(until):.3f} s"}
        raise BackendError("the captions continue after the end of the episode", facts=facts)
    if sound is SoundSource.OURS:
        actual |= _sound_tables(movie.first("soun"))
        expected |= {
            "sound rate": SAMPLE_RATE,
            "sound from": Fraction(0),
            "samples": frames * samples_per_frame(rate),
            "sound's steps (stts)": "even",
            "sound's clock (mdhd)": f"{length} s behind the encoder's delay",
            "sound's length (tkhd)": f"{length} s",
            "sound's edits (elst)": f"{length} s behind the encoder's delay",
        }
    wrong = {name: f"{actual.get(name)}, not {value}" for name, value in expected.items() if actual.get(name) != value}
    if wrong:
        raise BackendError("the finished episode is not as promised", facts=wrong)
    if sound is SoundSource.OWN and (over := actual["sound until"] - length) > actual["sound packet"]:
        facts = {"over": f"{float(over):.3f} s"}
        hint = "cut it: ffmpeg -i VIDEO -c copy -shortest CUT.mp4"
        raise BackendError("the ready video's own sound is longer than its picture", facts=facts, hint=hint)


def _looked_at(path: Path) -> dict[str, Any]:
    """FFmpeg's readings, in seconds and samples; values that the file does not have are left out."""
    import av

    properties: dict[str, Any] = {}
    try:
        with opened(path) as container:
            properties["length in microseconds"] = container.duration
            packets: dict[int, list[Any]] = {stream.index: [] for stream in container.streams}
            for packet in container.demux():
                if packet.size:
                    packets[packet.stream_index].append((packet.dts, packet.pts, packet.duration))
            for picture in container.streams.video[:1]:
                properties |= _picture(packets[picture.index], picture)
            for sound in container.streams.audio[:1]:
                properties |= _sound([(pts, lasts) for _, pts, lasts in packets[sound.index]], sound)
            ends = [sum(packets[one.index][-1][1:]) * one.time_base for one in container.streams.subtitles]
            properties["captions until"] = max(ends, default=Fraction(0))
    except (OSError, av.FFmpegError) as error:
        raise BackendError("the finished episode cannot be read", facts={"error": error}) from error
    return properties


def _picture(packets: list[tuple[int, int, int]], stream: Any) -> dict[str, Any]:
    """The times of frames, in seconds; a single frame lasts as long as its packet says."""
    tick_s = Fraction(stream.time_base)
    decoded, presented = [dts for dts, _, _ in packets], sorted(pts for _, pts, _ in packets)
    lasts = {duration for _, _, duration in packets[:1]} if len(packets) == 1 else set()
    return {
        "frames": len(presented),
        "picture from": presented[0] * tick_s if presented else None,
        "frame lasts": _only({later - earlier for earlier, later in pairwise(presented)} | lasts, tick_s),
        "decoded every": _only({later - earlier for earlier, later in pairwise(decoded)} | lasts, tick_s),
        "average rate": stream.average_rate,
        "base rate": stream.base_rate,
    }


def _only(steps: set[int], tick_s: Fraction) -> Fraction | str:
    """The common length of all steps, in seconds, or all lengths as text."""
    if len(steps) == 1:
        return min(steps) * tick_s
    return " or ".join(str(step * tick_s) for step in sorted(steps)) or "nothing"


def _picture_tables(track: Mp4Track | None) -> dict[str, Any]:
    """The readings of the picture's own tables, worded like the expected ones where they are right."""
    if track is None:
        return {}
    counted = sum(count for count, _ in track.steps) == track.samples
    presented = sorted(track.presentation_times()) if counted else []
    first = presented[0] if presented else 0
    return {
        "picture's steps (stts)": _track_text(track),
        "picture's order (ctts)": _order(track) if counted else "other numbers of frames in stts and stsz",
        "picture's sizes (stsz)": track.samples,
        "picture's clock (mdhd)": f"{Fraction(track.ticks, track.clock)} s",
        "picture's length (tkhd)": f"{track.lasts_s} s",
        "picture's edits (elst)": _edits(track, first, "from its first frame"),
    }


def _track_text(track: Mp4Track) -> str:
    return ", ".join(f"{count} of {Fraction(ticks, track.clock)} s" for count, ticks in track.steps)


def _order(track: Mp4Track) -> str:
    """`_IN_ORDER` if one frame is shown per step, each once and none before it is decoded; else the fault."""
    decoded, presented = track.decoded(), track.presentation_times()
    late = next((place for place, (dts, pts) in enumerate(zip(decoded, presented, strict=True)) if pts < dts), None)
    if late is not None:
        return f"frame {late} is shown before it is decoded"
    steps = {later - earlier for earlier, later in pairwise(sorted(presented))}
    if steps - {ticks for _, ticks in track.steps}:
        return f"frames are shown every {_only(steps, Fraction(1, track.clock))} s"
    return _IN_ORDER


def _edits(track: Mp4Track, first: int, behind: str) -> str:
    """The edit list as text, worded like the expected one if its only entry starts at tick `first`."""
    if not track.edits:
        return f"{track.lasts_s} s {behind}" if first == 0 else "none"
    parts = []
    for edit in track.edits:
        start = behind if edit.start == first else f"from {Fraction(edit.start, track.clock)} s"
        parts.append(f"{edit.lasts_s} s {start}" + ("" if edit.speed == 1 else f", at {edit.speed} times the speed"))
    return ", then ".join(parts)


def _sound_tables(track: Mp4Track | None) -> dict[str, Any]:
    """The same for the tables of mixed sound. Only its last packet may be shorter than the others."""
    if track is None:
        return {}
    delay = max(0, track.edits[0].start) if track.edits else 0
    *whole, last = track.steps or ((0, 0),)
    is_even = len(whole) <= 1 and (not whole or (last[0] == 1 and last[1] < whole[0][1]))
    total = sum(count * ticks for count, ticks in track.steps)
    is_counted = sum(count for count, _ in track.steps) == track.samples and total == track.ticks
    behind = "behind the encoder's delay"
    return {
        "sound's steps (stts)": "even" if is_even and is_counted else f"{_track_text(track)}; {track.samples} packets",
        "sound's clock (mdhd)": f"{Fraction(track.ticks - delay, track.clock)} s {behind}",
        "sound's length (tkhd)": f"{track.lasts_s} s",
        "sound's edits (elst)": _edits(track, delay, behind),
    }


def _sound(packets: list[tuple[int, int]], stream: Any) -> dict[str, Any]:
    """The audible sound: from the edit list's start to the end of the last packet.

    PyAV also decodes the encoder's padding after that end; players, like ffmpeg, drop it.
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
