"""The differences between two versions of a series: changes in the films, actions that change or follow, and the
predicted time. Builds nothing and needs no cache; an existing cache tells which results are already made.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from episodec.engine.action import ActionId
from episodec.engine.compare import Comparison, Standing, compare
from episodec.errors import UsageError
from episodec.project.authoring import Diagnostic
from episodec.project.changes import FilmChanges, film_changes
from episodec.project.changes_heard import sentences
from episodec.project.git import checkout_of
from episodec.project.loaded import LoadedEpisode
from episodec.project.pairs import Pair, paired
from episodec.project.settings import read_settings
from episodec.project.shared_changes import SharedChange, shared_changes, without_shared
from episodec.project.tree import Place
from episodec.questions.making import Making, asked_of_cache
from episodec.questions.sides import Revisions, Side, absolute, of_commit, of_working_tree, revisions
from episodec.series.request import Request
from episodec.series.session import linked, places


@dataclass(frozen=True, slots=True)
class StageCount:
    """The number of actions of one stage that change, follow or are unknown."""

    stage: str
    changed: int
    follows: int
    unknown: int


@dataclass(frozen=True, slots=True)
class EpisodeDiff:
    """An episode that differs between the versions."""

    spec: str  # The old path, if it is deleted.
    name: str | None  # The name of its files; None if it cannot be lowered.
    title: str | None
    seconds: float  # Its length.
    sentences: int
    how: str  # "added", "deleted", "renamed", "changed" or "refused": it has errors on a side.
    before: str | None  # The old path, if it is renamed.
    renumbered: tuple[str, str] | None  # Its season and number, before and after.
    rate: int  # Frames a second.
    changes: FilmChanges
    stages: tuple[StageCount, ...]
    codes: tuple[tuple[str, ...], tuple[str, ...]]  # Codes of its errors on either side, the earlier first.
    lines: Mapping[str, int]  # By stage: the line of the spec's section that it reads.

    def count(self, standing: str) -> int:
        """The number of its actions with this standing."""
        return sum(getattr(one, standing) for one in self.stages)


@dataclass(frozen=True, slots=True)
class SeriesDiff:
    """The differences between two versions of one series."""

    root: str
    base: str  # A commit.
    head: str | None  # None: the working tree.
    episodes: tuple[EpisodeDiff, ...]
    unchanged: int  # Episodes without a difference.
    shared: tuple[SharedChange, ...]  # Settings and files of the series and of its characters.
    idle: tuple[str, ...]  # Files that differ without any effect on the films.
    absent: Mapping[str, str]  # Files that specs name and that are missing, with the reason.
    changed: tuple[ActionId, ...]
    follows: tuple[ActionId, ...]
    unknown: tuple[ActionId, ...]
    gone: tuple[ActionId, ...]  # No longer made.
    twins: Mapping[ActionId, ActionId]  # Actions with the key of another one; their result is made only once.
    stays: int
    making: Making
    diagnostics: tuple[Diagnostic, ...]  # The errors of the later side, and its new warnings.
    texts: Mapping[str, str]


def diff(request: Request, word: str | None) -> list[SeriesDiff]:
    """The differences of every series that the request names. `word`: the versions, as in `sides.revisions`.

    Raises:
        EpisodecError: git cannot read one of the versions, or a series is missing.
    """
    return [_series(place, targets, request, word) for place, targets in places(request.targets)]


def _series(place: Place, targets: Sequence[str], request: Request, word: str | None) -> SeriesDiff:
    with differing(place, targets, request, word) as diagnostics:
        return diagnostics.series(request)


@contextmanager
def differing(place: Place, targets: Sequence[str], request: Request, word: str | None) -> Iterator["Differing"]:
    """Both sides of one series, lowered and compared; their scratch folders go with the block.

    Raises:
        EpisodecError: git cannot give one of the versions. UsageError: the targets choose no episode.
    """
    checkout = checkout_of(place.root)
    asked, chosen = revisions(checkout, word), absolute(targets)
    settings, _, _ = read_settings(place.root, request.environment)
    with ExitStack() as held:
        scratch = held.enter_context(TemporaryDirectory(prefix="episodec-"))

        def of(name: str, commit: str | None, before: Side | None = None) -> Side:
            folder = os.path.join(scratch, name)
            os.mkdir(folder)
            if commit is None:
                side = of_working_tree(place, folder, request, chosen, before)
            else:
                side = of_commit(checkout, commit, place, folder, request, chosen, settings, before)
            held.callback(side.close)
            return side

        base = of("base", asked.base)
        head = of("head", asked.head, base)
        if chosen and not any(side.loaded or side.refused() for side in (base, head)):
            raise UsageError("no episode matches the targets", facts={"targets": " ".join(targets)})
        yield Differing(place, asked, base, head)


class Differing:
    """The comparison of two sides."""

    def __init__(self, place: Place, asked: Revisions, base: Side, head: Side) -> None:
        self.place, self.asked, self.base, self.head = place, asked, base, head
        self.refused = _refused(base, head)
        sides = ({spec: one for spec, one in side.loaded.items() if spec not in self.refused} for side in (base, head))
        self.pairs = paired(*sides)
        self.before, self.after = (linked(side.loaded.values()) for side in (base, head))
        self.compared = self._compared()
        self.shared = shared_changes(base.project, head.project, (base.place.root, head.place.root))

    def series(self, request: Request) -> SeriesDiff:
        """The differences of the series."""
        standing = self.compared.standing
        by_kind = {
            kind: tuple(name for name, one in standing.items() if one == kind)
            for kind in ("changed", "follows", "unknown")
        }
        episodes = tuple(one for one in map(self._episode, self.pairs) if one is not None) + tuple(
            self.refused.values()
        )
        making = asked_of_cache(request, self.place, self.head.project, self.after, self.compared)
        return SeriesDiff(
            root=self.place.root,
            base=self.asked.base,
            head=self.asked.head,
            episodes=tuple(sorted(episodes, key=lambda one: one.spec)),
            unchanged=sum(pair.after is not None for pair in self.pairs) - sum(map(_is_there, episodes)),
            shared=self.shared,
            idle=self._idle(episodes),
            absent={**self.base.absent.reasons, **self.head.absent.reasons},
            changed=by_kind["changed"],
            follows=by_kind["follows"],
            unknown=by_kind["unknown"],
            gone=self.compared.gone,
            twins={name: one for name, one in self.compared.twins.items() if standing[name] != "stays"},
            stays=len(standing) - sum(map(len, by_kind.values())),
            making=making,
            diagnostics=self._diagnostics(),
            texts={} if self.head.project is None else self.head.project.texts,
        )

    def _compared(self) -> Comparison:
        """The standing of each action; actions of an episode that had errors are unknown unless they stay."""
        comparison = compare(self.before, self.after, self._unknown(), self._renamed())
        lost = [one for spec, one in self.head.loaded.items() if spec in self.refused]
        moving = (
            action.id for one in lost for action in one.lowered.actions if comparison.standing[action.id] != "stays"
        )
        standing: dict[ActionId, Standing] = {**comparison.standing, **dict.fromkeys(moving, "unknown")}
        return replace(comparison, standing=standing)

    def _unknown(self) -> set[str]:
        """The files whose content is unknown on a side, or that are absent on one side only."""
        old, new = self.base.absent, self.head.absent
        return old.unknown | new.unknown | (set(old.reasons) ^ set(new.reasons))

    def _renamed(self) -> dict[ActionId, ActionId]:
        """Action ids of renumbered episodes, each with its former id."""
        new_ids: dict[ActionId, ActionId] = {}
        for pair in self.pairs:
            if pair.before and pair.after and pair.before.prefix != pair.after.prefix:
                for action in pair.after.lowered.actions:
                    if action.id.startswith(pair.after.prefix):
                        new_ids[action.id] = ActionId(pair.before.prefix + action.id.removeprefix(pair.after.prefix))
        return new_ids

    def _episode(self, pair: Pair) -> EpisodeDiff | None:
        """The differences of an episode; None if there are none."""
        episode = pair.after or pair.before
        assert episode is not None
        changes = FilmChanges()
        if pair.before and pair.after and pair.before is not pair.after:
            changes = film_changes(pair.before, pair.after, (self.base.place.root, self.head.place.root))
            changes = without_shared(changes, self.shared)
        stages = self._stages(pair.after) if pair.after else ()
        if pair.how == "changed" and changes.is_nothing() and not stages:
            return None
        numbers = [(one.prefix[:-1] if one else "") for one in (pair.before, pair.after)]
        return EpisodeDiff(
            spec=episode.spec,
            name=episode.episode.name,
            title=episode.episode.title,
            seconds=episode.episode.frames / episode.episode.rate,
            sentences=len(sentences(episode)),
            how=pair.how,
            before=pair.before.spec if pair.before and pair.how == "renamed" else None,
            renumbered=(numbers[0], numbers[1]) if all(numbers) and numbers[0] != numbers[1] else None,
            rate=episode.episode.rate,
            changes=changes,
            stages=stages,
            codes=((), ()),
            lines=episode.lines,
        )

    def _stages(self, loaded: LoadedEpisode) -> tuple[StageCount, ...]:
        counts: dict[str, Counter[str]] = {}
        for action in loaded.lowered.actions:
            if (standing := self.compared.standing[action.id]) != "stays":
                counts.setdefault(action.stage, Counter())[standing] += 1
        return tuple(StageCount(stage, one["changed"], one["follows"], one["unknown"]) for stage, one in counts.items())

    def _idle(self, episodes: tuple[EpisodeDiff, ...]) -> tuple[str, ...]:
        """The files that differ without any effect on the films."""
        reported = {one.spec for one in episodes} | {one.file for one in self.shared}
        reported |= {file.path for one in episodes for file in one.changes.files}
        old, new = (
            {path: digest for one in side.loaded.values() for path, digest in {**one.shared, **one.own}.items()}
            for side in (self.base, self.head)
        )
        reported |= {file.path for one in self.shared for file in one.files}
        return tuple(
            path for path in sorted(old.keys() & new.keys()) if old[path] != new[path] and path not in reported
        )

    def _diagnostics(self) -> tuple[Diagnostic, ...]:
        if self.head.project is None:
            return ()
        old = () if self.base.project is None else self.base.project.diagnostics
        before = {(one.code, one.path, one.message) for one in old}
        return tuple(
            one
            for one in self.head.project.diagnostics
            if one.severity == "error" or (one.code, one.path, one.message) not in before
        )


def _is_there(episode_diff: EpisodeDiff) -> bool:
    """Whether the episode is on the later side and could be compared."""
    return episode_diff.how in ("added", "renamed", "changed")


def _refused(base: Side, head: Side) -> dict[str, EpisodeDiff]:
    """The specs that cannot be compared because they have errors on a side."""
    old, new = base.refused(), head.refused()
    nothing = FilmChanges()
    return {
        spec: EpisodeDiff(
            spec, None, None, 0.0, 0, "refused", None, None, 1, nothing, (), (old.get(spec, ()), new.get(spec, ())), {}
        )
        for spec in sorted({*old, *new})
    }
