"""The differences between two versions of a series as GitHub annotations: one notice at each spec.

Workflow commands: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from collections.abc import Sequence

from episodec.questions.diff import EpisodeDiff, SeriesDiff
from episodec.report.diff import shared_title, totals
from episodec.report.diff_rows import DiffRow, episode_rows, row_text, shared_rows
from episodec.report.paint import plain
from episodec.text import escape

_MOST_LINES = 20  # Per notice.
_SECTIONS = (("sentences", "voice"), ("segments", "render"), ("touched", "render"))


def annotations(answers: Sequence[SeriesDiff]) -> str:
    """One notice per spec that differs, one per shared file, and one with the totals."""
    lines = []
    for answer in answers:
        lines += [
            _notice(shared.file, None, shared_title(shared), _message(shared_rows(shared))) for shared in answer.shared
        ]
        lines += [_episode(episode) for episode in answer.episodes if episode.how != "deleted"]
        lines.append(f"::notice title=episodec diff::{_text(totals(answer))}\n")
    return "".join(lines)


def _episode(episode_diff: EpisodeDiff) -> str:
    return _notice(
        episode_diff.spec,
        _line(episode_diff),
        f"{escape(episode_diff.name or '')} {episode_diff.how}".strip(),
        _message(episode_rows(episode_diff)),
    )


def _message(rows: Sequence[DiffRow]) -> list[str]:
    return [f"{escape(row.subject)}: {row_text(row, plain)}" for row in rows]


def _line(line: EpisodeDiff) -> int | None:
    """The line of the first section that changed; None if it is not known."""
    for field, stage in _SECTIONS:
        if getattr(line.changes, field) and stage in line.lines:
            return line.lines[stage]
    return None


def _notice(path: str, line: int | None, title: str, rows: Sequence[str]) -> str:
    more = [f"and {len(rows) - _MOST_LINES} more"] if len(rows) > _MOST_LINES else []
    at = f",line={line}" if line is not None else ""
    where = f"file={_property(escape(path))}{at},title={_property(title)}"
    return f"::notice {where}::{_text(chr(10).join([*rows[:_MOST_LINES], *more]))}\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
