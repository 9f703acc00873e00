"""Lowers the picture: the frame plan first, then everything made from its rows.

Imported only for episodes that render: film needs numpy, which an episode without a picture does not load.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from episodec.engine.action import Artifact, Literal
from episodec.film.flaw import BadTrack, Flaw
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
from episodec.film.oversight import oversights
from episodec.film.path_file import read_path
from episodec.film.plan import FramePlan, every_second, frame_plan
from episodec.spec.types import (
    CameraMove,
    DollyMove,
    Episode,
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
from episodec.stages.encode import Chunk, lower_drawn, lower_encode, lower_joined
from episodec.stages.films import PREVIEW, as_film
from episodec.stages.lowering import Lowered, Lowering, Remark, Unlowered, joined, refused
from episodec.stages.overlay import lower_overlay
from episodec.stages.performance import Performed, lower_performance, performed
from episodec.stages.plan import lower_plan, lower_plan_picture, rows_of
from episodec.stages.render import lower_render, lower_scene, lower_still
from episodec.stages.rig import lower_rig

LEAST_PIXELS = 32  # Of a preview's width and height, at least.
_CODES: Mapping[str, str] = {"direction": "E234", "value": "S105", "file": "F420"}


def lower_picture(at: Lowering, narration: Artifact | None = None) -> Lowered:
    """Every action from the tracks to the picture: the plan, the scene, the chunks and their joining.

    `narration`: an output of the join, shown in the picture of the plan.
    """
    plan = frame_plan_of(at)
    rows = rows_of(plan)  # Before the chunks exist: packing needs as much memory again.
    scene = lower_scene(at)
    assert scene.result is not None
    rig = lower_rig(at, scene.result)
    frames, chunks = _lower_frames(at, plan, _Filmed(rows, scene.result, performed(at, rig.result)), narration)
    picture = lower_joined(at, chunks)
    drawn = lower_plan_picture(at, plan, rows, narration)
    performance = lower_performance(at, rows, narration)
    made = joined(lower_tracks(at, plan, rows), drawn, performance, scene, rig, frames, picture)
    return replace(made, result=picture.result)


def lower_other_picture(at: Lowering, narration: Artifact | None = None) -> Lowered:
    """Another film's picture of the same scene: its chunks and their joining."""
    plan = frame_plan_of(at)
    scene = lower_scene(at)
    assert scene.result is not None
    filmed = _Filmed(rows_of(plan), scene.result, performed(at, lower_rig(at, scene.result).result))
    frames, chunks = _lower_frames(at, plan, filmed, narration)
    picture = lower_joined(at, chunks)
    return replace(joined(frames, picture), result=picture.result)


def lower_preview(at: Lowering, narration: Artifact | None = None) -> Lowered:
    """A small and quick version of the first film: a quarter of its pixels, every second frame. Its actions have their
    own ids, so reports about the film's actions stay true.
    """
    assert at.size is not None  # `frame_plan_of` has checked it for the film itself.
    width, height = (max(LEAST_PIXELS, one // 4 * 2) for one in at.size)
    small = replace(at, size=(width, height), still=None)
    plan = every_second(frame_plan_of(small))
    scene = lower_scene(small)
    assert scene.result is not None
    rig = lower_rig(small, scene.result)
    face = performed(small, rig.result)
    filmed = _Filmed(rows_of(plan), scene.result, face and replace(face, step=2))
    frames, chunks = _lower_frames(small, plan, filmed, narration)
    return joined(scene, rig, as_film(PREVIEW, joined(frames, lower_joined(small, chunks))))


@dataclass(frozen=True, slots=True)
class _Filmed:
    """The content of a film's chunks."""

    rows: Literal  # Of all frames.
    scene: Artifact
    performed: Performed | None


def _lower_frames(
    at: Lowering, plan: FramePlan, filmed: _Filmed, narration: Artifact | None
) -> tuple[Lowered, list[Chunk]]:
    """The encoded chunks and the requested single frame, if any, with the narration's words on them if captions are
    burnt in.
    """
    still = lower_still(at, plan, filmed.scene, filmed.performed)
    if not at.episode.captions.burnt:
        rendered, chunks = lower_render(at, plan, filmed.scene, filmed.performed)
        return Lowered((*rendered, *still)), chunks
    assert narration is not None  # See `lower_captions`.
    rendered, chunks = lower_render(at, plan, filmed.scene, filmed.performed, "frames.mkv")
    overlay, overlays = lower_overlay(at, filmed.rows, narration, chunks)
    drawn = [lower_drawn(at, one, plan.size, chunks, overlays) for one in still]
    encoded, chunks = lower_encode(at, chunks, plan.size, overlays)
    return joined(Lowered(rendered), overlay, Lowered((*encoded, *still, *drawn))), chunks


def lower_tracks(at: Lowering, plan: FramePlan, rows: Literal | None = None) -> Lowered:
    """The results of the tracks alone: plan.json, and warnings for the author."""
    return joined(Lowered(remarks=remarks_of(at.episode, plan)), lower_plan(at, plan, rows or rows_of(plan)))


def frame_plan_of(at: Lowering) -> FramePlan:
    """The frame plan of an episode that renders. Without a camera track the camera is still; without a time track, time
    loops.

    Raises:
        Unlowered: every error of the tracks, at its field; or the size of the picture is missing.
    """
    episode = at.episode
    if at.size is None:
        hint = "add `size: [512, 512]` here, or to the profile for all episodes"
        sentence = "neither the episode nor its profile gives the size of the picture"
        raise Unlowered(("camera",), sentence, hint, code="E231")
    flaws: list[Flaw] = []
    camera: list[CameraSegment] = []
    for place, move in enumerate(episode.camera or (StaticMove(frames=episode.frames),)):
        try:
            camera.append(CameraSegment(move.frames, _move(move, at, at.size[0] / at.size[1])))
        except BadTrack as bad:  # A path file; the other segments are checked all the same.
            flaws += [flaw.within("camera", place) for flaw in bad.flaws]
            camera.append(CameraSegment(move.frames, _PLACEHOLDER))
    time = [TimeSegment(one.frames, _time_map(one)) for one in episode.time or (LoopTime(frames=episode.frames),)]
    try:
        plan = frame_plan(camera, time, at.size, episode.rate)
    except BadTrack as bad:
        flaws += bad.flaws
    else:
        if not flaws:
            return with_headroom(plan) if at.has_headroom else plan
    raise refused([Unlowered(one.path, one.sentence, one.hint, code=_CODES[one.kind]) for one in flaws])


_PLACEHOLDER = Still((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), 35.0)
"""Replaces a move that cannot be read, so that the tracks keep their length while the rest is checked."""


def _move(move: CameraMove, at: Lowering, aspect: float) -> Move:
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
            return read_path(at.texts[move.file], aspect, move.up)
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
    found = []
    for one in oversights(plan):
        where = f"at frame {one.frame} of the segment the camera"
        path = ("camera", one.segment)
        if one.kind == "inside":
            sentence = f"{where} is inside the character, {one.distance_m:.2f} m from its middle"
            found.append(Remark("E232", path, sentence, "move it further away, or `allow: [E232]`"))
        else:
            sentence = f"{where} does not see the character, which is around 0, 0, 0"
            found.append(Remark("E233", path, sentence, "point `look_at` at it, or `allow: [E233]`"))
    return tuple(found)
