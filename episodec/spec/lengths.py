"""The lengths of an episode and its segments: `frames`, or `seconds` instead, or the rest for the last segment.

The result has only `frames`, so no other code knows the other two.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.types import Series

MAX_FRAMES = 324_000
"""Of an episode: three hours at 30 frames a second. Planning them takes 3 s and 260 MiB (bench/limits.py)."""

Tree = Mapping[str, object]


class _BadLength(Exception):
    """An impossible length, with its diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def with_lengths(tree: Tree, document: Document, series: Series) -> tuple[dict[str, object], list[Diagnostic]]:
    """The tree of an episode, which has its rate, with the frames of the episode and of all its segments."""
    rate = tree["rate"]
    assert isinstance(rate, int | float)
    given: Tree = tree
    if not {"frames", "seconds"} & tree.keys():
        given = {"frames": series.frames} if series.seconds is None else {"seconds": series.seconds}
    diagnostics: list[Diagnostic] = []
    frames: int | None = None
    try:
        frames = _frames(given, (), int(rate), document)
    except _BadLength as wrong:
        diagnostics.append(wrong.diagnostic)
    lengths: dict[str, object] = {"frames": frames}
    for name in ("camera", "time"):
        track = tree.get(name)
        if isinstance(track, list):
            segments, wrong_ones = _track(track, name, frames, int(rate), document)
            lengths[name] = segments
            diagnostics += wrong_ones
    return {**{name: value for name, value in tree.items() if name != "seconds"}, **lengths}, diagnostics


def _track(
    track: list[Tree], name: str, frames: int | None, rate: int, document: Document
) -> tuple[list[dict[str, object]], list[Diagnostic]]:
    """The segments of a track with their frames. `frames`: the episode's; None if they are wrong."""
    diagnostics: list[Diagnostic] = []
    lengths: list[int | None] = []
    for index, segment in enumerate(track):
        try:
            lengths.append(_frames(segment, (name, index), rate, document))
        except _BadLength as wrong:
            diagnostics.append(wrong.diagnostic)
            lengths.append(1)  # A placeholder, so that no other diagnostic follows.
    diagnostics += _lengthless(lengths, name, document)
    if not diagnostics and lengths and lengths[-1] is None and frames is not None:
        taken = sum(length for length in lengths if length is not None)
        lengths[-1] = frames - taken
        if frames <= taken:
            message = f"no frames are left for the last segment of the {name} track: the others last {taken} frames"
            message += f", the episode {frames}"
            hint = "shorten them, or remove the last one"
            diagnostics.append(diagnose("E201", message, document.path, document.key_span(name), hint=hint))
    segments = [
        {**{key: value for key, value in segment.items() if key != "seconds"}, "frames": length}
        for segment, length in zip(track, lengths, strict=True)
    ]
    return segments, diagnostics


def _lengthless(lengths: list[int | None], name: str, document: Document) -> Iterator[Diagnostic]:
    for index, length in enumerate(lengths[:-1]):
        if length is None:
            message = "a segment needs a length, unless it is the last one, which fills the rest"
            span = document.span(name, index)
            yield diagnose("E260", message, document.path, span, hint="add `frames` or `seconds`")


def _frames(given: Tree, path: Path, rate: int, document: Document) -> int | None:
    """The frames that a mapping gives; None where it gives no length.

    Raises:
        _Wrong: it gives both fields, seconds that are not whole frames, or more than an episode may have.
    """
    if "seconds" not in given:
        length = given.get("frames")
        return int(length) if isinstance(length, int | float) else None
    span = document.key_span(*path, "seconds")
    if "frames" in given:
        message, hint = "`frames` and `seconds` both give its length", "remove one of the two"
        raise _BadLength(diagnose("E261", message, document.path, span, hint=hint))
    exact = Fraction(str(given["seconds"])) * rate
    if exact.denominator != 1:
        nearest = max(1, round(exact))
        message = f"`seconds: {given['seconds']}` are {float(exact):.6g} frames at {rate} a second, not a whole number"
        hint = f"write `frames: {nearest}`{_as_seconds(nearest, rate)}"
        raise _BadLength(diagnose("E261", message, document.path, span, hint=hint))
    if exact > MAX_FRAMES:
        message = f"`seconds: {given['seconds']}` are {exact} frames at {rate} a second"
        message += f", but an episode has at most {MAX_FRAMES}"
        raise _BadLength(diagnose("E261", message, document.path, span, hint="split it into several episodes"))
    return int(exact)


def _as_seconds(frames: int, rate: int) -> str:
    """A hint with the same length in seconds, where few digits give it exactly."""
    text = f"{frames / rate:.6f}".rstrip("0").rstrip(".")
    return f", or `seconds: {text}`" if Fraction(text) * rate == frames else ""
