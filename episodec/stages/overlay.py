"""Stage `overlay`: the captions drawn on the frames of each chunk, where they are burnt in."""

from collections.abc import Sequence

from episodec.digest import Canonical
from episodec.engine.action import Artifact, Literal
from episodec.film.plan import CHUNK_FRAMES
from episodec.splat.relief import HEIGHT_M
from episodec.stages.encode import ChunkFile
from episodec.stages.lowering import Lowered, Lowering, clock, step


def lower_overlay(
    context: Lowering, rows: Literal, narration: Artifact, chunks: Sequence[ChunkFile]
) -> tuple[Lowered, list[Artifact]]:
    """One action, from the words of the narration and the film's cameras to one overlay per chunk, and the overlays.

    They are separate so that a moved word only redraws the chunks that show it.

    """
    choice = context.choose("overlay", None)
    action = step(
        context,
        "overlay",
        choice,
        {"face": face_of(context), "chunk_frames": CHUNK_FRAMES},
        clock(context.episode),
        outputs=tuple(f"overlay_{number:03}.json" for number in range(len(chunks))),
        inputs={"words.json": (Artifact(narration.action, "words.json"),), "frames.rows": (rows,)},
    )
    return Lowered((action,)), [action.artifact(name) for name in action.outputs]


def face_of(context: Lowering) -> list[Canonical] | None:
    """The centre of the face in the world, in metres, if character.yaml gives it, else the centre of the scene; None in
    an author's scene, where it is unknown.
    """
    if context.episode.scene.file:
        return None
    right, up = context.identity.face or (0.0, 0.0)
    return [round(right * HEIGHT_M, 6), round(up * HEIGHT_M, 6), 0.0]
