"""Who does each stage of one episode: what the spec's own fields need, else the command line, the episode, the profile.

A stage that nobody can do is refused, and the rest of the episode is lowered all the same, so that all of them are told
at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from episodec.project.backend_checks import check
from episodec.project.backends import Backends
from episodec.spec.types import Episode, Profile
from episodec.stages.lowering import NOBODY, OURS, Choice, Unlowered

_OF_CHARACTER = ("views", "motion")  # Stages whose files character.yaml names; those of others an episode names.

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
"""The backends that take what an author's file holds, each by its stage, and the field that names the file. Naming the
file asks for the backend, and nothing else does.
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one lowering. Where one is refused, `refusals` says why, by stage."""

    backends: Backends
    episode: Episode
    profile_name: str
    profile: Profile
    asked: Mapping[str, str]  # The command line's: stage to backend.
    unserved: Collection[str] = ()  # Stages that the profile names no fit backend for, as series.yaml was told.
    refusals: dict[str, Unlowered] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)  # Stages that nobody does for what series.yaml was told.

    def choose(self, stage: str, needed: str | None) -> Choice:
        """Who does a stage; NOBODY where that is refused. `needed`: the backend of FIELDS whose file is named."""
        try:
            return self._chosen(stage, needed)
        except Unlowered as refusal:
            self.refusals[stage] = refusal
            return NOBODY

    def is_named(self, stage: str) -> bool:
        """Whether anybody is named for a stage that may be left out."""
        return any(stage in named for named in (self.asked, self.episode.backends, self.profile.backends))

    def _chosen(self, stage: str, needed: str | None) -> Choice:
        if needed:
            self._refuse_others(stage, needed)
        name = needed or self.asked.get(stage) or self.episode.backends.get(stage)
        if name is None and stage in self.unserved:
            self.left_out.add(stage)
            return NOBODY
        name = name or self.profile.backends.get(stage) or OURS.get(stage)
        if name is None:
            raise Unlowered(
                (stage,),
                f"profile `{self.profile_name}` names no backend for stage `{stage}`",
                f"say which in series.yaml: `profiles: {{{self.profile_name}: {{backends: {{{stage}: NAME}}}}}}`",
                code="P504",
            )
        check(self.backends, stage, name)
        if not needed and (stage, name) in FIELDS:
            field = _field(stage, name)
            hint = f"name it in {field}, or choose another backend for stage `{stage}`"
            sentence = f"the backend `{name}` takes an author's file, and {field} names none"
            raise Unlowered((stage,), sentence, hint, code="E240")
        return self.backends.choice(name)

    def _refuse_others(self, stage: str, needed: str) -> None:
        """Refuse what the command line and the episode say in vain; a profile is for other episodes, too.

        Raises:
            Unlowered: they name another backend than the one that the spec's own fields ask for.
        """
        field = _field(stage, needed)
        named = self.asked.get(stage, needed)
        if named != needed:
            sentence = f"`--backend {stage}={named}` would do nothing: {field} takes its place"
            hint = f"remove {field}, or build this episode without the option"
            is_characters = stage in _OF_CHARACTER
            raise Unlowered(FIELDS[stage, needed], sentence, hint, code="E209", in_character=is_characters)
        named = self.episode.backends.get(stage, needed)
        if named != needed:
            sentence = f"the backend `{named}` would not use the file that {field} names"
            raise Unlowered(("backends", stage), sentence, f"remove `backends.{stage}`, or {field}", code="E209")


def _field(stage: str, backend: str) -> str:
    """The field that names the file of a backend, as an author reads of it."""
    name = f"`{'.'.join(FIELDS[stage, backend])}`"
    return f"{name} of character.yaml" if stage in _OF_CHARACTER else name
