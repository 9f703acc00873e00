"""The seam between the engine and the tools: what a backend is, and all that it sees.

Invariant: a work order holds no episode, no id that a backend may use, and no position: what a backend sees is in the
key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from episodec.digest import Canonical, Digest
from episodec.engine.action import Role
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note
from episodec.errors import BackendError

Settings = Mapping[str, str]
"""What belongs to one machine for one backend (where it is installed, which checkpoints), from episodec.local.yaml.
Never in a key.
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that changes a backend's output besides an action's own parts, and the files that this was read from.

    `parts` goes into keys: tool versions, digests of model files, what settings mean. Of the code that it runs and the
    packages that this imports it says nothing: they are found by themselves (`closure`).
    Invariant: `parts` holds no path, host, clock or locale. `watches` are absolute paths (binaries, model files,
    folders that count by the names in them): while they stand, the fingerprint is remembered and not computed again.
    """

    parts: Mapping[str, Canonical]
    watches: tuple[str, ...] = ()


class Digester(Protocol):
    """Digests of files, each computed once for as long as its stat signature stands."""

    def of(self, path: str) -> Digest:
        """The digest of this file's content. Raises OSError when it cannot be read."""
        ...

    def of_tree(self, folder: str) -> Digest:
        """The digest of all files below a folder, with their names. Raises OSError when one cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """All that a backend sees of an action: plain values and paths. Everything but the paths is in the key or inert.

    The backend writes each output to its path in `outputs` (not yet existing, its folder does) and may use `scratch`, a
    folder named by the key that survives kills: a long action resumes from it. Printing goes to the action's log, which
    few read; what the author should know is told by `note`.
    """

    key: ActionKey
    stage: str
    backend: str
    params: Mapping[str, Canonical]
    inputs: Mapping[Role, tuple[Path, ...]]  # Read-only files, named by role: `in/recording.wav`.
    outputs: Mapping[str, Path]
    scratch: Path
    settings: Settings = field(default_factory=dict)
    cpus: int = 1
    gpus: tuple[int, ...] = ()
    notes: list[Note] = field(default_factory=list, compare=False)  # What the backend told so far.

    def note(
        self, code: str, sentence: str, *, facts: Mapping[str, Canonical] | None = None, hint: str | None = None
    ) -> None:
        """Tell the author something of the result; see `engine.notes.Note`. The backend declares the code in `notes`.
        Told twice is told once. An action that resumes tells what it finds in the end, not on its way.
        """
        told = Note(code, sentence, facts or {}, hint)
        if told not in self.notes:
            self.notes.append(told)

    def input(self, role: Role) -> Path:
        """The one file under a role."""
        (path,) = self.inputs[role]
        return path

    def output(self) -> Path:
        """The one output."""
        (path,) = self.outputs.values()
        return path

    def whole(self, name: str) -> int:
        """A parameter that is a positive whole number.

        Raises:
            BackendError: it is not.
        """
        value = self.params.get(name)
        if not isinstance(value, int) or value <= 0:
            facts = {"backend": self.backend, "name": name, "found": value}
            raise BackendError("a parameter must be a positive whole number", facts=facts)
        return value

    def number(self, name: str) -> float:
        """A parameter that is a number, whole or not.

        Raises:
            BackendError: it is none.
        """
        value = self.params.get(name)
        if not isinstance(value, int | float):
            raise BackendError(
                "a parameter must be a number", facts={"backend": self.backend, "name": name, "found": value}
            )
        return float(value)


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an action of a backend may take, in seconds: a constant, and so much for each part of what it makes."""

    each_s: float = 0.0
    frame_s: float = 0.0  # For each frame of its picture.
    sound_s: float = 0.0  # For each second of its sound.
    step_s: float = 0.0  # For each step of its training.
    picture_s: float = 0.0  # For each picture that it writes.


class Backend(Protocol):
    """A tool that can do the work of one or more stages. One instance lives as long as its worker process.

    Importing its module and calling `fingerprint` must be cheap: heavy imports stand inside `run`.

    It may also have `is_adapter`, true when its results are made by a program or weights that are not ours: then of our
    code only its own package counts in keys; `resources`, what it holds while it runs, a value or told by its settings;
    `notes`, what it may have to tell, code by code (short words with hyphens) to a line for the manual;
    `check_params(params)`, which raises what `run` would raise for texts that it cannot speak, so that it is told while
    specs are read; `window_s(settings)`, the longest sound in seconds that it makes at once, as a Fraction, so that
    lowering asks for segments; `paces`, the slowest and the fastest pace that its voice can be set to, in letters a
    second, so that it is asked to speak a little faster where a narration is too long (`faster_percent`);
    `lacks_phonemes`, true when the words of its voice come without their sounds, so that stage `align` finds them;
    `licence`, a sentence for users on the terms of a model; `overrides`, what of it an episode may override
    (`episodec.overrides`): without it, nothing; and `duration`, a Duration, for the order in which a first build starts
    actions.
    """

    stages: ClassVar[frozenset[str]]
    deterministic: ClassVar[bool]  # Same key, same bytes, on every machine of the same fingerprint.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """What its outputs hang on.

        Raises:
            SettingsError: a setting is missing or wrong, with a hint how to mend it.
        """
        ...

    def run(self, order: WorkOrder) -> None:
        """Write every output of the order.

        Raises:
            BackendError: the tool failed. TransientError: and trying again may help.
        """
        ...
