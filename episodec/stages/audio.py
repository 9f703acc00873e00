"""Stage `audio`: encodes the programme to AAC in an MP4 container, once and as a whole; the mux copies it."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params


def lower_audio(at: Lowering, mix: Artifact | None) -> Lowered:
    """One action, to `audio.m4a` and the measurements of its decoded sound."""
    if mix is None:
        return Lowered()
    choice = at.choose("audio", None)
    action = Action(
        id=action_id(at.episode, "audio"),
        stage="audio",
        backend=choice.backend,
        outputs=("audio.m4a", "audio.json"),
        params=params(at, "audio", section(at.episode.loudness), clock(at.episode)),
        inputs={"mix.wav": (mix,)},
        resources=choice.resources,
    )
    made = action.artifact("audio.m4a")
    return Lowered((action,), (Deliverable(f"static/audio/{at.episode.name}.m4a", made),), made)
