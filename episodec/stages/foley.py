"""Stage `foley`: a prompt or a recording, to exactly `frames` frames of ambience at 48 kHz, stereo."""

from episodec.engine.action import Action, Deliverable, Input
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params, role


def lower_foley(at: Lowering) -> Lowered:
    """One action, to `foley.wav`."""
    foley = at.episode.foley
    if foley is None:
        return Lowered()
    choice = at.choose("foley", "file" if foley.file else None)
    said = {
        name: value for name, value in section(foley).items() if name != "reuse"
    }  # A rule for authors, not for sound.
    inputs: dict[str, tuple[Input, ...]] = {}
    if foley.file:
        inputs[role("recording", foley.file)] = (at.files[foley.file],)
    action = Action(
        id=action_id(at.episode, "foley"),
        stage="foley",
        backend=choice.backend,
        outputs=("foley.wav",),
        params=params(at, "foley", said, clock(at.episode)),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"static/audio/{at.episode.name}_foley.wav", action.artifact()),))
