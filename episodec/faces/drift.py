"""How far a picture of a character has drifted from the portrait: its colours, hair and clothes, not its pose.

A pure function; it knows no files and no model. It does not measure the identity of a face.
"""

import numpy as np
from numpy.typing import NDArray

MEASURE = "mean CIE76 Delta E over the figure, after a low-pass of 1/32 of the height"

SIDE = 128  # Pixels: pictures are compared at this height, or lower.
BLUR = 4.0  # Pixels at that height, standard deviation: finer detail counts as pose and texture.
SEEN = 5.0  # Delta E from white at which a pixel is the figure's; about 2.3 is just noticeable (Mahy et al., 1994).

# IEC 61966-2-1, linear sRGB to XYZ, whose rows sum to the white of D65.
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
)
_WHITE = _TO_XYZ.sum(axis=1)

Floats = NDArray[np.float64]


def drift(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The mean distance of two pictures in CIE L*a*b* (CIE76, Euclidean) over the figure, rounded to 1/1000.

    one, other: (h, w, 4) uint8 of one shape, straight alpha, sRGB, the same framing. Both are composited on white,
    reduced to at most SIDE pixels high and blurred in linear light by BLUR. The figure is where either differs from
    white by SEEN; an opaque background of another colour counts.

    Symmetric; 0 for pictures that look equal on white and for two empty ones; black against white is 100. A figure that
    moves differs, too: compare the same frame before and after, or the means of equal motions, not one frame with
    another.

    Raises:
        ValueError: the shapes differ, or are not those of a picture.
    """
    if picture.shape != other.shape or picture.ndim != 3 or picture.shape[2] != 4 or 0 in picture.shape:
        raise ValueError(f"pictures of shapes {picture.shape} and {other.shape} cannot be compared")
    first, second = _lab(_low(picture)), _lab(_low(other))  # (SIDE, w, 3)
    white = np.array([100.0, 0.0, 0.0])
    figure = np.maximum(_distance(first, white), _distance(second, white)) > SEEN
    return round(float(_distance(first, second)[figure].mean()), 3) if figure.any() else 0.0


def _low(rgba: NDArray[np.uint8]) -> Floats:
    """(SIDE or less, w, 3): linear light, on white, low-pass filtered."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    alpha = rgba[..., 3:] / 255.0
    linear = _linear(rgba[..., :3] / 255.0 * alpha + 1 - alpha)
    height, width = rgba.shape[:2]
    size = (max(1, round(width * SIDE / height)), SIDE) if height > SIDE else (width, height)
    planes = [
        # Pillow's BOX is the mean over each pixel's area at any ratio.
        Image.fromarray(linear[..., i].astype(np.float32)).resize(size, Image.Resampling.BOX)
        for i in range(3)
    ]
    small = np.stack([np.asarray(plane, np.float64) for plane in planes], axis=2)
    blur = BLUR * size[1] / SIDE
    blurred: Floats = np.asarray(gaussian_filter(small, (blur, blur, 0), mode="nearest"), np.float64)
    return blurred


def _linear(srgb: Floats) -> Floats:
    """IEC 61966-2-1."""
    linear: Floats = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear


def _lab(linear: Floats) -> Floats:
    """CIE 1976 L*a*b* under D65 (CIE 15:2004, 8.2.1)."""
    ratio = np.maximum(linear @ _TO_XYZ.T / _WHITE, 0)
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    lab: Floats = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return lab


def _distance(colours: Floats, other: Floats) -> Floats:
    distance: Floats = np.sqrt(((colours - other) ** 2).sum(axis=-1))
    return distance
