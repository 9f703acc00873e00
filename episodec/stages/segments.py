"""Ambience from a model of limited breath: segments, each an action of its own, and stage `foley-join`."""

from collections.abc import Mapping
from fractions import Fraction

from episodec.digest import Canonical
from episodec.engine.action import Action
from episodec.stages.lowering import Choice, Lowering, Unlowered, action_id, clock, params

OVERLAP_S = 1
"""How long two segments sound together at a seam."""


def lower_segments(at: Lowering, choice: Choice, said: Mapping[str, Canonical]) -> tuple[Action, ...]:
    """The segments, then the action that joins them to `foley.wav`.

    Invariant: a segment's key tells its length and its `variation`, and neither where it sounds nor how many there are:
    where there are several they are all as long as the window, so that a longer episode keeps the ones it has.

    Raises:
        Unlowered: the backend makes less at once than two seams take.
    """
    assert choice.window_s is not None
    episode = at.episode
    if choice.window_s < 2 * OVERLAP_S and episode.frames > int(choice.window_s * episode.rate):
        sentence = (
            f"the backend `{choice.backend}` makes {float(choice.window_s):g} s of sound at once: "
            f"segments to be joined must be {2 * OVERLAP_S} s long, for they overlap by {OVERLAP_S} s at each end"
        )
        raise Unlowered(("foley", "prompt"), sentence, "choose another backend for stage `foley`")
    frames, count = plan_segments(episode.frames, episode.rate, choice.window_s)
    segments = tuple(
        Action(
            id=action_id(episode, "foley", f"{index + 1:04}"),
            stage="foley",
            backend=choice.backend,
            outputs=("segment.wav",),
            params=params(at, "foley", said, {"frames": frames, "rate": episode.rate, "variation": index}),
            resources=choice.resources,
        )
        for index in range(count)
    )
    joining = at.choose("foley-join", None)
    join = Action(
        id=action_id(episode, "foley"),
        stage="foley-join",
        backend=joining.backend,
        outputs=("foley.wav",),
        params=params(at, "foley-join", {"overlap_frames": OVERLAP_S * episode.rate}, clock(episode)),
        inputs={"segment.wav": tuple(segment.artifact() for segment in segments)},
        resources=joining.resources,
    )
    return (*segments, join)


def plan_segments(frames: int, rate: int, window_s: Fraction) -> tuple[int, int]:
    """How long each segment is, in frames, and how many there are, for an ambience of so many frames. Where there are
    several, `window_s` is at least twice `OVERLAP_S`.
    """
    window, overlap = int(window_s * rate), OVERLAP_S * rate
    if frames <= window:
        return frames, 1
    return window, 1 + -(-(frames - window) // (window - overlap))
