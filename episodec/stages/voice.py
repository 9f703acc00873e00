"""Stages `voice` and `join`: each sentence spoken separately, aligned if the voice gives no phonemes, then joined to
exactly `frames` frames of sound.
"""

from collections.abc import Iterator, Sequence

from episodec.digest import Canonical
from episodec.engine.action import Action, Deliverable, Input
from episodec.pacing import Gap
from episodec.spec.fit import Fit, fit
from episodec.spec.passages import Narration, Passage, narration, unmarked
from episodec.spec.sentences import Word, mute_lines, words
from episodec.spec.structure import section
from episodec.spec.types import Voice
from episodec.stages.align import lower_align, recorded
from episodec.stages.lowering import Choice, Lowered, Lowering, Remark, Unlowered, action_id, clock, params, role

SPEECH = ("speech.wav", "words.json")
"""Outputs of a voice backend: mono at 48 kHz, as long as the speech, and the times of its words (`audio.words`)."""

_JOINING = ("fit", "lead_s", "pause_s", "tail_s")  # Fields of the section that only the join reads.
_RECORDED = Narration((Passage("", Gap()),))  # A recording is one passage; its caption text requests no pauses.
_SPEAKING = ("take", "takes", "text")  # Fields that only the voice reads; a new field goes to both.


def lower_voice(at: Lowering) -> Lowered:
    """One action per sentence, or one for a recording; as many to align them if the voice gives no phonemes; and the
    join to `voice.wav` and `words.json`.
    """
    voice = at.episode.voice
    if voice is None:
        return Lowered()
    if voice.file:
        spoken, text, is_short = [_recording(at, voice)], _RECORDED, False
        aligned = _aligned_recording(at, voice, spoken[0])
    else:
        text = narration(voice.text or "", at.episode.language)
        choice = at.choose("voice", None)
        found = fit(at.episode, voice, at.characters_per_second, choice.paces)
        spoken, is_short = list(_sentences(at, voice, text, choice, found)), found.help.is_short
        aligned = _aligned_sentences(at, spoken, text) if choice.lacks_phonemes else []
    join = _join(at, voice, (spoken, aligned or spoken), text, is_short=is_short)
    result = join.artifact("voice.wav")
    delivered = Deliverable(f"static/audio/{at.episode.name}_voice.wav", result)
    return Lowered((*spoken, *aligned, join), (delivered,), result, tuple(_wordless(voice)))


def _wordless(voice: Voice) -> Iterator[Remark]:
    if voice.file and not voice.text and not voice.timings:
        sentence = "the words of the recording are not given, so this episode has no captions"
        hint = "give `voice.text`, better with word times in `voice.timings`; or `allow: [E224]`"
        yield Remark("E224", ("voice", "file"), sentence, hint)


def _sentences(at: Lowering, voice: Voice, text: Narration, choice: Choice, found: Fit) -> Iterator[Action]:
    """Yield one action per sentence, from its words, language, reference tokens and transcript, pace and take."""
    for line in mute_lines(unmarked(voice.text or "")):
        sentence = f"a line of the voice text holds no letter or digit, so no voice can say it: `{line[:40]}`"
        hint = "remove the line, or append it to the sentence that it belongs to"
        raise Unlowered(("voice", "text"), sentence, hint, code="E205")
    _check_pace(at.characters_per_second, choice)
    inputs: dict[str, tuple[Input, ...]] = {} if at.tokens is None else {"tokens.npy": (at.tokens,)}
    inputs |= {} if at.recording is None else {role("reference", at.recording.path): (at.recording,)}
    parts = tuple(one.text for one in text.passages)
    # A character without a register keeps its keys.
    register: dict[str, Canonical] = {} if at.register is None else {"register": list(at.register)}
    takes = _takes(voice, parts)
    pace = {} if choice.paces is None else {"faster_percent": found.faster_percent}
    rest = {name: value for name, value in section(voice).items() if name not in (*_JOINING, *_SPEAKING)}
    for index, sentence in enumerate(parts):
        said = words(sentence, at.episode.lexicon, at.episode.language)
        speech: dict[str, Canonical] = {
            "text": " ".join(word.spoken for word in said),
            "words": _rows(said),
            "language": at.episode.language,
            "transcript": at.transcript,
            "characters_per_second": at.characters_per_second,
            "take": takes[index],
            **register,
        }
        yield Action(
            id=action_id(at.episode, "voice", f"{index + 1:04}"),
            stage="voice",
            backend=choice.backend,
            outputs=SPEECH,
            params=params(at, "voice", rest, speech, pace),
            inputs=inputs,
            resources=choice.resources,
        )


