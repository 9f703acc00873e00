"""The content of character.yaml, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from episodec.spec.types_of_picture import Background, SceneKind
from episodec.spec.types_of_tracks import Vector

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
