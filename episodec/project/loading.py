"""From specs to lowered episodes: everything is read, checked and pinned by digest here, and all that is wrong is
collected.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from episodec.digest import Digest, digest_value
from episodec.engine.action import Source
from episodec.errors import InputMoved, RejectedSpecs
from episodec.project.backends import Backends
from episodec.project.characters import Casting, Identity
from episodec.project.choices import Choices
from episodec.project.documents import Reading, read_document, short_text
from episodec.project.facts import FactBook
from episodec.project.portraits import characters
from episodec.project.references import is_missing, resolve
from episodec.project.schemas import language
from episodec.project.settings import LocalSettings, read_settings, settings_files
from episodec.project.tree import SERIES_FILE, Place
from episodec.spec.checks import without_allowed
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.fit import check_fit
from episodec.spec.near import did_you_mean
from episodec.spec.parse import parse_episode, parse_series
from episodec.spec.reader import Document
from episodec.spec.references import references
from episodec.spec.series_checks import gather_facts
from episodec.spec.structure import plain
from episodec.spec.types import Episode, FileMove, Profile, Series
from episodec.stages import Lowered, Lowering, Remark, Unlowered, lower
from episodec.stages.lowering import Identity as Readable
from episodec.store.digests import FileDigests, is_text
from episodec.store.index import Index
from episodec.store.trace_log import ABSENT


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says over what the specs say."""

    profile: str | None = None
    backends: Mapping[str, str] = field(default_factory=dict)  # Stage to backend.

    def variant(self) -> str:
        """One word for it in traces: what was asked for otherwise is built and remembered apart."""
        said = [_escaped(self.profile or "")]
        said += [f"{_escaped(stage)}={_escaped(name)}" for stage, name in sorted(self.backends.items())]
        return ",".join(said)


def _escaped(name: str) -> str:
    """The name without the signs that part names in a variant."""
    return name.replace("%", "%25").replace(",", "%2C").replace("=", "%3D")


@dataclass(frozen=True, slots=True)
class Loaded:
    """One episode, ready to build."""

    spec: str  # Relative to the root.
    episode: Episode
    lowered: Lowered
    own: Mapping[str, Digest]  # Files of its own: the spec and what it names.
    shared: Mapping[str, Digest]  # Files that other episodes hang on too; ABSENT where there is none.
    profile: str
    folder: str  # Where it is published, relative to the root.

    @property
    def digest(self) -> Digest:
        """Of the canonical episode: the same however its spec is written. Worked out each time."""
        return digest_value("episode/1", plain(self.episode))


SPECS_AT_ONCE = 64  # How many specs are noted in one write of the index.

Lower = Callable[[Lowering], Lowered]


