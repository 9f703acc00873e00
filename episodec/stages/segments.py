"""Ambience from a model with a limited duration: segments, each its own action, and stage `foley-join`."""

from collections.abc import Mapping
from fractions import Fraction

from episodec.digest import Canonical
from episodec.engine.action import Action
from episodec.stages.lowering import BackendChoice, Lowering, LoweringError, action_id, clock, step

OVERLAP_S = 1
"""The overlap of two segments, in seconds."""


def lower_segments(context: Lowering, choice: BackendChoice, options: Mapping[str, Canonical]) -> tuple[Action, ...]:
    """The segments, then the action that joins them to `foley.wav`.

    Invariant: a segment's key contains its length and its `variation`, but neither its position nor the number of
    segments: several segments all have the length of the window, so a longer episode keeps the existing ones.

    Raises:
        LoweringError: the backend's longest sound is too short for two overlaps.
    """
    assert choice.window_s is not None
    episode = context.episode
    if choice.window_s < 2 * OVERLAP_S and episode.frames > int(choice.window_s * episode.rate):
        sentence = (
            f"the backend `{choice.backend}` makes at most {float(choice.window_s):g} s of sound: "
            f"segments to be joined need {2 * OVERLAP_S} s, since they overlap by {OVERLAP_S} s at each end"
        )
        raise LoweringError(("foley", "prompt"), sentence, "choose another backend for stage `foley`")
    frames, count = plan_segments(episode.frames, episode.rate, choice.window_s)
    segments = tuple(
        step(
            context,
            "foley",
            choice,
            options,
            {"frames": frames, "rate": episode.rate, "variation": index},
            outputs=("segment.wav",),
            name=action_id(episode, "foley", f"{index + 1:04}"),
        )
        for index in range(count)
    )
    joining = context.choose("foley-join", None)
    join = step(
        context,
        "foley-join",
        joining,
        {"overlap_frames": OVERLAP_S * episode.rate},
        clock(episode),
        outputs=("foley.wav",),
        inputs={"segment.wav": tuple(segment.artifact() for segment in segments)},
        name=action_id(episode, "foley"),
    )
    return (*segments, join)


def plan_segments(frames: int, rate: int, window_s: Fraction) -> tuple[int, int]:
    """The length of each segment in frames and the number of segments, for `frames` frames of ambience. If there are
    several, `window_s` is at least twice `OVERLAP_S`.
    """
    window, overlap = int(window_s * rate), OVERLAP_S * rate
    if frames <= window:
        return frames, 1
    return window, 1 + -(-(frames - window) // (window - overlap))
