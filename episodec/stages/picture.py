"""The picture's way: the frame plan first, then all that is made from its rows.

Imported only for an episode that renders: film brings numpy, which an episode without a picture does not pay for.
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

LEAST_PIXELS = 32  # Of a preview's width and height.
_CODES: Mapping[str, str] = {"direction": "E234", "value": "S105", "file": "F420"}


def lower_picture(at: Lowering, narration: Artifact | None = None) -> Lowered:
    """Every action between the tracks and the picture: the plan, the scene, its chunks, and their joining.

    `narration`: an output of the join, which the picture of the plan shows.
    """
    plan = frame_plan_of(at)
    rows = rows_of(plan)  # Before the chunks are there, too: packing takes as much again.
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
    """Another film's picture, of the scene that the first one films: its chunks and their joining."""
    plan = frame_plan_of(at)
    scene = lower_scene(at)
    assert scene.result is not None
    filmed = _Filmed(rows_of(plan), scene.result, performed(at, lower_rig(at, scene.result).result))
    frames, chunks = _lower_frames(at, plan, filmed, narration)
    picture = lower_joined(at, chunks)
    return replace(joined(frames, picture), result=picture.result)


def lower_preview(at: Lowering, narration: Artifact | None = None) -> Lowered:
    """A small picture of the first film, to be looked at soon: a quarter of its pixels, every second frame. Its actions
    have ids of their own, so that what is said of the film's stays true.
    """
    assert at.size is not None  # See `frame_plan_of`, which the film itself has gone through.
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
    """What the chunks of a film show."""

    rows: Literal  # Of all frames.
    scene: Artifact
    performed: Performed | None


def _lower_frames(
    at: Lowering, plan: FramePlan, filmed: _Filmed, narration: Artifact | None
) -> tuple[Lowered, list[Chunk]]:
    """The encoded chunks, and the single frame that is asked for; with the words of the narration on them where the
    episode asks for that.
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
    """What the tracks give by themselves: plan.json, and what the author should know of them."""
    return joined(Lowered(remarks=remarks_of(at.episode, plan)), lower_plan(at, plan, rows or rows_of(plan)))


def frame_plan_of(at: Lowering) -> FramePlan:
    """The frame plan of an episode that renders. Without a camera track it stands still, without a time track it loops.

    Raises:
        Unlowered: with every flaw of the tracks at its field; or nothing says how large the picture is.
    """
    episode = at.episode
    if at.size is None:
        hint = "say `size: [512, 512]` here, or for all episodes in the profile"
        sentence = "neither the episode nor its profile says how large the picture is"
        raise Unlowered(("camera",), sentence, hint, code="E231")
    flaws: list[Flaw] = []
    camera: list[CameraSegment] = []
    for place, move in enumerate(episode.camera or (StaticMove(frames=episode.frames),)):
        try:
            camera.append(CameraSegment(move.frames, _move(move, at, at.size[0] / at.size[1])))
        except BadTrack as bad:  # A path file; the other segments are looked at all the same.
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
"""Stands for a move that could not be read, so that the tracks keep their length while the rest is judged."""


def _move(move: CameraMove, at: Lowering, aspect: float) -> Move:
    """The spec's move as film knows it. A test walks the fields of both: none is forgotten."""
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
    """Warnings where the character's own scene is filmed from inside, or not filmed at all."""
    if episode.scene.file:
        return ()
    found = []
    for one in oversights(plan):
        where = f"at frame {one.frame} of the segment the camera"
        path = ("camera", one.segment)
        if one.kind == "inside":
            sentence = f"{where} stands inside the character, {one.distance_m:.2f} m from its middle"
            found.append(Remark("E232", path, sentence, "keep it further away, or `allow: [E232]`"))
        else:
            sentence = f"{where} does not see the character, which stands around 0, 0, 0"
            found.append(Remark("E233", path, sentence, "turn `look_at` to it, or `allow: [E233]`"))
    return tuple(found)
