"""The changes in a film as rows, shared by all output formats of `diff`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.project.changes import FileChange, FileFacts
from episodec.project.changes_fields import FieldChange
from episodec.project.changes_heard import Sentence, SentenceChange
from episodec.project.changes_shown import Segment, SegmentChange, Touched
from episodec.project.shared_changes import SharedChange
from episodec.questions.diff import EpisodeDiff
from episodec.report.paint import Paint
from episodec.report.reasons import short, word_diff
from episodec.text import count_text, escape, size_text

RANGES_SHOWN = 4
_PROSE = 20  # Texts longer than this are compared word by word.
_RED, _GREEN = "31", "32"


@dataclass(frozen=True, slots=True)
class Row:
    """One change: its subject, a short description, and the author's texts before and after."""

    subject: str
    words: str = ""  # Written by episodec.
    quoted: str = ""  # Written by the author, like the next two.
    before: str | None = None
    after: str | None = None
    is_field: bool = False  # Whether the subject is a field, whose name the author may have chosen.


def told(one: Row, paint: Paint) -> str:
    """The text of a row, on one line."""
    return ": ".join(filter(None, (one.words, escape(one.quoted), _said(one.before, one.after, paint))))


def _said(before: str | None, after: str | None, paint: Paint) -> str:
    if before is None or after is None:
        return paint(escape(after), _GREEN) if after is not None else paint(escape(before or ""), _RED)
    if is_prose(before, after):
        return " ".join(word_diff(before, after, paint))
    return f"{escape(before)} → {escape(after)}"


def is_prose(before: str, after: str) -> bool:
    """Whether two texts are compared word by word."""
    return min(len(before), len(after)) > _PROSE and " " in before and " " in after


def shared_rows(one: SharedChange) -> list[Row]:
    """The changes in a series or a character."""
    return [*map(_field, one.fields), *map(_file, one.files)]


def episode_rows(one: EpisodeDiff) -> list[Row]:
    """The changes in an episode, in the order in which a viewer would notice them."""
    rows: list[Row] = []
    if one.before:
        rows.append(Row("renamed", "from", quoted=one.before))
    if one.renumbered:
        rows.append(Row("number", "", "", *one.renumbered))
    if one.how == "refused":
        told = [f"{when}: {' '.join(some)}" for when, some in zip(("before", "now"), one.codes, strict=True) if some]
        return [*rows, Row("errors", ", ".join(told))]
    if one.how in ("added", "deleted"):
        rows.append(Row("title", quoted=one.title or ""))
        rows.append(Row("length", f"{one.seconds:g} s, {count_text(one.sentences, 'sentence')}"))
    changes = one.changes
    rows += _sentences(changes.sentences)
    rows += [_segment(segment, one.rate) for segment in changes.segments]
    rows += [_frames(touched, one.rate) for touched in changes.touched]
    hidden = ("number", "season") if one.renumbered else ()
    rows += [_field(field) for field in changes.fields if field.name not in hidden]
    rows += [_file(file) for file in changes.files]
    if one.stages:
        rows.append(Row("makes", stages_text(one)))
    return rows


def stages_text(one: EpisodeDiff) -> str:
    """The stages that change, and how many actions follow or are unknown."""
    changed = [f"{escape(of.stage)}{f' ({of.changed})' if of.changed > 1 else ''}" for of in one.stages if of.changed]
    follows, unknown = one.count("follows"), one.count("unknown")
    parts = [f"{', '.join(changed)} changed"] if changed else []
    if follows:
        which = [escape(of.stage) for of in one.stages if of.follows]
        parts.append(f"{count_text(follows, 'action')} follow{'s' if follows == 1 else ''} ({', '.join(which)})")
    if unknown:
        parts.append(f"{count_text(unknown, 'action')} unknown")
    return "; ".join(parts)


def _sentences(changes: Sequence[SentenceChange]) -> Iterator[Row]:
    shifted: list[SentenceChange] = []
    for one in changes:
        if one.how == "shifted":
            if shifted and _shift(shifted[-1]) != _shift(one):
                yield _shifted(shifted)
                shifted = []
            shifted.append(one)
            continue
        if shifted:
            yield _shifted(shifted)
            shifted = []
        yield _sentence(one)
    if shifted:
        yield _shifted(shifted)


def _shift(one: SentenceChange) -> float:
    assert one.before
    assert one.after
    assert one.before.start_s is not None
    assert one.after.start_s is not None
    return round(one.after.start_s - one.before.start_s, 3)


