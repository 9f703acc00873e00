"""The content of a spec, typed. The schema files in schema/ mirror it for editors; a test keeps both in step.

Field names are the spec's own, with units in them. A field that is None was not given and has no default in the
language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from episodec.digest import Canonical

LANGUAGE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Voice:
    """The narration: a text to speak, or a recording (whose captions then show the text, if given)."""

    text: str | None = None  # A line is never joined with the next; `[pause 0.4]` and blank lines are pauses.
    file: str | None = None  # A recorded wav, relative to the spec; makes `file` the backend of the stage.
    timings: str | None = None  # WebVTT with the recording's word times, relative to the spec.
    fit: Literal["stretch", "none"] = "stretch"
    take: int = 1  # Another number gives another result with backends that are not deterministic.
    takes: Mapping[str, int] = field(default_factory=dict)  # Beginnings of sentences, and their takes.
    pause_s: float = 0.15  # Between sentences, at least; it extends to the next point of the grid.
    lead_s: float = 0.3  # Before the first sentence; 0 for a recording that does not set it.
    tail_s: float = 0.5  # After the last one, at least; 0 for a recording that does not set it.


@dataclass(frozen=True, slots=True)
class Foley:
    """The ambience: a prompt, or a recording."""

    prompt: str | None = None
    file: str | None = None  # A recorded wav, relative to the spec; makes `file` the backend of the stage.
    take: int = 1
    reuse: bool = False  # Whether another episode may have the same prompt.
    note: str | None = None  # The ambience in captions, in the episode's language; None: from the prompt.


@dataclass(frozen=True, slots=True)
class Captions:
    """How the words are shown, besides the tracks and files of every narration."""

    burnt: bool = False  # Whether they are drawn onto the frames, word by word.


@dataclass(frozen=True, slots=True)
class Film:
    """One of an episode's films."""

    size: tuple[int, int] | None = None  # Pixels; None: the episode's, or the profile's.
    captions: Literal["burnt", "track"] | None = None  # None: as the episode's captions say.


@dataclass(frozen=True, slots=True)
class Duck:
    """How the ambience gives way to speech."""

    depth_db: float = 3.0
    attack_ms: float = 80.0
    release_ms: float = 450.0


@dataclass(frozen=True, slots=True)
class Mix:
    """How voice and ambience become one programme."""

    ambience_db: float = -18.0  # In pauses, against the voice, in LU.
    duck: Duck = Duck()


@dataclass(frozen=True, slots=True)
class Loudness:
    """The required loudness of the programme (EBU R128)."""

    target_lufs: float = -16.0
    true_peak_dbtp: float = -1.0


# `frames` of a segment: a spec may give `seconds` instead, and nothing for the last segment; `lengths` fills it in.

Vector = tuple[float, float, float]  # Metres, world; +Y up, the character looks along +Z.


@dataclass(frozen=True, slots=True)
class StaticMove:
    """The camera does not move."""

    frames: int
    move: Literal["static"] = "static"
    position: Vector = (0.0, 0.0, 2.6)
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0


@dataclass(frozen=True, slots=True)
class OrbitMove:
    """The camera circles the target, from one azimuth to another, plus whole turns."""

    frames: int
    move: Literal["orbit"] = "orbit"
    radius: float = 2.6  # Metres.
    elevation_deg: float = 0.0
    from_deg: float = 0.0  # Azimuth, 0 in front of the character, growing towards its left.
    to_deg: float = 360.0
    turns: int = 0
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0
    ease: Literal["linear", "smooth"] = "linear"


@dataclass(frozen=True, slots=True)
class DollyMove:
    """The camera travels on a straight line."""

    frames: int
    from_position: Vector
    to_position: Vector
    move: Literal["dolly"] = "dolly"
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0
    ease: Literal["linear", "smooth"] = "smooth"


@dataclass(frozen=True, slots=True)
class CameraKey:
    """One key of a keyframed move, at a frame counted from the segment's start."""

    frame: int
    position: Vector
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0


@dataclass(frozen=True, slots=True)
class KeyframesMove:
    """The camera passes smoothly (C1) through keys."""

    frames: int
    keys: tuple[CameraKey, ...]
    move: Literal["keyframes"] = "keyframes"
    ease: Literal["linear", "smooth"] = "smooth"


@dataclass(frozen=True, slots=True)
class FileMove:
    """The camera follows a path file: nerfstudio camera_path.json or Blender transforms.json."""

    frames: int
    file: str  # Relative to the spec.
    move: Literal["file"] = "file"
    up: Literal["y", "z"] = "y"  # The axis that points up in the file's world; z in Blender's and nerfstudio's own.


