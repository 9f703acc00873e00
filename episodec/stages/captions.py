"""Stage `captions`: the words of the narration as WebVTT and SRT, with a cue for the ambience."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.spec.sentences import tidy
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params

OUTPUTS = ("captions.vtt", "captions.srt")


def lower_captions(at: Lowering, narration: Artifact | None) -> Lowered:
    """One action, where the words of the voice are known: those of a recording without text and word times are not."""
    voice = at.episode.voice
    if narration is None or voice is None or not (voice.text or voice.timings):
        return Lowered()
    choice = at.choose("captions", None)
    ambience = at.episode.foley.prompt if at.episode.foley else None
    said = {"ambience": tidy(ambience) if ambience else None}
    action = Action(
        id=action_id(at.episode, "captions"),
        stage="captions",
        backend=choice.backend,
        outputs=OUTPUTS,
        params=params(at, "captions", said, clock(at.episode)),
        inputs={"words.json": (Artifact(narration.action, "words.json"),)},
        resources=choice.resources,
    )
    name = f"captions/{at.episode.name}"
    delivered = tuple(Deliverable(f"{name}.{out[-3:]}", action.artifact(out)) for out in OUTPUTS)
    return Lowered((action,), delivered, action.artifact("captions.vtt"))
