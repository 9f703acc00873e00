"""The changes in a film as rows, shared by all output formats of `diff`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.project.changes import FileChange, FileFacts
from episodec.project.changes_fields import FieldChange
from episodec.project.changes_heard import Sentence, SentenceChange
from episodec.project.changes_shown import SegmentChange, Touched, TrackSegment
from episodec.project.shared_changes import SharedChange
from episodec.questions.diff import EpisodeDiff
from episodec.report.paint import Paint
from episodec.report.reasons import short, word_diff
from episodec.text import count_text, escape, size_text

RANGES_SHOWN = 4
_PROSE = 20  # Texts longer than this are compared word by word.
_WHOLE = 80  # Characters of a text that is compared with nothing.
_RED, _GREEN = "31", "32"


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One change: its subject, a short description, and the author's texts before and after."""

    subject: str
    words: str = ""  # Written by episodec.
    quoted: str = ""  # Written by the author, like the next two.
    before: str | None = None
    after: str | None = None
    is_field: bool = False  # Whether the subject is a field, whose name the author may have chosen.


def row_text(row: DiffRow, paint: Paint) -> str:
    """The text of a row, on one line."""
    return ": ".join(filter(None, (row.words, escape(row.quoted), _counted(row.before, row.after, paint))))


def _counted(before: str | None, after: str | None, paint: Paint) -> str:
    if before is None or after is None:
        return paint(escape(after), _GREEN) if after is not None else paint(escape(before or ""), _RED)
    if is_prose(before, after):
        return " ".join(word_diff(before, after, paint))
    return f"{escape(before)} → {escape(after)}"


def is_prose(before: str, after: str) -> bool:
    """Whether two texts are compared word by word."""
    return min(len(before), len(after)) > _PROSE and " " in before and " " in after


def shared_rows(shared_change: SharedChange) -> list[DiffRow]:
    """The changes in a series or a character."""
    return [*map(_field, shared_change.fields), *map(_file, shared_change.files)]


def episode_rows(episode_diff: EpisodeDiff) -> list[DiffRow]:
    """The changes in an episode, in the order in which a viewer would notice them."""
    rows: list[DiffRow] = []
    if episode_diff.before:
        rows.append(DiffRow("renamed", "from", quoted=episode_diff.before))
    if episode_diff.renumbered:
        rows.append(DiffRow("number", "", "", *episode_diff.renumbered))
    if episode_diff.how == "refused":
        code_texts = [
            f"{when}: {' '.join(some)}"
            for when, some in zip(("before", "now"), episode_diff.codes, strict=True)
            if some
        ]
        return [*rows, DiffRow("errors", ", ".join(code_texts))]
    if episode_diff.how in ("added", "deleted"):
        rows.append(DiffRow("title", quoted=episode_diff.title or ""))
        rows.append(DiffRow("length", f"{episode_diff.seconds:g} s, {count_text(episode_diff.sentences, 'sentence')}"))
    changes = episode_diff.changes
    rows += _sentences(changes.sentences)
    rows += [_segment(segment, episode_diff.rate) for segment in changes.segments]
    rows += [_frames(touched, episode_diff.rate) for touched in changes.touched]
    hidden = ("number", "season") if episode_diff.renumbered else ()
    rows += [_field(field) for field in changes.fields if field.name not in hidden]
    rows += [_file(file) for file in changes.files]
    if episode_diff.stages:
        rows.append(DiffRow("makes", stages_text(episode_diff)))
    return rows


def stages_text(episode_diff: EpisodeDiff) -> str:
    """The stages that change, and how many actions follow or are unknown."""
    changed = [
        f"{escape(of.stage)}{f' ({of.changed})' if of.changed > 1 else ''}" for of in episode_diff.stages if of.changed
    ]
    follows, unknown = episode_diff.count("follows"), episode_diff.count("unknown")
    parts = [f"{', '.join(changed)} changed"] if changed else []
    if follows:
        which = [escape(of.stage) for of in episode_diff.stages if of.follows]
        parts.append(f"{count_text(follows, 'action')} follow{'s' if follows == 1 else ''} ({', '.join(which)})")
    if unknown:
        parts.append(f"{count_text(unknown, 'action')} unknown")
    return "; ".join(parts)


def _sentences(changes: Sequence[SentenceChange]) -> Iterator[DiffRow]:
    shifted: list[SentenceChange] = []
    for sentence in changes:
        if sentence.how == "shifted":
            if shifted and _shift(shifted[-1]) != _shift(sentence):
                yield _shifted(shifted)
                shifted = []
            shifted.append(sentence)
            continue
        if shifted:
            yield _shifted(shifted)
            shifted = []
        yield _sentence(sentence)
    if shifted:
        yield _shifted(shifted)


def _shift(sentence_change: SentenceChange) -> float:
    assert sentence_change.before
    assert sentence_change.after
    assert sentence_change.before.start_s is not None
    assert sentence_change.after.start_s is not None
    return round(sentence_change.after.start_s - sentence_change.before.start_s, 3)


