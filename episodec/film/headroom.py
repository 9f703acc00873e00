"""One camera track for pictures of other shapes: what a high one shows besides, it shows above all above the head."""

from dataclasses import replace

import numpy as np

from episodec.film.exact import frozen, quantized
from episodec.film.plan import FramePlan


def with_headroom(plan: FramePlan) -> FramePlan:
    """The plan, of a picture that is higher than wide seen by a wider lens, its lower edge where it was.

    A picture of 9 by 16 would show nine sixteenths of what the square shows of the shoulders. It sees (height / width)
    to the power of 1/3 more, 1.21 times as much, 68 % of the square's width; all that comes at the top is room above
    the head.
    """
    width, height = plan.size
    if width >= height:
        return plan
    more = round((height / width) ** (1 / 3), 6)
    lenses = plan.intrinsics.copy()
    lenses[:, :2] /= more
    lenses[:, 3] = height - (height - plan.intrinsics[:, 3]) / more
    return replace(plan, intrinsics=frozen(quantized(np.asarray(lenses))))
