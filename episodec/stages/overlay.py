"""Stage `overlay`: the captions drawn on the frames of each chunk, where they are burnt in."""

from collections.abc import Sequence

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Literal
from episodec.film.plan import CHUNK_FRAMES
from episodec.splat.relief import HEIGHT_M
from episodec.stages.encode import Chunk
from episodec.stages.lowering import Lowered, Lowering, Unlowered, action_id, clock, params


def lower_overlay(
    at: Lowering, rows: Literal, narration: Artifact, chunks: Sequence[Chunk]
) -> tuple[Lowered, list[Artifact]]:
    """One action, from the words of the narration and the film's cameras to one overlay per chunk, and the overlays.

    They are separate so that a moved word only redraws the chunks that show it.

    Raises:
        Unlowered: the episode overrides the encoding in `render`, which does not encode here.
    """
    if "render" in at.episode.overrides:
        sentence = "burnt-in captions are encoded by the stage `encode`, so `overrides.render` cannot set an encoding"
        raise Unlowered(("overrides", "render"), sentence, "move it to `overrides.encode`")
    choice = at.choose("overlay", None)
    action = Action(
        id=action_id(at.episode, "overlay"),
        stage="overlay",
        backend=choice.backend,
        outputs=tuple(f"overlay_{number:03}.json" for number in range(len(chunks))),
        params=params(at, "overlay", {"face": face_of(at), "chunk_frames": CHUNK_FRAMES}, clock(at.episode)),
        inputs={"words.json": (Artifact(narration.action, "words.json"),), "frames.rows": (rows,)},
        resources=choice.resources,
    )
    return Lowered((action,)), [action.artifact(name) for name in action.outputs]


def face_of(at: Lowering) -> list[Canonical] | None:
    """The centre of the face in the world, in metres, if character.yaml gives it, else the centre of the scene; None in
    an author's scene, where it is unknown.
    """
    if at.episode.scene.file:
        return None
    right, up = at.identity.face or (0.0, 0.0)
    return [round(right * HEIGHT_M, 6), round(up * HEIGHT_M, 6), 0.0]
