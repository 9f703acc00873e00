"""Stage `foley`: a prompt or a recording, to exactly `frames` frames of ambience at 48 kHz, stereo."""

from episodec.engine.action import Action, Deliverable, Input
from episodec.sound.prompt import listen
from episodec.spec.structure import section
from episodec.spec.types import Foley
from episodec.stages.lowering import Lowered, Lowering, Remark, action_id, clock, params, role
from episodec.stages.segments import lower_segments

BY_WORDS = "procedural"
"""The backend that goes by single words: it tells what it made of them, and authors hear which it does not know."""


def lower_foley(at: Lowering) -> Lowered:
    """One action, to `foley.wav`."""
    foley = at.episode.foley
    if foley is None:
        return Lowered()
    choice = at.choose("foley", "file" if foley.file else None)
    # A rule for authors, and what captions say: nothing of the sound.
    said = {name: value for name, value in section(foley).items() if name not in ("reuse", "note")}
    if choice.window_s is not None and not foley.file:
        actions = lower_segments(at, choice, said)
        return _delivered(at, actions, ())
    inputs: dict[str, tuple[Input, ...]] = {}
    if foley.file:
        inputs[role("recording", foley.file)] = (at.files[foley.file],)
    action = Action(
        id=action_id(at.episode, "foley"),
        stage="foley",
        backend=choice.backend,
        outputs=("foley.wav", "foley.json") if choice.backend == BY_WORDS else ("foley.wav",),
        params=params(at, "foley", said, clock(at.episode)),
        inputs=inputs,
        resources=choice.resources,
    )
    return _delivered(at, (action,), _unknown_words(foley) if choice.backend == BY_WORDS else ())


def _delivered(at: Lowering, actions: tuple[Action, ...], remarks: tuple[Remark, ...]) -> Lowered:
    """The last of the actions makes the ambience."""
    made = actions[-1].artifact("foley.wav")
    return Lowered(actions, (Deliverable(f"static/audio/{at.episode.name}_foley.wav", made),), made, remarks)


def _unknown_words(foley: Foley) -> tuple[Remark, ...]:
    """The words of the prompt that nothing will be heard of."""
    unknown = listen(foley.prompt or "").unknown
    if not unknown:
        return ()
    words = ", ".join(f"«{word}»" for word in unknown)
    them = "it" if len(unknown) == 1 else "them"
    sentence = f"nothing will be heard of {words}: the backend `{BY_WORDS}` does not know {them}"
    hint = "choose another backend for stage `foley`, other words, or `allow: [E230]`"
    return (Remark("E230", ("foley", "prompt"), sentence, hint),)
