"""The seam between the engine and the tools: the protocol of a backend, and everything that it sees.

Invariant: a work order holds no episode, no usable id and no position: everything a backend sees is in the key.
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
"""The settings of one machine for one backend (installation folder, checkpoints), from episodec.local.yaml.

Never in a key.
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything that changes a backend's output besides an action's own parts, and the files this was read from.

    `parts` goes into keys: tool versions, digests of model files, the meaning of settings. It leaves out the code that
    the backend runs and the packages that this code imports: `closure` finds them.

    Invariant: `parts` holds no path, host, clock or locale. `watches` are absolute paths (binaries, model files,
    folders whose file names count): as long as they are unchanged, the fingerprint is reused instead of computed again.
    """

    parts: Mapping[str, Canonical]
    watches: tuple[str, ...] = ()


class Digester(Protocol):
    """Digests of files, each computed once for as long as its stat signature is unchanged."""

    def of(self, path: str) -> Digest:
        """The digest of this file's content. Raises OSError when it cannot be read."""
        ...

    def of_tree(self, folder: str) -> Digest:
        """The digest of all files below a folder, with their names. Raises OSError when one cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Everything a backend sees of an action: plain values and paths. All of it but the paths is in the key or inert.

    The backend writes each output to its path in `outputs` (the folder exists, the file does not). It may use
    `scratch`, a folder named by the key that survives kills, from which a long action resumes. Printed text goes to the
    action's log, which few people read; use `note` for what the author should know.
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
    notes: list[Note] = field(default_factory=list, compare=False)  # The notes of the backend so far.

    def note(
        self, code: str, sentence: str, *, facts: Mapping[str, Canonical] | None = None, hint: str | None = None
    ) -> None:
        """Add a note on the result for the author; see `engine.notes.Note`. The backend declares the code in `notes`.

        A repeated note is dropped. An action that resumes notes the final state, not its progress.
        """
        note = Note(code, sentence, facts or {}, hint)
        if note not in self.notes:
            self.notes.append(note)

    def input(self, role: Role) -> Path:
        """The only file under a role."""
        (path,) = self.inputs[role]
        return path

    def output(self) -> Path:
        """The only output."""
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
            BackendError: it is not.
        """
        value = self.params.get(name)
        if not isinstance(value, int | float):
            raise BackendError(
                "a parameter must be a number", facts={"backend": self.backend, "name": name, "found": value}
            )
        return float(value)


@dataclass(frozen=True, slots=True)
class Duration:
    """The expected seconds of an action: a constant, plus a cost for each part of its output."""

    each_s: float = 0.0
    frame_s: float = 0.0  # For each frame of its picture.
    sound_s: float = 0.0  # For each second of its sound.
    step_s: float = 0.0  # For each step of its training.
    picture_s: float = 0.0  # For each picture that it writes.


class Backend(Protocol):
    """A tool that does the work of one or more stages. One instance lives as long as its worker process.

    Importing its module and calling `fingerprint` must be cheap: heavy imports go inside `run`.

    Optional attributes:

    - `is_adapter`: true when its results come from a program or weights outside this package: then only the code of
      its own package counts in keys.
    - `resources`: what it holds while it runs, a value or a function of its settings.
    - `notes`: the codes of its notes (short words with hyphens), each with a line for the manual.
    - `check_params(params)`: raises what `run` would raise for texts that it cannot speak, to report it while specs
      are read.
    - `window_s(settings)`: the longest sound that it makes in one run, in seconds as a Fraction; lowering then asks
      for segments.
    - `paces`: the slowest and the fastest pace of its voice, in letters a second; a narration that is too long is
      then spoken a little faster (`faster_percent`).
    - `lacks_phonemes`: true when the words of its voice come without phonemes; stage `align` then finds them.
    - `licence`: a sentence for users on the terms of a model.
    - `overrides`: what an episode may override (`episodec.overrides`); without it, nothing.
    - `duration`: a Duration, for the order in which a first build starts actions.
    """

    stages: ClassVar[frozenset[str]]
    deterministic: ClassVar[bool]  # Same key, same bytes, on every machine of the same fingerprint.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """Everything its outputs depend on.

        Raises:
            SettingsError: a setting is missing or wrong, with a hint on how to fix it.
        """
        ...

    def run(self, order: WorkOrder) -> None:
        """Write every output of the order.

        Raises:
            BackendError: the tool failed.
            TransientError: the tool failed, and another attempt may succeed.
        """
        ...
