"""The origin of a moment of a film: the lines of the spec it was built from, who wrote them, and the actions.

Answers from the film's manifest, the cache and git, and from the spec in the working tree if that has changed.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from episodec.errors import EpisodecError, UsageError
from episodec.project.git import Checkout, checkout_of
from episodec.project.git_lines import Commit, text_in_git, written
from episodec.project.loaded import LoadedEpisode
from episodec.project.spec_source import git_blob, sentences_of
from episodec.publishing.manifest import MANIFESTS, PREVIEWS
from episodec.questions.moments import Behind, FilmMoment, Manifest, Segment, shown_at
from episodec.questions.named import is_published, series_around
from episodec.series.goals import the_one_of
from episodec.series.request import Request
from episodec.series.session import Session, opened, places
from episodec.timebase import Moment


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a spec."""

    number: int  # From 1.
    text: str | None  # None: the text that was built is no longer available.
    commit: Commit | None  # The commit that wrote it; None: it is not committed, or the history is not available.


@dataclass(frozen=True, slots=True)
class SpecPart:
    """A segment of a spec at the moment, and its lines."""

    segment: Segment
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SpecVersion:
    """One version of a spec."""

    commit: Commit | None  # The last commit with this version.
    has_history: bool  # Whether the commits of its lines are known.
    parts: tuple[SpecPart, ...]


@dataclass(frozen=True, slots=True)
class Blame:
    """The origin of one moment."""

    target: str
    spec: str  # Relative to the root.
    state: str  # Of the film: "as published", "changed" or "missing".
    shown: FilmMoment
    actions: tuple[Behind, ...]
    built: SpecVersion
    now: SpecVersion | None  # The version in the working tree; None: it is the same, missing, or has errors.
    remarks: tuple[str, ...]  # What could not be determined, and why.


def blame(request: Request, target: str, moment: Moment, notice: Callable[[str], None] = lambda _: None) -> Blame:
    """The origin of a moment of a film in dist/, or of an episode's film.

    Raises:
        UsageError: there is no such film or moment, or the film was built by an episodec that did not record lines.
    """
    if is_published(target):
        path = os.path.join(os.path.realpath(os.path.dirname(target) or "."), os.path.basename(target))
        place, targets = series_around(target)
        path = os.path.relpath(path, place.root)
    else:
        (place, targets), *others = places((target,))
        path = ""
        if others:
            raise UsageError("blame takes a single episode", hint="name it: a number, d13/72, or its spec")
    with opened(place, targets, request, notice) as session:
        spec, film, folder = _published(session, path) if path else _of_episode(session)
        return _BlameQuestion(session, spec, Manifest(session, film, folder, _manifest(session, spec, folder))).answer(
            target, moment
        )


def _of_episode(session: Session) -> tuple[str, str | None, str]:
    return the_one_of(session.selected), None, session.project.series_file.folder()


def _published(session: Session, path: str) -> tuple[str, str, str]:
    """The spec of a file in dist/, the file, and the folder that its episode is published in."""
    rows = session.cache.index.rows("SELECT spec, folder FROM published_files WHERE live = 1 AND path = ?", (path,))
    if not rows or not ("/video/" in path or f"/{PREVIEWS}/" in path) or not path.endswith(".mp4"):
        hint = "name a film in dist/video, a preview, or an episode: 72@12.4"
        raise UsageError("this is not an episode's film", facts={"file": path}, hint=hint)
    return str(rows[0]["spec"]), path, str(rows[0]["folder"])


