"""series.yaml, and its profile that is built."""

from collections.abc import Iterator

from episodec.digest import Digest
from episodec.engine.action import Source
from episodec.errors import BackendError, RejectedSpecs
from episodec.project.backend_checks import check
from episodec.project.backends import Backends
from episodec.project.characters import BACKGROUND, CharacterReader
from episodec.project.documents import read_document
from episodec.project.tree import SERIES_FILE, Place
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.parse import parse_series
from episodec.spec.schema import Language
from episodec.spec.types import Profile, Series
from episodec.stages import LoweringError


class SeriesFile:
    """The content of series.yaml and its diagnostics. `asked`: the profile that the command line names."""

    def __init__(self, place: Place, language: Language, asked: str | None) -> None:
        self._asked = asked
        self.path = f"{place.series}/{SERIES_FILE}" if place.series else SERIES_FILE  # Relative to the root.
        reading = read_document(place.root, self.path)
        self.digest = reading.digest
        self.text = reading.text
        self.diagnostics = list(reading.diagnostics)
        self.series: Series | None = None  # None if it has errors.
        self._document: Document | None = None  # For the places of its fields.
        if reading.document is not None and reading.is_sound:
            self._document = reading.document
            self._parse(reading.document, language)

    def _parse(self, document: Document, language: Language) -> None:
        self.series, diagnostics = parse_series(document, language)
        self.diagnostics += diagnostics
        name = self._asked
        if self.series is not None and name is not None and name not in self.series.profiles:
            known = ", ".join(sorted(self.series.profiles)) or "none"
            sentence, span = f"there is no profile `{name}`", document.key_span("profiles")
            self.diagnostics.append(diagnose("P503", sentence, document.path, span, hint=f"there are: {known}"))

    def sound(self) -> Series:
        """The series.

        Raises:
            RejectedSpecs: it has errors.
        """
        if self.series is None:
            raise RejectedSpecs("series.yaml has errors", hint="`episodec validate` shows them")
        return self.series

    def profile(self) -> tuple[str, Profile]:
        """The name of the profile that is built, and the profile. An unknown profile was reported already,
        and maps no stage.

        Raises:
            RejectedSpecs: series.yaml has errors.
        """
        series = self.sound()
        name = self._asked or series.profile
        return name, series.profiles.get(name, Profile())

    def background(self, characters: CharacterReader) -> tuple[Source | None, list[Diagnostic], dict[str, Digest]]:
        """The picture that the series has behind its characters, if any, with its diagnostics and digests."""
        named = self.series.background.file if self.series and self.series.background else None
        if named is None or self._document is None:
            return None, [], {}
        return characters.file(self._document, named, BACKGROUND)

    def has_profile(self) -> bool:
        """Whether the requested profile exists: otherwise each stage of each episode would lack a backend."""
        return self.series is not None and (self._asked is None or self._asked in self.series.profiles)

    def folder(self) -> str:
        """The folder in which the profile's episodes are published, relative to the root."""
        name, _ = self.profile()
        return "dist" if name == self.sound().profile else f"dist/{name}"

    def unfit(self, backends: Backends) -> Iterator[tuple[str, Diagnostic]]:
        """The stages for which the profile that is built names a missing backend, or one that does not do the stage.
        Other profiles are not checked: their backends may be installed on other machines.
        """
        name, profile = self.profile()
        assert self._document is not None
        for stage, backend in profile.backends.items():
            try:
                check(backends, stage, backend)
            except LoweringError as refusal:
                span = self._document.span("profiles", name, "backends", stage)
                yield stage, diagnose(refusal.code, refusal.sentence, self.path, span, hint=refusal.hint)
            except BackendError:
                pass  # A broken package affects only its users, and is reported to them.
