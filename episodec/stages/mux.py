"""Stage `mux`: picture, sound, captions and metadata to the finished episode."""

from episodec.digest import Canonical
from episodec.engine.action import Artifact, Deliverable, Input
from episodec.stages.lowering import Lowered, Lowering, clock, step


def lower_mux(
    context: Lowering, picture: Artifact | None, audio: Artifact | None, captions: Artifact | None
) -> Lowered:
    """One action, to `episode.mp4`; nothing for an episode without a picture.

    `audio` is AAC in an MP4 container, as long as the picture; `captions` is WebVTT, or None if captions are burnt in,
    so players do not show them twice. Without `audio` a ready video keeps its own sound.
    """
    if picture is None:
        return Lowered()
    episode = context.episode
    choice = context.choose("mux", None)
    metadata: dict[str, Canonical] = {
        "title": episode.title,
        "description": episode.description,
        "tags": list(episode.tags),
        "character": episode.character,
        "season": episode.season,
        "number": episode.number,
        "language": episode.language,
        "disclosure": episode.disclosure,
    }
    inputs: dict[str, tuple[Input, ...]] = {"picture.mp4": (picture,)}
    inputs |= {"audio.m4a": (audio,)} if audio else {}
    inputs |= {"captions.vtt": (captions,)} if captions else {}
    action = step(context, "mux", choice, metadata, clock(episode), outputs=("episode.mp4",), inputs=inputs)
    artifact = action.artifact()
    return Lowered((action,), (Deliverable(f"video/{episode.name}.mp4", artifact),), result=artifact)
