"""Stages `scene` and `render`: the scene before the camera, and its frames, one action per chunk, directly to H.264.

A character's scene of kind `hybrid` replaces the stage `scene` by its own stages: see `train`.
"""

from dataclasses import replace
from typing import Literal as TypingLiteral

from episodec.engine.action import Action, ActionId, Artifact, Input, Literal
from episodec.errors import UsageError
from episodec.film.plan import CHUNK_FRAMES, FramePlan, chunks, one_frame
from episodec.film.plan import Chunk as Frames
from episodec.stages.background import background_of
from episodec.stages.character import FROM
from episodec.stages.encode import Chunk
from episodec.stages.lowering import (
    Choice,
    Lowered,
    Lowering,
    Unlowered,
    action_id,
    params,
    portrait_inputs,
    refused,
    role,
)
from episodec.stages.performance import Performed
from episodec.stages.train import lower_trained
from episodec.timebase import frame_at, frames_text, seconds

Output = TypingLiteral["chunk.mp4", "frames.mkv"]


def lower_scene(at: Lowering) -> Lowered:
    """To `still.scene`: one action, from the episode's scene file or the character's portrait; or all stages that train
    the character's scene.

    The character's own scene is one action for all its episodes: it depends only on the portrait and the backend.
    """
    named, field = at.episode.scene.file, at.episode.scene.deformation
    if field and not named:
        hint = "give the point_cloud.ply of the same checkpoint: `scene: {file: …}`"
        raise Unlowered(("scene", "deformation"), "a deformation needs its points", hint)
    if at.portrait is None and not named:
        hint = f"put the portrait next to character.yaml, as {at.episode.character}-ref.png"
        raise Unlowered(("character",), f"character `{at.episode.character}` has no portrait for a scene", hint)
    is_trained = not named and (at.episode.scene.kind or at.modelling.scene.kind) == "hybrid"
    _refuse_named(at, ("scene",) if is_trained else tuple(FROM))
    if is_trained:
        return lower_trained(at)
    choice = at.choose("scene", "4dgs-checkpoint" if field else "ply" if named else None)
    if named and choice.backend in ("ply", "4dgs-checkpoint"):
        _check_form(named)
    inputs: dict[str, tuple[Input, ...]]
    if named and field:
        inputs = {role("point_cloud", named): (at.files[named],), role("deformation", field): (at.files[field],)}
        name = action_id(at.episode, "scene")
    elif named:
        inputs, name = {role("model", named): (at.files[named],)}, action_id(at.episode, "scene")
    else:
        own = "scene" in at.episode.overrides
        inputs = portrait_inputs(at)
        name = action_id(at.episode, "scene") if own else ActionId(f"{at.episode.character}/scene/{choice.backend}")
    action = Action(
        id=name,
        stage="scene",
        backend=choice.backend,
        outputs=("still.scene",),
        params=params(at, "scene", {}),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), result=action.artifact())


_COMPRESSED = (".compressed.ply", ".spz", ".sog", ".sogs", ".splat", ".ksplat", ".lcc")


def _check_form(named: str) -> None:
    """Refuse scenes in formats of other viewers by their names; the content is only checked when the action runs.

    Raises:
        Unlowered: the file has such a name.
    """
    form = next((one for one in _COMPRESSED if named.lower().endswith(one)), None)
    if form is not None:
        hint = "export it as an uncompressed .ply, as SuperSplat does, or `splat-transform FILE FILE.ply`"
        raise Unlowered(("scene", "file"), f"{named!r} is a scene in the format {form}, which is not supported", hint)


def _refuse_named(at: Lowering, stages: tuple[str, ...]) -> None:
    """Refuse the episode's backends and overrides of these stages, which its scene does not have.

    Raises:
        Unlowered: each of them, at its line.
    """
    scene = at.episode.scene
    if scene.file:
        reason, hint = "the episode names a scene file", "remove it, or `scene.file`"
    else:
        whose = "episode" if scene.kind else "character"
        reason = f"the {whose}'s scene is of kind `{scene.kind or at.modelling.scene.kind}`"
        hint = "remove it, or choose the episode's `scene`: `portrait` or `hybrid`"
    refusals = [
        Unlowered((field, stage), f"`{field}.{stage}` would be ignored: {reason}", hint, code="E241")
        for field, named in (("backends", at.episode.backends), ("overrides", at.episode.overrides))
        for stage in stages
        if stage in named
    ]
    if refusals:
        raise refused(refusals)


def lower_render(
    at: Lowering, plan: FramePlan, scene: Artifact, performed: Performed | None, output: Output = "chunk.mp4"
) -> tuple[tuple[Action, ...], list[Chunk]]:
    """One action per chunk, to its frames: encoded, or lossless if a later stage changes them.

    Inputs are the scene, the chunk's rows and the rows of its face. Positions are not in the keys.
    """
    choice = at.choose("render", None)
    actions: list[Action] = []
    rendered: list[Chunk] = []
    for chunk in chunks(plan):
        face = performed.of_chunk(chunk.start_frame) if performed else {}
        name = f"{chunk.start_frame:04}-{chunk.end_frame:04}"
        action = _render(at, choice, chunk, name, output, {"still.scene": (scene,), **face})
        if performed and performed.step > 1:
            action = replace(action, params={**action.params, "step": performed.step})
        actions.append(action)
        rendered.append(Chunk(chunk.start_frame, chunk.end_frame, action.artifact()))
    return tuple(actions), rendered


def lower_still(at: Lowering, plan: FramePlan, scene: Artifact, performed: Performed | None) -> tuple[Action, ...]:
    """The action for the single frame that is requested, before any encoding, by the backend that renders the film.
    It uses the film's own row of the frame, and the row of its face in the chunk's performance. Empty if no frame is
    requested.

    Raises:
        UsageError: the frame is outside the film.
    """
    if at.still is None:
        return ()
    number, last = frame_at(at.still, at.episode.rate), len(plan) - 1
    if not 0 <= number <= last:
        rate = at.episode.rate
        sentence = f"the film has {frames_text(len(plan))}: 0 to {last}, {float(seconds(len(plan), rate)):g} s"
        raise UsageError(sentence, facts={"requested": f"frame {number}"}, hint=f"its last frame is `@f{last}`")
    action = _render(
        at, at.choose("render", None), one_frame(plan, number), f"{number:04}", "frame.png", {"still.scene": (scene,)}
    )
    if performed is None:
        return (action,)
    own = {"frame": number % CHUNK_FRAMES}
    return (replace(action, params={**action.params, **own}, inputs={**action.inputs, **performed.of_chunk(number)}),)


def _render(
    at: Lowering, choice: Choice, chunk: Frames, name: str, output: str, shown: dict[str, tuple[Input, ...]]
) -> Action:
    """The action that renders these frames of the given scene and face."""
    form = {"frames": chunk.end_frame - chunk.start_frame, "rate": at.episode.rate}
    background, picture = background_of(at)
    return Action(
        id=action_id(at.episode, "render", name),
        stage="render",
        backend=choice.backend,
        outputs=(output,),
        params=params(at, "render", form, {"background": background}),
        inputs={**shown, "frames.rows": (Literal(chunk.content),), **picture},
        resources=choice.resources,
    )
