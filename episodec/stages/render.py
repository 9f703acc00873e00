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
from episodec.stages.encode import ChunkFile
from episodec.stages.lowering import (
    BackendChoice,
    Lowered,
    Lowering,
    LoweringError,
    action_id,
    combined,
    portrait_inputs,
    role,
    step,
)
from episodec.stages.performance import Performed
from episodec.stages.train import lower_trained
from episodec.timebase import frame_at, frames_text, seconds

Output = TypingLiteral["chunk.mp4", "frames.mkv"]


def lower_scene(context: Lowering) -> Lowered:
    """To `still.scene`: one action, from the episode's scene file or the character's portrait; or all stages that train
    the character's scene.

    The character's own scene is one action for all its episodes: it depends only on the portrait and the backend.
    """
    named, field = context.episode.scene.file, context.episode.scene.deformation
    if field and not named:
        hint = "give the point_cloud.ply of the same checkpoint: `scene: {file: …}`"
        raise LoweringError(("scene", "deformation"), "a deformation needs its points", hint)
    if context.portrait is None and not named:
        hint = f"put the portrait next to character.yaml, as {context.episode.character}-ref.png"
        raise LoweringError(
            ("character",), f"character `{context.episode.character}` has no portrait for a scene", hint
        )
    is_trained = not named and (context.episode.scene.kind or context.modelling.scene.kind) == "hybrid"
    _refuse_named(context, ("scene",) if is_trained else tuple(FROM))
    if is_trained:
        return lower_trained(context)
    choice = context.choose("scene", "4dgs-checkpoint" if field else "ply" if named else None)
    if named and choice.backend in ("ply", "4dgs-checkpoint"):
        _check_form(named)
    inputs: dict[str, tuple[Input, ...]]
    if named and field:
        inputs = {
            role("point_cloud", named): (context.files[named],),
            role("deformation", field): (context.files[field],),
        }
        name = action_id(context.episode, "scene")
    elif named:
        inputs, name = {role("model", named): (context.files[named],)}, action_id(context.episode, "scene")
    else:
        own = "scene" in context.episode.overrides
        inputs = portrait_inputs(context)
        name = (
            action_id(context.episode, "scene")
            if own
            else ActionId(f"{context.episode.character}/scene/{choice.backend}")
        )
    action = step(context, "scene", choice, outputs=("still.scene",), inputs=inputs, name=name)
    return Lowered((action,), result=action.artifact())


_COMPRESSED = (".compressed.ply", ".spz", ".sog", ".sogs", ".splat", ".ksplat", ".lcc")


def _check_form(named: str) -> None:
    """Refuse scenes in formats of other viewers by their names; the content is only checked when the action runs.

    Raises:
        LoweringError: the file has such a name.
    """
    form = next((one for one in _COMPRESSED if named.lower().endswith(one)), None)
    if form is not None:
        hint = "export it as an uncompressed .ply, as SuperSplat does, or `splat-transform FILE FILE.ply`"
        raise LoweringError(
            ("scene", "file"), f"{named!r} is a scene in the format {form}, which is not supported", hint
        )


def _refuse_named(context: Lowering, stages: tuple[str, ...]) -> None:
    """Refuse the episode's backends and overrides of these stages, which its scene does not have.

    Raises:
        LoweringError: each of them, at its line.
    """
    scene = context.episode.scene
    if scene.file:
        reason, hint = "the episode names a scene file", "remove it, or `scene.file`"
    else:
        whose = "episode" if scene.kind else "character"
        reason = f"the {whose}'s scene is of kind `{scene.kind or context.modelling.scene.kind}`"
        hint = "remove it, or choose the episode's `scene`: `portrait` or `hybrid`"
    refusals = [
        LoweringError((field, stage), f"`{field}.{stage}` would be ignored: {reason}", hint, code="E241")
        for field, named in (("backends", context.episode.backends), ("overrides", context.episode.overrides))
        for stage in stages
        if stage in named
    ]
    if refusals:
        raise combined(refusals)


def lower_render(
    context: Lowering, plan: FramePlan, scene: Artifact, performed: Performed | None, output: Output = "chunk.mp4"
) -> tuple[tuple[Action, ...], list[ChunkFile]]:
    """One action per chunk, to its frames: encoded, or lossless if a later stage changes them.

    Inputs are the scene, the chunk's rows and the rows of its face. Positions are not in the keys.
    """
    choice = context.choose("render", None)
    actions: list[Action] = []
    rendered: list[ChunkFile] = []
    for chunk in chunks(plan):
        face = performed.of_chunk(chunk.start_frame) if performed else {}
        name = f"{chunk.start_frame:04}-{chunk.end_frame:04}"
        action = _render(context, choice, chunk, name, output, {"still.scene": (scene,), **face})
        if performed and performed.step > 1:
            action = replace(action, params={**action.params, "step": performed.step})
        actions.append(action)
        rendered.append(ChunkFile(chunk.start_frame, chunk.end_frame, action.artifact()))
    return tuple(actions), rendered


def lower_still(context: Lowering, plan: FramePlan, scene: Artifact, performed: Performed | None) -> tuple[Action, ...]:
    """The action for the single frame that is requested, before any encoding, by the backend that renders the film.
    It uses the film's own row of the frame, and the row of its face in the chunk's performance. Empty if no frame is
    requested.

    Raises:
        UsageError: the frame is outside the film.
    """
    if context.still is None:
        return ()
    number, last = frame_at(context.still, context.episode.rate), len(plan) - 1
    if not 0 <= number <= last:
        rate = context.episode.rate
        sentence = f"the film has {frames_text(len(plan))}: 0 to {last}, {float(seconds(len(plan), rate)):g} s"
        raise UsageError(sentence, facts={"requested": f"frame {number}"}, hint=f"its last frame is `@f{last}`")
    action = _render(
        context,
        context.choose("render", None),
        one_frame(plan, number),
        f"{number:04}",
        "frame.png",
        {"still.scene": (scene,)},
    )
    if performed is None:
        return (action,)
    # The renderer takes no 0: a face held for two frames is the same in frame 1 as in the chunk's first.
    own = {"frame": number % CHUNK_FRAMES} if number % CHUNK_FRAMES else {"frame": 1, "step": 2}
    return (replace(action, params={**action.params, **own}, inputs={**action.inputs, **performed.of_chunk(number)}),)


def _render(
    context: Lowering,
    choice: BackendChoice,
    chunk: Frames,
    name: str,
    output: str,
    scene_inputs: dict[str, tuple[Input, ...]],
) -> Action:
    """The action that renders these frames of the given scene and face."""
    form = {"frames": chunk.end_frame - chunk.start_frame, "rate": context.episode.rate}
    background, picture = background_of(context)
    return step(
        context,
        "render",
        choice,
        form,
        {"background": background},
        outputs=(output,),
        inputs={**scene_inputs, "frames.rows": (Literal(chunk.content),), **picture},
        name=action_id(context.episode, "render", name),
    )
