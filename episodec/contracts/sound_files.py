"""Formats of sounds, word times and captions."""

import re
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

from episodec.contracts.contract import CheckedFormat, Format
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame, seconds

_INTEGERS, _FLOATS = ("PCM_16", "PCM_24", "PCM_32"), ("FLOAT", "DOUBLE")

_SRT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"
_SRT_CUE = re.compile(rf"\d+\n{_SRT_TIME} --> {_SRT_TIME}\n[^\n]+(?:\n[^\n]+)*")


def read_speech(path: Path, _order: WorkOrder) -> None:
    """Check mono sound at 48 kHz, of any length."""
    _check_sound(path, channels=1, length=None)


def read_narration(path: Path, order: WorkOrder) -> None:
    """Check mono sound at 48 kHz, as long as the episode."""
    _check_sound(path, channels=1, length=episode_samples(order))


def read_stereo(path: Path, order: WorkOrder) -> None:
    """Check stereo sound at 48 kHz, as long as `frames`."""
    _check_sound(path, channels=2, length=episode_samples(order))


def read_word_times(path: Path, order: WorkOrder) -> None:
    """Check a words.json against its sound, an output or an input; in `voice`, also against the order's words."""
    from episodec.audio.wav import sound_form
    from episodec.audio.words import read_words

    words = read_words(path)
    samples = words.samples
    sounds = [one for name, one in order.outputs.items() if name.endswith(".wav")]
    (sound,) = sounds or order.inputs["speech.wav"]
    length = sound_form(sound).frames
    if samples != length:
        facts = {"samples": samples, f"samples of {sound.name}": length}
        raise BackendError("the words belong to a sound of another length", facts=facts)
    asked: Any = order.params.get("words")
    if order.stage == "voice" and asked is not None:
        _check_asked([(one.word, one.sentence) for one in words.words], [(written, 0) for written, _ in asked])


def read_webvtt(path: Path, order: WorkOrder) -> None:
    """Check that cues are in order and end with the episode at the latest."""
    from episodec.audio.vtt import cue_ranges

    _check_cues(cue_ranges(path), order)


def read_subrip(path: Path, order: WorkOrder) -> None:
    """Check the same in SubRip."""
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError as error:
        raise BackendError("the captions are not UTF-8", facts={"error": error}) from error
    cues = []
    for block in filter(None, text.strip("\n").split("\n\n")):
        match = _SRT_CUE.fullmatch(block)
        if match is None:
            raise BackendError("a cue is not SubRip: a number, its times, its lines", facts={"cue": block[:80]})
        numbers = [int(number) for number in match.groups()]
        cues.append((_samples(*numbers[:4]), _samples(*numbers[4:])))
    _check_cues(cues, order)


def read_aac(path: Path, order: WorkOrder) -> None:
    """Check a single AAC track at 48 kHz in MP4, as long as the episode after the encoder's delay."""
    from episodec.video.container import opened

    with opened(path) as container:
        codings = [stream.codec_context.name for stream in container.streams]
    if codings != ["aac"]:
        facts = {"tracks": ", ".join(codings) or "none"}
        raise BackendError("the file does not hold exactly one track of AAC", facts=facts)
    check_track(path, order)


def check_track(path: Path, order: WorkOrder) -> None:
    """Check the sound of an MP4 by its tables.

    Raises:
        BackendError: there is none, or after the encoder's delay it is not exactly as long as the episode.
    """
    from episodec.video.mp4 import read_movie

    track, length = read_movie(path).first("soun"), episode_samples(order)
    if track is None:
        raise BackendError("the file has no sound")
    delay = max(0, track.edits[0].start) if track.edits else 0
    if (track.clock, track.ticks - delay) != (SAMPLE_RATE, length):
        facts = {"samples": f"{track.ticks - delay} at {track.clock} Hz, not {length} at {SAMPLE_RATE} Hz"}
        raise BackendError("the encoded sound is not as long as the episode", facts=facts)


def episode_samples(order: WorkOrder) -> int:
    """The number of audio samples in the order's `frames`."""
    return order.whole("frames") * samples_per_frame(order.whole("rate"))


