"""Stage `audio`: encodes the programme to AAC in an MP4 container, once and as a whole; the mux copies it."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params


def lower_audio(context: Lowering, mix: Artifact | None) -> Lowered:
    """One action, to `audio.m4a` and the measurements of its decoded sound."""
    if mix is None:
        return Lowered()
    choice = context.choose("audio", None)
    action = Action(
        id=action_id(context.episode, "audio"),
        stage="audio",
        backend=choice.backend,
        outputs=("audio.m4a", "audio.json"),
        params=params(context, "audio", section(context.episode.loudness), clock(context.episode)),
        inputs={"mix.wav": (mix,)},
        resources=choice.resources,
    )
    artifact = action.artifact("audio.m4a")
    return Lowered((action,), (Deliverable(f"static/audio/{context.episode.name}.m4a", artifact),), artifact)
