"""The differences between two versions of a series as a pull-request comment in GitHub's Markdown.

All texts of authors are in code spans, where mentions, links and HTML have no effect.
"""

import re
from collections.abc import Sequence

from episodec.questions.diff import EpisodeDiff, SeriesDiff
from episodec.report.diff import following_episodes, own_episodes, totals
from episodec.report.diff_rows import DiffRow, episode_rows, is_prose, shared_rows, stages_text
from episodec.report.paint import plain
from episodec.report.reasons import word_diff
from episodec.text import escape

MOST_BYTES = 60_000  # GitHub allows 65 536 characters.
_LEVELS = ((40, 600), (20, 300), (8, 160), (3, 100), (1, 60))  # Rows of an episode, characters of a text.
_BACKTICKS = re.compile(r"`+")
HEAD = "<!-- episodec diff -->"
"""The first line, by which a workflow finds the comment to update."""


def comment(answers: Sequence[SeriesDiff]) -> str:
    """The comment, shortened until it fits."""
    text = ""
    for rows, characters in _LEVELS:
        text = _comment(answers, rows, characters, 10_000)
        if len(text.encode()) <= MOST_BYTES:
            return text
    episodes = 10_000
    while len(text.encode()) > MOST_BYTES and episodes:
        episodes //= 2
        text = _comment(answers, *_LEVELS[-1], episodes)
    return text


def _comment(answers: Sequence[SeriesDiff], rows: int, characters: int, episodes: int) -> str:
    lines = [HEAD]
    for answer in answers:
        lines += ["", f"### {totals(answer)}", ""]
        errors = [found for found in answer.diagnostics if found.severity == "error"]
        lines += [f"- {span(f'{found.path}: {found.code} {found.message}', characters)}" for found in errors[:rows]]
        lines += [*_more(len(errors) - rows, "error"), ""] if errors else []
        for shared in answer.shared[:episodes]:
            lines += [f"**{span(shared.file, 200)}**", "", *_list(shared_rows(shared), rows, characters), ""]
        for episode in own_episodes(answer)[:episodes]:
            lines += [_head(episode), "", *_list(episode_rows(episode), rows, characters), ""]
        lines += _more(len(own_episodes(answer)) - episodes, "episode")
        lines += _following(following_episodes(answer), rows)
        if answer.absent:
            lines += ["Missing files; what reads them is unknown:", ""]
            absent = list(answer.absent.items())[:rows]
            lines += [f"- {span(path, characters)}: {span(why, characters)}" for path, why in absent]
            lines += [*_more(len(answer.absent) - rows, "file"), ""]
        if answer.idle:
            lines += [f"No difference: {', '.join(span(path, characters) for path in answer.idle[:rows])}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _head(episode_diff: EpisodeDiff) -> str:
    name = f" · {span(episode_diff.title, 100)}" if episode_diff.title else ""
    return f"**{span(episode_diff.spec, 200)}**{name} · {episode_diff.how}"


def _list(rows: Sequence[DiffRow], most: int, characters: int) -> list[str]:
    lines = [f"- {_row(one, characters)}" for one in rows[:most]]
    if len(rows) > most and rows[-1].subject == "makes":  # The row "makes" is always shown.
        lines.append(f"- {_row(rows[-1], characters)}")
    return [*lines, *_more(len(rows) - most - (rows[-1:] != [] and rows[-1].subject == "makes"), "change")]


def _row(row: DiffRow, characters: int) -> str:
    parts = [row.words] if row.words else []
    if row.quoted:
        parts.append(span(row.quoted, characters))
    if row.before is not None and row.after is not None and is_prose(row.before, row.after):
        parts.append(span(" ".join(word_diff(row.before, row.after, plain)), characters))
    elif row.before is not None or row.after is not None:
        sides = [span(text, characters) or "nothing" for text in (row.before, row.after) if text is not None]
        parts.append(" → ".join(sides))
    subject = span(row.subject, 60) if row.is_field else f"**{row.subject}**"
    return f"{subject} {': '.join(parts)}"


def _following(episodes: Sequence[EpisodeDiff], most: int) -> list[str]:
    by_stages: dict[str, list[str]] = {}
    for episode in episodes:
        by_stages.setdefault(stages_text(episode), []).append(episode.spec)
    lines = []
    for stages, specs in by_stages.items():
        listed = ", ".join(span(spec, 100) for spec in specs[:most])
        more = f" and {len(specs) - most} more" if len(specs) > most else ""
        lines.append(f"- {listed}{more}: {stages}")
    return ["**Through shared files**", "", *lines, ""] if lines else []


def _more(number: int, word: str) -> list[str]:
    return [f"- and {number} more {word}{'' if number == 1 else 's'}"] if number > 0 else []


def span(text: str, characters: int) -> str:
    """A text as a code span on one line, so that Markdown in it has no effect."""
    line = " ".join(escape(text.replace("\n", " ")).split())
    if len(line) > characters:
        line = f"{line[: characters - 1]}…"
    longest = max(map(len, _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""
