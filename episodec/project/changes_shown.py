"""The changes of the picture and their frames: the tracks and rows of two lowerings of an episode, side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from episodec import canonical_json
from episodec.digest import Canonical
from episodec.engine.action import Literal as Bytes
from episodec.project.changes_fields import FieldChange, field_changes
from episodec.project.loaded import LoadedEpisode
from episodec.spec.structure import section

Track = Literal["camera", "time"]


_SAME_LENS = 1e-9  # In heights of the frame.


@dataclass(frozen=True, slots=True)
class TrackSegment:
    """One segment of a track."""

    number: int  # From 1.
    kind: str  # `orbit`, `loop`, …
    start_frame: int
    end_frame: int  # Exclusive.
    fields: Mapping[str, Canonical]


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment that was added, removed, changed or moved."""

    track: Track
    how: Literal["added", "removed", "changed", "moved"]  # Moved: the same segment on other frames.
    before: TrackSegment | None
    after: TrackSegment | None
    fields: tuple[FieldChange, ...] = ()  # Of a changed segment.


@dataclass(frozen=True, slots=True)
class Touched:
    """The frames of the later film that look different because of a track."""

    track: Track
    ranges: tuple[tuple[int, int], ...]  # Half-open, in order.

    @property
    def frames(self) -> int:
        """The number of these frames."""
        return sum(end - start for start, end in self.ranges)


def segment_changes(before: LoadedEpisode, after: LoadedEpisode, track: Track) -> Iterator[SegmentChange]:
    """The changes of a track, segment by segment."""
    old, new = _segments(before, track), _segments(after, track)
    names, others = ([canonical_json.dump(dict(one.fields)) for one in some] for some in (old, new))
    for tag, start, end, new_start, new_end in SequenceMatcher(None, names, others, autojunk=False).get_opcodes():
        pairs = list(zip(old[start:end], new[new_start:new_end], strict=False))
        for earlier, later in pairs:
            if tag != "equal":
                yield SegmentChange(
                    track, "changed", earlier, later, tuple(field_changes(earlier.fields, later.fields))
                )
            elif (earlier.start_frame, earlier.end_frame) != (later.start_frame, later.end_frame):
                yield SegmentChange(track, "moved", earlier, later)
        yield from (SegmentChange(track, "removed", one, None) for one in old[start + len(pairs) : end])
        yield from (SegmentChange(track, "added", None, other) for other in new[new_start + len(pairs) : new_end])


def _segments(loaded: LoadedEpisode, track: Track) -> list[TrackSegment]:
    moves = loaded.episode.camera if track == "camera" else loaded.episode.time
    segments: list[TrackSegment] = []
    start = 0
    for number, move in enumerate(moves, 1):
        fields = section(move)
        end, kind = start + move.frames, str(fields.pop("move" if track == "camera" else "map"))
        del fields["frames"]
        segments.append(TrackSegment(number, kind, start, end, {"kind": kind, **fields}))
        start = end
    return segments


def touched(before: LoadedEpisode, after: LoadedEpisode) -> tuple[Touched, ...]:
    """The frames whose rows differ, by the part that differs: the camera, or the scene time."""
    old, new = _rows(before), _rows(after)
    if old is None or new is None or old == new:
        return ()
    from episodec.film.rows import unpack  # Imports numpy, which an edit of a text does not need.

    old_rows, other = unpack(old), unpack(new)
    most = min(len(old_rows.order), len(other.order))
    places = old_rows.order[:most], other.order[:most]
    # Intrinsics in heights of the frame, from rounded pixels: another frame size is not another camera.
    lenses = old_rows.intrinsics[:, 1] / old_rows.size[1], other.intrinsics[:, 1] / other.size[1]
    camera = (old_rows.camera_to_world[places[0]] != other.camera_to_world[places[1]]).any(axis=(1, 2))
    camera |= abs(lenses[0][places[0]] - lenses[1][places[1]]) > _SAME_LENS
    time = old_rows.scene_time[places[0]] != other.scene_time[places[1]]
    time |= old_rows.period[places[0]] != other.period[places[1]]
    by_track: tuple[tuple[Track, Sequence[bool]], ...] = (("camera", camera.tolist()), ("time", time.tolist()))
    ranges_by_track = (Touched(track, tuple(_ranges(flags))) for track, flags in by_track)
    return tuple(one for one in ranges_by_track if one.ranges)


def _rows(loaded: LoadedEpisode) -> bytes | None:
    """The rows of the film with the episode's name."""
    for action in loaded.lowered.actions:
        if action.stage == "plan":
            for finding in action.inputs.get("frames.rows", ()):
                if isinstance(finding, Bytes):
                    return finding.content
    return None


def _ranges(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for index, flag in enumerate((*flags, False)):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            yield start, index
            start = None