def _manifest(session: Session, spec: str, folder: str) -> Mapping[str, object]:
    """The manifest of an episode's present films."""
    sql = "SELECT path FROM published_files WHERE live = 1 AND folder = ? AND spec = ? AND path >= ? AND path < ?"
    values = (folder, spec, f"{folder}/{MANIFESTS}/", f"{folder}/{MANIFESTS}0")
    for row in session.cache.index.rows(sql, values):
        try:
            manifest = json.loads(Path(session.place.root, row["path"]).read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(
                "the film's manifest cannot be read", facts={"file": row["path"], "reason": error}, hint="build again"
            ) from error
        if isinstance(manifest, dict):
            return manifest
    raise UsageError(
        "this episode has not been built here", facts={"spec": spec}, hint="`episodec build` makes its film"
    )


class _BlameQuestion:
    """One question about a film."""

    def __init__(self, session: Session, spec: str, manifest: Manifest) -> None:
        self._session = session
        self._spec = spec
        self._manifest = manifest
        self._remarks: dict[str, None] = {}
        self._checkout = self._found_checkout()

    def answer(self, target: str, moment: Moment) -> Blame:
        manifest, document = self._manifest, shown_at(self._manifest, moment)
        content = self._content()
        blob = git_blob(content) if content is not None else None
        text = content if blob == manifest.blob else self._text_of(manifest.blob)
        if text is None:
            self._remarks[
                "the spec that was built is neither in the working tree nor in git; only line numbers are known"
            ] = None
        segments = [*([document.sentence] if document.sentence else []), *document.segments]
        built = self._version(manifest.blob, text, segments, manifest.lines)
        now = None if content is None or blob is None or blob == manifest.blob else self._now(blob, content, document)
        behind = tuple(manifest.behind(document))
        return Blame(target, self._spec, manifest.state(), document, behind, built, now, tuple(self._remarks))

    def _found_checkout(self) -> Checkout | None:
        try:
            return checkout_of(self._session.place.root)
        except EpisodecError as error:
            self._remarks[f"no commits are available: {error.sentence}"] = None
            return None

    def _content(self) -> bytes | None:
        try:
            return Path(self._session.place.root, self._spec).read_bytes()
        except OSError:
            self._remarks["the spec is no longer in the working tree"] = None
            return None

    def _text_of(self, blob: str) -> bytes | None:
        return None if self._checkout is None else text_in_git(self._checkout, blob)

    def _version(
        self,
        blob: str,
        content: bytes | None,
        segments: Sequence[Segment],
        lines: Mapping[str, Sequence[Sequence[int]]],
    ) -> SpecVersion:
        """These segments with their lines."""
        text = None if content is None else content.decode("utf-8", "replace").removeprefix("\ufeff")
        rows = None if text is None else [row.removesuffix("\r") for row in text.split("\n")]
        commits, commit = dict[int, Commit | None](), None
        if rows is not None and self._checkout is not None:
            version = written(self._checkout, self._session.place.root, self._spec, blob, rows)
            commits, commit = dict(enumerate(version.lines, 1)), version.commit
        parts = []
        for segment in segments:
            some = lines.get(segment.track, ())
            if segment.index < len(some):
                first, last = some[segment.index]
                parts.append(SpecPart(segment, tuple(_lines(first, last, rows, commits))))
        return SpecVersion(commit, bool(commits), tuple(parts))

    def _now(self, blob: str, content: bytes, moment: FilmMoment) -> SpecVersion | None:
        session = self._session
        loaded = session.project.load([self._spec], set(session.specs)) if self._spec in session.specs else []
        if not loaded or loaded[0].source is None:
            self._remarks["the spec in the working tree has changed and has errors; see `episodec validate`"] = None
            return None
        return self._version(blob, content, list(_same(moment, loaded[0])), loaded[0].source.lines)


def _lines(first: int, last: int, rows: Sequence[str] | None, commits: Mapping[int, Commit | None]) -> Iterator[Line]:
    for number in range(first, last + 1):
        text = rows[number - 1] if rows is not None and number <= len(rows) else None
        yield Line(number, text, commits.get(number))


def _same(moment: FilmMoment, loaded: LoadedEpisode) -> Iterator[Segment]:
    """The counterparts in the present spec: the sentence with the same words, else with the same number; and the
    segments at the same frame.
    """
    if moment.sentence is not None:
        texts = [" ".join(words) for words in sentences_of(loaded.lowered)]
        same = moment.sentence.name in texts
        index = texts.index(moment.sentence.name) if same else moment.sentence.index
        if index < len(texts):
            yield Segment("voice", index, texts[index], None)
    for track, segments in (("camera", loaded.episode.camera), ("time", loaded.episode.time)):
        start = 0
        for index, segment in enumerate(segments):
            end = start + segment.frames
            if start <= moment.frame < end:
                yield Segment(track, index, "", (start, end))
            start = end