def _shifted(some: Sequence[SentenceChange]) -> DiffRow:
    numbers = [one.after.number for one in some if one.after]
    which = f"sentence {numbers[0]}" if len(numbers) == 1 else f"sentences {numbers[0]}–{numbers[-1]}"
    by = _shift(some[0])
    start, verb = some[0].after, "starts" if len(numbers) == 1 else "start"
    at = f", from {clock_text(start.start_s)} on" if start and start.start_s is not None else ""
    return DiffRow(which, f"{verb} about {abs(by):g} s {'later' if by > 0 else 'earlier'}{at}")


def _sentence(change: SentenceChange) -> DiffRow:
    sentence = change.after or change.before
    assert sentence is not None
    subject = f"sentence {sentence.number}"
    at = f"about {clock_text(sentence.start_s)}" if sentence.start_s is not None else ""
    match change.how:
        case "added" | "removed":
            words = f"{change.how}, {at}" if at else change.how
            before, after = (side.text if side else None for side in (change.before, change.after))
            return DiffRow(subject, words, before=before, after=after)
        case "moved":
            assert change.before
            assert change.after
            was = f"{_clock(change.before)} → {_clock(change.after)}" if at else f"from place {change.before.number}"
            return DiffRow(subject, f"moved, {was}", change.after.text)
        case _:
            assert change.before
            assert change.after
            return _changed_sentence(subject, at, change.parts, change.before, change.after)


def _clock(sentence: Sentence) -> str:
    return clock_text(sentence.start_s or 0.0)


def _changed_sentence(subject: str, at: str, parts: Sequence[str], before: Sentence, after: Sentence) -> DiffRow:
    what = {
        "spoken": "spoken differently",
        "take": f"take {before.take} → {after.take}",
        "pause": "a different pause before it",
    }
    words = ", ".join([*(what[part] for part in parts if part != "text"), *([at] if at else [])])
    if "text" in parts:
        return DiffRow(subject, words, before=before.text, after=after.text)
    if "spoken" in parts:
        return DiffRow(subject, words, "", before.spoken, after.spoken)
    return DiffRow(subject, words, after.text)


def _segment(segment_change: SegmentChange, rate: int) -> DiffRow:
    segment = segment_change.after or segment_change.before
    assert segment is not None
    subject = f"{segment_change.track} {segment.number}"
    where = f"{segment.kind}, {frames_text(segment.start_frame, segment.end_frame, rate)}"
    if segment_change.before is None or segment_change.after is None:
        return DiffRow(subject, f"{segment_change.how}: {where}")
    if segment_change.how == "moved":
        was = f"{segment_change.before.start_frame}–{segment_change.before.end_frame - 1}"
        return DiffRow(subject, f"{where}; was in frames {was}")
    return DiffRow(subject, where, _fields_text(segment_change.before, segment_change.fields))


def _fields_text(before: TrackSegment, fields: Sequence[FieldChange]) -> str:
    if any(one.name == "kind" for one in fields):
        return f"was {before.kind} in frames {before.start_frame}–{before.end_frame - 1}"
    return ", ".join(f"{one.name} {_value(one.before)} → {_value(one.after)}" for one in fields)


def _frames(touched: Touched, rate: int) -> DiffRow:
    listed = ", ".join(frames_text(start, end, rate) for start, end in touched.ranges[:RANGES_SHOWN])
    more = len(touched.ranges) - RANGES_SHOWN
    rest = f" and {more} more ranges" if more > 0 else ""
    return DiffRow(f"{touched.track} frames", f"{count_text(touched.frames, 'frame')} differ: {listed}{rest}")


def _field(field_change: FieldChange) -> DiffRow:
    before, after = (_value(value) for value in (field_change.before, field_change.after))
    if field_change.before is None or field_change.after is None:
        before, after = (text if len(text) <= _WHOLE else f"{text[:_WHOLE]}…" for text in (before, after))
    return DiffRow(field_change.name, before=before, after=after, is_field=True)


def _value(value: Canonical) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(value.split()) if isinstance(value, str) else short(value)


def _file(files: FileChange) -> DiffRow:
    facts = [_facts(side) for side in (files.before, files.after)]
    return DiffRow(files.role or "file", f"{facts[0]} → {facts[1]}", files.path)


def _facts(file_facts: FileFacts | None) -> str:
    if file_facts is None:
        return "none"
    size = "not here" if file_facts.size is None else size_text(file_facts.size)
    return f"{file_facts.pixels[0]}×{file_facts.pixels[1]}, {size}" if file_facts.pixels else size


def frames_text(start: int, end: int, rate: int) -> str:
    """A half-open range of frames as an inclusive one, with its times."""
    return f"frames {start}–{end - 1} ({clock_text(start / rate)}–{clock_text(end / rate)})"


def clock_text(seconds: float) -> str:
    """A moment of a film: `0:09.8`, `12:00.0`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
