"""The changes of a narration in text and time: the sentences of two lowerings of an episode, side by side.

Times are predicted from the character's pace, as in `validate`; those of a recording are unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from episodec.engine.action import Action
from episodec.pacing import Gap, Help, fitted
from episodec.project.loaded import LoadedEpisode
from episodec.spec.fit import slot_of, speech_s
from episodec.spec.passages import narration
from episodec.spec.sentences import words
from episodec.timebase import SAMPLE_RATE

_ALIKE = 0.35  # The least similarity at which one sentence replaces another.


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a narration, or a part of one between two marks."""

    number: int  # From 1.
    text: str
    spoken: str  # As the voice speaks it.
    take: int
    start_s: float | None  # Approximate; None: unknown until its recording is read.
    gap: Gap


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence that was added, removed, changed, or moved in order or time."""

    how: Literal["added", "removed", "changed", "moved", "shifted"]  # Shifted: by changes of earlier sentences.
    before: Sentence | None
    after: Sentence | None
    parts: tuple[str, ...] = ()  # Of a changed sentence: "text", "spoken", "take", "pause".


def sentence_changes(before: LoadedEpisode, after: LoadedEpisode) -> tuple[SentenceChange, ...]:
    """The changes of the narration, in the later version's order; removed sentences are listed where they were."""
    old, new = sentences(before), sentences(after)
    changes: list[SentenceChange] = []
    frame_s = 1 / after.episode.rate
    matcher = SequenceMatcher(None, [one.text for one in old], [one.text for one in new], autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            changes += _kept(old[start:end], new[new_start:new_end], frame_s)
        else:
            changes += _replaced(old[start:end], new[new_start:new_end])
    return tuple(_moved(changes))


def sentences(loaded: LoadedEpisode) -> list[Sentence]:
    """The sentences of an episode; none if their text is unknown."""
    episode, voice = loaded.episode, loaded.episode.voice
    if voice is None or not voice.text:
        return []
    text = narration(voice.text, episode.language)
    texts = [
        " ".join(word.spoken for word in words(one.text, episode.lexicon, episode.language)) for one in text.passages
    ]
    actions = [action for action in loaded.lowered.actions if action.stage == "voice"]
    starts: Sequence[float | None] = [None] * len(texts)
    if voice.file is None and actions:
        gaps = [one.gap for one in text.passages]
        lengths = [round(speech_s(one, _pace(actions[0])) * SAMPLE_RATE) for one in texts]
        placement = fitted(lengths, gaps, text.after_s, slot_of(episode, voice), Help(is_short=_is_short(loaded)))
        starts = [one / SAMPLE_RATE for one in placement.starts]
    takes = [action.params.get("take") for action in actions] if len(actions) == len(texts) else []
    return [
        Sentence(
            number,
            passage.text,
            spoken,
            _whole(takes[number - 1], voice.take) if takes else voice.take,
            at,
            passage.gap,
        )
        for number, (passage, spoken, at) in enumerate(zip(text.passages, texts, starts, strict=True), 1)
    ]


def _pace(action: Action) -> float:
    """Letters per second."""
    pace, faster = action.params.get("characters_per_second"), action.params.get("faster_percent")
    return _number(pace, 15.0) * (100 + _number(faster, 0.0)) / 100


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _is_short(loaded: LoadedEpisode) -> bool:
    return any(action.stage == "join" and action.params.get("is_short") is True for action in loaded.lowered.actions)


def _kept(old: Sequence[Sentence], new: Sequence[Sentence], frame_s: float) -> Iterator[SentenceChange]:
    """The changes of sentences with equal text."""
    for sentence, other in zip(old, new, strict=True):
        if changed := _parts(sentence, other):
            yield SentenceChange("changed", sentence, other, changed)
        elif (
            sentence.start_s is not None
            and other.start_s is not None
            and abs(sentence.start_s - other.start_s) >= frame_s / 2
        ):
            yield SentenceChange("shifted", sentence, other)


def _parts(vector: Sentence, other: Sentence) -> tuple[str, ...]:
    """The parts in which a sentence differs: "text" or "spoken"; "take"; "pause"."""
    lanes = ["text"] if vector.text != other.text else ["spoken"] if vector.spoken != other.spoken else []
    lanes += ["take"] if vector.take != other.take else []
    return (*lanes, "pause") if vector.gap != other.gap else tuple(lanes)


def _replaced(old: Sequence[Sentence], new: Sequence[Sentence]) -> Iterator[SentenceChange]:
    """The changes of a replaced run of sentences: paired in order if the numbers are equal; otherwise similar ones are
    paired, and the rest is added or removed.
    """
    if len(old) == len(new):
        yield from (SentenceChange("changed", *pair, _parts(*pair)) for pair in zip(old, new, strict=True))
        return
    at = 0
    for sentence in old:
        alike = next((index for index in range(at, len(new)) if _are_alike(sentence.text, new[index].text)), None)
        if alike is None:
            yield SentenceChange("removed", sentence, None)
            continue
        yield from (SentenceChange("added", None, other) for other in new[at:alike])
        yield SentenceChange("changed", sentence, new[alike], _parts(sentence, new[alike]))
        at = alike + 1
    yield from (SentenceChange("added", None, other) for other in new[at:])


def _are_alike(text: str, other: str) -> bool:
    matcher = SequenceMatcher(None, text.split(), other.split(), autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _moved(changes: Sequence[SentenceChange]) -> Iterator[SentenceChange]:
    """The changes, with a removed and an added sentence of equal text merged into a move."""
    removed = [one.before for one in changes if one.how == "removed" and one.before]
    source: dict[int, Sentence] = {}  # Where an added sentence was before, by its number.
    for change in changes:
        if change.how == "added" and change.after:
            was = next((gone for gone in removed if gone.text == change.after.text), None)
            if was is not None:
                removed.remove(was)
                source[change.after.number] = was
    left = {one.number for one in removed}
    for change in changes:
        if change.how == "added" and change.after and change.after.number in source:
            yield SentenceChange("moved", source[change.after.number], change.after)
        elif change.how != "removed" or (change.before and change.before.number in left):
            yield change
