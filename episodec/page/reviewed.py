"""The content of a review page as values and text. Knows neither diffs nor the cache."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilmSide:
    """One version's film or sound, or the reason why it is missing."""

    file: str | None  # The film or the sound, relative to the page.
    why_not: str = ""  # The reason why there is none.


@dataclass(frozen=True, slots=True)
class SpokenRow:
    """A sentence before and after; a side that does not have it is None."""

    how: str
    texts: tuple[str | None, str | None]
    at_s: tuple[float | None, float | None]
    takes: tuple[str | None, str | None]  # Sound files, relative to the page.


@dataclass(frozen=True, slots=True)
class ReviewedFilm:
    """A changed episode."""

    name: str  # The anchor of its part of the page.
    title: str
    where: str  # Its spec.
    how: str
    language: str
    is_sound: bool
    rate: int
    count: int  # Frames of the longer version.
    sides: tuple[FilmSide, FilmSide]
    frames: tuple[float | None, ...]  # See `strip.strip`; empty: not compared.
    changes: tuple[tuple[str, str], ...]
    spoken: tuple[SpokenRow, ...]
    numbers: tuple[tuple[str, str, str, str], ...]  # Name, before, after, difference.
    stage_rows: tuple[tuple[str, str, str], ...]  # Stage, how many actions, why.
    texts: tuple[tuple[str, str, str], ...]  # Path, before, after.


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a review page."""

    title: str
    versions: tuple[str, str]
    summary: str
    notices: tuple[str, ...]
    films: tuple[ReviewedFilm, ...]
    texts: tuple[tuple[str, str, str], ...]  # Files that episodes share: path, before, after.
