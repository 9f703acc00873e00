"""Stage `captions`: the words of the narration as WebVTT and SRT, with a cue about the ambience."""

from episodec.engine.action import Artifact, Deliverable
from episodec.sound.notes import SoundNote, note_of
from episodec.spec.sentences import tidy
from episodec.spec.types import Episode
from episodec.stages.lowering import Lowered, Lowering, LoweringError, clock, renders, step

OUTPUTS = ("captions.vtt", "captions.srt")


def lower_captions(context: Lowering, narration: Artifact | None) -> Lowered:
    """One action if the words of the voice are known; those of a recording without text and word times are not."""
    voice = context.episode.voice
    has_words = narration is not None and voice is not None and (voice.text or voice.timings)
    if context.episode.captions.burnt or any(film.captions == "burnt" for film in context.episode.deliver):
        _refuse_unburnable(context.episode, has_words=bool(has_words))
    if narration is None or not has_words:
        return Lowered()
    choice = context.choose("captions", None)
    note = _note(context.episode)
    ambience = {"ambience": tidy(note.text) if note else None, "ambience_language": note.language if note else None}
    action = step(
        context,
        "captions",
        choice,
        ambience,
        clock(context.episode),
        outputs=OUTPUTS,
        inputs={"words.json": (Artifact(narration.action, "words.json"),)},
    )
    name = f"captions/{context.episode.name}"
    delivered = tuple(Deliverable(f"{name}.{out[-3:]}", action.artifact(out)) for out in OUTPUTS)
    return Lowered((action,), delivered, action.artifact("captions.vtt"))


def _refuse_unburnable(episode: Episode, *, has_words: bool) -> None:
    """Raises LoweringError: there are no words to draw, or no rendered frames to draw them on."""
    if not has_words:
        hint = "give the narration's words as `voice.text` or `voice.timings`, or remove `captions.burnt`"
        raise LoweringError(("captions", "burnt"), "there are no words to draw on the frames", hint)
    if not renders(episode):
        hint = "give it a `camera` or a `scene`, or remove `captions.burnt`"
        raise LoweringError(
            ("captions", "burnt"), "captions can only be burnt into rendered frames, and there are none", hint
        )


def _note(episode: Episode) -> SoundNote | None:
    """The caption about the ambience: the author's own text, or else one made from the prompt."""
    foley = episode.foley
    if foley is None:
        return None
    if foley.note is not None:
        return SoundNote(foley.note)
    return note_of(foley.prompt, episode.language) if foley.prompt else None
