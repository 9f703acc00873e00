"""Backend `captions`: words and their times as WebVTT and SRT. What stands where is decided in `audio.cues`."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from episodec.audio.cues import SHORTEST_S, Clock, Cue, captions, with_note
from episodec.audio.words import read_words
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.text import count_text
from episodec.timebase import samples_per_frame

_JOINER = "\u2060"  # Invisible.
_MARK = re.compile(r"->|<|\{|\\[Nnh]")
"""What readers of SubRip take for the times of a cue, a tag, a style and a break of a line, unless `_JOINER` stands
behind the first character of it.
"""


class CaptionsBackend:
    """Stage captions: params `frames`, `rate`, `ambience` (what the note says, or null) and `ambience_language` (where
    that is not the episode's); `captions.vtt`, and `captions.srt`, in which the note is never left out.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"captions"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "captions-brief": "Captions stand for a shorter time than they take to be read, because speech leaves no more.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        params: Mapping[str, Any] = order.params
        rate = int(params["rate"])
        words = read_words(order.input("words.json"))
        frames = int(params["frames"])
        clock = Clock(frames, samples_per_frame(rate))
        note: str | None = params.get("ambience")
        cues = captions(words.words, note, clock)
        if brief := sum(cue.end - cue.start < clock.count(SHORTEST_S) for cue in cues):
            sentence = f"{brief} of {count_text(len(cues), 'caption')} stand less than {float(SHORTEST_S):.2f} s"
            order.note("captions-brief", f"{sentence}: speech leaves no more time", facts={"brief": brief})
        order.outputs["captions.vtt"].write_text(
            webvtt(cues, rate, frames, params.get("ambience_language")), encoding="utf-8"
        )
        order.outputs["captions.srt"].write_text(srt(with_note(cues, note), rate, frames), encoding="utf-8")


def webvtt(cues: Sequence[Cue], rate: int, frames: int, note_language: str | None = None) -> str:
    """Cues as WebVTT (W3C, webvtt1); `frames`: where the episode ends; `note_language`: where the note has another."""
    return "WEBVTT\n" + "".join(
        f"\n{_time(cue.start, rate, frames, '.')} --> {_time(cue.end, rate, frames, '.')}\n"
        + _tagged(
            "\n".join(html.escape(line, quote=False) for line in cue.lines), note_language if cue.is_note else None
        )
        + "\n"
        for cue in cues
    )


def _tagged(text: str, language: str | None) -> str:
    return text if language is None else f"<lang {html.escape(language)}>{text}</lang>"


def srt(cues: Sequence[Cue], rate: int, frames: int) -> str:
    """Cues as SubRip, which knows no escapes; `frames`: where the episode ends."""
    return "\n".join(
        f"{number}\n{_time(cue.start, rate, frames, ',')} --> {_time(cue.end, rate, frames, ',')}\n"
        + "".join(f"{_unmarked(line)}\n" for line in cue.lines)
        for number, cue in enumerate(cues, 1)
    )


def _unmarked(line: str) -> str:
    return _MARK.sub(lambda mark: mark[0][0] + _JOINER + mark[0][1:], line)


def _time(frame: int, rate: int, frames: int, point: str) -> str:
    """The frame's time to the millisecond, half a millisecond at most from it; the episode's end is rounded down."""
    milliseconds = min((frame * 2000 + rate) // (2 * rate), frames * 1000 // rate)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"
