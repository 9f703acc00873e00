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
from episodec.spec.types_of_sound import Voice
from episodec.stages.align import lower_align, recorded
from episodec.stages.lowering import (
    BackendChoice,
    Lowered,
    Lowering,
    LoweringError,
    Remark,
    action_id,
    clock,
    role,
    step,
)

SPEECH = ("speech.wav", "words.json")
"""Outputs of a voice backend: mono at 48 kHz, as long as the speech, and the times of its words (`audio.words`)."""

_JOINING = ("fit", "lead_s", "pause_s", "tail_s")  # Fields of the section that only the join reads.
_RECORDED = Narration((Passage("", Gap()),))  # A recording is one passage; its caption text requests no pauses.
_SPEAKING = ("take", "takes", "text")  # Fields that only the voice reads; a new field goes to both.


def lower_voice(context: Lowering) -> Lowered:
    """One action per sentence, or one for a recording; as many to align them if the voice gives no phonemes; and the
    join to `voice.wav` and `words.json`.
    """
    voice = context.episode.voice
    if voice is None:
        return Lowered()
    if voice.file:
        spoken, text, is_short = [_recording(context, voice)], _RECORDED, False
        aligned = _aligned_recording(context, voice, spoken[0])
    else:
        text = narration(voice.text or "", context.episode.language)
        choice = context.choose("voice", None)
        fitted = fit(context.episode, voice, context.characters_per_second, choice.paces)
        spoken, is_short = list(_sentences(context, voice, text, choice, fitted)), fitted.help.is_short
        aligned = _aligned_sentences(context, spoken, text) if choice.lacks_phonemes else []
    join = _join(context, voice, (spoken, aligned or spoken), text, is_short=is_short)
    result = join.artifact("voice.wav")
    delivered = Deliverable(f"static/audio/{context.episode.name}_voice.wav", result)
    return Lowered((*spoken, *aligned, join), (delivered,), result, tuple(_wordless(voice)))


def _wordless(voice: Voice) -> Iterator[Remark]:
    if voice.file and not voice.text and not voice.timings:
        sentence = "the words of the recording are not given, so this episode has no captions"
        hint = "give `voice.text`, better with word times in `voice.timings`; or `allow: [E224]`"
        yield Remark("E224", ("voice", "file"), sentence, hint)


def _sentences(
    context: Lowering, voice: Voice, text: Narration, choice: BackendChoice, fitted: Fit
) -> Iterator[Action]:
    """Yield one action per sentence, from its words, language, reference tokens and transcript, pace and take."""
    for line in mute_lines(unmarked(voice.text or "")):
        sentence = f"a line of the voice text holds no letter or digit, so no voice can say it: `{line[:40]}`"
        hint = "remove the line, or append it to the sentence that it belongs to"
        raise LoweringError(("voice", "text"), sentence, hint, code="E205")
    _check_pace(context.characters_per_second, choice)
    inputs: dict[str, tuple[Input, ...]] = {} if context.tokens is None else {"tokens.npy": (context.tokens,)}
    inputs |= {} if context.recording is None else {role("reference", context.recording.path): (context.recording,)}
    parts = tuple(one.text for one in text.passages)
    # A character without a register keeps its keys.
    register: dict[str, Canonical] = {} if context.register is None else {"register": list(context.register)}
    takes = _takes(voice, parts)
    pace = {} if choice.paces is None else {"faster_percent": fitted.faster_percent}
    rest = {name: value for name, value in section(voice).items() if name not in (*_JOINING, *_SPEAKING)}
    for index, sentence in enumerate(parts):
        sentence_words = words(sentence, context.episode.lexicon, context.episode.language)
        speech: dict[str, Canonical] = {
            "text": " ".join(word.spoken for word in sentence_words),
            "words": _rows(sentence_words),
            "language": context.episode.language,
            "transcript": context.transcript,
            "characters_per_second": context.characters_per_second,
            "take": takes[index],
            **register,
        }
        yield step(
            context,
            "voice",
            choice,
            rest,
            speech,
            pace,
            outputs=SPEECH,
            inputs=inputs,
            name=action_id(context.episode, "voice", f"{index + 1:04}"),
        )


