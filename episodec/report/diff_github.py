"""The differences between two versions of a series as GitHub annotations: one notice at each spec.

Workflow commands: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from collections.abc import Sequence

from episodec.questions.diff import EpisodeDiff, SeriesDiff
from episodec.report.diff import shared_title, totals
from episodec.report.diff_rows import Row, episode_rows, shared_rows, told
from episodec.report.paint import plain
from episodec.text import escape

_MOST_LINES = 20  # Per notice.
_SECTIONS = (("sentences", "voice"), ("segments", "render"), ("touched", "render"))


def annotations(answers: Sequence[SeriesDiff]) -> str:
    """One notice per spec that differs, one per shared file, and one with the totals."""
    lines = []
    for one in answers:
        lines += [_notice(shared.file, None, shared_title(shared), _said(shared_rows(shared))) for shared in one.shared]
        lines += [_episode(episode) for episode in one.episodes if episode.how != "deleted"]
        lines.append(f"::notice title=episodec diff::{_text(totals(one))}\n")
    return "".join(lines)


def _episode(one: EpisodeDiff) -> str:
    return _notice(one.spec, _line(one), f"{escape(one.name or '')} {one.how}".strip(), _said(episode_rows(one)))


def _said(rows: Sequence[Row]) -> list[str]:
    return [f"{escape(row.subject)}: {told(row, plain)}" for row in rows]


def _line(one: EpisodeDiff) -> int | None:
    """The line of the first section that changed; None if it is not known."""
    for field, stage in _SECTIONS:
        if getattr(one.changes, field) and stage in one.lines:
            return one.lines[stage]
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