class Project:
    """One series being read. Diagnostics collect in `diagnostics`, the texts they point into in `texts`."""

    def __init__(
        self,
        place: Place,
        index: Index,
        digests: FileDigests,
        asked: Asked,
        compiler: str,
        environment: Mapping[str, str],
    ) -> None:
        self.place = place
        self._compiler = compiler
        self.diagnostics: list[Diagnostic] = []
        self.texts: dict[str, str] = {}
        self._index = index
        self._digests = digests
        self._asked = asked
        self._environment = environment
        self._lower: Lower = lower
        self._language = language()
        self._identities: dict[str, Identity | None] = {}
        self._pins: dict[str, Digest] = {}  # See _pin.
        self.settings = self._read_settings()
        self.backends = Backends(index, digests, self.settings.backends)
        self.series = self._read_series()
        self._casting = Casting(place.root, place.series, self._language, index, digests)

    def use_backends(self, targets: Mapping[str, str]) -> None:
        """Other backends than the installed ones: those of tests and benchmarks."""
        self.backends = Backends(self._index, self._digests, self.settings.backends, targets)

    def use_lowering(self, other: Lower) -> None:
        """Another lowering than the stages': that of tests and benchmarks, whose graphs have another shape."""
        self._lower = other

    def profile(self) -> tuple[str, Profile]:
        """The profile that is built, by name. An unknown one was diagnosed, and maps no stage.

        Raises:
            RejectedSpecs: series.yaml, which names it, has errors.
        """
        series = self._sound_series()
        name = self._asked.profile or series.profile
        return name, series.profiles.get(name, Profile())

    def _sound_series(self) -> Series:
        if self.series is None:
            raise RejectedSpecs("series.yaml has errors", hint="`episodec validate` shows them")
        return self.series

    def _lacks_profile(self) -> bool:
        """Whether the profile that is asked for is not there: then each stage of each episode would lack a backend."""
        name = self._asked.profile
        return self.series is not None and name is not None and name not in self.series.profiles

    def folder(self) -> str:
        """Where the profile's episodes are published, relative to the root."""
        name, _ = self.profile()
        return "dist" if name == self._sound_series().profile else f"dist/{name}"

    def has_errors(self) -> bool:
        """Whether anything is wrong that a build must not pass over."""
        return has_errors(self.diagnostics)

    def refused(self) -> set[str]:
        """The files in which something is wrong that a build must not pass over."""
        return {one.path for one in self.diagnostics if one.severity == "error"}

    def load(
        self, specs: Sequence[str], present: Collection[str], *, besides: Sequence[str] = (), gone: Iterable[str] = ()
    ) -> list[Loaded]:
        """These specs lowered, without those that are wrong.

        `present`: all specs of the series. `besides`: specs that may have changed and are not wanted now: they are
        read for what must be unique over the series, and their own errors are not reported. `gone`: specs that were.
        """
        self.backends.check_asked(self._asked.backends)
        if self.series is None or self._lacks_profile():
            return []
        specs, present = self._legible(specs), [spec for spec in present if is_text(spec)]
        besides = [spec for spec in besides if is_text(spec)]
        book = FactBook(self._index, self._context())
        book.forget(gone)
        loaded: list[Loaded | None] = []
        for some in _portions(specs):
            with self._index.transaction():
                loaded += [self._load_one(spec, book) for spec in some]
        self._note_others({*besides, *book.doubtful(present)}.difference(specs), book)
        self._compare(specs, set(present), book)
        wrong = self.refused()
        return [one for one in loaded if one is not None and one.spec not in wrong]

    def numbers(self, specs: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Season and number of these specs; those that changed are read, and their errors are not reported.

        Raises:
            RejectedSpecs: series.yaml, which has the season of specs that name none, has errors.
        """
        self._sound_series()
        book = FactBook(self._index, self._context())
        legible = [spec for spec in specs if is_text(spec)]
        self._note_others(legible, book)
        return book.numbers(legible)

    def validate(self, specs: Sequence[str]) -> int:
        """Check these specs as `load` does; how many had to be parsed. An unchanged one that was clean is not."""
        self.backends.check_asked(self._asked.backends)
        if self.series is None or self._lacks_profile():
            return 0
        specs = self._legible(specs)
        book = FactBook(self._index, self._context())
        known = book.known(self._readable(specs))
        variant = self._asked.variant()
        clean = {spec for spec, noted in known.items() if noted.clean_as == variant and self._still(noted.files)}
        changed = [spec for spec in specs if spec not in clean]
        for some in _portions(changed):
            with self._index.transaction():
                for spec in some:
                    self._load_one(spec, book)
        contested = book.contested() | set(changed)  # A clean spec that has not changed may have a twin all the same.
        self._compare([spec for spec in specs if spec in contested], set(specs), book)
        return len(changed)

    def _legible(self, specs: Sequence[str]) -> list[str]:
        """Those whose names can be remembered; the others are refused."""
        found = [spec for spec in specs if is_text(spec)]
        sentence, hint = "the file's name is not UTF-8 text", "give it another name"
        odd = (spec for spec in specs if not is_text(spec))
        self._report(diagnose("F403", sentence, spec, hint=hint) for spec in odd)
        return found

    def _readable(self, specs: Iterable[str]) -> dict[str, Digest]:
        """The digests of those specs that can be read; what is wrong with the others is told when they are parsed."""
        found: dict[str, Digest] = {}
        for spec in specs:
            with suppress(OSError, InputMoved):
                found[spec] = self._digests.of(spec)
        return found

    def _still(self, files: Mapping[str, str]) -> bool:
        """Whether the files that a clean spec hung on are as they were."""
        return all(self._pin(path) == digest for path, digest in files.items())

    def _load_one(self, spec: str, book: FactBook) -> Loaded | None:
        """Parse, note the facts, check and lower one spec; None when something is wrong with it, which is reported."""
        assert self.series is not None
        before = len(self.diagnostics)
        reading, episode = self._parse(spec)
        if reading.document is None:
            return None
        loaded = None if episode is None else self._finish(reading, reading.document, episode)
        files = {} if loaded is None else {**loaded.own, **loaded.shared}
        files.pop(spec, None)
        is_clean = loaded is not None and len(self.diagnostics) == before
        facts = gather_facts(reading.document, self.series, episode)
        book.note(facts, reading.digest, files, self._asked.variant() if is_clean else None)
        return loaded

    def _compare(self, specs: Sequence[str], present: Collection[str], book: FactBook) -> None:
        """Report what these specs claim and others claim too; both places can be shown."""
        found = book.conflicts(specs, present)
        self._report(found)
        for path in {path for one in found for path in (one.path, *(other.path for other in one.related))}:
            if path not in self.texts:
                self.texts[path] = read_document(self.place.root, path).text

    def _note_others(self, specs: Collection[str], book: FactBook) -> None:
        """Have the facts of these specs at hand, however they were read last; their errors are not reported."""
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

    def _report(self, found: Iterable[Diagnostic]) -> None:
        self.diagnostics += found

    def _context(self) -> str:
        """What specs are checked against besides their own text and files; facts noted under another context are not
        believed.
        """
        asked = {"series": self._pins[self._path(SERIES_FILE)], "compiler": self._compiler}
        return str(digest_value("context/1", asked))

    def _path(self, name: str) -> str:
        return f"{self.place.series}/{name}" if self.place.series else name

    def _read_settings(self) -> LocalSettings:
        settings, found, texts = read_settings(self.place.root, self._environment)
        self._report(found)
        self.texts |= texts
        return settings

    def _read_series(self) -> Series | None:
        reading = read_document(self.place.root, self._path(SERIES_FILE))
        self._pins[reading.path] = reading.digest
        self.texts[reading.path] = reading.text
        self._report(reading.found)
        if reading.document is None or not reading.is_sound:
            return None
        document = reading.document
        series, found = parse_series(document, self._language)
        self._report(found)
        if series is None:
            return None
        name = self._asked.profile
        if name is not None and name not in series.profiles:
            known = ", ".join(sorted(series.profiles)) or "none"
            span = document.key_span("profiles")
            self._report(
                [diagnose("P503", f"there is no profile `{name}`", document.path, span, hint=f"there are: {known}")]
            )
        return series

    def _parse(self, spec: str) -> tuple[Reading, Episode | None]:
        assert self.series is not None
        reading = read_document(self.place.root, spec)
        self.texts[spec] = reading.text
        self._report(reading.found)
        if reading.document is None or not reading.is_sound:
            return reading, None
        episode, found = parse_episode(reading.document, self.series, self._language)
        self._report(found)
        return reading, None if has_errors(found) else episode

    def _finish(self, reading: Reading, document: Document, episode: Episode) -> Loaded | None:
        """Check and pin the files, choose the backends, lower."""
        files = self._files(document, episode)
        texts = None if files is None else self._camera_paths(document, episode, files)
        identity = self._identity(document, episode)
        if identity is None or files is None or texts is None:
            return None
        fit = list(check_fit(episode, identity.character, document))
        self._report(fit)
        if has_errors(fit):
            return None
        assert self.series is not None
        profile_name, profile = self.profile()
        character = identity.character
        choices = Choices(self.backends, episode, profile_name, profile, self._asked.backends)
        at = Lowering(
            episode=episode,
            choose=choices.choose,
            files=files,
            portrait=identity.portrait,
            tokens=identity.tokens,
            transcript=character.voice.transcript,
            recording=identity.recording,
            characters_per_second=character.voice.characters_per_second,
            size=episode.size or profile.size,
            texts=texts,
            series=self.series.title,
            identity=Readable(character.title, character.identity, character.licence),
            licence=self.backends.licence,
            modelling=replace(identity.modelling, quality=profile.quality),
            has_backend=choices.is_named,
        )
        lowered, refusals = self._lowered(at)
        refusals += choices.refusals.values()
        if lowered is None or refusals:
            self._report(_diagnosed(one, identity.document if one.in_character else document) for one in refusals)
            return None
        self._report(without_allowed([_diagnosed(one, document) for one in lowered.remarks], episode.allow))
        own = {reading.path: reading.digest, **{one.path: one.digest for one in files.values()}}
        return Loaded(
            document.path,
            episode,
            lowered,
            own,
            {**self._shared(), **identity.files},
            profile_name,
            self.folder(),
        )

    def _lowered(self, at: Lowering) -> tuple[Lowered | None, list[Unlowered]]:
        """What lowering gives, or why it gives nothing."""
        try:
            return self._lower(at), []
        except Unlowered as refusal:
            return None, [refusal, *refusal.others]

    def _files(self, document: Document, episode: Episode) -> dict[str, Source] | None:
        """The files that a spec names, pinned, by the text that names them."""
        paths: dict[str, str] = {}
        found: list[Diagnostic] = []
        for one in references(episode, document):
            path, wrong = resolve(self.place.root, os.path.dirname(document.path), one.text, document.path, one.span)
            if path is not None:
                paths[one.text] = path
            elif wrong is not None:
                found.append(wrong)
        self._report(found)
        if found:
            return None
        digests = self._digests.of_many(paths.values())
        return {text: Source(path, digests[path]) for text, path in paths.items()}

    def _camera_paths(self, document: Document, episode: Episode, files: Mapping[str, Source]) -> dict[str, str] | None:
        """The texts of the path files that the camera follows: frames are decided from them while lowering."""
        texts: dict[str, str] = {}
        found: list[Diagnostic] = []
        for index, move in enumerate(episode.camera):
            if not isinstance(move, FileMove):
                continue
            try:
                texts[move.file] = short_text(Path(self.place.root, files[move.file].path))
            except (OSError, ValueError) as error:
                code, reason = ("F409", error.strerror) if isinstance(error, OSError) else ("F420", str(error))
                span = document.span("camera", index, "file")
                found.append(diagnose(code, f"{move.file!r} cannot be read: {reason}", document.path, span))
        self._report(found)
        return None if found else texts

    def _identity(self, document: Document, episode: Episode) -> Identity | None:
        name = episode.character
        if name not in self._identities:
            folder = Path(self.place.root, self.place.series, "characters", name)
            if is_missing(str(folder / "character.yaml")):
                there = characters(self.place)
                hint = did_you_mean(name, there) or f"there are: {', '.join(there) or 'none'}"
                span = document.span("character")
                self._report([diagnose("F405", f"there is no character `{name}`", document.path, span, hint=hint)])
                return None
            self._identities[name], found, texts = self._casting.read(name)
            self._report(found)
            self.texts |= texts
        return self._identities[name]

    def _shared(self) -> dict[str, Digest]:
        paths = [self._path(SERIES_FILE), *settings_files(self.place.root, self._environment)]
        inside = self.place.root.rstrip("/") + "/"
        return {path: self._pin(path) for path in (path.removeprefix(inside) for path in paths)}

    def _pin(self, path: str) -> Digest:
        """The digest of a file that many specs hang on, looked at once a command."""
        if path not in self._pins:
            try:
                self._pins[path] = self._digests.of(path)
            except OSError:  # Not there, or not to be read: its coming back makes the trace fall.
                self._pins[path] = ABSENT
        return self._pins[path]


def _portions(specs: Sequence[str]) -> Iterator[Sequence[str]]:
    """The specs in portions, each noted in one write: 10 000 must not sync 10 000 times, nor hold up others."""
    for start in range(0, len(specs), SPECS_AT_ONCE):
        yield specs[start : start + SPECS_AT_ONCE]


def _diagnosed(one: Unlowered | Remark, document: Document) -> Diagnostic:
    """What lowering found, at its place. Where the episode itself names no backend, its section of the stage is it; a
    stage without a section is there for the picture, so that what asks for one is it.
    """
    span = (document.key_span(*one.path) or document.key_span(one.path[-1])) if one.path else None
    if one.path and span is None:
        asks = (("backends", one.path[-1]), ("scene",), ("camera",), ("time",))
        span = next((document.key_spans[place] for place in asks if place in document.key_spans), None)
    return diagnose(one.code, one.sentence, document.path, span, hint=one.hint)