def _check_pace(pace: float, choice: BackendChoice) -> None:
    """Refuse a pace that the voice does not support, before any sentence fails because of it.

    Raises:
        LoweringError: the pace is too slow or too fast.
    """
    if choice.paces is not None and not choice.paces[0] <= pace <= choice.paces[1]:
        slow, fast = choice.paces
        sentence = f"the backend `{choice.backend}` cannot speak {pace:g} letters per second"
        hint = f"it speaks {slow:g} to {fast:g}"
        raise LoweringError(("voice", "characters_per_second"), sentence, hint, code="E263", in_character=True)


def _rows(sentence_words: tuple[Word, ...]) -> list[Canonical]:
    """Pairs of the written and the spoken form: lexicon entries of other words have no effect."""
    return [[word.written, word.spoken] for word in sentence_words]


def _takes(voice: Voice, parts: tuple[str, ...]) -> list[int]:
    """The take of each sentence: that of the longest matching beginning, else that of the whole voice.

    Raises:
        LoweringError: no sentence has one of the beginnings.
    """
    for start in voice.takes:
        if not any(part.startswith(start) for part in parts):
            hint = "give the beginning of the sentence exactly as in the text"
            raise LoweringError(("voice", "takes", start), f"no sentence begins with `{start[:60]}`", hint, code="E223")
    takes = []
    for part in parts:
        starts = [start for start in voice.takes if part.startswith(start)]
        takes.append(voice.takes[max(starts, key=len)] if starts else voice.take)
    return takes


def _recording(context: Lowering, voice: Voice) -> Action:
    """The action of a recording. Its text is what captions show; the words are split as those of a spoken text."""
    assert voice.file is not None
    choice = context.choose("voice", "file")
    inputs: dict[str, tuple[Input, ...]] = {role("recording", voice.file): (context.files[voice.file],)}
    if voice.timings:
        inputs["timings.vtt"] = (context.files[voice.timings],)
    rest = {name: value for name, value in section(voice).items() if name not in (*_JOINING, *_SPEAKING)}
    parts = narration(voice.text or "", context.episode.language).passages
    written: dict[str, Canonical] = {"sentences": [[word.written for word in words(part.text, {})] for part in parts]}
    return step(context, "voice", choice, rest, written, outputs=SPEECH, inputs=inputs)


def _aligned_sentences(context: Lowering, spoken: Sequence[Action], text: Narration) -> list[Action]:
    sentence_words = [words(one.text, context.episode.lexicon, context.episode.language) for one in text.passages]
    return [lower_align(context, one, [row]) for one, row in zip(spoken, sentence_words, strict=True)]


def _aligned_recording(context: Lowering, voice: Voice, spoken: Action) -> list[Action]:
    """The alignment of a recording; nothing if its words are not known."""
    if not (voice.text or voice.timings) or not context.choose("voice", "file").lacks_phonemes:
        return []
    passages = narration(voice.text or "", context.episode.language).passages
    return [lower_align(context, spoken, recorded(context, passages))]


def _join(
    context: Lowering, voice: Voice, spoken: tuple[list[Action], list[Action]], text: Narration, *, is_short: bool
) -> Action:
    """The action that joins. `spoken`: the actions that give the sounds, and those that give their words."""
    choice = context.choose("join", None)
    pauses: dict[str, Canonical] = {
        "marked_s": [one.gap.least_s for one in text.passages],
        "marked_after_s": text.after_s,
        "paragraphs": [index for index, one in enumerate(text.passages) if one.gap.is_paragraph],
        "is_short": is_short,
    }
    rest = {name: value for name, value in section(voice).items() if name not in _SPEAKING}
    return step(
        context,
        "join",
        choice,
        rest,
        pauses,
        clock(context.episode),
        outputs=("voice.wav", "words.json"),
        inputs={
            name: tuple(action.artifact(name) for action in actions)
            for name, actions in zip(SPEECH, spoken, strict=True)
        },
    )
