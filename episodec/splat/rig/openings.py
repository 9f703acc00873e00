"""The opening of an eye in a front's picture, and the reach of its lids' skin."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from episodec.face.head import EYES
from episodec.splat.rig.faces import FittedFace

# In eye distances.
LASHES, LOWER_LASHES = 0.05, 0.02  # Bands beside the rims that move without being stretched.
REACH, REACH_CORNER = 0.16, 0.06  # The height of the upper lid above its rim, in the middle and at the corners.
REACH_BELOW, REACH_BELOW_CORNER = 0.08, 0.03
BESIDE = 0.02  # Distance beyond the corners.
LEAST = 0.04  # The least height of an opening: below it the eye is shut.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RimOpening:
    """Rims as lines over columns, in pixels.

    Attributes:
        first, last: columns, from corner to corner and a little beyond.
        rims: (n, 2) of the upper and of the lower one.
    """

    first: float
    last: float
    rims: tuple[Depths, Depths]
    unit: float

    @classmethod
    def of(cls, face: FittedFace, eye: str) -> Self | None:
        """The opening of an eye, `left` or `right`; None if it is almost or wholly shut."""
        upper, lower = face.fitted.rims[eye]
        rims = upper[np.argsort(upper[:, 0], kind="stable")], lower[np.argsort(lower[:, 0], kind="stable")]
        first, last = (float(pick(rims[0][at, 0], rims[1][at, 0])) for pick, at in ((min, 0), (max, -1)))
        opening = cls(first - BESIDE * face.unit, last + BESIDE * face.unit, rims, face.unit)
        x = np.linspace(first, last, 9)
        return opening if float(opening.high(x).max()) > LEAST * face.unit else None

    def upper(self, x: Depths) -> Depths:
        y: Depths = np.interp(x, self.rims[0][:, 0], self.rims[0][:, 1])
        return y

    def lower(self, x: Depths) -> Depths:
        y: Depths = np.maximum(np.interp(x, self.rims[1][:, 0], self.rims[1][:, 1]), self.upper(x))
        return y

    def high(self, x: Depths) -> Depths:
        """(n,): the height of the opening in these columns."""
        return self.lower(x) - self.upper(x)

    def round(self, x: Depths) -> Depths:
        """(n,): 1 in the middle, 0 at the corners, in the form of a half circle."""
        half = (self.last - self.first) / 2
        height: Depths = np.sqrt(np.clip(1 - ((x - self.first) / half - 1) ** 2, 0, 1))
        return height

    def reach(self, x: Depths) -> Depths:
        """(n,): the height above its rim at which the upper lid's skin begins, in pixels."""
        return self.unit * (REACH_CORNER + (REACH - REACH_CORNER) * self.round(x))

    def reach_below(self, x: Depths) -> Depths:
        return self.unit * (REACH_BELOW_CORNER + (REACH_BELOW - REACH_BELOW_CORNER) * self.round(x))

    def box(self, above: float, below: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Ranges of columns and rows around the opening, with these margins above and below it."""
        top, bottom = float(self.rims[0][:, 1].min()), float(self.rims[1][:, 1].max())
        return (self.first, self.last), (top - above, bottom + below)

    def mask(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """(h, w): the pixels of the opening."""
        x = np.arange(shape[1], dtype=np.float64) + 0.5
        y = (np.arange(shape[0]) + 0.5)[:, None]
        inside = (x > self.first + BESIDE * self.unit) & (x < self.last - BESIDE * self.unit)
        inner: NDArray[np.bool_] = inside & (y > self.upper(x)) & (y < self.lower(x))
        return inner

    def shows(self, x: Depths, y: Depths) -> NDArray[np.bool_]:
        """(n,): whether a pixel lies between the rims."""
        mask: NDArray[np.bool_] = (x > self.first) & (x < self.last) & (y > self.upper(x)) & (y < self.lower(x))
        return mask

    def covers(self, x: Depths, y: Depths) -> NDArray[np.bool_]:
        """(n,): whether a pixel is in the area that visible lids and eyeball replace."""
        inside = (x > self.first) & (x < self.last)
        above, below = self.upper(x) - 0.75 * self.reach(x), self.lower(x) + 0.75 * self.reach_below(x)
        covered: NDArray[np.bool_] = inside & (y > above) & (y < below)
        return covered


def openings_of(face: FittedFace) -> dict[str, RimOpening]:
    """The openings of both eyes, by `left` and `right`, without shut ones."""
    return {eye: opening for eye in EYES if (opening := RimOpening.of(face, eye)) is not None}