def _check_pace(pace: float, choice: Choice) -> None:
    """Refuse a pace that the voice does not support, before any sentence fails because of it.

    Raises:
        Unlowered: the pace is too slow or too fast.
    """
    if choice.paces is not None and not choice.paces[0] <= pace <= choice.paces[1]:
        slow, fast = choice.paces
        sentence = f"the backend `{choice.backend}` cannot speak {pace:g} letters per second"
        hint = f"it speaks {slow:g} to {fast:g}"
        raise Unlowered(("voice", "characters_per_second"), sentence, hint, code="E263", in_character=True)


def _rows(said: tuple[Word, ...]) -> list[Canonical]:
    """Pairs of the written and the spoken form: lexicon entries of other words have no effect."""
    return [[word.written, word.spoken] for word in said]


def _takes(voice: Voice, parts: tuple[str, ...]) -> list[int]:
    """The take of each sentence: that of the longest matching beginning, else that of the whole voice.

    Raises:
        Unlowered: no sentence has one of the beginnings.
    """
    for start in voice.takes:
        if not any(part.startswith(start) for part in parts):
            hint = "give the beginning of the sentence exactly as in the text"
            raise Unlowered(("voice", "takes", start), f"no sentence begins with `{start[:60]}`", hint, code="E223")
    found = []
    for part in parts:
        starts = [start for start in voice.takes if part.startswith(start)]
        found.append(voice.takes[max(starts, key=len)] if starts else voice.take)
    return found


def _recording(at: Lowering, voice: Voice) -> Action:
    """The action of a recording. Its text is what captions show; the words are split as those of a spoken text."""
    assert voice.file is not None
    choice = at.choose("voice", "file")
    inputs: dict[str, tuple[Input, ...]] = {role("recording", voice.file): (at.files[voice.file],)}
    if voice.timings:
        inputs["timings.vtt"] = (at.files[voice.timings],)
    rest = {name: value for name, value in section(voice).items() if name not in (*_JOINING, *_SPEAKING)}
    parts = narration(voice.text or "", at.episode.language).passages
    shown: dict[str, Canonical] = {"sentences": [[word.written for word in words(part.text, {})] for part in parts]}
    return Action(
        id=action_id(at.episode, "voice"),
        stage="voice",
        backend=choice.backend,
        outputs=SPEECH,
        params=params(at, "voice", rest, shown),
        inputs=inputs,
        resources=choice.resources,
    )


def _aligned_sentences(at: Lowering, spoken: Sequence[Action], text: Narration) -> list[Action]:
    said = [words(one.text, at.episode.lexicon, at.episode.language) for one in text.passages]
    return [lower_align(at, one, [row]) for one, row in zip(spoken, said, strict=True)]


def _aligned_recording(at: Lowering, voice: Voice, spoken: Action) -> list[Action]:
    """The alignment of a recording; nothing if its words are not known."""
    if not (voice.text or voice.timings) or not at.choose("voice", "file").lacks_phonemes:
        return []
    passages = narration(voice.text or "", at.episode.language).passages
    return [lower_align(at, spoken, recorded(at, passages))]


def _join(
    at: Lowering, voice: Voice, spoken: tuple[list[Action], list[Action]], text: Narration, *, is_short: bool
) -> Action:
    """The action that joins. `spoken`: the actions that give the sounds, and those that give their words."""
    choice = at.choose("join", None)
    pauses: dict[str, Canonical] = {
        "marked_s": [one.gap.least_s for one in text.passages],
        "marked_after_s": text.after_s,
        "paragraphs": [index for index, one in enumerate(text.passages) if one.gap.is_paragraph],
        "is_short": is_short,
    }
    rest = {name: value for name, value in section(voice).items() if name not in _SPEAKING}
    return Action(
        id=action_id(at.episode, "join"),
        stage="join",
        backend=choice.backend,
        outputs=("voice.wav", "words.json"),
        params=params(at, "join", rest, pauses, clock(at.episode)),
        inputs={
            name: tuple(action.artifact(name) for action in actions)
            for name, actions in zip(SPEECH, spoken, strict=True)
        },
        resources=choice.resources,
    )
