"""Backend `captions`: words and their times as WebVTT and SRT. `audio.cues` decides about the cues."""

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
"""Texts that readers of SubRip take for cue times, tags, styles or line breaks, unless `_JOINER` follows their first
character.
"""


class CaptionsBackend:
    """Stage captions: params `frames`, `rate`, `ambience` (the text of the note, or null) and `ambience_language` (if
    not the episode's); outputs `captions.vtt`, and `captions.srt`, which always has the note.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"captions"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "captions-brief": "Captions are shown for less time than reading takes, because speech leaves no more.",
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
            sentence = f"{brief} of {count_text(len(cues), 'caption')} are shown less than {float(SHORTEST_S):.2f} s"
            order.note("captions-brief", f"{sentence}: speech leaves no more time", facts={"brief": brief})
        order.outputs["captions.vtt"].write_text(
            webvtt(cues, rate, frames, params.get("ambience_language")), encoding="utf-8"
        )
        order.outputs["captions.srt"].write_text(srt(with_note(cues, note), rate, frames), encoding="utf-8")


def webvtt(cues: Sequence[Cue], rate: int, frames: int, note_language: str | None = None) -> str:
    """Cues as WebVTT (W3C, webvtt1); `frames`: the episode's length; `note_language`: the note's, if it differs."""
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
    """Cues as SubRip, which has no escapes; `frames`: the episode's length."""
    return "\n".join(
        f"{number}\n{_time(cue.start, rate, frames, ',')} --> {_time(cue.end, rate, frames, ',')}\n"
        + "".join(f"{_unmarked(line)}\n" for line in cue.lines)
        for number, cue in enumerate(cues, 1)
    )


def _unmarked(line: str) -> str:
    return _MARK.sub(lambda mark: mark[0][0] + _JOINER + mark[0][1:], line)


def _time(frame: int, rate: int, frames: int, point: str) -> str:
    """The frame's time, rounded to the nearest millisecond; the end of the episode is rounded down."""
    milliseconds = min((frame * 2000 + rate) // (2 * rate), frames * 1000 // rate)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"
