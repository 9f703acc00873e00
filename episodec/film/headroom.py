"""One camera track for pictures of other shapes: a tall picture shows more, mostly above the head."""

from dataclasses import replace

import numpy as np

from episodec.film.exact import frozen, quantized
from episodec.film.plan import FramePlan


def with_headroom(plan: FramePlan) -> FramePlan:
    """The plan; for a picture taller than wide, seen through a wider lens, its lower edge unchanged.

    Through the same lens, a 9:16 picture would show only nine sixteenths of the square's width. The lens is wider by
    (height / width) to the power of 1/3, here 1.21, which shows 68 % of it. All the added height is above the head.
    """
    width, height = plan.size
    if width >= height:
        return plan
    more = round((height / width) ** (1 / 3), 6)
    lenses = plan.intrinsics.copy()
    lenses[:, :2] /= more
    lenses[:, 3] = height - (height - plan.intrinsics[:, 3]) / more
    return replace(plan, intrinsics=frozen(quantized(np.asarray(lenses))))
