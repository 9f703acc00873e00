"""A review as the values of its page: differences in the words of `diff`, and files by their names beside the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.page.reviewed import FilmSide, Page, ReviewedFilm, SpokenRow
from episodec.page.strip import largest
from episodec.project.changes_heard import Sentence, SentenceChange
from episodec.questions.diff import EpisodeDiff
from episodec.questions.review import EpisodeReview, ReviewedVersion, SeriesReview, StageChange, TextChange
from episodec.questions.review_film import LEAST, MOST, SIZE
from episodec.report.diff import totals
from episodec.report.diff_rows import DiffRow, episode_rows, row_text
from episodec.report.paint import plain
from episodec.report.words import changed_text
from episodec.text import count_text, size_text

SHORT = 12  # Digits of a commit's name.
_NONE = "—"
_SAME_S = 0.05  # Times are shown in tenths of a second.


@dataclass(frozen=True, slots=True)
class ReviewOutput:
    """A page, and the files that it shows, by their names beside it."""

    page: Page
    files: Mapping[str, Digest]


def review_output(series_review: SeriesReview) -> ReviewOutput:
    """The page of one series. Episodes are ordered by their largest change, so that the page opens at the largest."""
    files: dict[str, Digest] = {}
    ordered = sorted(series_review.episodes, key=lambda episode: -largest(episode.frames))
    films = tuple(_film(number, episode, files) for number, episode in enumerate(ordered, 1))
    head = "working tree" if series_review.diff.head is None else series_review.diff.head[:SHORT]
    page = Page(
        title=series_review.title or series_review.diff.root,
        versions=(series_review.diff.base[:SHORT], head),
        summary=totals(series_review.diff),
        notices=tuple(_notices(series_review)),
        films=films,
        texts=tuple(map(_text, series_review.texts)),
    )
    return ReviewOutput(page, files)


def _notices(series_review: SeriesReview) -> Iterator[str]:
    if series_review.why_unknown:
        yield f"The content of the cache is unknown: {series_review.why_unknown}"
    for episode in series_review.diff.episodes:
        if episode.how == "refused":
            yield f"{episode.spec}: {'; '.join(row_text(row, plain) for row in episode_rows(episode))}"
    for path, why in series_review.diff.absent.items():
        yield f"Not here: {path}: {why}"


def _film(number: int, episode_review: EpisodeReview, files: dict[str, Digest]) -> ReviewedFilm:
    versions = episode_review.before, episode_review.after
    present = [version for version in versions if version is not None]
    return ReviewedFilm(
        name=f"episode-{number}",
        title=episode_review.diff.title or episode_review.diff.spec,
        where=episode_review.diff.spec,
        how=episode_review.diff.how,
        language=episode_review.language,
        is_sound=present[-1].is_sound,
        rate=present[-1].rate,
        count=max(version.frames for version in present),
        sides=(
            _side(episode_review.diff, "before", episode_review.before, files),
            _side(episode_review.diff, "after", episode_review.after, files),
        ),
        frames=episode_review.frames,
        changes=tuple(
            (row.subject, row_text(row, plain)) for row in episode_rows(episode_review.diff) if not _is_elsewhere(row)
        ),
        spoken=tuple(_spoken(change, versions, files) for change in episode_review.sentences),
        numbers=tuple(moved(episode_review.before, episode_review.after)),
        stage_rows=tuple(map(_stage_row, episode_review.stage_changes)),
        texts=() if episode_review.text is None else (_text(episode_review.text),),
    )


def _is_elsewhere(row: DiffRow) -> bool:
    """Whether another part of the page shows this."""
    return not row.is_field and (row.subject == "makes" or row.subject.startswith("sentence"))


def _side(diff: EpisodeDiff, side: str, version: ReviewedVersion | None, files: dict[str, Digest]) -> FilmSide:
    if version is None:
        return FilmSide(None, "This version does not have this episode.")
    if version.shows is None:
        command = "episodec review --build-base" if side == "before" else "episodec build"
        return FilmSide(None, f"This version is not in the cache. {command} builds it.")
    name = f"films/{diff.name}_{side}.{'m4a' if version.is_sound else 'mp4'}"
    files[name] = version.shows.digest
    return FilmSide(name)


def _spoken(
    spoken_word: SentenceChange,
    versions: tuple[ReviewedVersion | None, ReviewedVersion | None],
    files: dict[str, Digest],
) -> SpokenRow:
    before, after = (
        _spoken_sentence(*pair, files) for pair in zip((spoken_word.before, spoken_word.after), versions, strict=True)
    )
    how = _shift(before.start_s, after.start_s) if spoken_word.how == "shifted" else spoken_word.how
    return SpokenRow(how, (before.text, after.text), (before.start_s, after.start_s), (before.take, after.take))


@dataclass(frozen=True, slots=True)
class _SpokenSentence:
    """A sentence of one version."""

    text: str | None = None
    start_s: float | None = None
    take: str | None = None


def _spoken_sentence(
    sentence: Sentence | None, version: ReviewedVersion | None, files: dict[str, Digest]
) -> _SpokenSentence:
    if sentence is None or version is None:
        return _SpokenSentence()
    place = sentence.number - 1
    digest = version.voices[place] if place < len(version.voices) else None
    start_s = version.starts_s[place] if place < len(version.starts_s) else sentence.start_s
    if digest is None:
        return _SpokenSentence(sentence.text, start_s)
    name = f"takes/{digest.rpartition(':')[2][:16]}.wav"
    files[name] = digest
    return _SpokenSentence(sentence.text, start_s, name)


def _shift(before_s: float | None, after_s: float | None) -> str:
    """The new position of a sentence with unchanged text."""
    if before_s is None or after_s is None or abs(before_s - after_s) < _SAME_S:
        return "same"
    return "later" if after_s > before_s else "earlier"


def moved(before: ReviewedVersion | None, after: ReviewedVersion | None) -> Iterator[tuple[str, str, str, str]]:
    """The measurements that differ between the versions: name, before, after, difference."""
    if before is None or after is None:
        return
    old, new = ({"length, s": one.frames / one.rate, "frames": one.frames, **one.numbers} for one in (before, after))
    for name in dict.fromkeys((*old, *new)):
        input_, other, shown_as = old.get(name), new.get(name), _shown_as(name, old, new)
        if shown_as is None or input_ == other:
            continue
        if input_ is not None and other is not None:
            sign = "+" if other > input_ else "−"
            yield shown_as, _number(name, input_), _number(name, other), f"{sign}{_number(name, abs(other - input_))}"
        elif before.shows and after.shows:
            yield shown_as, _number(name, input_), _number(name, other), _NONE


def _shown_as(name: str, *versions: Mapping[str, float]) -> str | None:
    """The label of a number. If its minimum and maximum are equal in both versions, one label stands for both; None for
    the second of them.
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


def _stage_row(stage_change: StageChange) -> tuple[str, str, str]:
    counts = (("changed", stage_change.changed), ("follow", stage_change.follows), ("unknown", stage_change.unknown))
    actions = ", ".join(f"{number} {word}" for word, number in counts if number)
    if stage_change.parts:
        why = changed_text(stage_change.parts, stage_change.backend)
    elif stage_change.changed:
        why = "new: no such action was made before"
    else:
        why = "reads what differs"
    return stage_change.stage, actions, why


def _text(text_change: TextChange) -> tuple[str, str, str]:
    return text_change.path, text_change.before, text_change.after


def review_lines(series_review: SeriesReview) -> list[str]:
    """The result of a review, and the commands that complete it."""
    lines, (before, after) = [totals(series_review.diff)], series_review.unbuilt()
    if before:
        films = count_text(len(before), "film")
        lines.append(
            f"{films} of {series_review.diff.base[:SHORT]} not in the cache: --build-base builds what is missing"
        )
    if after:
        lines.append(f"{count_text(len(after), 'film')} of the later version not in the cache: build it first")
    return lines