def _check_sound(path: Path, channels: int, length: int | None) -> None:
    """Raises BackendError: it is not a supported WAV, or has other channels or another length in samples."""
    from episodec.audio.wav import read_wav, sound_form

    form = sound_form(path)
    if form.container not in ("WAV", "WAVEX") or form.coding not in (*_INTEGERS, *_FLOATS):
        raise BackendError(
            "the sound is not a WAV of integers or floats", facts={"form": f"{form.container} {form.coding}"}
        )
    expected = {"rate": SAMPLE_RATE, "channels": channels, "frames": form.frames if length is None else length}
    wrong = {name: number for name, number in expected.items() if getattr(form, name) != number}
    if wrong:
        facts = {name: f"{getattr(form, name)}, not {number}" for name, number in wrong.items()}
        raise BackendError("the sound does not have the requested form", facts=facts)
    if form.coding in _FLOATS:
        read_wav(path)  # Floats may be NaN or infinite.


def _check_asked(actual: Sequence[tuple[str, int]], asked: Sequence[tuple[str, int]]) -> None:
    """Raises BackendError: the words, each with its sentence's number, are not the requested ones."""
    for place, (actual_word, expected_word) in enumerate(zip_longest(actual, asked), 1):
        if actual_word != expected_word:
            raise BackendError(f"word {place} is {_word_text(actual_word)}, not {_word_text(expected_word)}")


def _word_text(word: tuple[str, int] | None) -> str:
    return "none" if word is None else f"`{word[0]:.40}` of sentence {word[1]}"


def _check_cues(cues: list[tuple[int, int]], order: WorkOrder) -> None:
    """Raises BackendError: cues, as ranges of samples, overlap, are out of order or end after the episode."""
    for (start, end), (following, _) in pairwise([*cues, (episode_samples(order), 0)]):
        if not start < end <= following:
            facts = {
                "cue": f"from {start / SAMPLE_RATE:.3f} s to {end / SAMPLE_RATE:.3f} s",
                "before": f"{following / SAMPLE_RATE:.3f} s",
                "episode": f"{float(seconds(order.whole('frames'), order.whole('rate'))):.3f} s",
            }
            raise BackendError("captions overlap, are out of order, or end after the episode", facts=facts)


def _samples(hours: int, minutes: int, whole: int, milliseconds: int) -> int:
    return ((hours * 60 + minutes) * 60 + whole) * SAMPLE_RATE + milliseconds * SAMPLE_RATE // 1000


RECORDING = Format("recording", "a sound file: WAV, RF64, W64, AIFF, AU, CAF, FLAC, Ogg or MP3")
TOKENS = Format("voice tokens", "a NumPy array, as `episodec inspect` describes")
TIMINGS = Format("word times", "WebVTT with a cue or a timestamp per word")

_WAV = "WAV, 48 kHz, PCM of 16, 24 or 32 bits or floats"

SPEECH = CheckedFormat("speech", f"{_WAV}, mono, as long as the speech", read_speech)
NARRATION = CheckedFormat("narration", f"{_WAV}, mono, exactly `frames` frames long", read_narration)
STEREO = CheckedFormat("stereo sound", f"{_WAV}, stereo, exactly `frames` frames long", read_stereo)
WORD_TIMES = CheckedFormat(
    "words.json",
    "JSON, version 1, written by `episodec.audio.words`: `samples` (the length of its sound), `timing`"
    " (`measured`, `aligned`, `estimated` or `absent`), `words` in order and inside the sound, each with `word`,"
    " `sentence`, `start` and `end`",
    read_word_times,
)
WEBVTT = CheckedFormat("WebVTT", "UTF-8: cues in order, without overlap, inside the episode", read_webvtt)
SUBRIP = CheckedFormat("SubRip", "UTF-8: cues in order, without overlap, inside the episode", read_subrip)
AAC = CheckedFormat("AAC", "AAC-LC, 48 kHz, in MP4, as long as the episode without the encoder's delay", read_aac)
