"""The declarations of a backend's class, checked. `runner.loading` checks those that a worker needs; this module checks
those that only the compiler reads: fingerprint, resources, window and plain attributes.
"""

import math
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from episodec.digest import encode
from episodec.engine.action import Resources
from episodec.engine.backend import Backend, Digester, Duration, Fingerprint, Settings
from episodec.errors import BackendError, EpisodecError, SettingsError, UnhashableValue
from episodec.runner.loading import load
from episodec.spec.codes import CODES

OWN_PARTS = ("functions", "packages")
"""Parts of a fingerprint that episodec computes, so no backend may give them."""

_RESOURCES = (
    "a Resources of whole numbers, cpus from 1, gpus and memory_mib from 0, and timeout_s above 0 or None; or a method"
    " that makes one from the settings"
)
_WINDOW = "a Fraction above 0, or None; or a method that makes one from the settings"
_PACES = "a tuple of two numbers above 0, the slower first, or None"
_DIAGNOSTICS = {one.name: code for code, one in CODES.items()}
# Attributes checked by `runner.loading` that are not methods.
_HELD = ("stages", "deterministic", "notes", "overrides")
_SHOWN = 80  # Characters of a value in a message.


@dataclass(frozen=True, slots=True)
class Declared:
    """A backend and its declarations. Errors in them name the backend and its class."""

    name: str
    target: str  # `module:Class`.
    backend: Backend

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """The fingerprint that it declares.

        Raises:
            SettingsError: a setting is missing or wrong.
            BackendError: it fails, or gives no valid fingerprint.
        """
        fingerprint: object = self._answer("fingerprint()", lambda: self.backend.fingerprint(settings, digests))
        if not isinstance(fingerprint, Fingerprint):
            self._refuse("fingerprint()", fingerprint, "a Fingerprint")
        parts: Any = fingerprint.parts
        if not isinstance(parts, Mapping):
            self._refuse("the parts of its fingerprint", parts, "a mapping of names to plain values")
        for name, value in parts.items():
            if not isinstance(name, str) or name in OWN_PARTS:
                expected = f"a text other than {', '.join(OWN_PARTS)}, which episodec computes itself"
                self._refuse("a part's name in its fingerprint", name, expected)
            try:
                encode(value)
            except UnhashableValue:
                expected = "None, a bool, number, text or bytes, or a list or mapping of these"
                self._refuse(f"`{name}` of its fingerprint", value, expected)
        watches: Any = fingerprint.watches
        if not isinstance(watches, tuple):
            self._refuse("the watches of its fingerprint", watches, "a tuple of absolute paths as texts")
        for path in watches:
            if not isinstance(path, str) or not os.path.isabs(path):
                self._refuse("a watch of its fingerprint", path, "an absolute path as text: str(path)")
        return fingerprint

    def resources(self, settings: Settings) -> Resources:
        """The resources of one action: declared, or computed from this machine's settings; one processor by default.

        Raises:
            SettingsError: a setting is missing or wrong.
            BackendError: it fails, or gives no valid resources.
        """
        attribute = self._attribute("resources", default=Resources())
        resources = self._named("resources()", lambda: attribute(settings)) if callable(attribute) else attribute
        if not isinstance(resources, Resources) or not _are_resources(resources):
            self._refuse("resources", resources, _RESOURCES)
        return resources

    def window_s(self, settings: Settings) -> Fraction | None:
        """The longest sound in seconds that its model on this machine makes in one piece; None: any length.

        Raises:
            SettingsError: a setting is missing or wrong.
            BackendError: it fails, or gives no valid length.
        """
        attribute = self._attribute("window_s", default=None)
        window_s = self._named("window_s()", lambda: attribute(settings)) if callable(attribute) else attribute
        if window_s is not None and not (isinstance(window_s, Fraction) and window_s > 0):
            self._refuse("window_s", window_s, _WINDOW)
        return window_s

    def paces(self) -> tuple[float, float] | None:
        """The slowest and the fastest pace of its voice, in letters per second; None: it cannot be set.

        Raises:
            BackendError: they are not valid.
        """
        paces = self._attribute("paces", default=None)
        if paces is None:
            return None
        if not isinstance(paces, tuple) or len(paces) != 2 or not all(map(_is_number, paces)):
            self._refuse("paces", paces, _PACES)
        if not 0 < paces[0] < paces[1]:
            self._refuse("paces", paces, _PACES)
        return float(paces[0]), float(paces[1])

    def lacks_phonemes(self) -> bool:
        """Whether the words of its voice come without phonemes.

        Raises:
            BackendError: it is neither True nor False.
        """
        attribute = self._attribute("lacks_phonemes", default=False)
        if not isinstance(attribute, bool):
            self._refuse("lacks_phonemes", attribute, "True or False")
        return attribute

    def check(self) -> None:
        """Check its plain attributes.

        Raises:
            BackendError: one is invalid, or a note has the name of a diagnostic.
        """
        duration = self._attribute("duration", default=None)
        if duration is not None and not (isinstance(duration, Duration) and _is_duration(duration)):
            self._refuse("duration", duration, "a Duration of numbers that are not negative")
        licence = self._attribute("licence", default=None)
        if licence is not None and not isinstance(licence, str):
            self._refuse("licence", licence, "a text, or None")
        is_adapter = self._attribute("is_adapter", default=False)
        if not isinstance(is_adapter, bool):
            self._refuse("is_adapter", is_adapter, "True or False")
        resources, window = self._attribute("resources", default=Resources()), self._attribute("window_s", default=None)
        if not callable(resources) and not (isinstance(resources, Resources) and _are_resources(resources)):
            self._refuse("resources", resources, _RESOURCES)
        if not callable(window) and window is not None and not (isinstance(window, Fraction) and window > 0):
            self._refuse("window_s", window, _WINDOW)
        self.paces()
        self.lacks_phonemes()
        for note in self._attribute("notes", default={}):
            if note in _DIAGNOSTICS:
                facts = {**self._facts(), "note": note, "diagnostic": f"{_DIAGNOSTICS[note]} {note}"}
                hint = "give the note another code"
                raise BackendError("a backend declares a note with the name of a diagnostic", facts=facts, hint=hint)

    def _attribute(self, attribute: str, *, default: object) -> Any:
        """An attribute of the class, which may be a property that fails."""
        return self._answer(attribute, lambda: getattr(self.backend, attribute, default))

    def _named(self, attribute: str, ask: Callable[[], object]) -> Any:
        """Like `_answer`, but errors in settings name the backend."""
        try:
            return self._answer(attribute, ask)
        except SettingsError as error:
            raise of_backend(error, self.name) from error

    def _answer(self, attribute: str, ask: Callable[[], object]) -> Any:
        """The value of `ask`. Any exception is an error of the backend's package, unless that is episodec."""
        try:
            return ask()
        except Exception as error:
            if _package(self.target) == "episodec":
                raise
            if isinstance(error, BackendError):
                facts = {**self._facts(), **error.facts}
                raise BackendError(error.sentence, facts=facts, hint=error.hint) from error
            if isinstance(error, EpisodecError) and error.exit_code == 1:
                raise
            raise _failure(self.name, self.target, attribute, error) from error

    def _refuse(self, attribute: str, actual: object, expected: str) -> NoReturn:
        facts = {**self._facts(), "wrong": attribute, "found": _printable(actual), "expected": expected}
        raise BackendError("a backend declares an invalid value", facts=facts, hint=_hint(self.target))

    def _facts(self) -> dict[str, str]:
        return _facts(self.name, self.target)


