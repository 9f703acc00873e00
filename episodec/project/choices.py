"""Who does each stage of one episode: what the spec's own fields need, else the command line, the episode, the profile.

A stage that nobody can do is refused, and the rest of the episode is lowered all the same, so that all of them are told
at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from episodec.project.backends import Backends
from episodec.spec.types import Episode, Profile
from episodec.stages.lowering import NOBODY, OURS, Choice, Unlowered

RECORDED = "file"  # The backend that makes nothing: it takes what an author's file holds.
TAKEN_FROM = {"images": "images", "mesh": "model", "video": "video"}
"""The fields that ask for backends that take an author's file; the others' field is `file`."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one lowering. Where one is refused, `refusals` says why, by stage."""

    backends: Backends
    episode: Episode
    profile_name: str
    profile: Profile
    asked: Mapping[str, str]  # The command line's: stage to backend.
    refusals: dict[str, Unlowered] = field(default_factory=dict)

    def choose(self, stage: str, needed: str | None) -> Choice:
        """Who does a stage; NOBODY where that is refused. `needed`: the backend that the spec's own fields ask for."""
        try:
            return self._chosen(stage, needed)
        except Unlowered as refusal:
            self.refusals[stage] = refusal
            return NOBODY

    def is_named(self, stage: str) -> bool:
        """Whether anybody is named for a stage that may be left out."""
        return any(stage in named for named in (self.asked, self.episode.backends, self.profile.backends))

    def _chosen(self, stage: str, needed: str | None) -> Choice:
        if needed and self.asked.get(stage, needed) != needed:
            path = TAKEN_FROM.get(needed, "file")
            sentence = f"`--backend {stage}={self.asked[stage]}` would do nothing: `{stage}.{path}` takes its place"
            hint = f"remove `{stage}.{path}`, or build this episode without the option"
            raise Unlowered((stage, path), sentence, hint, code="E209")
        name = needed or self.asked.get(stage) or self.episode.backends.get(stage) or self.profile.backends.get(stage)
        name = name or OURS.get(stage)
        if name is None:
            raise Unlowered(
                (stage,),
                f"profile `{self.profile_name}` names no backend for stage `{stage}`",
                f"say which in series.yaml: `profiles: {{{self.profile_name}: {{backends: {{{stage}: NAME}}}}}}`",
                code="P504",
            )
        self.backends.check(stage, name)
        if name == RECORDED and needed is None:
            hint = f"record it and name it in `{stage}.file`, or choose another backend for stage `{stage}`"
            sentence = f"the backend `{name}` takes a recording, and `{stage}` names none"
            raise Unlowered((stage,), sentence, hint, code="E240")
        return self.backends.choice(name)
