"""Stage `mix`: voice and ambience to one stereo programme of exactly `frames` frames at the target loudness."""

from episodec.engine.action import Artifact, Input
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, clock, step


def lower_mix(context: Lowering, voice: Artifact | None, foley: Artifact | None) -> Lowered:
    """One action, to `mix.wav` and its measurements; nothing for an episode without its own sound."""
    inputs: dict[str, tuple[Input, ...]] = {}
    inputs |= {"voice.wav": (voice,)} if voice else {}
    inputs |= {"foley.wav": (foley,)} if foley else {}
    if not inputs:
        return Lowered()
    choice = context.choose("mix", None)
    action = step(
        context,
        "mix",
        choice,
        section(context.episode.mix),
        section(context.episode.loudness),
        clock(context.episode),
        outputs=("mix.wav", "mix.json"),
        inputs=inputs,
    )
    return Lowered((action,), result=action.artifact("mix.wav"))
