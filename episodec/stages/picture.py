"""Lowers the picture: the frame plan first, then everything made from its rows.

Imported only for episodes that render: film needs numpy, which an episode without a picture does not load.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from episodec.engine.action import Action, Artifact, Literal
from episodec.film.framing_warnings import framing_warnings
from episodec.film.headroom import with_headroom
from episodec.film.moves import (
    CameraSegment,
    Dolly,
    Hold,
    Key,
    Keys,
    Linear,
    Loop,
    Move,
    Orbit,
    Pingpong,
    Still,
    TimeKeys,
    TimeMap,
    TimeSegment,
)
from episodec.film.path_file import read_path
from episodec.film.plan import FramePlan, every_second, frame_plan
from episodec.film.track_errors import BadTrack, TrackError
from episodec.spec.types import Episode
from episodec.spec.types_of_tracks import (
    CameraMove,
    DollyMove,
    FileMove,
    HoldTime,
    KeyframesMove,
    KeyframesTime,
    LinearTime,
    LoopTime,
    OrbitMove,
    PingpongTime,
    StaticMove,
    TimeMove,
)
from episodec.stages.encode import ChunkFile, lower_drawn, lower_encode, lower_joined
from episodec.stages.films import PREVIEW, as_film
from episodec.stages.lipsync import DrawnLips, lip_remarks, lip_sync_of, lower_lip_voice, lower_lipsync
from episodec.stages.lowering import Lowered, Lowering, LoweringError, Remark, combined, joined
from episodec.stages.overlay import lower_overlay
from episodec.stages.performance import Performed, lower_performance, performed
from episodec.stages.plan import lower_plan, lower_plan_picture, rows_of
from episodec.stages.render import lower_render, lower_scene, lower_still
from episodec.stages.rig import lower_rig

LEAST_PIXELS = 32  # Of a preview's width and height, at least.
_CODES: Mapping[str, str] = {"direction": "E234", "value": "S105", "file": "F420"}


def lower_picture(context: Lowering, narration: Artifact | None = None) -> Lowered:
    """Every action from the tracks to the picture: the plan, the scene, the chunks and their joining.

    `narration`: an output of the join, shown in the picture of the plan.
    """
    plan = frame_plan_of(context)
    rows = rows_of(plan)  # Before the chunks exist: packing needs as much memory again.
    scene = lower_scene(context)
    assert scene.result is not None
    rig = lower_rig(context, scene.result)
    sync = lip_sync_of(context, plan, narration)
    filmed = FilmChunks(rows, scene.result, performed(context, rig.result), sync)
    frames, chunks = _lower_frames(context, plan, filmed, narration)
    picture = lower_joined(context, chunks)
    drawn = lower_plan_picture(context, plan, rows, narration)
    performance = lower_performance(context, rows, narration, sync.rests() if sync else ())
    lips = replace(lower_lip_voice(context, sync, narration), remarks=lip_remarks(context, plan, sync))
    lowered = joined(lower_tracks(context, plan, rows), drawn, performance, scene, rig, lips, frames, picture)
    return replace(lowered, result=picture.result)


def lower_other_picture(context: Lowering, narration: Artifact | None = None) -> Lowered:
    """Another film's picture of the same scene: its chunks and their joining."""
    plan = frame_plan_of(context)
    filmed = replace(film_chunks(context, plan), lips=lip_sync_of(context, plan, narration))
    frames, chunks = _lower_frames(context, plan, filmed, narration)
    picture = lower_joined(context, chunks)
    return replace(joined(frames, picture), result=picture.result)


