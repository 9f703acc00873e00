"""Stage `video`: a ready video, checked for exactly `frames` frames at the episode's rate."""

from episodec.stages.lowering import Lowered, Lowering, clock, role, step


def lower_video(context: Lowering) -> Lowered:
    """One action, to `video.mp4`, the picture of the mux."""
    video = context.episode.video
    if video is None:
        return Lowered()
    choice = context.choose("video", "file")
    size = {"size": None if context.episode.size is None else list(context.episode.size)}
    action = step(
        context,
        "video",
        choice,
        {},
        clock(context.episode),
        size,
        outputs=("video.mp4",),
        inputs={role("video", video.file): (context.files[video.file],)},
    )
    return Lowered((action,), result=action.artifact())
