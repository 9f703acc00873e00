"""Stage `foley`: a prompt or a recording to exactly `frames` frames of stereo ambience at 48 kHz."""

from episodec.engine.action import Action, Deliverable, Input
from episodec.sound.prompt import listen, similar
from episodec.spec.structure import section
from episodec.spec.types_of_sound import Foley
from episodec.stages.lowering import Lowered, Lowering, LoweringError, Remark, clock, role, step
from episodec.stages.segments import lower_segments

TOLD = 3  # The number of unknown words for which the nearest known one is searched.

BY_WORDS = "procedural"
"""The backend that interprets single words: it reports how it used them, and authors are warned of unknown ones."""


def lower_foley(context: Lowering) -> Lowered:
    """One action, to `foley.wav`; or its segments and their join."""
    foley = context.episode.foley
    if foley is None:
        return Lowered()
    choice = context.choose("foley", "file" if foley.file else None)
    # `reuse` is a rule for authors, `note` a caption: neither affects the sound.
    options = {name: value for name, value in section(foley).items() if name not in ("reuse", "note")}
    if choice.window_s is not None and not foley.file:
        actions = lower_segments(context, choice, options)
        return _delivered(context, actions, ())
    inputs: dict[str, tuple[Input, ...]] = {}
    if foley.file:
        inputs[role("recording", foley.file)] = (context.files[foley.file],)
    action = step(
        context,
        "foley",
        choice,
        options,
        clock(context.episode),
        outputs=("foley.wav", "foley.json") if choice.backend == BY_WORDS else ("foley.wav",),
        inputs=inputs,
    )
    return _delivered(context, (action,), _unknown_words(foley) if choice.backend == BY_WORDS else ())


def _delivered(context: Lowering, actions: tuple[Action, ...], remarks: tuple[Remark, ...]) -> Lowered:
    """The actions with their deliverable; the last one makes the ambience."""
    artifact = actions[-1].artifact("foley.wav")
    return Lowered(
        actions, (Deliverable(f"static/audio/{context.episode.name}_foley.wav", artifact),), artifact, remarks
    )


def _unknown_words(foley: Foley) -> tuple[Remark, ...]:
    """Warn about unknown words in the prompt, with their replacements and the sounds that will be heard.

    Raises:
        LoweringError: the prompt names no known sound.
    """
    understood = listen(foley.prompt or "")
    if not understood.unknown and not understood.taken:
        return ()
    unknown = ", ".join(f"«{word}»" for word in understood.unknown)
    others = "choose another backend for stage `foley`"
    if not understood.names_sound:
        sentence = f"the backend `{BY_WORDS}` knows none of the sounds in the prompt: {unknown}"
        hint = f"{_near(understood.unknown)}`episodec explain E230` lists the words it knows; or {others}"
        raise LoweringError(("foley", "prompt"), sentence, hint, code="E264")
    parts = [f"«{word}» is unknown and taken as «{known}»" for word, known in understood.taken]
    parts += [f"nothing will be heard of {unknown}"] if unknown else []
    sounds = ", ".join(one.sound for one in understood.sounds)
    sentence = f"{'; '.join(parts)}: the backend `{BY_WORDS}` makes this prompt from {sounds}"
    hint = f"{_near(understood.unknown)}`episodec explain E230` lists the words; or {others}, or `allow: [E230]`"
    return (Remark("E230", ("foley", "prompt"), sentence, hint),)


def _near(unknown: tuple[str, ...]) -> str:
    """The nearest known words, as the beginning of a hint; empty if nothing is similar."""
    near = [(word, similar(word)) for word in unknown[:TOLD]]
    return "".join(f"the nearest to «{word}» is «{known}»; " for word, known in near if known)
