"""The differences between two versions of a series, as lines: changes in the films first, then actions."""

from collections.abc import Iterator, Sequence

from episodec.project.shared_changes import SharedChange
from episodec.questions.diff import EpisodeDiff, SeriesDiff
from episodec.report.answers import names_text
from episodec.report.diff_rows import DiffRow, episode_rows, row_text, shared_rows, stages_text
from episodec.report.paint import Paint
from episodec.text import count_text, escape, seconds_text, table

_RED, _GREEN, _YELLOW, _BOLD = "31", "32", "33", "1"


def diff_lines(answers: Sequence[SeriesDiff], paint: Paint) -> list[str]:
    """All differences, and the totals."""
    lines: list[str] = []
    for answer in answers:
        for shared in answer.shared:
            lines += [
                f"{paint(escape(shared.file), _BOLD)} · {shared_title(shared)}",
                *_rows(shared_rows(shared), paint),
            ]
        for episode in own_episodes(answer):
            lines += [_head(episode, paint), *_rows(episode_rows(episode), paint)]
        if following := following_episodes(answer):
            lines += [paint("through shared files", _BOLD), *_following(following)]
        lines += [f"{paint('not here', _YELLOW)}  {escape(path)}: {escape(why)}" for path, why in answer.absent.items()]
        if answer.making.why_unknown:
            lines.append(f"{paint('not known', _YELLOW)}  what is in the cache: {escape(answer.making.why_unknown)}")
        if answer.idle:
            lines.append(f"no difference: {names_text(answer.idle)}")
    return [*lines, *(totals(one) for one in answers)]


def totals(series_diff: SeriesDiff) -> str:
    """One line: how many episodes differ, and how much there is to make."""
    counts = [f"{number} {word}" for word, number in _counts(series_diff)]
    if counts and series_diff.unchanged:
        counts.append(f"{series_diff.unchanged} as {'it was' if series_diff.unchanged == 1 else 'they were'}")
    parts = [", ".join(counts) or "as they were"]
    actions = [
        f"{count_text(len(series_diff.changed), 'action')} changed" if series_diff.changed else "",
        f"{len(series_diff.follows)} follow" if series_diff.follows else "",
        f"{len(series_diff.unknown)} unknown" if series_diff.unknown else "",
    ]
    if any(actions):
        parts.append(", ".join(filter(None, actions)))
    if series_diff.making.hits:
        parts.append(f"{len(series_diff.making.hits)} of them in the cache")
    if series_diff.making.unmade:
        parts.append(f"{series_diff.making.unmade} that stay are not in the cache")
    if series_diff.making.seconds is not None:
        source = "" if series_diff.making.is_recorded else " by shipped predictions"
        parts.append(f"about {seconds_text(series_diff.making.seconds)}{source}")
    episodes = series_diff.unchanged + sum(1 for episode in series_diff.episodes)
    return f"{count_text(episodes, 'episode')}: {' · '.join(parts)}"


def _counts(series_diff: SeriesDiff) -> Iterator[tuple[str, int]]:
    for how in ("added", "deleted", "renamed", "changed", "refused"):
        number = sum(episode.how == how for episode in series_diff.episodes)
        if number:
            yield how, number


def own_episodes(series_diff: SeriesDiff) -> list[EpisodeDiff]:
    """The episodes with changes of their own."""
    return [episode for episode in series_diff.episodes if episode.how != "changed" or not episode.changes.is_nothing()]


def following_episodes(series_diff: SeriesDiff) -> list[EpisodeDiff]:
    """The episodes that change only because of files they share with others."""
    return [episode for episode in series_diff.episodes if episode.how == "changed" and episode.changes.is_nothing()]


def _following(episodes: Sequence[EpisodeDiff]) -> list[str]:
    by_stages: dict[str, list[str]] = {}
    for episode in episodes:
        by_stages.setdefault(stages_text(episode), []).append(episode.spec)
    return [f"  {names_text(specs)}: {stages}" for stages, specs in by_stages.items()]


def _head(episode_diff: EpisodeDiff, paint: Paint) -> str:
    style = {"added": _GREEN, "deleted": _RED, "refused": _RED, "renamed": _YELLOW, "changed": _YELLOW}[
        episode_diff.how
    ]
    name = f" · {escape(episode_diff.name)}" if episode_diff.name else ""
    return f"{paint(escape(episode_diff.spec), _BOLD)}{name} · {paint(episode_diff.how, style)}"


def _rows(rows: Sequence[DiffRow], paint: Paint) -> list[str]:
    return table(([escape(one.subject), row_text(one, paint)] for one in rows), "  ")


def shared_title(shared_change: SharedChange) -> str:
    """The owner of a shared file: the series or a character."""
    return "the series" if shared_change.character is None else f"character {escape(shared_change.character)}"
