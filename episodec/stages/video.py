"""Stage `video`: a ready video, checked for exactly `frames` frames at the episode's rate."""

from episodec.engine.action import Action
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params, role


def lower_video(context: Lowering) -> Lowered:
    """One action, to `video.mp4`, the picture of the mux."""
    video = context.episode.video
    if video is None:
        return Lowered()
    choice = context.choose("video", "file")
    size = {"size": None if context.episode.size is None else list(context.episode.size)}
    action = Action(
        id=action_id(context.episode, "video"),
        stage="video",
        backend=choice.backend,
        outputs=("video.mp4",),
        params=params(context, "video", {}, clock(context.episode), size),
        inputs={role("video", video.file): (context.files[video.file],)},
        resources=choice.resources,
    )
    return Lowered((action,), result=action.artifact())
