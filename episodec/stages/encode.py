"""Stages `encode` and `picture`: each lossless chunk to H.264, and all encoded chunks to one picture.

If no later stage changes the frames, the render backend encodes them itself and its chunks go to `lower_joined`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Input
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params
from episodec.timebase import frame_at


@dataclass(frozen=True, slots=True)
class Chunk:
    """A half-open range of the picture's frames, as a file."""

    start_frame: int
    end_frame: int
    artifact: Artifact


def lower_encode(
    at: Lowering, chunks: Sequence[Chunk], size: tuple[int, int], overlays: Sequence[Artifact] = ()
) -> tuple[tuple[Action, ...], list[Chunk]]:
    """One action per chunk, from `frames.mkv` to `chunk.mp4`, and the encoded chunks. Positions are not in the keys.

    `overlays`: the captions to draw on the frames, one per chunk, or none.
    """
    choice = at.choose("encode", None)
    actions, encoded = [], []
    for place, chunk in enumerate(chunks):
        frames = chunk.end_frame - chunk.start_frame
        form: dict[str, Canonical] = {"frames": frames, "rate": at.episode.rate, "size": list(size)}
        inputs: dict[str, tuple[Input, ...]] = {"frames.mkv": (chunk.artifact,)}
        inputs |= {"overlay.json": (overlays[place],)} if overlays else {}
        action = Action(
            id=action_id(at.episode, "encode", f"{chunk.start_frame:04}-{chunk.end_frame:04}"),
            stage="encode",
            backend=choice.backend,
            outputs=("chunk.mp4",),
            params=params(at, "encode", form),
            inputs=inputs,
            resources=choice.resources,
        )
        actions.append(action)
        encoded.append(Chunk(chunk.start_frame, chunk.end_frame, action.artifact()))
    return tuple(actions), encoded


def lower_drawn(
    at: Lowering, still: Action, size: tuple[int, int], chunks: Sequence[Chunk], overlays: Sequence[Artifact]
) -> Action:
    """The action that draws the film's captions on a single frame, using the overlay of its chunk."""
    assert at.still is not None
    number = frame_at(at.still, at.episode.rate)
    (place,) = (place for place, one in enumerate(chunks) if one.start_frame <= number < one.end_frame)
    start, end = chunks[place].start_frame, chunks[place].end_frame
    form: dict[str, Canonical] = {
        "frames": end - start,
        "rate": at.episode.rate,
        "size": list(size),
        "frame": number - start,
    }
    inputs: dict[str, tuple[Input, ...]] = {"frame.png": (still.artifact(),), "overlay.json": (overlays[place],)}
    choice = at.choose("encode", None)
    return Action(
        id=action_id(at.episode, "encode", f"{number:04}"),
        stage="encode",
        backend=choice.backend,
        outputs=("frame.png",),
        params=params(at, "encode", form),
        inputs=inputs,
        resources=choice.resources,
    )


def lower_joined(at: Lowering, chunks: Sequence[Chunk]) -> Lowered:
    """One action, to `picture.mp4`, from encoded chunks that cover the episode."""
    edges = [0, *(chunk.end_frame for chunk in chunks)]
    assert [chunk.start_frame for chunk in chunks] == edges[:-1]
    assert edges[-1] == at.episode.frames
    choice = at.choose("picture", None)
    action = Action(
        id=action_id(at.episode, "picture"),
        stage="picture",
        backend=choice.backend,
        outputs=("picture.mp4",),
        params=params(at, "picture", {}, clock(at.episode)),
        inputs={"chunk.mp4": tuple(chunk.artifact for chunk in chunks)},
        resources=choice.resources,
    )
    return Lowered((action,), result=action.artifact())
