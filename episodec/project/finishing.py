"""From a parsed episode to one ready to build: files are checked and pinned by digest, backends chosen,
actions lowered.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from episodec.digest import Digest
from episodec.engine.action import Source
from episodec.engine.takes import ApprovedTake
from episodec.errors import BackendError, SettingsError
from episodec.project.backends import Backends
from episodec.project.characters import BACKGROUND, CharacterReader, LoadedCharacter
from episodec.project.choices import Choices
from episodec.project.command_overrides import CommandOverrides
from episodec.project.documents import ParsedFile, short_text
from episodec.project.loaded import LoadedEpisode
from episodec.project.namesakes import Namesakes
from episodec.project.overrides import Takers, check_named
from episodec.project.portraits import characters
from episodec.project.references import is_missing, resolve
from episodec.project.settings import settings_files
from episodec.project.spec_source import source_of
from episodec.project.takes import read_takes, takes_paths
from episodec.project.tree import Place
from episodec.spec.checks import without_allowed
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.document import Document
from episodec.spec.fit import check_fit
from episodec.spec.near import did_you_mean
from episodec.spec.references import references
from episodec.spec.series_checks import one_name
from episodec.spec.types import Episode, Profile, Series
from episodec.spec.types_of_picture import STUDIO, Background
from episodec.spec.types_of_tracks import FileMove
from episodec.stages import Lowered, Lowering, LoweringError, Remark
from episodec.stages.lowering import CharacterFacts as Readable
from episodec.store.digests import FileDigests
from episodec.store.trace_log import ABSENT

Lower = Callable[[Lowering], Lowered]


@dataclass(frozen=True, slots=True)
class Pins:
    """The digests of files that many specs depend on, each read once per command."""

    root: str
    series_file: str  # Relative to the root, like all paths here.
    digests: FileDigests
    environment: Mapping[str, str]
    known: dict[str, Digest] = field(default_factory=dict)

    def shared(self) -> dict[str, Digest]:
        """The files that every spec of the series depends on: series.yaml and the settings of this machine."""
        paths = [self.series_file, *settings_files(self.root, self.environment)]
        inside = self.root.rstrip("/") + "/"
        return {path: self.of(path) for path in (path.removeprefix(inside) for path in paths)}

    def of(self, path: str) -> Digest:
        """The digest of a shared file, read once per command."""
        if path not in self.known:
            try:
                self.known[path] = self.digests.of(path)
            except OSError:  # Missing or unreadable: once it is back, the trace fails.
                self.known[path] = ABSENT
        return self.known[path]


@dataclass(frozen=True, slots=True)
class Finishing:
    """The inputs of finishing episodes. Diagnostics go to `report`, the texts they point into to `texts`."""

    place: Place
    series: Series
    profile_name: str
    profile: Profile
    folder: str  # Where the profile's episodes are published, relative to the root.
    backends: Backends
    asked: CommandOverrides
    unserved: Collection[str]  # Stages of the profile with unusable backends.
    lower: Lower
    digests: FileDigests
    pins: Pins
    characters: CharacterReader
    background: tuple[Source | None, Mapping[str, Digest]]  # The series' own picture, and its digest.
    namesakes: Namesakes
    report: Callable[[Iterable[Diagnostic]], None]
    texts: dict[str, str]
    identities: dict[str, LoadedCharacter | None]  # Of characters, by name: each is read once per command.
    takes_read: dict[str, tuple[Digest, tuple[ApprovedTake, ...], bool]]  # By path: digest, takes, if it is wrong.

    def finish(self, reading: ParsedFile, document: Document, episode: Episode) -> LoadedEpisode | None:
        """Check and pin the files, choose the backends, lower. None if there are errors, which are reported."""
        files = self._files(document, episode)
        texts = None if files is None else self._camera_paths(document, episode, files)
        identity = self._identity(document, episode)
        if identity is None or files is None or texts is None:
            return None
        character = identity.character
        asked = self.asked.backends
        choices = Choices(self.backends, episode, self.profile_name, self.profile, asked, self.unserved)
        is_spoken = episode.voice is not None and episode.voice.file is None
        paces = choices.choose("voice", None).paces if is_spoken else None
        fit = list(check_fit(episode, character, document, paces))
        self.report(fit)
        if has_errors(fit):
            return None
        background, picture = self._background(identity)
        at = Lowering(
            episode=episode,
            choose=choices.choose,
            files=files,
            portrait=identity.portrait,
            landmarks=identity.landmarks,
            tokens=identity.tokens,
            transcript=character.voice.transcript,
            recording=identity.recording,
            characters_per_second=character.voice.characters_per_second,
            register=character.voice.register,
            size=episode.size or self.profile.size,
            texts=texts,
            series=self.series.title,
            identity=Readable(character.title, character.identity, character.licence, identity.face),
            licence=self.backends.licence,
            tells=self.backends.tells,
            modelling=replace(identity.modelling, quality=self.profile.quality),
            has_backend=choices.is_named,
            background=background,
            background_file=picture,
            preview=self.asked.preview,
            still=self.asked.still,
        )
        lowered, refusals = self._lowered(at)
        refusals += choices.refusals.values()
        self.report(_diagnosed(one, identity.document if one.in_character else document) for one in refusals)
        in_vain: list[Diagnostic] = []
        takers = Takers(episode, self.series, self.backends)
        if lowered is not None:
            refused = {*choices.refusals, *choices.left_out}
            in_vain += check_named(takers, lowered, refused, document)
            self.report(in_vain)
            in_vain += self._unspeakable(lowered, document, refused)
        if lowered is None or refusals or choices.left_out or in_vain:
            return None
        if (taken := takers.taken(lowered)) != episode.overrides:  # Some are for other profiles.
            lowered = self.lower(replace(at, episode=replace(episode, overrides=taken)))
        if any("portrait.png" in one.inputs for one in lowered.actions):
            self.report(self.characters.flaws(identity, episode.allow))
        self.report(without_allowed([_diagnosed(one, document) for one in lowered.remarks], episode.allow))
        own = {reading.path: reading.digest, **{one.path: one.digest for one in files.values()}}
        takes, shared_takes = self._takes(reading.path, episode.character, own)
        if takes is None:
            return None
        return LoadedEpisode(
            document.path,
            episode,
            lowered,
            own,
            {**self.pins.shared(), **identity.files, **self.background[1], **shared_takes},
            self.profile_name,
            self.folder,
            _lines(document, lowered),
            tuple(files[text].path for text in texts),
            source_of(reading.blob, document, lowered),
            takes,
        )

    def _takes(
        self, spec: str, character: str, own: dict[str, Digest]
    ) -> tuple[dict[str, tuple[ApprovedTake, ...]] | None, dict[str, Digest]]:
        """The approved takes by file, and the character's file with its digest; the spec's own is added to `own`.

        The takes are None if a file has errors, which are reported.
        """
        mine, theirs = takes_paths(spec, self.place.series, character)
        takes: dict[str, tuple[ApprovedTake, ...]] = {}
        digests: dict[str, Digest] = {}
        wrong = False
        for path in (mine, theirs):
            if path not in self.takes_read:
                reading, locks, diagnostics = read_takes(self.place.root, path)
                self.takes_read[path] = reading.digest, tuple(locks), has_errors(diagnostics)
                self.report(diagnostics)
                self.texts[path] = reading.text
            digests[path], locks_read, is_wrong = self.takes_read[path]
            wrong = wrong or is_wrong
            if locks_read:
                takes[path] = locks_read
        if digests[mine] != ABSENT:
            own[mine] = digests[mine]
        return None if wrong else takes, {theirs: digests[theirs]}

    def _background(self, identity: LoadedCharacter) -> tuple[Background, Source | None]:
        """The background of the episode's character, if the spec has none: the character's, or the series'."""
        own, series = identity.character.background, self.series.background
        if own is not None:
            return own, identity.background
        return series or STUDIO, self.background[0]

    def _unspeakable(self, lowered: Lowered, document: Document, refused: Collection[str]) -> Iterator[Diagnostic]:
        """Report and yield the first sentence that the voice cannot speak."""
        for action in lowered.actions:
            if action.stage != "voice" or action.stage in refused:
                continue
            check = getattr(self.backends.backend(action.backend), "check_params", None)
            try:
                if check is not None:
                    check(action.params)
            except BackendError as error:
                facts = "; ".join(f"{name}: {value}" for name, value in error.facts.items())
                span = document.span("voice", "text") or document.key_span("voice")
                diagnostic = diagnose("E236", f"{error.sentence} ({facts})", document.path, span, hint=error.hint)
                self.report([diagnostic])
                yield diagnostic
                return
            except SettingsError:
                return  # A missing installation is reported when the backend is requested.

    def _lowered(self, at: Lowering) -> tuple[Lowered | None, list[LoweringError]]:
        """The result of lowering, or the reasons why there is none."""
        try:
            return self.lower(at), []
        except LoweringError as refusal:
            return None, [refusal, *refusal.others]

    def _files(self, document: Document, episode: Episode) -> dict[str, Source] | None:
        """The files that a spec names, pinned, by the text that names them; None if one is wrong."""
        paths: dict[str, str] = {}
        absent: dict[str, Source] = {}
        diagnostics: list[Diagnostic] = []
        base = os.path.dirname(document.path)
        for reference in references(episode, document):
            path, wrong = resolve(self.place.root, base, reference.text, document.path, reference.span)
            if self.characters.absent and (stand_in := self.characters.absent.source(base, reference.text, wrong)):
                absent[reference.text] = stand_in
            elif path is not None and (other := self.namesakes.of(path)) is not None:
                diagnostics.append(one_name(path, other, document.path, reference.span))
            elif path is not None:
                paths[reference.text] = path
            elif wrong is not None:
                diagnostics.append(wrong)
        ground = episode.background.file if episode.background else None
        diagnostics += self.characters.file(document, ground, BACKGROUND)[1] if ground in paths else ()
        self.report(diagnostics)
        if diagnostics:
            return None
        digests = self.digests.of_many(paths.values())
        return {text: Source(path, digests[path]) for text, path in paths.items()} | absent

    def _camera_paths(self, document: Document, episode: Episode, files: Mapping[str, Source]) -> dict[str, str] | None:
        """The texts of the camera's path files, by name: lowering computes frames from them."""
        texts: dict[str, str] = {}
        diagnostics: list[Diagnostic] = []
        for index, move in enumerate(episode.camera):
            if not isinstance(move, FileMove):
                continue
            try:
                texts[move.file] = short_text(Path(self.place.root, files[move.file].path))
            except (OSError, ValueError) as error:
                code, reason = ("F409", error.strerror) if isinstance(error, OSError) else ("F420", str(error))
                span = document.span("camera", index, "file")
                diagnostics.append(diagnose(code, f"{move.file!r} cannot be read: {reason}", document.path, span))
        self.report(diagnostics)
        return None if diagnostics else texts

    def _identity(self, document: Document, episode: Episode) -> LoadedCharacter | None:
        name = episode.character
        if name not in self.identities:
            folder = Path(self.place.root, self.place.series, "characters", name)
            if is_missing(str(folder / "character.yaml")):
                there = characters(self.place)
                hint = did_you_mean(name, there) or f"there are: {', '.join(there) or 'none'}"
                span = document.span("character")
                self.report([diagnose("F405", f"there is no character `{name}`", document.path, span, hint=hint)])
                return None
            there_as = os.path.relpath(folder, self.place.root)
            if (other := self.namesakes.of(there_as)) is not None:
                self.report([one_name(there_as, other, document.path, document.span("character"))])
                return None
            self.identities[name], diagnostics, texts = self.characters.read(name)
            self.report(diagnostics)
            self.texts.update(texts)
        return self.identities[name]


