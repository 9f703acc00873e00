"""The differences between two versions of a series, as lines: changes in the films first, then actions."""

from collections.abc import Iterator, Sequence

from episodec.project.shared_changes import SharedChange
from episodec.questions.diff import EpisodeDiff, SeriesDiff
from episodec.report.answers import names_text
from episodec.report.diff_rows import Row, episode_rows, shared_rows, stages_text, told
from episodec.report.paint import Paint
from episodec.text import count_text, escape, seconds_text, table

_RED, _GREEN, _YELLOW, _BOLD = "31", "32", "33", "1"


def diff_lines(answers: Sequence[SeriesDiff], paint: Paint) -> list[str]:
    """All differences, and the totals."""
    lines: list[str] = []
    for one in answers:
        for shared in one.shared:
            lines += [
                f"{paint(escape(shared.file), _BOLD)} · {shared_title(shared)}",
                *_rows(shared_rows(shared), paint),
            ]
        for episode in own_episodes(one):
            lines += [_head(episode, paint), *_rows(episode_rows(episode), paint)]
        if following := following_episodes(one):
            lines += [paint("through shared files", _BOLD), *_following(following)]
        lines += [f"{paint('not here', _YELLOW)}  {escape(path)}: {escape(why)}" for path, why in one.absent.items()]
        if one.making.why_unknown:
            lines.append(f"{paint('not known', _YELLOW)}  what is in the cache: {escape(one.making.why_unknown)}")
        if one.idle:
            lines.append(f"no difference: {names_text(one.idle)}")
    return [*lines, *(totals(one) for one in answers)]


def totals(one: SeriesDiff) -> str:
    """One line: how many episodes differ, and how much there is to make."""
    counts = [f"{number} {word}" for word, number in _counts(one)]
    if counts and one.unchanged:
        counts.append(f"{one.unchanged} as {'it was' if one.unchanged == 1 else 'they were'}")
    parts = [", ".join(counts) or "as they were"]
    actions = [
        f"{count_text(len(one.changed), 'action')} changed" if one.changed else "",
        f"{len(one.follows)} follow" if one.follows else "",
        f"{len(one.unknown)} unknown" if one.unknown else "",
    ]
    if any(actions):
        parts.append(", ".join(filter(None, actions)))
    if one.making.hits:
        parts.append(f"{len(one.making.hits)} of them in the cache")
    if one.making.unmade:
        parts.append(f"{one.making.unmade} that stay are not in the cache")
    if one.making.seconds is not None:
        parts.append(
            f"about {seconds_text(one.making.seconds)}{'' if one.making.is_recorded else ' by shipped predictions'}"
        )
    episodes = one.unchanged + sum(1 for episode in one.episodes)
    return f"{count_text(episodes, 'episode')}: {' · '.join(parts)}"


def _counts(one: SeriesDiff) -> Iterator[tuple[str, int]]:
    for how in ("added", "deleted", "renamed", "changed", "refused"):
        number = sum(episode.how == how for episode in one.episodes)
        if number:
            yield how, number


def own_episodes(one: SeriesDiff) -> list[EpisodeDiff]:
    """The episodes with changes of their own."""
    return [episode for episode in one.episodes if episode.how != "changed" or not episode.changes.is_nothing()]


def following_episodes(one: SeriesDiff) -> list[EpisodeDiff]:
    """The episodes that change only because of files they share with others."""
    return [episode for episode in one.episodes if episode.how == "changed" and episode.changes.is_nothing()]


def _following(episodes: Sequence[EpisodeDiff]) -> list[str]:
    by_stages: dict[str, list[str]] = {}
    for one in episodes:
        by_stages.setdefault(stages_text(one), []).append(one.spec)
    return [f"  {names_text(specs)}: {stages}" for stages, specs in by_stages.items()]


def _head(one: EpisodeDiff, paint: Paint) -> str:
    style = {"added": _GREEN, "deleted": _RED, "refused": _RED, "renamed": _YELLOW, "changed": _YELLOW}[one.how]
    name = f" · {escape(one.name)}" if one.name else ""
    return f"{paint(escape(one.spec), _BOLD)}{name} · {paint(one.how, style)}"


def _rows(rows: Sequence[Row], paint: Paint) -> list[str]:
    return table(([escape(one.subject), told(one, paint)] for one in rows), "  ")


def shared_title(one: SharedChange) -> str:
    """The owner of a shared file: the series or a character."""
    return "the series" if one.character is None else f"character {escape(one.character)}"