def lower_preview(context: Lowering, narration: Artifact | None = None) -> Lowered:
    """A small and quick version of the first film: a quarter of its pixels, every second frame. Its actions have their
    own ids, so reports about the film's actions stay true.
    """
    assert context.size is not None  # `frame_plan_of` has checked it for the film itself.
    width, height = (max(LEAST_PIXELS, one // 4 * 2) for one in context.size)
    small = replace(context, size=(width, height), still=None)
    plan = every_second(frame_plan_of(small))
    scene = lower_scene(small)
    assert scene.result is not None
    rig = lower_rig(small, scene.result)
    face = performed(small, rig.result)
    filmed = FilmChunks(rows_of(plan), scene.result, face and replace(face, step=2))
    frames, chunks = _lower_frames(small, plan, filmed, narration)
    return joined(scene, rig, as_film(PREVIEW, joined(frames, lower_joined(small, chunks))))


@dataclass(frozen=True, slots=True)
class FilmChunks:
    """The content of a film's chunks."""

    rows: Literal  # Of all frames.
    scene: Artifact
    performed: Performed | None
    lips: DrawnLips | None = None


def film_chunks(context: Lowering, plan: FramePlan) -> FilmChunks:
    """The content of the film's chunks, whose actions are lowered elsewhere."""
    scene = lower_scene(context)
    assert scene.result is not None
    return FilmChunks(rows_of(plan), scene.result, performed(context, lower_rig(context, scene.result).result))


def _lower_frames(
    context: Lowering, plan: FramePlan, filmed: FilmChunks, narration: Artifact | None
) -> tuple[Lowered, list[ChunkFile]]:
    """The encoded chunks and the requested single frame, if any, with the narration's words on them if captions are
    burnt in. Drawn lips are only in the chunks: a single frame shows the scene's own mouth.
    """
    still = lower_still(context, plan, filmed.scene, filmed.performed)
    if not context.episode.captions.burnt and not (filmed.lips and filmed.lips.windows):
        rendered, chunks = lower_render(context, plan, filmed.scene, filmed.performed)
        return Lowered((*rendered, *still)), chunks
    face = filmed.performed
    if face is not None and filmed.lips is not None:
        face = face.resting(context, filmed.lips.chunk_starts())
    rendered, chunks = lower_render(context, plan, filmed.scene, face, "frames.mkv")
    synced: tuple[Action, ...] = ()
    if filmed.lips is not None:
        synced, chunks = lower_lipsync(context, filmed.lips, plan.size, chunks)
    overlay, overlays, drawn = Lowered(), list[Artifact](), list[Action]()
    if context.episode.captions.burnt:
        assert narration is not None  # See `lower_captions`.
        overlay, overlays = lower_overlay(context, filmed.rows, narration, chunks)
        drawn = [lower_drawn(context, one, plan.size, chunks, overlays) for one in still]
    encoded, chunks = lower_encode(context, chunks, plan.size, overlays)
    return joined(Lowered((*rendered, *synced)), overlay, Lowered((*encoded, *still, *drawn))), chunks


def lower_tracks(context: Lowering, plan: FramePlan, rows: Literal | None = None) -> Lowered:
    """The results of the tracks alone: plan.json, and warnings for the author."""
    return joined(Lowered(remarks=remarks_of(context.episode, plan)), lower_plan(context, plan, rows or rows_of(plan)))


def frame_plan_of(context: Lowering) -> FramePlan:
    """The frame plan of an episode that renders. Without a camera track the camera is still; without a time track, time
    loops.

    Raises:
        LoweringError: every error of the tracks, at its field; or the size of the picture is missing.
    """
    episode = context.episode
    if context.size is None:
        hint = "add `size: [512, 512]` here, or to the profile for all episodes"
        sentence = "neither the episode nor its profile gives the size of the picture"
        raise LoweringError(("camera",), sentence, hint, code="E231")
    flaws: list[TrackError] = []
    camera: list[CameraSegment] = []
    for place, move in enumerate(episode.camera or (StaticMove(frames=episode.frames),)):
        try:
            camera.append(CameraSegment(move.frames, _move(move, context, context.size[0] / context.size[1])))
        except BadTrack as bad:  # A path file; the other segments are checked all the same.
            flaws += [flaw.within("camera", place) for flaw in bad.flaws]
            camera.append(CameraSegment(move.frames, _PLACEHOLDER))
    time = [TimeSegment(one.frames, _time_map(one)) for one in episode.time or (LoopTime(frames=episode.frames),)]
    try:
        plan = frame_plan(camera, time, context.size, episode.rate)
    except BadTrack as bad:
        flaws += bad.flaws
    else:
        if not flaws:
            return with_headroom(plan) if context.has_headroom else plan
    raise combined([LoweringError(one.path, one.sentence, one.hint, code=_CODES[one.kind]) for one in flaws])


_PLACEHOLDER = Still((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), 35.0)
"""Replaces a move that cannot be read, so that the tracks keep their length while the rest is checked."""


def _move(move: CameraMove, context: Lowering, aspect: float) -> Move:
    """The spec's move as a move of `film`. A test compares the fields of both, so none is forgotten."""
    match move:
        case StaticMove():
            return Still(move.position, move.look_at, move.fov_y_deg)
        case OrbitMove():
            return Orbit(
                look_at=move.look_at,
                radius=move.radius,
                elevation_deg=move.elevation_deg,
                from_deg=move.from_deg,
                sweep_deg=move.to_deg - move.from_deg + 360 * move.turns,
                fov_y_deg=move.fov_y_deg,
                ease=move.ease,
            )
        case DollyMove():
            return Dolly(move.from_position, move.to_position, move.look_at, move.fov_y_deg, move.ease)
        case KeyframesMove():
            keys = tuple(Key(one.frame, one.position, one.look_at, one.fov_y_deg) for one in move.keys)
            return Keys(keys, move.ease)
        case FileMove():
            return read_path(context.texts[move.file], aspect, move.up)
        case _:
            assert_never(move)


def _time_map(move: TimeMove) -> TimeMap:
    match move:
        case LoopTime():
            return Loop(move.period)
        case PingpongTime():
            return Pingpong(move.period)
        case LinearTime():
            return Linear(move.start, move.end)
        case HoldTime():
            return Hold(move.at)
        case KeyframesTime():
            return TimeKeys(tuple((one.frame, one.at) for one in move.keys))
        case _:
            assert_never(move)


def remarks_of(episode: Episode, plan: FramePlan) -> tuple[Remark, ...]:
    """Warnings where the camera is inside the character, or does not see it."""
    if episode.scene.file:
        return ()
    remarks = []
    for warning in framing_warnings(plan):
        where = f"at frame {warning.frame} of the segment the camera"
        path = ("camera", warning.segment)
        if warning.kind == "inside":
            sentence = f"{where} is inside the character, {warning.distance_m:.2f} m from its middle"
            remarks.append(Remark("E232", path, sentence, "move it further away, or `allow: [E232]`"))
        else:
            sentence = f"{where} does not see the character, which is around 0, 0, 0"
            remarks.append(Remark("E233", path, sentence, "point `look_at` at it, or `allow: [E233]`"))
    return tuple(remarks)