_SECTIONS: Mapping[str, str] = {
    **dict.fromkeys(("join", "captions"), "voice"),
    "foley-join": "foley",
    **dict.fromkeys(("mix", "audio"), "loudness"),
    **dict.fromkeys(("views", "motion", "refine", "dataset", "train", "scene-check", "render"), "scene"),
    **dict.fromkeys(("overlay", "encode"), "captions"),
    "check": "checks",
}
"""The section of a spec that a stage reads, if its name is not the stage's."""


def _lines(document: Document, lowered: Lowered) -> dict[str, int]:
    """By stage, the line for its notes: its section, or where the episode names its backend."""
    lines = {}
    for stage in dict.fromkeys(action.stage for action in lowered.actions):
        places = ((_SECTIONS.get(stage, stage),), ("overrides", stage), ("backends", stage))
        span = next((document.key_spans[one] for one in places if one in document.key_spans), None)
        if span is not None:
            lines[stage] = span.line
    return lines


def _diagnosed(problem: LoweringError | Remark, document: Document) -> Diagnostic:
    """A refusal or remark as a diagnostic at its field. Without such a field, the stage's section counts or, since
    stages without sections serve the picture, the section that asks for a picture.
    """
    span = (document.key_span(*problem.path) or document.key_span(problem.path[-1])) if problem.path else None
    if problem.path and span is None:
        asks = (("backends", problem.path[-1]), ("scene",), ("camera",), ("time",))
        span = next((document.key_spans[place] for place in asks if place in document.key_spans), None)
    return diagnose(problem.code, problem.sentence, document.path, span, hint=problem.hint)