CameraMove = StaticMove | OrbitMove | DollyMove | KeyframesMove | FileMove


@dataclass(frozen=True, slots=True)
class LoopTime:
    """Scene time runs through its samples again and again: frame i shows sample i mod period."""

    frames: int
    map: Literal["loop"] = "loop"
    period: int = 24  # Samples; sample k is at scene time k / (period - 1).


@dataclass(frozen=True, slots=True)
class PingpongTime:
    """Scene time runs back and forth."""

    frames: int
    map: Literal["pingpong"] = "pingpong"
    period: int = 24


@dataclass(frozen=True, slots=True)
class LinearTime:
    """Scene time runs evenly from one value to another."""

    frames: int
    map: Literal["linear"] = "linear"
    start: float = 0.0  # Scene time, 0 to 1.
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class HoldTime:
    """Scene time does not move."""

    frames: int
    map: Literal["hold"] = "hold"
    at: float = 0.5


@dataclass(frozen=True, slots=True)
class TimeKey:
    """One key of a keyframed time map, at a frame counted from the segment's start."""

    frame: int
    at: float


@dataclass(frozen=True, slots=True)
class KeyframesTime:
    """Scene time passes through keys."""

    frames: int
    keys: tuple[TimeKey, ...]
    map: Literal["keyframes"] = "keyframes"


TimeMove = LoopTime | PingpongTime | LinearTime | HoldTime | KeyframesTime


SceneKind = Literal["portrait", "hybrid"]
"""How a character's own scene is made: directly from its portrait, or trained on pictures from around and in motion."""


@dataclass(frozen=True, slots=True)
class SceneSection:
    """The scene in front of the camera, where it is not simply the character's own."""

    kind: SceneKind | None = None  # Of the character's own scene, for this episode; None: as in character.yaml.
    file: str | None = None  # An existing scene, relative to the spec.
    deformation: str | None = None  # The deformation.pth of a 4DGaussians checkpoint; `file` is its point cloud.
    background: str | None = None  # sRGB; short for the episode's `background`.


@dataclass(frozen=True, slots=True)
class Background:
    """The view behind the character, fixed in the frame: colours, or a picture."""

    colours: tuple[str, ...] = ()  # sRGB, from the top of the frame to its bottom; a single one fills it.
    file: str | None = None  # A picture instead, relative to the file that names it.
    falloff: float = 0.0  # The share of the light that is lost far from the head: 0 to 1.


STUDIO = Background(colours=("#5a5e6b", "#33353d"), falloff=0.65)
"""The background where none is given."""


@dataclass(frozen=True, slots=True)
class Performance:
    """How the face moves: generated from the speech, or taken from a capture."""

    file: str | None = None  # A capture, relative to the spec; makes `capture` the backend of the stage.
    file_rate: int | None = None  # Frames a second of the capture, if its file does not give them.
    mouth: float = 1.0  # Strengths: 1 as generated, 0 none.
    brows: float = 1.0
    head: float = 1.0
    breath: float = 1.0
    blinks: bool = True
    gaze: bool = True  # Whether the eyes look at the camera.
    seed: int | None = None  # Of blinks and glances; None: by season and number.


@dataclass(frozen=True, slots=True)
class Lips:
    """Requirements on drawn lips."""

    require: Literal["latentsync"] | None = None  # The system that must draw them wherever the face speaks.


@dataclass(frozen=True, slots=True)
class Video:
    """A finished video instead of camera, time and scene: exactly `frames` frames at `rate`.

    Its own sound is kept only if the episode has neither a voice nor a foley.
    """

    file: str  # Relative to the spec; `file` is the backend of the stage.


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate on a measured value; the schema names the measurements."""

    min: float | None = None
    max: float | None = None
    severity: Literal["warn", "error"] = "error"


LIP_SYNC = Gate(min=0.6, severity="warn")
"""The default gate on `lip_sync` of an episode that speaks and has a face: a film with the lips of another narration
stays below 0.4.
"""


@dataclass(frozen=True, slots=True)
class PostForm:
    """The form of a series' posts, in Markdown. In header and footer, `placeholders` are replaced."""

    header: str | None = None  # Before an episode's own text; None: title, description, film and transcript.
    footer: str | None = None  # After it; None: facts, tools, files and tags.
    cost: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class PostTexts:
    """The post of an episode, with the form of its series filled in."""

    header: str | None = None
    body: str | None = None  # The author's own Markdown, without placeholders.
    footer: str | None = None
    cost: str | None = None
    signature: str | None = None


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


