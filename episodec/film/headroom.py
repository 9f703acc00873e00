"""One camera track for pictures of other shapes: a tall picture shows more, mostly above the head."""

from dataclasses import replace

import numpy as np

from episodec.film.exact import frozen, quantized
from episodec.film.plan import FramePlan


def with_headroom(plan: FramePlan) -> FramePlan:
    """The plan; for a picture taller than wide, seen through a wider lens, its lower edge unchanged.

    A 9:16 picture would show nine sixteenths of the shoulders that the square shows. It sees (height / width) to the
    power of 1/3 more: 1.21 times as much, 68 % of the square's width. All that is added at the top is room above the
    head.
    """
    width, height = plan.size
    if width >= height:
        return plan
    more = round((height / width) ** (1 / 3), 6)
    lenses = plan.intrinsics.copy()
    lenses[:, :2] /= more
    lenses[:, 3] = height - (height - plan.intrinsics[:, 3]) / more
    return replace(plan, intrinsics=frozen(quantized(np.asarray(lenses))))
