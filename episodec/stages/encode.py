"""Stages `encode` and `picture`: each lossless chunk to H.264, and all encoded chunks to one picture.

If no later stage changes the frames, the render backend encodes them itself and its chunks go to `lower_joined`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Input
from episodec.stages.lowering import Lowered, Lowering, LoweringError, action_id, clock, step
from episodec.timebase import frame_at


@dataclass(frozen=True, slots=True)
class ChunkFile:
    """A half-open range of the picture's frames, as a file."""

    start_frame: int
    end_frame: int
    artifact: Artifact


def lower_encode(
    context: Lowering, chunks: Sequence[ChunkFile], size: tuple[int, int], overlays: Sequence[Artifact] = ()
) -> tuple[tuple[Action, ...], list[ChunkFile]]:
    """One action per chunk, from `frames.mkv` to `chunk.mp4`, and the encoded chunks. Positions are not in the keys.

    `overlays`: the captions to draw on the frames, one per chunk, or none.

    Raises:
        LoweringError: the episode overrides the encoding in `render`, which does not encode here.
    """
    if "render" in context.episode.overrides:
        changed = "burnt-in captions" if overlays else "drawn lips"
        sentence = f"{changed} are encoded by the stage `encode`, so `overrides.render` cannot set an encoding"
        raise LoweringError(("overrides", "render"), sentence, "move it to `overrides.encode`")
    choice = context.choose("encode", None)
    actions, encoded = [], []
    for place, chunk in enumerate(chunks):
        frames = chunk.end_frame - chunk.start_frame
        form: dict[str, Canonical] = {"frames": frames, "rate": context.episode.rate, "size": list(size)}
        inputs: dict[str, tuple[Input, ...]] = {"frames.mkv": (chunk.artifact,)}
        inputs |= {"overlay.json": (overlays[place],)} if overlays else {}
        action = step(
            context,
            "encode",
            choice,
            form,
            outputs=("chunk.mp4",),
            inputs=inputs,
            name=action_id(context.episode, "encode", f"{chunk.start_frame:04}-{chunk.end_frame:04}"),
        )
        actions.append(action)
        encoded.append(ChunkFile(chunk.start_frame, chunk.end_frame, action.artifact()))
    return tuple(actions), encoded


def lower_drawn(
    context: Lowering, still: Action, size: tuple[int, int], chunks: Sequence[ChunkFile], overlays: Sequence[Artifact]
) -> Action:
    """The action that draws the film's captions on a single frame, using the overlay of its chunk."""
    assert context.still is not None
    number = frame_at(context.still, context.episode.rate)
    (place,) = (place for place, one in enumerate(chunks) if one.start_frame <= number < one.end_frame)
    start, end = chunks[place].start_frame, chunks[place].end_frame
    form: dict[str, Canonical] = {
        "frames": end - start,
        "rate": context.episode.rate,
        "size": list(size),
        "frame": number - start,
    }
    inputs: dict[str, tuple[Input, ...]] = {"frame.png": (still.artifact(),), "overlay.json": (overlays[place],)}
    choice = context.choose("encode", None)
    return step(
        context,
        "encode",
        choice,
        form,
        outputs=("frame.png",),
        inputs=inputs,
        name=action_id(context.episode, "encode", f"{number:04}"),
    )


def lower_joined(context: Lowering, chunks: Sequence[ChunkFile]) -> Lowered:
    """One action, to `picture.mp4`, from encoded chunks that cover the episode."""
    edges = [0, *(chunk.end_frame for chunk in chunks)]
    assert [chunk.start_frame for chunk in chunks] == edges[:-1]
    assert edges[-1] == context.episode.frames
    choice = context.choose("picture", None)
    action = step(
        context,
        "picture",
        choice,
        {},
        clock(context.episode),
        outputs=("picture.mp4",),
        inputs={"chunk.mp4": tuple(chunk.artifact for chunk in chunks)},
    )
    return Lowered((action,), result=action.artifact())
