"""The types of what is in the picture: scene, background, the face's performance, or a finished video."""

from dataclasses import dataclass
from typing import Literal

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