def _shifted(some: Sequence[SentenceChange]) -> Row:
    numbers = [one.after.number for one in some if one.after]
    which = f"sentence {numbers[0]}" if len(numbers) == 1 else f"sentences {numbers[0]}–{numbers[-1]}"
    by = _shift(some[0])
    start, verb = some[0].after, "starts" if len(numbers) == 1 else "start"
    at = f", from {clock_text(start.start_s)} on" if start and start.start_s is not None else ""
    return Row(which, f"{verb} about {abs(by):g} s {'later' if by > 0 else 'earlier'}{at}")


def _sentence(one: SentenceChange) -> Row:
    shown = one.after or one.before
    assert shown is not None
    subject = f"sentence {shown.number}"
    at = f"about {clock_text(shown.start_s)}" if shown.start_s is not None else ""
    match one.how:
        case "added" | "removed":
            words = f"{one.how}, {at}" if at else one.how
            before, after = (side.text if side else None for side in (one.before, one.after))
            return Row(subject, words, before=before, after=after)
        case "moved":
            assert one.before
            assert one.after
            was = f"{_clock(one.before)} → {_clock(one.after)}" if at else f"from place {one.before.number}"
            return Row(subject, f"moved, {was}", one.after.text)
        case _:
            assert one.before
            assert one.after
            return _changed_sentence(subject, at, one.parts, one.before, one.after)


def _clock(one: Sentence) -> str:
    return clock_text(one.start_s or 0.0)


def _changed_sentence(subject: str, at: str, parts: Sequence[str], before: Sentence, after: Sentence) -> Row:
    what = {
        "spoken": "spoken differently",
        "take": f"take {before.take} → {after.take}",
        "pause": "a different pause before it",
    }
    words = ", ".join([*(what[part] for part in parts if part != "text"), *([at] if at else [])])
    if "text" in parts:
        return Row(subject, words, before=before.text, after=after.text)
    if "spoken" in parts:
        return Row(subject, words, "", before.spoken, after.spoken)
    return Row(subject, words, after.text)


def _segment(one: SegmentChange, rate: int) -> Row:
    shown = one.after or one.before
    assert shown is not None
    subject = f"{one.track} {shown.number}"
    where = f"{shown.kind}, {frames_text(shown.start_frame, shown.end_frame, rate)}"
    if one.before is None or one.after is None:
        return Row(subject, f"{one.how}: {where}")
    if one.how == "moved":
        was = f"{one.before.start_frame}–{one.before.end_frame - 1}"
        return Row(subject, f"{where}; was in frames {was}")
    return Row(subject, where, _fields_text(one.before, one.fields))


def _fields_text(before: Segment, fields: Sequence[FieldChange]) -> str:
    if any(one.name == "kind" for one in fields):
        return f"was {before.kind} in frames {before.start_frame}–{before.end_frame - 1}"
    return ", ".join(f"{one.name} {_value(one.before)} → {_value(one.after)}" for one in fields)


def _frames(one: Touched, rate: int) -> Row:
    shown = ", ".join(frames_text(start, end, rate) for start, end in one.ranges[:RANGES_SHOWN])
    more = len(one.ranges) - RANGES_SHOWN
    rest = f" and {more} more ranges" if more > 0 else ""
    return Row(f"{one.track} frames", f"{count_text(one.frames, 'frame')} differ: {shown}{rest}")


def _field(one: FieldChange) -> Row:
    return Row(one.name, before=_value(one.before), after=_value(one.after), is_field=True)


def _value(value: Canonical) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else short(value)


def _file(one: FileChange) -> Row:
    facts = [_facts(side) for side in (one.before, one.after)]
    return Row(one.role or "file", f"{facts[0]} → {facts[1]}", one.path)


def _facts(one: FileFacts | None) -> str:
    if one is None:
        return "none"
    size = "not here" if one.size is None else size_text(one.size)
    return f"{one.pixels[0]}×{one.pixels[1]}, {size}" if one.pixels else size


def frames_text(start: int, end: int, rate: int) -> str:
    """A half-open range of frames as an inclusive one, with its times."""
    return f"frames {start}–{end - 1} ({clock_text(start / rate)}–{clock_text(end / rate)})"


def clock_text(seconds: float) -> str:
    """A moment of a film: `0:09.8`, `12:00.0`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
