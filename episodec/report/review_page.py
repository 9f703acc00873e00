"""A review as the values of its page: what differs, in the words of `diff`; files by the names that they get there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.page.reviewed import Film, Page, Side, SpokenRow
from episodec.page.strip import largest
from episodec.project.changes_heard import Sentence, SentenceChange
from episodec.questions.diff import EpisodeDiff
from episodec.questions.review import EpisodeReview, Made, SeriesReview, TextChange, Version
from episodec.questions.review_film import LEAST, MOST, SIZE
from episodec.report.diff import totals
from episodec.report.diff_rows import Row, episode_rows, told
from episodec.report.paint import plain
from episodec.report.words import changed_text
from episodec.text import count_text, size_text

SHORT = 12  # Digits of a commit's name.
_NONE = "—"
_SAME_S = 0.05  # Shown times have tenths.


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, and the files that it shows by the names that they have beside it."""

    page: Page
    files: Mapping[str, Digest]


def shown(one: SeriesReview) -> Shown:
    """The page of one series. Episodes come by their largest change, so that the page opens at the largest of all."""
    files: dict[str, Digest] = {}
    ordered = sorted(one.episodes, key=lambda episode: -largest(episode.frames))
    films = tuple(_film(number, episode, files) for number, episode in enumerate(ordered, 1))
    head = "working tree" if one.diff.head is None else one.diff.head[:SHORT]
    page = Page(
        title=one.title or one.diff.root,
        versions=(one.diff.base[:SHORT], head),
        summary=totals(one.diff),
        notices=tuple(_notices(one)),
        films=films,
        texts=tuple(map(_text, one.texts)),
    )
    return Shown(page, files)


def _notices(one: SeriesReview) -> Iterator[str]:
    if one.why_unknown:
        yield f"What is in the cache is not known: {one.why_unknown}"
    for episode in one.diff.episodes:
        if episode.how == "refused":
            yield f"{episode.spec}: {'; '.join(told(row, plain) for row in episode_rows(episode))}"
    for path, why in one.diff.absent.items():
        yield f"Not here: {path}: {why}"


def _film(number: int, one: EpisodeReview, files: dict[str, Digest]) -> Film:
    versions = one.before, one.after
    present = [version for version in versions if version is not None]
    return Film(
        name=f"episode-{number}",
        title=one.diff.title or one.diff.spec,
        where=one.diff.spec,
        how=one.diff.how,
        language=one.language,
        is_sound=present[-1].is_sound,
        rate=present[-1].rate,
        count=max(version.frames for version in present),
        sides=(_side(one.diff, "before", one.before, files), _side(one.diff, "after", one.after, files)),
        frames=one.frames,
        changes=tuple((row.subject, told(row, plain)) for row in episode_rows(one.diff) if not _is_elsewhere(row)),
        spoken=tuple(_spoken(change, versions, files) for change in one.sentences),
        numbers=tuple(moved(one.before, one.after)),
        made=tuple(map(_made, one.made)),
        texts=() if one.text is None else (_text(one.text),),
    )


def _is_elsewhere(row: Row) -> bool:
    """Whether a part of its own shows this on the page."""
    return not row.is_field and (row.subject == "makes" or row.subject.startswith("sentence"))


def _side(diff: EpisodeDiff, side: str, version: Version | None, files: dict[str, Digest]) -> Side:
    if version is None:
        return Side(None, "There is no such episode in this version.")
    if version.shows is None:
        command = "episodec review --build-base" if side == "before" else "episodec build"
        return Side(None, f"This version is not in the cache. {command} builds it.")
    name = f"films/{diff.name}_{side}.{'m4a' if version.is_sound else 'mp4'}"
    files[name] = version.shows.digest
    return Side(name)


def _spoken(
    one: SentenceChange, versions: tuple[Version | None, Version | None], files: dict[str, Digest]
) -> SpokenRow:
    before, after = (_heard(*pair, files) for pair in zip((one.before, one.after), versions, strict=True))
    how = _shift(before.start_s, after.start_s) if one.how == "shifted" else one.how
    return SpokenRow(how, (before.text, after.text), (before.start_s, after.start_s), (before.take, after.take))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A sentence of one version."""

    text: str | None = None
    start_s: float | None = None
    take: str | None = None


def _heard(sentence: Sentence | None, version: Version | None, files: dict[str, Digest]) -> _Heard:
    if sentence is None or version is None:
        return _Heard()
    place = sentence.number - 1
    digest = version.voices[place] if place < len(version.voices) else None
    start_s = version.starts_s[place] if place < len(version.starts_s) else sentence.start_s
    if digest is None:
        return _Heard(sentence.text, start_s)
    name = f"takes/{digest.rpartition(':')[2][:16]}.wav"
    files[name] = digest
    return _Heard(sentence.text, start_s, name)


def _shift(before_s: float | None, after_s: float | None) -> str:
    """Where a sentence went whose text is as it was."""
    if before_s is None or after_s is None or abs(before_s - after_s) < _SAME_S:
        return "same"
    return "later" if after_s > before_s else "earlier"


def moved(before: Version | None, after: Version | None) -> Iterator[tuple[str, str, str, str]]:
    """The measurements of both versions that differ: name, before, after, difference."""
    if before is None or after is None:
        return
    old, new = ({"length, s": one.frames / one.rate, "frames": one.frames, **one.numbers} for one in (before, after))
    for name in dict.fromkeys((*old, *new)):
        one, other, shown_as = old.get(name), new.get(name), _shown_as(name, old, new)
        if shown_as is None or one == other:
            continue
        if one is not None and other is not None:
            sign = "+" if other > one else "−"
            yield shown_as, _number(name, one), _number(name, other), f"{sign}{_number(name, abs(other - one))}"
        elif before.shows and after.shows:
            yield shown_as, _number(name, one), _number(name, other), _NONE


def _shown_as(name: str, *versions: Mapping[str, float]) -> str | None:
    """How a number is named: where the least and the most of it are one in each version, by that of both; None for the
    second of them.
    """
    for ending, other in ((LEAST, MOST), (MOST, LEAST)):
        twin = name.removesuffix(ending) + other
        if name.endswith(ending) and all(one.get(name) == one.get(twin) for one in versions):
            return name.removesuffix(ending) if ending == LEAST else None
    return name


def _number(name: str, value: float | None) -> str:
    if value is None:
        return _NONE
    return size_text(int(value)) if name == SIZE else f"{round(value, 3):.10g}".replace("-", "−")


def _made(one: Made) -> tuple[str, str, str]:
    counts = (("changed", one.changed), ("follow", one.follows), ("unknown", one.unknown))
    actions = ", ".join(f"{number} {word}" for word, number in counts if number)
    if one.parts:
        why = changed_text(one.parts, one.backend)
    elif one.changed:
        why = "new: no such action was made before"
    else:
        why = "reads what differs"
    return one.stage, actions, why


def _text(one: TextChange) -> tuple[str, str, str]:
    return one.path, one.before, one.after


def review_lines(one: SeriesReview) -> list[str]:
    """The result of a review, and the commands that complete it."""
    lines, (before, after) = [totals(one.diff)], one.unbuilt()
    if before:
        films = count_text(len(before), "film")
        lines.append(f"{films} of {one.diff.base[:SHORT]} not in the cache: --build-base builds what is missing")
    if after:
        lines.append(f"{count_text(len(after), 'film')} of the later version not in the cache: build it first")
    return lines
