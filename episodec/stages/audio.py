"""Stage `audio`: encodes the programme to AAC in an MP4 container, once and as a whole; the mux copies it."""

from episodec.engine.action import Artifact, Deliverable
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, clock, step


def lower_audio(context: Lowering, mix: Artifact | None) -> Lowered:
    """One action, to `audio.m4a` and the measurements of its decoded sound."""
    if mix is None:
        return Lowered()
    choice = context.choose("audio", None)
    action = step(
        context,
        "audio",
        choice,
        section(context.episode.loudness),
        clock(context.episode),
        outputs=("audio.m4a", "audio.json"),
        inputs={"mix.wav": (mix,)},
    )
    artifact = action.artifact("audio.m4a")
    return Lowered((action,), (Deliverable(f"static/audio/{context.episode.name}.m4a", artifact),), artifact)
