"""Input and output of lowering, and small functions that all stages share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Literal

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Input, Resources, Source
from episodec.spec.types import Episode
from episodec.spec.types_of_character import CharacterScene
from episodec.spec.types_of_picture import STUDIO, Background
from episodec.timebase import Moment

PATH_FIELDS = ("file", "timings", "deformation", "model", "images", "video", "initial")
"""Fields that name an author's file: its content is an input, and its name is not in the params."""


DEFAULT_BACKENDS = {
    "align": "align",
    "join": "join",
    "foley-join": "crossfade",
    "mix": "mix",
    "audio": "aac",
    "captions": "captions",
    "rig": "rig",
    "render": "rasterise",
    "lip-voice": "lip-voice",
    "encode": "x264",
    "picture": "concat",
    "mux": "mux",
    "stills": "stills",
    "check": "check",
    "dataset": "dnerf",
    "scene-check": "scene-check",
    "plan": "plan",
    "plan-picture": "plan-picture",
    "performance": "performance",
    "overlay": "overlay",
    "viewer": "viewer",
    "post": "post",
    "entry": "entry",
}
"""The default backends of stages that are the same in every profile."""


@dataclass(frozen=True, slots=True)
class BackendChoice:
    """The backend chosen for a stage of an episode, with its resources and its limits."""

    backend: str
    resources: Resources = Resources()
    window_s: Fraction | None = None  # The longest sound it makes in one run; None: any length.
    paces: tuple[float, float] | None = None  # Letters per second that its voice supports; None: it has a fixed pace.
    lacks_phonemes: bool = False  # Whether its words come without phonemes.


UNRESOLVED = BackendChoice("")
"""Placeholder for a refused choice, so that the other stages are still lowered and judged."""


@dataclass(frozen=True, slots=True)
class CharacterFacts:
    """A character's description in character.yaml, for readers."""

    title: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # Hair, outfit, …
    licence: str | None = None
    face: tuple[float, float] | None = (
        None  # Its middle in the portrait: right and up, from the portrait's, in heights.
    )


@dataclass(frozen=True, slots=True)
class Modelling:
    """A character's own scene in character.yaml, and the files that it names, by the naming text."""

    scene: CharacterScene = CharacterScene()
    files: Mapping[str, Source] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)  # The texts of picture lists with cameras.
    pictures: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)  # The pictures in these lists, in order.
    quality: Literal["draft", "production"] = "draft"  # Of the profile.


