"""From specs to lowered episodes: everything is read, checked and pinned by digest, and all errors are collected."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from episodec.digest import Digest, digest_value
from episodec.engine.action import Source
from episodec.engine.takes import ApprovedTake
from episodec.errors import InputMoved
from episodec.project.absent import Absent
from episodec.project.backend_checks import check_asked
from episodec.project.backends import Backends
from episodec.project.characters import CharacterReader, LoadedCharacter
from episodec.project.command_overrides import CommandOverrides
from episodec.project.documents import ParsedFile, read_document
from episodec.project.facts import FactBook
from episodec.project.finishing import Finishing, Lower, Pins
from episodec.project.loaded import LoadedEpisode
from episodec.project.misnamed import misnamed
from episodec.project.namesakes import Namesakes
from episodec.project.schemas import language
from episodec.project.series_file import SeriesFile
from episodec.project.settings import LocalSettings, read_settings
from episodec.project.tree import Place, takes_of
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.parse import parse_episode
from episodec.spec.series_checks import check_paths, gather_facts
from episodec.spec.types import Episode
from episodec.stages import lower
from episodec.store.digests import FileDigests, is_text
from episodec.store.index import Index

SPECS_AT_ONCE = 64  # How many specs are stored in one write of the index.


class Project:
    """One series being read. Diagnostics collect in `diagnostics`, the texts they point into in `texts`."""

    def __init__(
        self,
        place: Place,
        index: Index,
        digests: FileDigests,
        asked: CommandOverrides,
        compiler: str,
        environment: Mapping[str, str],
    ) -> None:
        self.place = place
        self._compiler = compiler
        self.diagnostics: list[Diagnostic] = []
        self.texts: dict[str, str] = {}
        self.has_misnamed = False  # Whether a spec has a file name that is not a spec's.
        self._index = index
        self._digests = digests
        self._asked = asked
        self._environment = environment
        self._lower: Lower = lower
        self._language = replace(language(), notes=self._notes)
        self._identities: dict[str, LoadedCharacter | None] = {}
        self._takes_read: dict[str, tuple[Digest, tuple[ApprovedTake, ...], bool]] = {}
        self._lowered_before: Mapping[str, LoadedEpisode] = {}
        self._unserved: dict[str, Diagnostic] | None = None  # None: not looked at yet.
        self.settings = self._read_settings()
        self.backends = Backends(index, digests, self.settings.backends, compiler)
        self.series_file = SeriesFile(place, self._language, asked.profile)
        self.series = self.series_file.series
        self.texts[self.series_file.path] = self.series_file.text
        self._report(self.series_file.diagnostics)
        known = {self.series_file.path: self.series_file.digest}
        self._pins = Pins(place.root, self.series_file.path, digests, environment, known)
        self._namesakes = Namesakes(place.root)
        self._characters = CharacterReader(place.root, place.series, self._language, index, digests)
        # The series' own; None: not looked at yet.
        self._background: tuple[Source | None, dict[str, Digest]] | None = None

    def use_backends(self, targets: Mapping[str, str] | None, path: Sequence[str]) -> None:
        """Replace the installed backends, and where their modules are found, in tests and benchmarks."""
        self.backends = Backends(self._index, self._digests, self.settings.backends, self._compiler, targets, path)

    def use_lowering(self, other: Lower) -> None:
        """Replace the stages' lowering by that of a test or benchmark, whose graph has another shape."""
        self._lower = other

    def use_settings(self, settings: LocalSettings) -> None:
        """Replace the settings of this machine: a tree extracted from git has none of its own."""
        self.settings = settings
        self.backends = Backends(self._index, self._digests, settings.backends, self._compiler)

    def take_absent(self, absent: Absent) -> None:
        """Lower specs even if files that they name are missing."""
        self._characters = replace(self._characters, absent=absent)

    def refuse_misnamed(self, strays: Iterable[str]) -> None:
        """Report the specs among these YAML files."""
        for stray in strays:
            reading, wrong = misnamed(self.place.root, stray, self._language)
            if wrong is not None:
                self.has_misnamed = True
                self.texts[stray] = reading.text
                self._report([wrong])

    def _notes(self) -> Mapping[str, str]:
        """The codes of the present backends' notes: tests replace backends later."""
        return self.backends.notes()

    def _is_ready(self) -> bool:
        """Whether specs can be loaded; errors outside of specs are reported.

        Raises:
            UsageError: the command line names unknown backends or stages.
        """
        check_asked(self.backends, self._asked.backends)
        if not self.series_file.has_profile():
            return False
        if self._unserved is None:
            self._unserved = dict(self.series_file.unfit(self.backends))
            self._report(self._unserved.values())
        return True

    def characters(self) -> dict[str, LoadedCharacter]:
        """The characters of the lowered episodes, by name."""
        return {name: one for name, one in self._identities.items() if one is not None}

    def has_errors(self) -> bool:
        """Whether there are errors."""
        return has_errors(self.diagnostics)

    def take_lowered(self, other: "Project", loaded: Mapping[str, LoadedEpisode]) -> None:
        """Reuse these episodes, by spec, of another version of the series where every file that they were lowered from
        is the same. Warnings about them are only in the other version's diagnostics.
        """
        if self.series_file.digest == other.series_file.digest and self.settings == other.settings:
            self._lowered_before = loaded

    def refused(self) -> set[str]:
        """The files with errors."""
        return {one.path for one in self.diagnostics if one.severity == "error"}

    def load(
        self, specs: Sequence[str], present: Collection[str], *, besides: Sequence[str] = (), gone: Iterable[str] = ()
    ) -> list[LoadedEpisode]:
        """Lower these specs; those with errors are left out.

        `present`: all specs of the series. `besides`: other specs that may have changed: they are read for what must be
        unique in the series, and their own errors are not reported. `gone`: deleted specs.
        """
        if not self._is_ready():
            return []
        specs, present = self._legible(specs), [spec for spec in present if is_text(spec)]
        besides = [spec for spec in besides if is_text(spec)]
        self._report(check_paths(specs, present))
        book = FactBook(self._index, self._context())
        book.forget(gone)
        loaded: list[LoadedEpisode | None] = []
        for some in _portions(specs):
            with self._index.transaction():
                loaded += [self._load_one(spec, book) for spec in some]
        self._note_others({*besides, *book.unverified(present)}.difference(specs), book)
        self._compare(specs, set(present), book)
        wrong = self.refused()
        return [one for one in loaded if one is not None and one.spec not in wrong]

    def numbers(self, specs: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Season and number of these specs; changed ones are read, and their errors are not reported.

        Raises:
            RejectedSpecs: series.yaml, which gives the season of specs without one, has errors.
        """
        self.series_file.sound()
        book = FactBook(self._index, self._context())
        legible = [spec for spec in specs if is_text(spec)]
        while True:
            replaced = self._index.replaced
            self._note_others(legible, book)
            numbers = book.numbers(legible)
            if self._index.replaced == replaced:  # Otherwise the facts may be lost with the old index.
                return numbers

    def validate(self, specs: Sequence[str]) -> int:
        """Check these specs as `load` does; how many were parsed. Clean ones that have not changed are skipped."""
        if not self._is_ready():
            return 0
        specs = self._legible(specs)
        self._report(check_paths(specs, specs))
        book = FactBook(self._index, self._context())
        known = book.known(self._readable(specs))
        variant = self._asked.variant()
        clean = {spec for spec, noted in known.items() if noted.clean_as == variant and self._still(noted.files)}
        changed = [spec for spec in specs if spec not in clean]
        for some in _portions(changed):
            with self._index.transaction():
                for spec in some:
                    self._load_one(spec, book)
        contested = book.contested() | set(changed)  # A clean, unchanged spec may still have a twin.
        self._compare([spec for spec in specs if spec in contested], set(specs), book)
        return len(changed)

    def _legible(self, specs: Sequence[str]) -> list[str]:
        """The specs whose names can be stored; the others are refused."""
        legible = [spec for spec in specs if is_text(spec)]
        sentence, hint = "the file's name is not UTF-8 text", "give it another name"
        odd = (spec for spec in specs if not is_text(spec))
        self._report(diagnose("F403", sentence, spec, hint=hint) for spec in odd)
        return legible

    def _readable(self, specs: Iterable[str]) -> dict[str, Digest]:
        """The digests of the readable specs; errors of the others are reported when they are parsed."""
        digests: dict[str, Digest] = {}
        for spec in specs:
            with suppress(OSError, InputMoved):
                digests[spec] = self._digests.of(spec)
        return digests

    def _still(self, files: Mapping[str, str]) -> bool:
        """Whether the files that a clean spec depends on are unchanged."""
        return all(self._pins.of(path) == digest for path, digest in files.items())

    def _load_one(self, spec: str, book: FactBook) -> LoadedEpisode | None:
        """Parse, store facts, check and lower one spec; None if it has errors, which are reported."""
        assert self.series is not None
        before = len(self.diagnostics)
        reading, episode = self._parse(spec)
        if reading.document is None:
            return None
        if (same := self._same(spec, reading.digest)) is not None and episode is not None:
            book.note(gather_facts(reading.document, self.series, episode), reading.digest, {}, None)
            return same
        loaded = None if episode is None else self._finishing().finish(reading, reading.document, episode)
        files = {} if loaded is None else {**loaded.own, **loaded.shared}
        files.pop(spec, None)
        is_clean = loaded is not None and len(self.diagnostics) == before and not self._hangs_on_others(loaded)
        facts = gather_facts(reading.document, self.series, episode)
        book.note(facts, reading.digest, files, self._asked.variant() if is_clean else None)
        return loaded

    def _same(self, spec: str, digest: Digest) -> LoadedEpisode | None:
        """The episode that another version of the series lowered from the same files."""
        before = self._lowered_before.get(spec)
        if before is None or before.own.get(spec) != digest:
            return None
        takes = takes_of(spec)
        if takes not in before.own and os.path.lexists(os.path.join(self.place.root, takes)):
            return None
        others = {
            path: digest_before for path, digest_before in {**before.own, **before.shared}.items() if path != spec
        }
        return before if self._still(others) else None

    def _hangs_on_others(self, loaded: LoadedEpisode) -> bool:
        """Whether third-party backends decide what this spec may override: another version of them may refuse it."""
        assert self.series is not None
        overrides, profiles = loaded.episode.overrides, self.series.profiles.values()
        theirs = {one.backend for one in loaded.lowered.actions if one.stage in overrides}
        theirs |= {name for profile in profiles for stage, name in profile.backends.items() if stage in overrides}
        return any(not self.backends.is_ours(name) for name in theirs)

    def _compare(self, specs: Sequence[str], present: Collection[str], book: FactBook) -> None:
        """Report conflicts of these specs' claims with others; both places can be shown."""
        diagnostics = book.conflicts(specs, present)
        self._report(diagnostics)
        for path in {path for one in diagnostics for path in (one.path, *(other.path for other in one.related))}:
            if path not in self.texts:
                self.texts[path] = read_document(self.place.root, path).text

    def _note_others(self, specs: Collection[str], book: FactBook) -> None:
        """Store the facts of those specs that have none; their errors are not reported."""
        known = book.known(self._readable(specs))
        self._note_quietly(sorted(spec for spec in specs if spec not in known), book)

    def _note_quietly(self, specs: Sequence[str], book: FactBook) -> None:
        assert self.series is not None
        before = list(self.diagnostics)
        for some in _portions(specs):
            with self._index.transaction():
                for reading, episode in map(self._parse, some):
                    if reading.document is not None:
                        book.note(gather_facts(reading.document, self.series, episode), reading.digest, {}, None)
        self.diagnostics = before

    def _report(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics += diagnostics

    def _context(self) -> str:
        """The identity of everything that specs are checked against besides their own text and files; facts stored
        under another context are ignored.
        """
        asked = {"series": self.series_file.digest, "compiler": self._compiler}
        return str(digest_value("context/1", asked))

    def _read_settings(self) -> LocalSettings:
        settings, diagnostics, texts = read_settings(self.place.root, self._environment)
        self._report(diagnostics)
        self.texts |= texts
        return settings

    def _parse(self, spec: str) -> tuple[ParsedFile, Episode | None]:
        assert self.series is not None
        reading = read_document(self.place.root, spec)
        self.texts[spec] = reading.text
        self._report(reading.diagnostics)
        if reading.document is None or not reading.is_sound:
            return reading, None
        episode, diagnostics = parse_episode(reading.document, self.series, self._language)
        self._report(diagnostics)
        return reading, None if has_errors(diagnostics) else episode

    def _series_background(self) -> tuple[Source | None, dict[str, Digest]]:
        if self._background is None:
            picture, diagnostics, files = self.series_file.background(self._characters)
            self._report(diagnostics)
            self._background = picture, files
        return self._background

    def _finishing(self) -> Finishing:
        profile_name, profile = self.series_file.profile()
        return Finishing(
            place=self.place,
            series=self.series_file.sound(),
            profile_name=profile_name,
            profile=profile,
            folder=self.series_file.folder(),
            backends=self.backends,
            asked=self._asked,
            unserved=self._unserved or {},
            lower=self._lower,
            digests=self._digests,
            pins=self._pins,
            characters=self._characters,
            background=self._series_background(),
            namesakes=self._namesakes,
            report=self._report,
            texts=self.texts,
            identities=self._identities,
            takes_read=self._takes_read,
        )


def _portions(specs: Sequence[str]) -> Iterator[Sequence[str]]:
    """The specs in portions, each stored in one write: 10 000 specs must neither sync 10 000 times nor block others."""
    for start in range(0, len(specs), SPECS_AT_ONCE):
        yield specs[start : start + SPECS_AT_ONCE]
