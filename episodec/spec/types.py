"""The content of a spec, typed. The schema files in schema/ mirror it for editors; a test keeps both in step.

Field names are the spec's own, with units in them. A field that is None was not given and has no default in the
language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from episodec.digest import Canonical
from episodec.spec.types_of_delivery import Film, Gate, PostForm, PostTexts
from episodec.spec.types_of_picture import Background, Lips, Performance, SceneSection, Video
from episodec.spec.types_of_sound import Captions, Foley, Loudness, Mix, Voice
from episodec.spec.types_of_tracks import CameraMove, TimeMove

LANGUAGE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """The backend of each stage, and the frame size for specs without one."""

    backends: Mapping[str, str] = field(default_factory=dict)  # Stage to backend.
    size: tuple[int, int] | None = None  # Pixels, width and height.
    quality: Literal["draft", "production"] = "draft"  # How long a character's scene is trained.


@dataclass(frozen=True, slots=True)
class Series:
    """series.yaml: defaults for every episode of the series."""

    title: str
    season: str | None = None
    character: str | None = None
    language: str = "en"  # BCP 47.
    naming: str = "{character}_{season}_episode{number}"
    disclosure: str | None = None
    post: PostForm = PostForm()
    rate: int = 30
    frames: int = 900
    seconds: float | None = None  # Instead of frames; whole frames at an episode's rate.
    loudness: Loudness = Loudness()
    mix: Mix = Mix()
    lexicon: Mapping[str, str] = field(default_factory=dict)  # Written word to spoken form.
    checks: Mapping[str, Gate] = field(default_factory=dict)
    background: Background | None = None  # None: `STUDIO`.
    profile: str = "draft"  # The default profile: it publishes directly to dist/.
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    shared_cache: str | None = None  # A URL, for reading without credentials, where a user's own settings list it.


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode, with the series' defaults filled in: the input of lowering."""

    number: int
    season: str
    title: str
    character: str
    language: str
    disclosure: str  # How synthetic media in it is disclosed.
    name: str  # By the series' naming template; unique over the series: `alpha_d13_episode72`.
    rate: int  # Frames a second.
    frames: int
    loudness: Loudness
    mix: Mix
    description: str = ""
    tags: tuple[str, ...] = ()
    post: PostTexts = PostTexts()
    size: tuple[int, int] | None = None  # Pixels; None: the profile's.
    deliver: tuple[Film, ...] = ()  # The first has the episode's name; empty: one film.
    voice: Voice | None = None
    foley: Foley | None = None
    captions: Captions = Captions()
    camera: tuple[CameraMove, ...] = ()
    time: tuple[TimeMove, ...] = ()
    scene: SceneSection = SceneSection()
    background: Background | None = None  # None: that of the character.
    performance: Performance | None = Performance()  # None: the face does not move.
    lips: Lips | None = None
    video: Video | None = None
    viewer: bool = False  # Whether it also becomes a page on which it plays in its scene.
    checks: Mapping[str, Gate] = field(default_factory=dict)
    lexicon: Mapping[str, str] = field(default_factory=dict)
    backends: Mapping[str, str] = field(default_factory=dict)  # Overrides of the profile, stage to backend.
    allow: tuple[str, ...] = ()  # Codes of warnings and notes that are not reported for this episode.
    overrides: Mapping[str, Canonical] = field(default_factory=dict)  # Params of backends, by stage.
