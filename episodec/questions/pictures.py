"""One episode's frame plan as a value, drawn and exported for other tools, with its voice if that is in the cache.

The plan is taken from the action that writes plan.json, so the drawing shows exactly what would be rendered.
"""

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal as Word
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from episodec.drawings.plan_picture import DrawnSentence
from episodec.engine.action import Action, Literal
from episodec.errors import RejectedSpecs, UsageError
from episodec.film.exports import dnerf_transforms, nerfstudio_path, timeline
from episodec.film.plan import FramePlan, plan_of
from episodec.film.plan_json import read_segment
from episodec.film.rows import unpack
from episodec.glyphs import missing_letters
from episodec.performance.formats import livelink
from episodec.performance.track import PerformanceTrack, whole
from episodec.performance.track import unpack as unpack_rows
from episodec.project.authoring import Diagnostic
from episodec.project.loaded import LoadedEpisode
from episodec.questions.font import find_font
from episodec.series.request import Request
from episodec.series.session import Session, opened, places
from episodec.timebase import SAMPLE_RATE

Form = Word["nerfstudio", "dnerf", "otio", "livelink"]


@dataclass(frozen=True, slots=True, eq=False)
class CachedVoice:
    """A narration from the cache."""

    samples: NDArray[np.float32]  # (S, channels), 48 kHz, from the first frame on.
    sentences: tuple[DrawnSentence, ...]  # Empty if word times are unknown.


@dataclass(frozen=True, slots=True, eq=False)
class EpisodePicture:
    """One episode's frame plan."""

    name: str
    title: str
    language: str
    plan: FramePlan
    video: str | None  # The absolute path of its published video; None if it delivers none.
    speaks: bool
    voice: CachedVoice | None  # None: it has no voice, or the voice is not made yet.
    performs: bool = False  # Whether it has a performance.
    performance: PerformanceTrack | None = None  # None: it has no performance, or it is not made yet.


def filmed(
    request: Request,
    notice: Callable[[str], None] = lambda _: None,
    tell: Callable[[tuple[Diagnostic, ...], Mapping[str, str]], None] = lambda _found, _texts: None,
) -> EpisodePicture:
    """The frame plan of the single episode that the request names. `tell` is called with the series' diagnostics.

    Raises:
        UsageError: the request does not name a single episode, or the episode renders nothing.
        RejectedSpecs: the episode has errors.
    """
    (place, targets), *others = places(request.targets)
    if others:
        raise UsageError(
            "a frame plan needs a single episode, but there are several series here", hint="name one episode"
        )
    with opened(place, targets, request, notice) as session:
        if len(session.selected) != 1:
            facts = {"chosen": f"{len(session.selected)} episodes"}
            hint = "name it by its spec or its number: `episodec plan 72 --picture plan.png`"
            raise UsageError("a frame plan needs a single episode", facts=facts, hint=hint)
        loaded = session.load_selected()
        tell(tuple(session.project.diagnostics), session.project.texts)
        if not loaded:
            raise RejectedSpecs("the spec has errors", facts={"spec": session.selected[0]})
        return _filmed(session, loaded[0])


def _filmed(session: Session, loaded: LoadedEpisode) -> EpisodePicture:
    by_stage = {
        action.stage: action for action in loaded.lowered.actions
    }  # "plan", "join" and "performance" occur at most once.
    if "plan" not in by_stage:
        hint = "give it a `camera`, a `time` or a `scene`"
        raise UsageError(
            "this episode renders nothing, so it has no frame plan", facts={"spec": loaded.spec}, hint=hint
        )
    videos = [one.path for one in loaded.lowered.deliverables if one.path.endswith(".mp4")]
    join, performed = by_stage.get("join"), by_stage.get("performance")
    return EpisodePicture(
        name=loaded.episode.name,
        title=loaded.episode.title,
        language=loaded.episode.language,
        plan=_plan(by_stage["plan"]),
        video=os.path.join(session.place.root, loaded.folder, videos[0]) if videos else None,
        speaks=join is not None,
        voice=None if join is None else _voice(session, loaded, join),
        performs=performed is not None,
        performance=None if performed is None else _performance(session, loaded, performed),
    )


def _performance(session: Session, loaded: LoadedEpisode, performed: Action) -> PerformanceTrack | None:
    files = session.made_files(loaded, performed)
    if files is None:
        return None
    return whole([unpack_rows(files[name].read_bytes()) for name in performed.outputs if name.endswith(".rows")])


def _plan(action: Action) -> FramePlan:
    """The plan that this action writes as plan.json."""
    (rows,) = action.inputs["frames.rows"]
    rate, segments = action.params["rate"], action.params["segments"]
    assert isinstance(rows, Literal)
    assert isinstance(rate, int)
    assert isinstance(segments, Sequence)
    return plan_of(unpack(rows.content), rate, tuple(read_segment(one) for one in segments if isinstance(one, Mapping)))


def _voice(session: Session, loaded: LoadedEpisode, join: Action) -> CachedVoice | None:
    from episodec.audio.narration import read_narration
    from episodec.audio.wav import read_wav

    files = session.made_files(loaded, join)
    if files is None:
        return None
    samples, rate = read_wav(files["voice.wav"])
    assert rate == SAMPLE_RATE
    sentences = read_narration(files["words.json"]).sentences
    return CachedVoice(samples, tuple(DrawnSentence(one.text, one.start / rate, one.end / rate) for one in sentences))


def picture(of: EpisodePicture) -> bytes:
    """A PNG of the camera path, the scene time, and the voice if there is one."""
    from episodec.drawings.plan_labels import plan_labels
    from episodec.drawings.plan_picture import PlanTexts, draw_plan

    voice = of.voice
    sound, sentences = (None, ()) if voice is None else (voice.samples, voice.sentences)
    texts = PlanTexts(f"{of.name} · {of.title}", plan_labels(of.language), sentences)
    is_covered = not missing_letters(" ".join((texts.title, *(sentence.text for sentence in sentences))))
    file = io.BytesIO()
    draw_plan(of.plan, texts, sound, None if is_covered else find_font()).save(file, "PNG")
    return file.getvalue()


def export(of: EpisodePicture, form: Form, folder: str) -> str:
    """The plan in another tool's format. A timeline names the video by its path relative to `folder`.

    Raises:
        UsageError: the format cannot hold this plan, or the performance is not made yet.
    """
    match form:
        case "nerfstudio":
            return nerfstudio_path(of.plan)
        case "dnerf":
            return dnerf_transforms(of.plan)
        case "otio":
            url = None if of.video is None else quote(os.path.relpath(of.video, folder))
            return timeline(of.plan, of.name, url)
        case "livelink":
            if of.performance is not None:
                return livelink(of.performance, of.plan.rate)
            if of.performs:
                raise UsageError("its performance is not in the cache yet", hint="build the episode first")
            hint = "it needs a portrait of its character, and must not say `performance: none`"
            raise UsageError("this episode has no performance", hint=hint)
