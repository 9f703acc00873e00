"""The answers to questions as lines: plan, status and impact."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil

from episodec.engine.notes import EpisodeNote
from episodec.project.warned import is_warning
from episodec.questions.fetching import SharedPart
from episodec.questions.impact import Impact
from episodec.questions.plan import EpisodePlan, Planned, SeriesPlan
from episodec.questions.status import EpisodeStatus, SeriesStatus
from episodec.report.current import FEW, all_current, status_of_current
from episodec.report.lines import note_lines
from episodec.report.paint import Paint
from episodec.report.words import reason_text
from episodec.text import count_text, escape, seconds_text, size_text, table

_RED, _GREEN, _YELLOW, _DIM, _BOLD = "31", "32", "33", "2", "1"
NAMES_SHOWN = 8
WAITS_SHOWN = 3  # Blocking actions named for each pending one.
FOLDED = 4  # From this many consecutive pending actions of one stage on, one line stands for all.


def plan_lines(plans: Sequence[SeriesPlan], paint: Paint) -> list[str]:
    """The plan of a build, episode by episode, and the totals."""
    lines: list[str] = []
    for series_plan in plans:
        for episode in series_plan.plans:
            lines += _episode_lines(episode, paint)
        if series_plan.removes:
            lines += [paint("of specs that are gone", _BOLD), *_files("remove", series_plan.removes, paint, _YELLOW)]
        if series_plan.writes:
            lines += [paint("of all episodes", _BOLD), *_files("write", series_plan.writes, paint, _DIM)]
    return [*lines, plan_totals(plans)]


def plan_totals(plans: Sequence[SeriesPlan]) -> str:
    """One line: how much there is to do."""
    episodes, current = sum(one.episodes for one in plans), sum(one.current for one in plans)
    if any(one.blocked for one in plans):
        return f"{count_text(episodes, 'episode')}: nothing would be built, because specs have errors"
    certain, maybe = sum(one.count(pending=False) for one in plans), sum(one.count(pending=True) for one in plans)
    removed = sum(len(one.removes) for one in plans)
    if any(one.is_partial for one in plans):
        return _partial_totals(plans, certain, maybe)
    if current == episodes and not certain and not removed and not any(one.writes for one in plans):
        return all_current(episodes)
    left = sum(len(one.plans) for one in plans)
    parts = [f"{left} to build, {current} current", f"{count_text(certain, 'action')} to make"]
    if maybe:
        parts[1] += f", {maybe} that may follow"
    if removed:
        parts.append(f"{count_text(removed, 'file')} to remove")
    parts += _fetched(one.shared for one in plans)
    known = [one.seconds for one in plans if one.seconds is not None]
    if known:
        parts.append(f"about {seconds_text(sum(known))}")
    return f"{count_text(episodes, 'episode')}: {' · '.join(parts)}"


def _partial_totals(plans: Sequence[SeriesPlan], certain: int, maybe: int) -> str:
    """One line: how much of a partial build there is to do."""
    reused = sum(episode.hits for one in plans for episode in one.plans)
    parts = [f"{count_text(certain, 'action')} to make" + (f", {maybe} that may follow" if maybe else "")]
    parts += _fetched(one.shared for one in plans)
    known = [one.seconds for one in plans if one.seconds is not None]
    if known:
        parts.append(f"about {seconds_text(sum(known))}")
    parts.append("no episode is published")
    return f"a part, of which {reused} in the cache: {' · '.join(parts)}"


def _fetched(parts: Iterable[SharedPart]) -> list[str]:
    """How much is fetched from a shared cache; empty if nothing is."""
    some = [one for one in parts if one.results]
    if not some:
        return []
    results = count_text(sum(one.results for one in some), "result")
    return [f"{results} in the shared cache, {size_text(sum(one.fetched_bytes for one in some))} to fetch"]


def _episode_lines(plan: EpisodePlan, paint: Paint) -> list[str]:
    away = f", {plan.shared.results} of them shared" if plan.shared.results else ""
    reused = f" · {plan.hits} in the cache{away}" if plan.hits else ""
    head = f"{paint(escape(plan.spec), _BOLD)} · {escape(plan.name)}{reused}"
    rows = [row for group in _folded(plan.actions) for row in _group(group, plan.spoken_anew, paint)]
    rows += [[paint("keep   ", _DIM), escape(one), "", "made by an older adapter"] for one in plan.older]
    files = [*_files("write", plan.writes, paint, _DIM), *_files("remove", plan.removes, paint, _YELLOW)]
    return [head, *table(rows, "  "), *files]


def _folded(actions: Sequence[Planned]) -> Iterator[list[Planned]]:
    """The actions in order, with consecutive pending ones of one stage as one group."""
    for (_, is_pending), group in groupby(actions, key=lambda one: (one.stage, one.reason is None)):
        some = list(group)
        yield from [some] if is_pending and len(some) >= FOLDED else ([one] for one in some)


def _group(group: Sequence[Planned], anew: float, paint: Paint) -> list[list[str]]:
    """The rows of a group. Several pending actions share a row that says how many a build is likely to make: at least
    the share `anew` of them where they follow from the voice, and at most all.
    """
    if len(group) < FOLDED:
        return [_planned(one, paint) for one in group]
    most = len(group)
    least = ceil(anew * most) if any(name.endswith("/performance") for one in group for name in one.waits_for) else 0
    count = f"up to {most}" if not least else str(most) if least == most else f"{least} to {most}"
    parents = {one.id.rpartition("/")[0] for one in group}
    name = parents.pop() if len(parents) == 1 else group[0].stage
    waits = list(dict.fromkeys(name for one in group for name in one.waits_for))
    time = sum(one.seconds or 0.0 for one in group)
    about = f"about {seconds_text(time)}" if all(one.seconds is not None for one in group) else ""
    why = f"blocked on {names_text(waits, WAITS_SHOWN)}: {count} follow, each whose own inputs change"
    return [
        [
            paint("pending", _DIM),
            f"{escape(name)} ({most})",
            about,
            why,
        ]
    ]


def _planned(planned: Planned, paint: Paint) -> list[str]:
    time = "" if planned.seconds is None else f"about {seconds_text(planned.seconds)}"
    if planned.reason is None:
        why = f"blocked on {names_text(planned.waits_for, WAITS_SHOWN)} (may still be a cache hit)"
        return [paint("pending", _DIM), escape(planned.id), time, why]
    return [paint("make   ", _GREEN), escape(planned.id), time, reason_text(planned.reason, planned.backend)]


def _files(word: str, paths: Sequence[str], paint: Paint, style: str) -> list[str]:
    lines = [f"  {paint(f'{word:<7}', style)}  {escape(path)}" for path in paths[:NAMES_SHOWN]]
    more = len(paths) - NAMES_SHOWN
    return lines + ([f"           and {more} more"] if more > 0 else [])


def status_lines(answers: Sequence[SeriesStatus], paint: Paint, *, verbose: bool) -> list[str]:
    """One line per episode with its notes, and the totals. Of many episodes only those that are not current or have
    notes are listed, unless `verbose`.
    """
    every = [one for answer in answers for one in answer.episodes]
    if every and not any(answer.gone for answer in answers) and all(_is_quiet(one) for one in every):
        return status_of_current([one.spec for one in every], paint, verbose=verbose)
    is_all = verbose or len(every) <= FEW
    listed = [one for one in every if is_all or one.state != "current" or _open_notes(one)]
    lines: list[str] = []
    for status, line in zip(listed, table(_status_row(one, paint) for one in listed), strict=True):
        lines += [line, *_notes(status, paint)]
    lines += [f"{paint('gone   ', _YELLOW)}  {escape(spec)}" for answer in answers for spec in answer.gone]
    counts = Counter[str](one.state for one in every)
    words = {"current": "current", "changed": "changed", "new": "never built", "refused": "refused"}
    parts = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    noted = sum(bool(_open_notes(one)) for one in every)
    return [*lines, f"{count_text(counts.total(), 'episode')}: {', '.join(parts) or 'none'}{noted_text(noted)}"]


def noted_text(noted: int) -> str:
    """How many episodes have notes; empty if none has."""
    return f" · {noted} with notes" if noted else ""


def _is_quiet(status: EpisodeStatus) -> bool:
    return status.state == "current" and not _open_notes(status)


def _open_notes(status: EpisodeStatus) -> list[EpisodeNote]:
    """Its notes that are not allowed."""
    return [told for told in status.notes if not told.allowed]


def _notes(status: EpisodeStatus, paint: Paint) -> list[str]:
    lines = []
    for episode_note in _open_notes(status):
        first, *more = note_lines(status.spec, episode_note)
        word = "warning" if is_warning(episode_note) else "note"
        lines += [
            f"  {paint(word, _YELLOW)}  {escape(episode_note.id)}  {first}",
            *(f"        {line}" for line in more),
        ]
    return lines


def _status_row(status: EpisodeStatus, paint: Paint) -> list[str]:
    style = {"current": _GREEN, "changed": _YELLOW, "new": _YELLOW, "refused": _RED}[status.state]
    return [paint(f"{status.state:<7}", style), escape(status.spec), _status_why(status)]


def _status_why(status: EpisodeStatus) -> str:
    return " · ".join([*filter(None, [_status_cause(status)]), *_fetched([status.shared])])


def _status_cause(status: EpisodeStatus) -> str:
    match status.state:
        case "current":
            return ""
        case "new":
            return "never built"
        case "refused":
            return " ".join(status.codes)
        case "changed":
            changed = [path for path in status.changed if path not in status.missing]
            parts = [f"{names_text(status.missing)} gone"] if status.missing else []
            return ", ".join([*parts, f"{names_text(changed)} changed"] if changed else parts) or "episodec changed"


def impact_lines(impacts: Iterable[Impact], paint: Paint) -> list[str]:
    """Lines about what depends on each file."""
    return [line for one in impacts for line in _impact(one, paint)]


def _impact(impact: Impact, paint: Paint) -> list[str]:
    head = paint(escape(impact.file), _BOLD)
    episodes = count_text(len(impact.episodes), "episode")
    unreadable = f"; {impact.unreadable} could not be checked because of errors" if impact.unreadable else ""
    if impact.how == "nothing":
        return [f"{head}: nothing depends on it{unreadable}"]
    if impact.how == "checked":
        lines = [f"{head}: {episodes} check it, and no action of this version reads it{unreadable}"]
        return [*lines, f"  episodes  {names_text(impact.episodes)}"]
    sure = "may run" if impact.how in ("spec", "series") else "runs" if len(impact.reads) == 1 else "run"
    actions = f"{count_text(len(impact.reads), 'action')} {sure}"
    behind = f", {len(impact.behind)} may follow" if impact.behind else ""
    time = "" if impact.seconds is None else f", about {seconds_text(impact.seconds)}"
    stages = ", ".join(f"{escape(stage)} ({number})" for stage, number in impact.stages.items())
    return [
        f"{head}: when it changes, {actions}{behind} in {episodes}{time}{unreadable}",
        f"  stages    {stages or 'none'}",
        f"  episodes  {names_text(impact.episodes)}",
    ]


def names_text(names: Sequence[str], most: int = NAMES_SHOWN) -> str:
    """The first few names, and how many more there are."""
    listed = ", ".join(map(escape, names[:most]))
    return listed + (f" and {len(names) - most} more" if len(names) > most else "")
