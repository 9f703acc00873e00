"""Stage `overlay`: what is drawn onto the frames of each chunk, where captions are burnt in."""

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
    """One action, from the words of the narration and the film's cameras to an overlay a chunk, and these overlays.

    Each chunk has its own, so that a word that moves is drawn anew on the chunks that show it.

    Raises:
        Unlowered: the episode asks for another encoding of frames that are not encoded there.
    """
    if "render" in at.episode.overrides:
        sentence = "captions are drawn onto frames without loss, and `overrides.render` is for frames that are encoded"
        raise Unlowered(("overrides", "render"), sentence, "say it under `overrides.encode`")
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
    """Where the middle of the face stands in the world, in metres, as far as character.yaml tells: else the middle of
    the scene. Nobody knows where it is in an author's scene.
    """
    if at.episode.scene.file:
        return None
    right, up = at.identity.face or (0.0, 0.0)
    return [round(right * HEIGHT_M, 6), round(up * HEIGHT_M, 6), 0.0]
