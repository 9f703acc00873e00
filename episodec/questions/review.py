"""Compares two built versions of a series: both films from the cache, the difference of each frame, the sentences with
their takes, and changed measurements. Builds nothing and does not write to the cache.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest
from episodec.engine.action import ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.plan import Hit, Knowledge, judge_all
from episodec.errors import SettingsError
from episodec.project.changes_heard import Sentence, SentenceChange, sentences
from episodec.project.loaded import LoadedEpisode
from episodec.project.own_cache import check_cache
from episodec.project.pairs import Pair
from episodec.questions.diff import Differing, EpisodeDiff, SeriesDiff, differing
from episodec.questions.review_film import FilmVersion, frame_changes, measured, shows, spoken_at
from episodec.questions.sides import Side
from episodec.series.request import Request
from episodec.series.session import linked, places
from episodec.store.borrowed import borrowed
from episodec.store.cache import DiskCache, open_cache


@dataclass(frozen=True, slots=True)
class ReviewedVersion:
    """An episode in one version."""

    spec: str
    rate: int
    frames: int
    shows: Blob | None  # The film, or the sound of an episode without a picture; None: not in the cache.
    is_sound: bool
    voices: tuple[Digest | None, ...]  # The sound of each sentence.
    starts_s: tuple[float | None, ...]  # The measured start of each sentence; empty: not in the cache.
    numbers: Mapping[str, float]  # Measurements by name.


@dataclass(frozen=True, slots=True)
class StageChange:
    """The actions of one stage that differ, and why."""

    stage: str
    backend: str
    changed: int
    follows: int
    unknown: int
    parts: tuple[str, ...]  # The parts of keys that changed: see `engine.key.changed_parts`.


@dataclass(frozen=True, slots=True)
class TextChange:
    """A spec, series.yaml or a character.yaml whose text differs."""

    path: str  # Relative to the root.
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EpisodeReview:
    """An episode that differs between the versions."""

    diff: EpisodeDiff
    language: str
    before: ReviewedVersion | None  # None: it did not exist.
    after: ReviewedVersion | None  # None: it no longer exists.
    sentences: tuple[SentenceChange, ...]  # The whole narration, unchanged sentences included.
    frames: tuple[float | None, ...]  # The difference of each, 0 to 255; None: only one film has it. Empty: unknown.
    stage_changes: tuple[StageChange, ...]
    text: TextChange | None


@dataclass(frozen=True, slots=True)
class SeriesReview:
    """The review of one series."""

    title: str
    diff: SeriesDiff
    cache: str  # The root of the store that has the blobs.
    why_unknown: str | None  # Why the cache cannot be used.
    episodes: tuple[EpisodeReview, ...]
    texts: tuple[TextChange, ...]  # Files that episodes share.

    def unbuilt(self) -> tuple[list[str], list[str]]:
        """The specs whose earlier films, and whose later ones, are not in the cache."""
        sides = ([one.before for one in self.episodes], [one.after for one in self.episodes])
        before, after = ([one.spec for one in side if one is not None and one.shows is None] for side in sides)
        return before, after


def review(request: Request, word: str | None) -> list[SeriesReview]:
    """The review of every series that the request names. `word`: see `sides.revisions`.

    Raises:
        EpisodecError: git cannot give one of the versions, a film cannot be read, or no series is found.
    """
    reviews = []
    for place, targets in places(request.targets):
        with differing(place, targets, request, word) as difference:
            reviews.append(_Reviewing(difference, request).series())
    return reviews


class _Reviewing:
    """The review of one series while both sides are extracted."""

    def __init__(self, sides: Differing, request: Request) -> None:
        self.sides = sides
        self.diff = sides.series(request)
        moving = {one.spec: one for one in self.diff.episodes}
        self.pairs = [(pair, moving[spec]) for pair in sides.pairs if (spec := _spec(pair)) in moving]
        self.why_unknown: str | None = None

    def series(self) -> SeriesReview:
        """The review, read from the cache if there is one."""
        cache = self.sides.place.cache()
        head = self.sides.head.project or self.sides.base.project
        with ExitStack() as held:
            store: DiskCache | None = None
            if os.path.isfile(os.path.join(cache, "index.db")):
                check_cache(self.sides.place.root, cache)
                store = open_cache(held.enter_context(borrowed(cache)))
                held.callback(store.index.close)
            before = self._records(store, self.sides.base, [pair.before for pair, _ in self.pairs])
            after = self._records(store, self.sides.head, [pair.after for pair, _ in self.pairs])
            episodes = [self._episode(store, pair, diff, before, after) for pair, diff in self.pairs]
        return SeriesReview(
            title=head.series.title if head and head.series else "",
            diff=self.diff,
            cache=cache,
            why_unknown=self.why_unknown,
            episodes=tuple(episodes),
            texts=tuple(filter(None, (self._text(one.file, one.file) for one in self.diff.shared))),
        )

    def _records(
        self, store: DiskCache | None, side: Side, episodes: Sequence[LoadedEpisode | None]
    ) -> Mapping[ActionId, Record]:
        """The results of these episodes in the cache."""
        graph = linked([one for one in episodes if one is not None])
        if store is None or side.project is None:
            return {}
        try:
            plan = judge_all(graph, Knowledge(store.lookup, store.last, side.project.backends.fingerprint))
        except SettingsError as error:
            self.why_unknown = error.sentence
            return {}
        return {name: one.record for name, one in plan.items() if isinstance(one, Hit)}

    def _episode(
        self,
        store: DiskCache | None,
        pair: Pair,
        diff: EpisodeDiff,
        before: Mapping[ActionId, Record],
        after: Mapping[ActionId, Record],
    ) -> EpisodeReview:
        cuts = [
            FilmVersion(one, made) if one is not None else None
            for one, made in ((pair.before, before), (pair.after, after))
        ]
        old, new = (None if one is None else _version(store, one) for one in cuts)
        frames: tuple[float | None, ...] = ()
        if store and cuts[0] and cuts[1] and old and new and old.shows and new.shows and not old.is_sound:
            frames = () if new.is_sound else frame_changes(cuts[0], cuts[1], store)
        return EpisodeReview(
            diff=diff,
            language=episode.episode.language if (episode := pair.after or pair.before) else "",
            before=old,
            after=new,
            sentences=_narration(pair, diff),
            frames=frames,
            stage_changes=self._stages(pair.after),
            text=self._text(pair.before.spec if pair.before else None, pair.after.spec if pair.after else None),
        )

    def _stages(self, loaded: LoadedEpisode | None) -> tuple[StageChange, ...]:
        compared = self.sides.compared
        counts: dict[tuple[str, str], Counter[str]] = {}
        parts: dict[tuple[str, str], dict[str, None]] = {}
        for action in loaded.lowered.actions if loaded else ():
            if (standing := compared.standing[action.id]) != "stays":
                kind = action.stage, action.backend
                counts.setdefault(kind, Counter())[standing] += 1
                parts.setdefault(kind, {}).update(dict.fromkeys(compared.parts.get(action.id, ())))
        return tuple(
            StageChange(*kind, of["changed"], of["follows"], of["unknown"], tuple(parts[kind]))
            for kind, of in counts.items()
        )

    def _text(self, before: str | None, after: str | None) -> TextChange | None:
        old, new = (
            "" if path is None else _content(side, path)
            for side, path in ((self.sides.base, before), (self.sides.head, after))
        )
        return None if old == new else TextChange(after or before or "", old, new)


def _spec(pair: Pair) -> str:
    episode = pair.after or pair.before
    return episode.spec if episode is not None else ""


def _version(store: DiskCache | None, cut: FilmVersion) -> ReviewedVersion:
    film, is_sound = shows(cut)
    return ReviewedVersion(
        spec=cut.loaded.spec,
        rate=cut.loaded.episode.rate,
        frames=cut.loaded.episode.frames,
        shows=film,
        is_sound=is_sound,
        voices=tuple(None if one is None else one.digest for one in cut.of_stage("voice", "speech.wav")),
        starts_s=spoken_at(cut, store) if store else (),
        numbers=measured(cut, store) if store else {},
    )


def _narration(pair: Pair, diff: EpisodeDiff) -> tuple[SentenceChange, ...]:
    """The sentences of both versions side by side; if there is only one version, all are added or removed."""
    old, new = ([] if one is None else sentences(one) for one in (pair.before, pair.after))
    if pair.before is None or pair.after is None:
        return (
            *(SentenceChange("removed", one, None) for one in old),
            *(SentenceChange("added", None, one) for one in new),
        )
    listed = list(diff.changes.sentences)
    gone = [one for one in listed if one.after is None]
    by_number = {one.after.number: one for one in listed if one.after}
    kept = iter(_unchanged(old, listed))
    rows: list[SentenceChange] = []
    for sentence in new:
        change = by_number.get(sentence.number)
        if change is None:
            change = SentenceChange("shifted", next(kept, None), sentence)
        while gone and gone[0].before and change.before and gone[0].before.number < change.before.number:
            rows.append(gone.pop(0))
        rows.append(change)
    return (*rows, *gone)


def _unchanged(old: Sequence[Sentence], changes: Sequence[SentenceChange]) -> list[Sentence]:
    changed = {one.before.number for one in changes if one.before}
    return [one for one in old if one.number not in changed]


def _content(side: Side, path: str) -> str:
    if side.project is not None and path in side.project.texts:
        return side.project.texts[path]
    try:
        return Path(side.place.root, path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