def _has_no_backend(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Lowering:
    """The complete input of lowering."""

    episode: Episode
    choose: Callable[[str, str | None], BackendChoice]  # (stage, the backend for the file that the spec gives, if any).
    files: Mapping[str, Source]  # The files that the spec names, by the naming text.
    portrait: Source | None = None  # The character's alpha-ref.png.
    landmarks: Source | None = None  # Of the portrait's face, if the author has set them.
    tokens: Source | None = None  # The character's ref_alpha.npy.
    transcript: str | None = None  # The text of the reference recording.
    recording: Source | None = None  # The reference recording, if the character has one in addition to its tokens.
    characters_per_second: float = 15.0  # The character's pace.
    register: tuple[float, float] | None = None  # Hz, of the median pitch of its voice; None: any.
    size: tuple[int, int] | None = None  # Pixels, if the spec or its profile gives a size.
    texts: Mapping[str, str] = field(default_factory=dict)  # Files that lowering itself reads: camera paths.
    modelling: Modelling = Modelling()
    has_headroom: bool = False  # Whether portrait-format pictures are framed with room above the head.
    has_backend: Callable[[str], bool] = _has_no_backend  # Whether an optional stage has a backend.
    series: str = ""  # The title of the series.
    identity: CharacterFacts = CharacterFacts()
    licence: Callable[[str], str | None] = lambda _: None  # The terms of a backend's model.
    tells: Callable[[str], bool] = _has_no_backend  # Whether a backend may send notes.
    background: Background = STUDIO  # The character's, or else the series'.
    background_file: Source | None = None  # Its picture.
    preview: bool = False  # Whether a small picture is requested in addition.
    still: Moment | None = None  # The time of a frame requested as a single picture.


def portrait_inputs(context: Lowering) -> dict[str, tuple[Input, ...]]:
    """The portrait and, if the author has set them, its landmarks: for every stage that reads a face."""
    assert context.portrait is not None
    inputs: dict[str, tuple[Input, ...]] = {"portrait.png": (context.portrait,)}
    if context.landmarks is not None:
        inputs["landmarks.json"] = (context.landmarks,)
    return inputs


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning from lowering about a section; `project` turns it into a diagnostic, unless it is allowed."""

    code: str  # A warning.
    path: tuple[str | int, ...]
    sentence: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Lowered:
    """Actions, and their deliverables."""

    actions: tuple[Action, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    result: Artifact | None = None  # The input of the next stage: the joined voice, the ambience, the mix.
    remarks: tuple[Remark, ...] = ()


class LoweringError(Exception):
    """A part of the spec that no stage can lower. Not an EpisodecError: `project` turns it into a diagnostic at its
    line.
    """

    def __init__(
        self, path: tuple[str | int, ...], sentence: str, hint: str, *, code: str = "E222", in_character: bool = False
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.path = path
        self.in_character = in_character  # Whether the path is in character.yaml.
        self.sentence = sentence
        self.hint = hint
        self.others: tuple[LoweringError, ...] = ()  # Further errors, reported together.


def combined(refusals: Sequence[LoweringError]) -> LoweringError:
    """The first of these errors, with the others attached."""
    refusals[0].others = tuple(refusals[1:])
    return refusals[0]


def joined(*parts: Lowered) -> Lowered:
    """Several lowerings as one, in order."""
    return Lowered(
        tuple(action for part in parts for action in part.actions),
        tuple(deliverable for part in parts for deliverable in part.deliverables),
        remarks=tuple(remark for part in parts for remark in part.remarks),
    )


def action_id(episode: Episode, *parts: str) -> ActionId:
    """`d13-072/voice`: the episode's season and number, then the parts."""
    season = f"{episode.season}-" if episode.season else ""
    return ActionId("/".join((f"{season}{episode.number:03}", *parts)))


def role(name: str, file: str) -> str:
    """The role of an author's file: a name with the suffix of the file, since tools depend on suffixes."""
    return name + PurePosixPath(file).suffix.lower()


def clock(episode: Episode) -> dict[str, Canonical]:
    """The length of an episode, as params of every stage that needs it."""
    return {"frames": episode.frames, "rate": episode.rate}


def params(
    context: Lowering, stage: str, section: Mapping[str, Canonical], *more: Mapping[str, Canonical]
) -> dict[str, Canonical]:
    """A stage's params: its whole section of the spec (so a new field invalidates by default), without file names."""
    merged = {name: value for name, value in section.items() if name not in PATH_FIELDS}
    for part in more:
        merged.update(part)
    if overridden := context.episode.overrides.get(stage):  # `{}` leaves no trace in a key.
        merged["overrides"] = overridden
    return merged


def step(
    context: Lowering,
    stage: str,
    choice: BackendChoice,
    *sections: Mapping[str, Canonical],
    outputs: tuple[str, ...],
    inputs: Mapping[str, tuple[Input, ...]] | None = None,
    name: ActionId | None = None,
) -> Action:
    """The action of a stage, done by the chosen backend; its params are these sections (see `params`).

    `name`: None for a stage of which an episode has one action.
    """
    return Action(
        id=name or action_id(context.episode, stage),
        stage=stage,
        backend=choice.backend,
        outputs=outputs,
        params=params(context, stage, *(sections or ({},))),
        inputs=inputs or {},
        resources=choice.resources,
    )


def renders(episode: Episode) -> bool:
    """Whether the episode's picture is rendered from a scene."""
    return bool(episode.camera or episode.time or episode.scene.file or episode.scene.kind)


def performs(context: Lowering) -> bool:
    """Whether a face moves in the rendered picture; a character without a portrait has no known face."""
    return renders(context.episode) and context.episode.performance is not None and context.portrait is not None


def performance_of(context: Lowering) -> Artifact:
    """The performance of an episode, as an artifact."""
    return Artifact(action_id(context.episode, "performance"), "performance.json")


def require_content(episode: Episode) -> None:
    """Refuse an episode that makes nothing.

    Raises:
        LoweringError: it lists what the episode could have.
    """
    if not (episode.voice or episode.foley or episode.video or renders(episode)):
        hint = "give it a `voice`, a `foley`, a `video` or a `camera`"
        raise LoweringError((), "this episode has nothing to make", hint)
    if episode.background and not renders(episode):
        sentence = "`background` needs a rendered character, and this episode renders none"
        raise LoweringError(("background",), sentence, "give it a `camera`, or remove the background")
