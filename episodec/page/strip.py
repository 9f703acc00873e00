"""The strip of a film's changes: the difference of each frame as a bar, and the runs of frames to step through."""

from collections.abc import Sequence

from episodec.page.html import element, single

HEIGHT = 100  # Height of the drawing, in its own units; a frame is 1 wide.
LEAST_BAR = 6  # A frame with any difference gets a visible bar.
_PART = 0.05  # Share of the largest change: frames below it begin no run.
_GAP = 5  # The most frames between two changes of one run.


def runs(frames: Sequence[float | None]) -> list[tuple[int, int]]:
    """The runs of frames (half-open) that differ notably, in order; frames missing in one film (None) form a separate
    run.
    """
    least = largest(frames) * _PART
    ranges: list[tuple[int, int]] = []
    for number, change in enumerate(frames):
        if change is None:
            if not ranges or frames[number - 1] is not None:
                ranges.append((number, number))
        elif not change or change < least:
            continue
        elif not ranges or number - ranges[-1][1] > _GAP:
            ranges.append((number, number))
        ranges[-1] = ranges[-1][0], number + 1
    return ranges


def largest(frames: Sequence[float | None]) -> float:
    """The largest change of any frame."""
    return max((one for one in frames if one is not None), default=0.0)


def opens_at(frames: Sequence[float | None]) -> int:
    """The frame shown first: the one with the largest change, else the first that one film lacks, else frame 0."""
    most = largest(frames)
    if most:
        return frames.index(most)
    return frames.index(None) if None in frames else 0


def strip(frames: Sequence[float | None]) -> str:
    """The drawing: one bar per frame, its height relative to the largest change; frames missing in one film are
    hatched.
    """
    most = largest(frames)
    bars: list[str] = []
    for number, change in enumerate(frames):
        if change:
            high = max(LEAST_BAR, round(change / most * HEIGHT))
            bars.append(f"M{number} {HEIGHT}v-{high}h1v{high}z")
    drawn = [single("path", class_="bars", d="".join(bars))] if bars else []
    lacking = [number for number, one in enumerate(frames) if one is None]
    if lacking:
        drawn.append(single("rect", class_="lacking", x=lacking[0], y=0, width=len(lacking), height=HEIGHT))
    box = f"0 0 {max(1, len(frames))} {HEIGHT}"
    return element("svg", *drawn, viewBox=box, preserveAspectRatio="none", aria_hidden="true")
