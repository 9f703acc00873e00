"""The choice of each stage's backend: by the spec's own fields, else the command line, the episode, the profile.

A stage without a usable backend is refused, and the rest of the episode is still lowered, so that all refusals are
reported together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from episodec.project.backend_checks import check
from episodec.project.backends import Backends
from episodec.spec.types import Episode, Profile
from episodec.stages.lowering import DEFAULT_BACKENDS, UNRESOLVED, BackendChoice, LoweringError

# Stages whose files are named by character.yaml; those of other stages are named by the episode.
_OF_CHARACTER = ("views", "motion")

FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("voice", "file"): ("voice", "file"),
    ("foley", "file"): ("foley", "file"),
    ("video", "file"): ("video", "file"),
    ("performance", "capture"): ("performance", "file"),
    ("views", "mesh"): ("scene", "views", "model"),
    ("views", "images"): ("scene", "views", "images"),
    ("motion", "video"): ("scene", "motion", "video"),
    ("motion", "images"): ("scene", "motion", "images"),
    ("scene", "ply"): ("scene", "file"),
    ("scene", "4dgs-checkpoint"): ("scene", "deformation"),
}
"""The backends that read an author's file, by stage, and the field that names the file. Naming the file selects the
backend, and nothing else does.
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one lowering. `refusals`: the reasons of refused stages."""

    backends: Backends
    episode: Episode
    profile_name: str
    profile: Profile
    asked: Mapping[str, str]  # The command line's: stage to backend.
    # Stages for which the profile names an unusable backend, as already reported for series.yaml.
    unserved: Collection[str] = ()
    refusals: dict[str, LoweringError] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)  # Those of them that this episode needs.

    def choose(self, stage: str, needed: str | None) -> BackendChoice:
        """The choice for a stage; NOBODY if it is refused. `needed`: the backend of FIELDS whose file is named."""
        try:
            return self._chosen(stage, needed)
        except LoweringError as refusal:
            self.refusals[stage] = refusal
            return UNRESOLVED

    def is_named(self, stage: str) -> bool:
        """Whether a backend is named for a stage that is optional."""
        return any(stage in named for named in (self.asked, self.episode.backends, self.profile.backends))

    def _chosen(self, stage: str, needed: str | None) -> BackendChoice:
        if needed:
            self._refuse_others(stage, needed)
        name = needed or self.asked.get(stage) or self.episode.backends.get(stage)
        if name is None and stage in self.unserved:
            self.left_out.add(stage)
            return UNRESOLVED
        name = name or self.profile.backends.get(stage) or DEFAULT_BACKENDS.get(stage)
        if name is None:
            raise LoweringError(
                (stage,),
                f"profile `{self.profile_name}` names no backend for stage `{stage}`",
                f"choose one in series.yaml: `profiles: {{{self.profile_name}: {{backends: {{{stage}: NAME}}}}}}`",
                code="P504",
            )
        check(self.backends, stage, name)
        if not needed and (stage, name) in FIELDS:
            field = _field(stage, name)
            hint = f"name it in {field}, or choose another backend for stage `{stage}`"
            sentence = f"the backend `{name}` reads an author's file, but {field} names none"
            raise LoweringError((stage,), sentence, hint, code="E240")
        return self.backends.choice(name)

    def _refuse_others(self, stage: str, needed: str) -> None:
        """Refuse contradicting backends of the command line and the episode, which would have no effect. A profile's
        are ignored: it is for other episodes, too.

        Raises:
            LoweringError: they name a backend other than the one that the spec's fields select.
        """
        field = _field(stage, needed)
        named = self.asked.get(stage, needed)
        if named != needed:
            sentence = f"`--backend {stage}={named}` would do nothing: {field} takes its place"
            hint = f"remove {field}, or build this episode without the option"
            is_characters = stage in _OF_CHARACTER
            raise LoweringError(FIELDS[stage, needed], sentence, hint, code="E209", in_character=is_characters)
        named = self.episode.backends.get(stage, needed)
        if named != needed:
            sentence = f"the backend `{named}` would not use the file that {field} names"
            raise LoweringError(("backends", stage), sentence, f"remove `backends.{stage}`, or {field}", code="E209")


def _field(stage: str, backend: str) -> str:
    """The field that names a backend's file, as shown to authors."""
    name = f"`{'.'.join(FIELDS[stage, backend])}`"
    return f"{name} of character.yaml" if stage in _OF_CHARACTER else name
