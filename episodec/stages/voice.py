"""Stage `voice`: a text to speak or a recording, to exactly `frames` frames of sound at 48 kHz."""

from episodec.digest import Canonical
from episodec.engine.action import Action, Deliverable, Input
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params, role


def lower_voice(at: Lowering) -> Lowered:
    """One action, to `voice.wav`. A text is spoken with the character's tokens, which only this stage reads."""
    voice = at.episode.voice
    if voice is None:
        return Lowered()
    choice = at.choose("voice", "file" if voice.file else None)
    inputs: dict[str, tuple[Input, ...]] = {}
    if voice.file:
        inputs[role("recording", voice.file)] = (at.files[voice.file],)
    elif at.tokens is not None:
        inputs["tokens.npy"] = (at.tokens,)
    if voice.timings:
        inputs["timings.vtt"] = (at.files[voice.timings],)
    speech: dict[str, Canonical] = {}
    if voice.text and not voice.file:
        speech = {"language": at.episode.language, "lexicon": at.episode.lexicon, "transcript": at.transcript}
    action = Action(
        id=action_id(at.episode, "voice"),
        stage="voice",
        backend=choice.backend,
        outputs=("voice.wav",),
        params=params(at, "voice", section(voice), clock(at.episode), speech),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"static/audio/{at.episode.name}_voice.wav", action.artifact()),))
