"""The error tree: every failure that episodec raises on purpose.

EpisodecError                  one sentence, aligned facts, one hint
├── UsageError                 the command line asks for something impossible           exit 2
├── ProjectError               the author's tree cannot be read as a project            exit 1
│   ├── SettingsError          the settings of this machine, or what is installed there exit 1
│   └── RejectedSpecs          specs have diagnostics of severity error                 exit 1
├── GraphError                 lowering made an impossible graph: a bug in episodec     exit 2
├── UnhashableValue            a value that cannot be hashed (NaN, infinity, a set)     exit 2
├── StoreError                 the store cannot be used                                 exit 1
│   ├── StoreFormatError       the store was written by another format version          exit 1
│   ├── SharedCacheError       a shared cache cannot be reached, read or written        exit 1
│   └── CorruptBlob            a blob's bytes do not match its digest                   (made again)
├── PublishError               a deliverable cannot be put in dist/                     exit 1
├── BackendError               a tool failed                                            exit 1
│   ├── TransientError         a tool failed in a way that it declares worth retrying   (retried)
│   │   └── MachineLost        the machine on which an action ran is gone               (retried elsewhere)
│   ├── TimedOut               an action ran past its limit                             exit 1
│   └── WorkerLost             the worker process died under the action                 exit 1
└── InputMoved                 an input changed while its action ran: nothing recorded  exit 1
"""

from collections.abc import Mapping


class EpisodecError(Exception):
    """One sentence, then aligned facts, then one hint on how to fix it."""

    exit_code = 1

    def __init__(self, sentence: str, *, facts: Mapping[str, object] | None = None, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts: dict[str, str] = {name: str(value) for name, value in (facts or {}).items()}
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.sentence, self.facts, self.hint)

    def __str__(self) -> str:
        width = max(map(len, self.facts), default=0)
        lines = [self.sentence]
        lines += [f"  {name:<{width}}  {value}" for name, value in self.facts.items()]
        if self.hint:
            lines.append(f"  help: {self.hint}")
        return "\n".join(lines)


def _rebuild(kind: type[EpisodecError], sentence: str, facts: dict[str, str], hint: str | None) -> EpisodecError:
    """Rebuild the error on the other side of a pickle."""
    return kind(sentence, facts=facts, hint=hint)


class UsageError(EpisodecError):
    """The command line asks for something impossible."""

    exit_code = 2


class ProjectError(EpisodecError):
    """The author's tree cannot be read as a project."""


class SettingsError(ProjectError):
    """The settings of this machine are wrong, or ask for something that is not installed."""


class RejectedSpecs(ProjectError):
    """Specs have diagnostics of severity error, which were emitted earlier."""


class GraphError(EpisodecError):
    """Lowering made an impossible graph: a cycle, one id with two meanings, an action that breaks its stage's contract.

    This is a bug in episodec.
    """

    exit_code = 2


class UnhashableValue(EpisodecError):
    """A value that cannot be hashed: NaN, infinity, or a type outside the canonical encoding."""

    exit_code = 2


class StoreError(EpisodecError):
    """The store cannot be used."""


class StoreFormatError(StoreError):
    """The store was written by another format version."""


class SharedCacheError(StoreError):
    """A shared cache cannot be reached, read or written. A build goes on without it."""


class CorruptBlob(StoreError):
    """A blob's bytes do not match its digest; the caller has it made again."""


class TakeError(EpisodecError):
    """An approved take cannot be used, or a result has to be approved first."""


class PublishError(EpisodecError):
    """A deliverable cannot be put in dist/."""


class BackendError(EpisodecError):
    """A tool failed."""


class TransientError(BackendError):
    """A tool failed in a way that its backend declares worth retrying."""


class MachineLost(TransientError):
    """The machine on which an action ran is gone, through no fault of the action: it runs again on another one."""


class TimedOut(BackendError):
    """An action ran past its limit."""


class WorkerLost(BackendError):
    """The worker process died under the action."""


class InputMoved(EpisodecError):
    """An input changed while its action ran, so nothing was recorded."""
