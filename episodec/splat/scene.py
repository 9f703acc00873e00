"""The Gaussian scene: a canonical set of anisotropic 3D Gaussians, and their movement over scene time.

Does not know what the Gaussians depict, who made them or where they are viewed from.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError

Floats = NDArray[np.float32]

MAX_GAUSSIANS = 20_000_000
MAX_SLICES = 1024
# e^20 metres. The determinant of a Gaussian's 2D covariance is its size to the fourth power, times that of the focal
# length: float32 ends at e^88, and overflowing ones are culled by the reference rasteriser, by gsplat and in browsers.
GREATEST_LOG_SCALE = 20.0
BIGGEST_LOGIT = 16.0  # Its sigmoid is 1 in float32; replaces infinite opacity logits.
SNAP = 1e-6  # Of the distance between two slices: a time this near to a slice is rounded to it.


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """Samples of a moving scene at equal intervals: sample k of S is the scene at time k / (S - 1).

    If they close, sample S would be the first again, so a loop has S intervals instead of S - 1.

    Attributes:
        means: (S, N, 3) float32, metres, world.
        quaternions: (S, N, 4) float32, wxyz, or None if they do not change.
        log_scales: (S, N, 3) float32, or None if they do not change.
        closes: whether the last sample leads to the first as each leads to the next.
    """

    means: Floats
    quaternions: Floats | None = None
    log_scales: Floats | None = None
    closes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """N Gaussians. World is right-handed; its up direction is the maker's choice (episodec's: y up, the face looks to
    +z).

    Arrays may have any memory layout, but kernels read columns: `columnar` avoids copies.

    Attributes:
        means: (N, 3) float32, metres, world.
        quaternions: (N, 4) float32, wxyz, local axes to world; of any length but 0, which means no rotation.
        log_scales: (N, 3) float32, natural logarithm of the standard deviation along each local axis, in metres.
        opacity_logits: (N,) float32; the opacity is their sigmoid.
        harmonics: (N, K, 3) float32, K = (degree + 1)² of 1, 4, 9, 16: coefficients of real spherical harmonics, RGB
            innermost, in the order and signs of Kerbl et al. 2023 (3D Gaussian Splatting). The colour seen along a
            direction is max(0, harmonics + 0.5), in the picture's own encoding (sRGB values, blended directly).
        slices: the movement, or None for a static scene.
    """

    means: Floats
    quaternions: Floats
    log_scales: Floats
    opacity_logits: Floats
    harmonics: Floats
    slices: Slices | None = None

    @property
    def count(self) -> int:
        """The number of Gaussians."""
        return int(self.means.shape[0])

    @property
    def degree(self) -> int:
        """The degree of the spherical harmonics, 0 to 3."""
        return math.isqrt(self.harmonics.shape[1]) - 1


@dataclass(frozen=True, slots=True, eq=False)
class LoadedScene:
    """A scene from a file, and notes to the author: pairs of code and sentence."""

    scene: Scene
    notes: tuple[tuple[str, str], ...] = ()


def checked(scene: Scene) -> Scene:
    """The same scene, after checking that every array has its shape and every number is finite.

    Raises:
        BackendError: an array has a wrong shape or type, or holds NaN or infinity.
    """
    count = scene.means.shape[0] if scene.means.ndim else 0
    if not 0 < count <= MAX_GAUSSIANS:
        facts = {"Gaussians": count, "limit": MAX_GAUSSIANS}
        raise BackendError("the scene has no Gaussians, or too many", facts=facts)
    harmonics = scene.harmonics.shape[1] if scene.harmonics.ndim == 3 else 0
    if harmonics not in (1, 4, 9, 16):
        facts = {"shape": scene.harmonics.shape, "degrees": "0 to 3: 1, 4, 9 or 16 coefficients"}
        raise BackendError("the scene's colours have an unknown degree", facts=facts)
    slices = scene.slices.means.shape[0] if scene.slices is not None and scene.slices.means.ndim else 0
    if scene.slices is not None and not 2 <= slices <= MAX_SLICES:
        raise BackendError("a moving scene needs at least 2 slices", facts={"slices": slices, "limit": MAX_SLICES})
    for name, array, shape in _expected(scene, count, harmonics, slices):
        if array.shape != shape or array.dtype != np.float32:
            facts = {"array": name, "found": f"{array.shape} {array.dtype}", "expected": f"{shape} float32"}
            raise BackendError("an array of the scene has a wrong shape or type", facts=facts)
        _refuse_infinite(name, array)
    return scene


def _expected(scene: Scene, count: int, harmonics: int, slices: int) -> Iterator[tuple[str, Floats, tuple[int, ...]]]:
    """Every array with its name and the expected shape."""
    yield "means", scene.means, (count, 3)
    yield "quaternions", scene.quaternions, (count, 4)
    yield "log_scales", scene.log_scales, (count, 3)
    yield "opacity_logits", scene.opacity_logits, (count,)
    yield "harmonics", scene.harmonics, (count, harmonics, 3)
    if scene.slices is not None:
        yield "slices.means", scene.slices.means, (slices, count, 3)
        if scene.slices.quaternions is not None:
            yield "slices.quaternions", scene.slices.quaternions, (slices, count, 4)
        if scene.slices.log_scales is not None:
            yield "slices.log_scales", scene.slices.log_scales, (slices, count, 3)


def _refuse_infinite(name: str, array: Floats) -> None:
    # A sum is not finite if a summand is not, and needs no temporary array; overflowing sums are checked again.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(array.sum(dtype=np.float64))
    if suspicious and not (finite := np.isfinite(array)).all():
        place = np.unravel_index(int(np.argmin(finite)), array.shape)
        facts = {"array": name, "at": tuple(map(int, place)), "value": float(array[place])}
        raise BackendError("the scene contains a number that is not finite", facts=facts)


def without_infinite_opacity(opacity_logits: Floats) -> tuple[Floats, tuple[tuple[str, str], ...]]:
    """Logits with +inf clamped, and a note if there were any: SHARP writes +inf for a saturated opacity."""
    infinite = np.isposinf(opacity_logits)
    if not (count := int(infinite.sum())):
        return opacity_logits, ()
    note = (
        "opacity-clamped",
        f"{count} infinite opacity logits were clamped to {BIGGEST_LOGIT:g}, which is fully opaque",
    )
    return np.where(infinite, np.float32(BIGGEST_LOGIT), opacity_logits), (note,)


LEFT_OUT = "gaussians-left-out"
"""The code of the note about dropped Gaussians."""


def shown_elsewhere(scene: Scene) -> tuple[Scene, tuple[tuple[str, str], ...]]:
    """A static scene without the Gaussians that other renderers do not draw, because their numbers, or float32 results
    computed from them, are not finite; and a note if there were any. Unchanged if none would remain.
    """
    if not scene.count:
        return scene, ()
    arrays = (scene.means, scene.quaternions, scene.log_scales, scene.opacity_logits, scene.harmonics)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = (scene.quaternions * scene.quaternions).sum(axis=1)
        drawn = np.isfinite(lengths) & (lengths > 0) & (scene.log_scales <= GREATEST_LOG_SCALE).all(axis=1)
        for array in arrays:
            drawn &= np.isfinite(array).reshape(scene.count, -1).all(axis=1)
    left_out = scene.count - int(drawn.sum())
    if not 0 < left_out < scene.count:
        return scene, ()
    sentence = (
        f"{left_out} of {scene.count} Gaussians are left out, as by other viewers: their numbers are not finite, or"
    )
    sentence += " sizes or rotations that cannot be computed with"
    return Scene(*(array[drawn] for array in arrays)), ((LEFT_OUT, sentence),)


def columnar(scene: Scene) -> Scene:
    """The same scene with each component of each array contiguous over the Gaussians, as in files and kernels."""
    slices = scene.slices
    if slices is not None:
        quaternions = None if slices.quaternions is None else _columns(slices.quaternions)
        log_scales = None if slices.log_scales is None else _columns(slices.log_scales)
        slices = Slices(_columns(slices.means), quaternions, log_scales, slices.closes)
    return Scene(
        _columns(scene.means),
        _columns(scene.quaternions),
        _columns(scene.log_scales),
        np.ascontiguousarray(scene.opacity_logits),
        np.moveaxis(np.ascontiguousarray(np.moveaxis(scene.harmonics, 0, -1)), -1, 0),
        slices,
    )


def _columns(array: Floats) -> Floats:
    """(…, N, C) as a view of contiguous (…, C, N)."""
    return np.ascontiguousarray(array.swapaxes(-1, -2)).swapaxes(-1, -2)


def place_of(slices: Slices, time: float, period: int = 0) -> float:
    """The position of a scene time among S slices, 0 to S - 1.

    In a loop of `period` frames, with slices that close, 0 to S, which is 0 again: its frame i, at time i / (period -
    1), is at i S / period, so that all steps are equal.
    """
    count = int(slices.means.shape[0])
    if slices.closes and period > 1:
        return time * (period - 1) / period * count
    return time * (count - 1)


def at(scene: Scene, time: float, period: int = 0) -> Scene:
    """The static scene at a scene time of 0 to 1, interpolated linearly between slices.

    period: frames of the loop that the time belongs to, 0 for none; used if the slices close.

    Raises:
        BackendError: the time is not within 0 to 1.
    """
    if not 0.0 <= time <= 1.0:
        raise BackendError("scene time must be within 0 to 1", facts={"time": time})
    if scene.slices is None:
        return scene
    count = scene.slices.means.shape[0]
    place = place_of(scene.slices, time, period)
    low = min(int(place), count - 1)
    share = place - low
    if share < SNAP or share > 1 - SNAP:
        return _slice(scene, scene.slices, (low + round(share)) % count)
    earlier, two = _slice(scene, scene.slices, low), _slice(scene, scene.slices, (low + 1) % count)
    weight = np.float32(share)
    # A quaternion and its negative are the same rotation: the nearer of the two is used.
    dots = (earlier.quaternions * two.quaternions).sum(axis=1, keepdims=True)
    nearer = np.where(dots < 0, -two.quaternions, two.quaternions)
    return replace(
        earlier,
        means=earlier.means + weight * (two.means - earlier.means),
        quaternions=earlier.quaternions + weight * (nearer - earlier.quaternions),
        log_scales=earlier.log_scales + weight * (two.log_scales - earlier.log_scales),
    )


def leads_on(means: Floats) -> bool:
    """Whether the last of slices (S, N, 3) leads to the first: that step is no longer than the longest between
    consecutive ones. Two slices are too few to tell.
    """
    if len(means) < 3:
        return False
    steps = [float(np.abs(means[k] - means[k - 1]).mean(dtype=np.float64)) for k in range(len(means))]
    return steps[0] <= max(steps[1:])


def _slice(scene: Scene, slices: Slices, index: int) -> Scene:
    quaternions = scene.quaternions if slices.quaternions is None else slices.quaternions[index]
    log_scales = scene.log_scales if slices.log_scales is None else slices.log_scales[index]
    return replace(scene, means=slices.means[index], quaternions=quaternions, log_scales=log_scales, slices=None)
