"""Lowering: a typed episode to actions and deliverables. `lower` shows the data flow of an episode.

Pure: it works on digests, not files. It does not know what is cached, where actions run, or what a backend does.
A new stage is one file here and one call in `lower`.
"""

from collections.abc import Iterator

from episodec.engine.action import Artifact
from episodec.errors import UsageError
from episodec.spec.passages import expressions
from episodec.stages.audio import lower_audio
from episodec.stages.captions import lower_captions
from episodec.stages.check import lower_check
from episodec.stages.entry import lower_entry
from episodec.stages.films import as_film, first_film, other_films
from episodec.stages.foley import lower_foley
from episodec.stages.lowering import (
    BackendChoice,
    Lowered,
    Lowering,
    LoweringError,
    Remark,
    joined,
    performs,
    renders,
    require_content,
)
from episodec.stages.mix import lower_mix
from episodec.stages.mux import lower_mux
from episodec.stages.post import lower_post
from episodec.stages.stills import lower_stills
from episodec.stages.video import lower_video
from episodec.stages.viewer import lower_viewer
from episodec.stages.voice import lower_voice

STAGES = (
    *("voice", "align", "join", "foley", "foley-join", "mix", "audio", "captions"),
    *("views", "motion", "refine", "dataset", "train", "scene-check"),
    *(
        "plan",
        "plan-picture",
        "performance",
        "video",
        "scene",
        "rig",
        "render",
        "lip-voice",
        "lipsync",
        "overlay",
        "encode",
        "picture",
        "mux",
        "stills",
        "check",
    ),
    *("viewer", "post", "entry"),
)
"""All stages by name, in the order of the data flow; profiles map these to backends."""

__all__ = ["STAGES", "BackendChoice", "Lowered", "Lowering", "LoweringError", "Remark", "lower"]


def lower(context: Lowering) -> Lowered:
    """Every action of an episode, and its deliverables.

    Raises:
        LoweringError: a part of the spec is used by no stage; nothing in a spec is silently ignored.
    """
    voice = lower_voice(context)
    foley = lower_foley(context)
    mix = lower_mix(context, voice.result, foley.result)
    audio = lower_audio(context, mix.result)
    captions = lower_captions(context, voice.result)
    video = lower_video(context)
    require_content(context.episode)
    film = first_film(context)
    picture = _lower_picture(film, voice.result)
    film_picture = video.result or picture.result
    shows = _lower_shown(film, film_picture, audio.result, captions.result)
    others = _lower_others(context, film_picture, voice.result, audio.result, captions.result)
    remarks = Lowered(remarks=(*_unseen(context, film_picture), *_unshown(context)))
    lowered = joined(voice, foley, mix, audio, captions, video, picture, shows, others, remarks)
    lowered = joined(lowered, lower_viewer(film, lowered, audio.result, captions.result))
    post = lower_post(film, lowered, voice.result)
    entry = lower_entry(film, joined(lowered, post), voice.result)
    return joined(lowered, post, entry, _lower_preview(film, voice.result))


def _lower_preview(context: Lowering, narration: Artifact | None) -> Lowered:
    """A small picture of an episode that renders, if one is requested."""
    if not context.preview or not renders(context.episode):
        return Lowered()
    from episodec.stages.picture import lower_preview

    return lower_preview(context, narration)


def _lower_shown(
    context: Lowering, picture: Artifact | None, audio: Artifact | None, captions: Artifact | None
) -> Lowered:
    """The film of a picture, with its stills and checks."""
    mux = lower_mux(context, picture, audio, None if context.episode.captions.burnt else captions)
    return joined(mux, lower_stills(context, picture), lower_check(context, picture))


def _lower_others(
    context: Lowering,
    film_picture: Artifact | None,
    narration: Artifact | None,
    audio: Artifact | None,
    captions: Artifact | None,
) -> Lowered:
    """All films but the first, which bears the episode's name.

    Raises:
        LoweringError: the episode has no rendered picture, or two films have the same name.
    """
    if not context.episode.deliver:
        return Lowered()
    if film_picture is None or not renders(context.episode):
        hint = "give it a `camera`, or remove `deliver`"
        raise LoweringError(("deliver",), "`deliver` needs a rendered picture, and this episode renders none", hint)
    from episodec.stages.picture import lower_other_picture

    films = []
    for name, film in other_films(context):
        picture = lower_other_picture(film, narration)
        films.append(as_film(name, joined(picture, _lower_shown(film, picture.result, audio, captions))))
    return joined(*films)


def _unseen(context: Lowering, film_picture: Artifact | None) -> Iterator[Remark]:
    """Warn about an episode without a picture."""
    if film_picture is None and context.portrait is None:
        name = context.episode.character
        sentence = f"this episode has only sound: the character `{name}` has no portrait"
        hint = f"put {name}-ref.png beside character.yaml and give the episode a `camera`; or `allow: [E280]`"
        yield Remark("E280", ("voice" if context.episode.voice else "foley",), sentence, hint)


def _unshown(context: Lowering) -> Iterator[Remark]:
    """Warn about marks for expressions that no face shows."""
    asked, voice = context.episode.performance, context.episode.voice
    marks = list(dict.fromkeys(name for _, name in expressions((voice.text if voice else None) or "")))
    if not marks or (performs(context) and asked is not None and not asked.file):
        return
    if asked is not None and asked.file:
        why, hint = "its face follows a capture", "remove the marks, or `performance.file`"
    elif asked is None and renders(context.episode):
        why, hint = "it has `performance: none`", "remove the marks, or `performance: none`"
    else:
        why, hint = "no face performs in it", "remove the marks, or give it a `camera` and its character a portrait"
    named = ", ".join(f"`[{name}]`" for name in marks)
    yield Remark(
        "E282", ("voice", "text"), f"{named} would be ignored in this episode: {why}", f"{hint}; or `allow: [E282]`"
    )


def _lower_picture(context: Lowering, narration: Artifact | None) -> Lowered:
    """The actions of an episode that renders. Imported here because it needs numpy, which most edits do not.

    Raises:
        UsageError: a frame is requested that does not exist.
    """
    if not renders(context.episode):
        if context.still is not None:
            hint = "a ready video is used unchanged; an episode with a `camera` is rendered"
            raise UsageError("no frame of this episode is rendered", hint=hint)
        return Lowered()
    from episodec.stages.picture import lower_picture

    return lower_picture(context, narration)
