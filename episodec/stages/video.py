"""Stage `video`: a ready video, checked for exactly `frames` frames at the episode's rate."""

from episodec.engine.action import Action
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params, role


def lower_video(at: Lowering) -> Lowered:
    """One action, to `video.mp4`, the picture of the mux."""
    video = at.episode.video
    if video is None:
        return Lowered()
    choice = at.choose("video", "file")
    size = {"size": None if at.episode.size is None else list(at.episode.size)}
    action = Action(
        id=action_id(at.episode, "video"),
        stage="video",
        backend=choice.backend,
        outputs=("video.mp4",),
        params=params(at, "video", {}, clock(at.episode), size),
        inputs={role("video", video.file): (at.files[video.file],)},
        resources=choice.resources,
    )
    return Lowered((action,), result=action.artifact())