REGISTERS: Mapping[str, tuple[float, float]] = {"low": (85.0, 145.0), "middle": (145.0, 180.0), "high": (180.0, 230.0)}
"""Registers of a speaking voice by the median of its pitch, in Hz.

Men speak at 85 to 155 Hz and women at 165 to 255 (Fitch and Holbrook 1970), at 120 and 210 on average (Traunmüller and
Eriksson 1995), which are in the middle of `low` and of `high`; `middle` is common to both.
"""


@dataclass(frozen=True, slots=True)
class VoiceIdentity:
    """How a character sounds."""

    tokens: str | None = None  # Relative to character.yaml; by default ref_NAME.npy.
    transcript: str | None = None  # The words of the reference recording.
    recording: str | None = None  # The recording itself, relative to character.yaml, for systems without tokens.
    register: tuple[float, float] | None = None  # Hz, of the median pitch; a name of `REGISTERS` is its range.
    characters_per_second: float = 15.0  # The measured pace; `spec.fit` defines what counts as a letter.


@dataclass(frozen=True, slots=True)
class Views:
    """The still pictures around a character, from cameras on a circle."""

    count: int = 10
    radius: float = 2.6  # Metres.
    elevation_deg: float = 0.0
    from_deg: float = 0.0  # Azimuth, 0 in front of the character, growing towards its left.
    to_deg: float = 360.0  # A whole circle excludes its end; an arc has a camera at both ends.
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0  # Also of the moving pictures: a scene is trained with one lens.
    take: int = 1  # Another number gives other pictures with backends that are not deterministic.
    model: str | None = None  # A .glb or .obj, relative to character.yaml; makes `mesh` the backend of the stage.
    images: str | None = None  # A transforms.json that lists the author's own pictures and their cameras.


@dataclass(frozen=True, slots=True)
class Motion:
    """The moving pictures of a character; frame k of F shows scene time k / (F - 1)."""

    frames: int = 24
    prompt: str | None = None
    negative_prompt: str | None = None
    seed: int = 0
    steps: int | None = None  # Of the model's sampler; None: the backend's own.
    camera: Literal["fixed", "orbit"] = "fixed"  # In front of the character, or moving around it from side to side.
    arc_deg: float = 30.0  # The whole arc of an orbiting camera, half of it to each side.
    video: str | None = None  # An author's video, relative to character.yaml; makes `video` the backend of the stage.
    images: str | None = None  # A transforms.json that lists the author's own frames, in order.


@dataclass(frozen=True, slots=True)
class Refine:
    """How moving pictures regain the portrait's likeness, where a profile names a backend for it."""

    prompt: str | None = None
    negative_prompt: str | None = None
    strength: float = 0.35  # 0 keeps a frame unchanged, 1 redraws it.
    seed: int = 0
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """How a scene is trained. None: determined by `quality`."""

    quality: Literal["draft", "production"] | None = None  # None: the profile's.
    size: int | None = None  # Pixels: the side of the square training pictures.
    iterations: int | None = None  # With the motion.
    coarse_iterations: int | None = None  # Before them, of a static scene.
    gaussians: int | None = None  # At most.
    sh_degree: int | None = None
    seed: int = 0
    initial: str | None = None  # A .ply of Gaussians to start from, relative to character.yaml.
    val: int = 8  # The moving frame held out for validation during training.
    test: int = 16  # The moving frame held out for the final test.


@dataclass(frozen=True, slots=True)
class CharacterScene:
    """How a character's own scene is made."""

    kind: SceneKind = "portrait"
    views: Views = Views()
    motion: Motion = Motion()  # The first clip of a list: its frames are the scene's slices.
    refine: Refine = Refine()
    training: Training = Training()
    clips: tuple[Motion, ...] = ()  # The other clips of the list, learned with it.

    def motions(self) -> list[tuple[tuple[str | int, ...], Motion]]:
        """Every clip, with its place in character.yaml."""
        if not self.clips:
            return [(("scene", "motion"), self.motion)]
        return [(("scene", "motion", number), clip) for number, clip in enumerate((self.motion, *self.clips))]


@dataclass(frozen=True, slots=True)
class Character:
    """character.yaml: one identity. Its pictures depend on its portrait, its sound on its voice tokens."""

    name: str  # The folder's name.
    title: str | None = None
    portrait: str | None = None  # A PNG, JPEG or WebP. Relative to character.yaml; by default NAME-ref.png.
    voice: VoiceIdentity = VoiceIdentity()
    scene: CharacterScene = CharacterScene()
    identity: Mapping[str, str] = field(default_factory=dict)  # Facts: hair, outfit, …
    boxes: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)  # face, mouth, …: pixels.
    landmarks: str | None = None  # A list of points in the portrait, relative to character.yaml; None: detected.
    background: Background | None = None  # None: that of the series.
    licence: str | None = None


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