def loaded(name: str, target: str) -> Declared:
    """The backend of this name at `module:Class`.

    Raises:
        BackendError: it cannot be loaded, or its declarations are invalid.
    """
    try:
        backend = load(target)
    except BackendError as error:
        facts = {"backend": name, **error.facts, **_given(target, error.facts.get("wrong", ""))}
        raise BackendError(error.sentence, facts=facts, hint=error.hint) from error
    except Exception as error:  # An attribute may be a property that fails.
        if _package(target) == "episodec":
            raise
        raise _failure(name, target, "its attributes", error) from error
    declared = Declared(name, target, backend)
    declared.check()
    return declared


def of_backend(error: SettingsError, name: str) -> SettingsError:
    """The error of a backend's settings, with the backend's name."""
    hint = error.hint and error.hint.replace("{BACKEND:", f"{{{name}:")
    return SettingsError(error.sentence, facts={"backend": name, **error.facts}, hint=hint)


def _package(target: str) -> str:
    return target.partition(":")[0].partition(".")[0]


def _facts(name: str, target: str) -> dict[str, str]:
    return {"backend": name, "target": target, "package": _package(target)}


def _hint(target: str) -> str | None:
    return None if _package(target) == "episodec" else "fix or uninstall that package"


def _failure(name: str, target: str, attribute: str, error: Exception) -> BackendError:
    """The error for an exception in the backend's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    facts = {
        **_facts(name, target),
        "failed": attribute,
        "error": f"{type(error).__name__}: {error}",
        "at": f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}",
    }
    return BackendError("a backend raised an error while it was inspected", facts=facts, hint=_hint(target))


def _given(target: str, wrong: str) -> dict[str, str]:
    """The class's values of the wrong attributes."""
    module, _, kind = target.partition(":")
    named_object = getattr(sys.modules.get(module), kind, None)
    names = [name for name in _HELD if f"{name} (" in wrong]
    return {
        f"found {name}": _printable(getattr(named_object, name)) if hasattr(named_object, name) else "none"
        for name in names
    }


def _are_resources(resources: Resources) -> bool:
    counts = ((resources.cpus, 1), (resources.gpus, 0), (resources.memory_mib, 0))
    limit = resources.timeout_s
    return all(_is_whole(count) and count >= least for count, least in counts) and (
        limit is None or (_is_number(limit) and limit > 0)
    )


def _is_duration(duration: Duration) -> bool:
    numbers = (duration.each_s, duration.frame_s, duration.sound_s, duration.step_s, duration.picture_s)
    return all(_is_number(number) and number >= 0 for number in numbers)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _printable(value: object) -> str:
    """A value on one line, with its type; its `repr` may fail."""
    kind = type(value).__name__
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - A stranger's value may raise anything.
        return f"a {kind}"
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f"{text} ({kind})"
