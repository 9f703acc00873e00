"""What lowering is given and gives back, and the small steps that every stage shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Resources, Source
from episodec.spec.types import Episode

PATH_FIELDS = ("file", "timings")
"""Fields that name an author's file: its content is an input, and the name stays out of the params."""


OURS = {"encode": "x264", "picture": "concat", "mux": "mux", "stills": "stills", "check": "check"}
"""Who does a stage that is the same in every profile, where nobody names another."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who does a stage for an episode: the backend by name, and what it holds while it runs."""

    backend: str
    resources: Resources = Resources()


@dataclass(frozen=True, slots=True)
class Lowering:
    """All that lowering an episode may look at."""

    episode: Episode
    choose: Callable[
        [str, str | None], Choice
    ]  # (stage, the backend that the spec's own fields ask for) to who does it.
    files: Mapping[str, Source]  # The files that the spec names, by the text that names them.
    portrait: Source | None = None  # The character's alpha-ref.png.
    tokens: Source | None = None  # The character's ref_alpha.npy.
    transcript: str | None = None  # What the reference recording says.
    size: tuple[int, int] | None = None  # Pixels, where the spec or its profile says so.
    texts: Mapping[str, str] = field(default_factory=dict)  # Files that lowering itself reads: camera paths.


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that only lowering can give: `project` turns it into a diagnostic, unless the episode allows it."""

    code: str
    path: tuple[str | int, ...]
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """Actions, which of their outputs are delivered under which name, and what the author should know."""

    actions: tuple[Action, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    notices: tuple[Notice, ...] = ()
    result: Artifact | None = None  # What the next stage goes on from.


class Unlowered(Exception):
    """A part of the spec that no stage takes up. Not an EpisodecError: `project` turns it into a diagnostic at its
    line.
    """

    def __init__(self, path: tuple[str | int, ...], sentence: str, hint: str, *, code: str = "E222") -> None:
        super().__init__(sentence)
        self.code = code
        self.path = path
        self.sentence = sentence
        self.hint = hint
        self.others: tuple[Unlowered, ...] = ()  # What else is wrong: all of it is reported at once.


def joined(*parts: Lowered) -> Lowered:
    """One lowering of several, in order."""
    actions = tuple(action for part in parts for action in part.actions)
    deliverables = tuple(deliverable for part in parts for deliverable in part.deliverables)
    return Lowered(actions, deliverables, tuple(notice for part in parts for notice in part.notices))


def action_id(episode: Episode, *parts: str) -> ActionId:
    """`d13-072/voice`: the episode's season and number and the way to the action in it."""
    return ActionId("/".join((f"{episode.season}-{episode.number:03}", *parts)))


def role(name: str, file: str) -> str:
    """The role of an author's file: our word for it with the suffix of theirs, since tools go by suffixes."""
    return name + PurePosixPath(file).suffix.lower()


def clock(episode: Episode) -> dict[str, Canonical]:
    """The length of an episode, as params of every stage that fills it."""
    return {"frames": episode.frames, "rate": episode.rate}


def params(
    at: Lowering, stage: str, section: Mapping[str, Canonical], *more: Mapping[str, Canonical]
) -> dict[str, Canonical]:
    """A stage's params: its whole section of the spec (a new field invalidates by default), without the paths in it."""
    found = {name: value for name, value in section.items() if name not in PATH_FIELDS}
    for part in more:
        found.update(part)
    if stage in at.episode.overrides:
        found["overrides"] = at.episode.overrides[stage]
    return found


def renders(episode: Episode) -> bool:
    """Whether the episode's picture is made from a scene, frame by frame."""
    return bool(episode.camera or episode.time or episode.scene.file)


def unlowered(episode: Episode) -> None:
    """Refuses what the language can say and no stage takes up yet.

    Raises:
        Unlowered: naming the section.
    """
    for section in ("camera", "time"):
        if getattr(episode, section):
            sentence = f"no stage of this version reads `{section}`, so it would do nothing"
            raise Unlowered((section,), sentence, "give a ready picture with `video: {file: …}`")
    if episode.scene.file:
        raise Unlowered(
            ("scene",), "no stage of this version renders a scene", "give a ready picture with `video: {file: …}`"
        )
    if not (episode.voice or episode.foley or episode.video):
        raise Unlowered((), "this episode has nothing to make", "give it a `voice`, a `foley` or a `video`")
