"""Checks that the requested backends exist, do their stages, and can run on this machine."""

from collections.abc import Iterable, Mapping

from episodec.errors import BackendError, EpisodecError, SettingsError, UsageError
from episodec.project.backends import Backends
from episodec.project.systems import missing_settings
from episodec.runner.loading import accepts
from episodec.spec.near import did_you_mean
from episodec.stages import STAGES
from episodec.stages.lowering import LoweringError


def check_asked(backends: Backends, asked: Mapping[str, str]) -> None:
    """Refuse command-line overrides that name no stage, or no backend of that stage.

    Raises:
        UsageError: names all of them.
    """
    facts: dict[str, str] = {}
    hints: dict[str, None] = {}
    for stage, name in asked.items():
        try:
            _check_stage(stage)
            check(backends, stage, name)
        except LoweringError as refusal:
            facts[f"{stage}={name}"] = refusal.sentence
            hints[refusal.hint] = None
    if facts:
        raise UsageError("--backend names unknown stages or backends", facts=facts, hint="; ".join(hints))


def check(backends: Backends, stage: str, name: str) -> None:
    """Refuse a name that no backend has, or whose backend does not do this stage.

    Raises:
        LoweringError: it is refused.
    """
    try:
        backends.target(name)
    except KeyError:
        known = sorted(backends.targets())
        hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
        sentence = f"there is no backend `{name}` for stage `{stage}`"
        raise LoweringError(("backends", stage), sentence, hint, code="P502") from None
    if not accepts(backends.backend(name), stage):
        offers = ", ".join(sorted(backends.backend(name).stages))
        sentence = f"backend `{name}` does not do stage `{stage}`"
        raise LoweringError(("backends", stage), sentence, f"it does: {offers}", code="P502")


def check_here(backends: Backends, names: Iterable[str]) -> None:
    """Refuse backends that cannot run on this machine. Otherwise the judge would notice only once their inputs are
    made: for a training, hours later.

    Raises:
        SettingsError: settings or packages that they need are missing; all are reported together.
    """
    errors: dict[str, SettingsError | BackendError] = {}
    for name in dict.fromkeys(names):
        try:
            backends.fingerprint("", name)
        except (SettingsError, BackendError) as error:
            errors[name] = error
    if len(errors) == 1:
        ((name, only),) = errors.items()
        raise _with_all_settings(backends, name, only)
    if errors:
        sentence = f"{len(errors)} backends of these episodes cannot run on this machine"
        facts = {name: _in_a_line(backends, name, error) for name, error in sorted(errors.items())}
        hints = dict.fromkeys(_with_all_settings(backends, name, errors[name]).hint for name in sorted(errors))
        raise SettingsError(sentence, facts=facts, hint="; ".join(filter(None, hints)))


def check_stages(names: Iterable[str]) -> None:
    """Check that these are stages.

    Raises:
        UsageError: one is not.
    """
    for name in names:
        try:
            _check_stage(name)
        except LoweringError as refusal:
            raise UsageError(refusal.sentence, hint=refusal.hint) from refusal


def _check_stage(stage: str) -> None:
    if stage not in STAGES:
        hint = did_you_mean(stage, STAGES) or f"there are: {', '.join(STAGES)}"
        raise LoweringError((stage,), f"there is no stage `{stage}`", hint)


def all_missing(backends: Backends, name: str, error: EpisodecError) -> dict[str, str]:
    """All settings that a backend lacks, where its error names one of them, and its terms of use."""
    missing = missing_settings(name, backends.settings(name))
    if "setting" not in error.facts or len(missing) < 2:
        return {}
    licence = backends.licence(name)
    return {"settings": ", ".join(missing), **({"licence": licence} if licence else {})}


def _with_all_settings(
    backends: Backends, name: str, error: SettingsError | BackendError
) -> SettingsError | BackendError:
    """The error of a backend, which names all settings that it lacks and no single one."""
    missing = all_missing(backends, name, error)
    if not missing:
        return error
    facts = {key: value for key, value in error.facts.items() if key not in ("setting", "names")}
    hint = "`episodec doctor --write-local` writes a file of settings to fill in"
    return SettingsError("settings of this machine are missing", facts={**facts, **missing}, hint=hint)


def _in_a_line(backends: Backends, name: str, error: SettingsError | BackendError) -> str:
    whole = _with_all_settings(backends, name, error)
    facts = ", ".join(f"{key}: {value}" for key, value in whole.facts.items() if key != "backend")
    return whole.sentence + (f" ({facts})" if facts else "")
