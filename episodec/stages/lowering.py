"""What lowering is given and gives back, and the small steps that every stage shares."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Literal

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Input, Resources, Source
from episodec.spec.types import STUDIO, Background, CharacterScene, Episode
from episodec.timebase import Moment

PATH_FIELDS = ("file", "timings", "deformation", "model", "images", "video", "initial")
"""Fields that name an author's file: its content is an input, and the name stays out of the params."""


OURS = {
    "align": "align",
    "join": "join",
    "foley-join": "crossfade",
    "mix": "mix",
    "audio": "aac",
    "captions": "captions",
    "rig": "rig",
    "render": "rasterise",
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
    "post": "post",
    "entry": "entry",
}
"""Who does a stage that is the same in every profile, where nobody names another."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who does a stage for an episode: the backend by name, what it holds while it runs, how much it makes at once."""

    backend: str
    resources: Resources = Resources()
    window_s: Fraction | None = None  # The longest sound that it makes in one go; None: any length.
    paces: tuple[float, float] | None = None  # Letters a second that its voice can be set to; None: it has its own.
    lacks_phonemes: bool = False  # Whether its words come without their sounds.


NOBODY = Choice("")
"""Stands for who does a stage where that was refused, so that the other stages are lowered and judged."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What character.yaml says of a character for readers."""

    title: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # Hair, outfit, …
    licence: str | None = None
    face: tuple[float, float] | None = (
        None  # Its middle in the portrait: right and up, from the portrait's, in heights.
    )


@dataclass(frozen=True, slots=True)
class Modelling:
    """What character.yaml says of the character's own scene, and the files that it names, each by the naming text."""

    scene: CharacterScene = CharacterScene()
    files: Mapping[str, Source] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)  # The texts of lists of pictures that have cameras.
    pictures: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)  # What these lists name, in order.
    quality: Literal["draft", "production"] = "draft"  # The profile's.


def _nobody(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Lowering:
    """All that lowering an episode may look at."""

    episode: Episode
    choose: Callable[[str, str | None], Choice]  # (stage, the backend that takes the file named for it) to who does it.
    files: Mapping[str, Source]  # The files that the spec names, by the text that names them.
    portrait: Source | None = None  # The character's alpha-ref.png.
    landmarks: Source | None = None  # Of its face, where the author has set them.
    tokens: Source | None = None  # The character's ref_alpha.npy.
    transcript: str | None = None  # What the reference recording says.
    recording: Source | None = None  # The reference recording, where the character has one beside its tokens.
    characters_per_second: float = 15.0  # The character's pace.
    register: tuple[float, float] | None = None  # Hz, of the median pitch of its voice; None: any.
    size: tuple[int, int] | None = None  # Pixels, where the spec or its profile says so.
    texts: Mapping[str, str] = field(default_factory=dict)  # Files that lowering itself reads: camera paths.
    modelling: Modelling = Modelling()
    has_headroom: bool = False  # Whether a picture that is higher than wide is framed with room above the head.
    has_backend: Callable[[str], bool] = _nobody  # Whether a stage that may be left out has somebody to do it.
    series: str = ""  # Its title.
    identity: Identity = Identity()
    licence: Callable[[str], str | None] = lambda _: None  # On what terms a backend's model may be used.
    tells: Callable[[str], bool] = _nobody  # Whether a backend may have notes to tell.
    background: Background = STUDIO  # What the character, or else its series, says of it.
    background_file: Source | None = None  # The picture that it names.
    preview: bool = False  # Whether a small picture is asked for besides.
    still: Moment | None = None  # When a frame is asked for as a picture by itself.


def portrait_inputs(at: Lowering) -> dict[str, tuple[Input, ...]]:
    """The portrait and, where its author has set them, the landmarks of its face: for all that looks at a face."""
    assert at.portrait is not None
    inputs: dict[str, tuple[Input, ...]] = {"portrait.png": (at.portrait,)}
    if at.landmarks is not None:
        inputs["landmarks.json"] = (at.landmarks,)
    return inputs


@dataclass(frozen=True, slots=True)
class Remark:
    """What lowering has to tell the author of a section: `project` turns it into a diagnostic, unless it is allowed."""

    code: str  # A warning.
    path: tuple[str | int, ...]
    sentence: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Lowered:
    """Actions, and which of their outputs are delivered under which name."""

    actions: tuple[Action, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    result: Artifact | None = None  # What the next stage goes on from: the joined voice, the ambience, the mix.
    remarks: tuple[Remark, ...] = ()


class Unlowered(Exception):
    """A part of the spec that no stage takes up. Not an EpisodecError: `project` turns it into a diagnostic at its
    line.
    """

    def __init__(
        self, path: tuple[str | int, ...], sentence: str, hint: str, *, code: str = "E222", in_character: bool = False
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.path = path
        self.in_character = in_character  # Whether the path is one of character.yaml.
        self.sentence = sentence
        self.hint = hint
        self.others: tuple[Unlowered, ...] = ()  # What else is wrong: all of it is reported at once.


def refused(refusals: Sequence[Unlowered]) -> Unlowered:
    """The first of them, to be raised, with the others along."""
    refusals[0].others = tuple(refusals[1:])
    return refusals[0]


def joined(*parts: Lowered) -> Lowered:
    """One lowering of several, in order."""
    return Lowered(
        tuple(action for part in parts for action in part.actions),
        tuple(deliverable for part in parts for deliverable in part.deliverables),
        remarks=tuple(remark for part in parts for remark in part.remarks),
    )


def action_id(episode: Episode, *parts: str) -> ActionId:
    """`d13-072/voice`: the episode's season and number and the way to the action in it."""
    season = f"{episode.season}-" if episode.season else ""
    return ActionId("/".join((f"{season}{episode.number:03}", *parts)))


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
    if overridden := at.episode.overrides.get(stage):  # `{}` says nothing, and leaves no trace in a key.
        found["overrides"] = overridden
    return found


def renders(episode: Episode) -> bool:
    """Whether the episode's picture is made from a scene, frame by frame."""
    return bool(episode.camera or episode.time or episode.scene.file or episode.scene.kind)


def performs(at: Lowering) -> bool:
    """Whether a face moves in what is rendered; nobody knows that of a character without a portrait."""
    return renders(at.episode) and at.episode.performance is not None and at.portrait is not None


def performance_of(at: Lowering) -> Artifact:
    """The track of an episode that performs."""
    return Artifact(action_id(at.episode, "performance"), "performance.json")


def unlowered(episode: Episode) -> None:
    """Refuses an episode that asks for nothing.

    Raises:
        Unlowered: saying what it could ask for.
    """
    if not (episode.voice or episode.foley or episode.video or renders(episode)):
        hint = "give it a `voice`, a `foley`, a `video` or a `camera`"
        raise Unlowered((), "this episode has nothing to make", hint)
    if episode.background and not renders(episode):
        sentence = "`background` is seen behind a character, and this episode films none"
        raise Unlowered(("background",), sentence, "give it a `camera`, or remove the background")
