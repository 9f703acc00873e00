"""`words.json`: the times of words, in samples at 48 kHz, beside every speech file; for joining, captions and lips.

    {"version": 1, "samples": 96000, "timing": "measured", "words": [
      {"word": "Да,", "sentence": 0, "start": 480, "end": 21600, "phonemes": [["d", 480, 2400], …]}, …]}

`word` is the written form with its punctuation; `timing` is `measured` (by the voice, or by hand), `aligned` (found in
the sound by comparison with a reading of its text), `estimated` (spread over the sound by letters) or `absent` (no
words are known; the list is empty). Ranges are half-open, in order, without overlap.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

from episodec.errors import BackendError

Timing = Literal["measured", "aligned", "estimated", "absent"]
VERSION = 1
MOST_SENTENCES = 1_000_000  # In a narration: a limit for readers.


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One speech sound as the voice names it: IPA where possible."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word and its range."""

    word: str
    start: int
    end: int
    sentence: int = 0
    phonemes: tuple[Phoneme, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a sound of `samples` samples."""

    samples: int
    timing: Timing
    words: tuple[SpokenWord, ...] = ()


def write_words(path: Path, words: Words) -> None:
    """Write the file; equal words give equal bytes."""
    rows = []
    for word in words.words:
        row: dict[str, object] = {"word": word.word, "sentence": word.sentence, "start": word.start, "end": word.end}
        if word.phonemes:
            row["phonemes"] = [[sound.name, sound.start, sound.end] for sound in word.phonemes]
        rows.append(json.dumps(row, ensure_ascii=False))
    head = json.dumps({"version": VERSION, "samples": words.samples, "timing": words.timing})
    body = "".join(f"\n  {row}," for row in rows).rstrip(",")
    path.write_text(f'{head[:-1]}, "words": [{body}]}}\n', encoding="utf-8")


def read_words(path: Path) -> Words:
    """The words of a file; their ranges are in order and inside the sound.

    Raises:
        BackendError: the file is not a valid `words.json`, or its ranges contradict each other.
    """
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        if _whole(tree["version"]) != VERSION or tree["timing"] not in get_args(Timing):
            _refuse(path, f"version {tree['version']}, timing {tree['timing']}")
        parsed = Words(_whole(tree["samples"]), tree["timing"], tuple(_word(row) for row in tree["words"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        _refuse(path, f"{type(error).__name__}: {error}")
    end = sentence = 0
    for word in parsed.words:
        if not end <= word.start <= word.end <= parsed.samples:
            _refuse(path, f"`{word.word}` is from {word.start} to {word.end}, after {end}, of {parsed.samples}")
        for sound in word.phonemes:
            if not 0 <= sound.start <= sound.end <= parsed.samples:
                _refuse(path, f"the sound `{sound.name}` is from {sound.start} to {sound.end}, of {parsed.samples}")
        if not sentence <= word.sentence <= MOST_SENTENCES:
            _refuse(path, f"`{word.word}` belongs to sentence {word.sentence}, after sentence {sentence}")
        end, sentence = word.end, word.sentence
    return parsed


def estimated(words: Sequence[str], start: int, end: int, sentence: int = 0) -> tuple[SpokenWord, ...]:
    """Words spread over a range of samples in proportion to their letters, for voices that give no word times."""
    weights = [max(1, sum(map(str.isalnum, word))) for word in words]
    total, spoken_weight = sum(weights), 0
    timed = []
    for word, weight in zip(words, weights, strict=True):
        first, spoken_weight = spoken_weight, spoken_weight + weight
        last = start + (end - start) * spoken_weight // total
        timed.append(SpokenWord(word, start + (end - start) * first // total, last, sentence))
    return tuple(timed)


def moved(words: Sequence[SpokenWord], *, by: int, sentence: int) -> tuple[SpokenWord, ...]:
    """The words moved later by `by` samples, with `sentence` added to their sentence numbers."""
    return tuple(
        replace(
            one,
            start=one.start + by,
            end=one.end + by,
            sentence=one.sentence + sentence,
            phonemes=tuple(Phoneme(sound.name, sound.start + by, sound.end + by) for sound in one.phonemes),
        )
        for one in words
    )


def _word(row: Any) -> SpokenWord:
    sounds = tuple(Phoneme(_text(name), _whole(start), _whole(end)) for name, start, end in row.get("phonemes", ()))
    return SpokenWord(_text(row["word"]), _whole(row["start"]), _whole(row["end"]), _whole(row["sentence"]), sounds)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not an integer")
    return value


def _text(value: Any) -> str:
    """A single line of text that can be encoded."""
    if not isinstance(value, str) or len(value.splitlines()) > 1 or value != value.strip("\r\n"):
        raise TypeError(f"{value!r} is not a single line of text")
    value.encode()
    return value


def _refuse(path: Path, reason: str) -> NoReturn:
    raise BackendError("not a valid words.json", facts={"file": path.name, "reason": reason})
