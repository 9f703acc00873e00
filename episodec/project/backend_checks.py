"""Whether backends that are asked for are there, do the stage that they are asked for, and can run on this machine."""

from collections.abc import Iterable, Mapping

from episodec.errors import BackendError, EpisodecError, SettingsError, UsageError
from episodec.project.backends import Backends
from episodec.runner.loading import accepts
from episodec.spec.near import did_you_mean
from episodec.stages import STAGES
from episodec.stages.lowering import Unlowered


def check_asked(backends: Backends, asked: Mapping[str, str]) -> None:
    """Refuse overrides of the command line that name no stage, or no backend of that stage.

    Raises:
        UsageError: all of them at once.
    """
    facts: dict[str, str] = {}
    hints: dict[str, None] = {}
    for stage, name in asked.items():
        try:
            _check_stage(stage)
            check(backends, stage, name)
        except Unlowered as refusal:
            facts[f"{stage}={name}"] = refusal.sentence
            hints[refusal.hint] = None
    if facts:
        raise UsageError("--backend asks for what is not there", facts=facts, hint="; ".join(hints))


def check(backends: Backends, stage: str, name: str) -> None:
    """Refuse a name that no backend has, or none that does this stage.

    Raises:
        Unlowered: it is so.
    """
    try:
        backends.target(name)
    except KeyError:
        known = sorted(backends.targets())
        hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
        sentence = f"there is no backend `{name}` for stage `{stage}`"
        raise Unlowered(("backends", stage), sentence, hint, code="P502") from None
    if not accepts(backends.backend(name), stage):
        offers = ", ".join(sorted(backends.backend(name).stages))
        sentence = f"backend `{name}` does not do stage `{stage}`"
        raise Unlowered(("backends", stage), sentence, f"it does: {offers}", code="P502")


def check_here(backends: Backends, names: Iterable[str]) -> None:
    """Refuse backends that cannot run on this machine. Their keys will need their fingerprints, and a judge asks
    only once the inputs are made: hours later, for a training.

    Raises:
        SettingsError: the settings or the packages that they need are not there; all of them are told at once.
    """
    errors: dict[str, SettingsError | BackendError] = {}
    for name in dict.fromkeys(names):
        try:
            backends.fingerprint("", name)
        except (SettingsError, BackendError) as error:
            errors[name] = error
    if len(errors) == 1:
        raise next(iter(errors.values()))
    if errors:
        sentence = f"{len(errors)} backends of these episodes cannot run on this machine"
        facts = {name: _in_a_line(error) for name, error in sorted(errors.items())}
        hints = dict.fromkeys(errors[name].hint for name in sorted(errors))
        raise SettingsError(sentence, facts=facts, hint="; ".join(filter(None, hints)))


def check_stages(names: Iterable[str]) -> None:
    """Nothing, if these are stages.

    Raises:
        UsageError: one is none.
    """
    for name in names:
        try:
            _check_stage(name)
        except Unlowered as refusal:
            raise UsageError(refusal.sentence, hint=refusal.hint) from refusal


def _check_stage(stage: str) -> None:
    if stage not in STAGES:
        hint = did_you_mean(stage, STAGES) or f"there are: {', '.join(STAGES)}"
        raise Unlowered((stage,), f"there is no stage `{stage}`", hint)


def _in_a_line(error: EpisodecError) -> str:
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items() if name != "backend")
    return error.sentence + (f" ({facts})" if facts else "")
