"""Landmarks of a face as values: 468 points in MediaPipe's order, and the indices of lips, lids and outline.

Does not read them from pictures: see `faces.landmarks`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COUNT = 468
STEPS = 16  # Per pixel: points are whole sixteenths of one.
LEAST_SCORE = 8.0  # The network's score for a face; a frontal one has 20 to 35, one turned by 40 degrees about 8.

# Left and right are the person's own. Lines run from the person's right to left: to the right of the picture.
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)  # Its inner edge, corner to corner.
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIPS_ABOVE = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)  # The outer edge.
LIPS_BELOW = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
RIGHT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)  # Outer corner to inner corner.
RIGHT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)  # Inner corner to outer corner.
LEFT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)  # Their upper edges.
CHIN, NOSE_TIP, BRIDGE = 152, 1, 168
RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS = (33, 133), (362, 263)

Points = NDArray[np.float64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The face in a picture.

    Attributes:
        points: (468, 2) float64, pixels from the left and from the top; the centre of the first pixel is (0.5, 0.5).
        score: the network's confidence; infinite if the author set the points.
    """

    points: Points
    score: float


def eye_distance(points: Points) -> float:
    """Pixels between the centres of the eyes: the unit of errors and widths on a face."""
    right, left = (points[list(corners)].mean(axis=0) for corners in (RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS))
    return math.sqrt((left[0] - right[0]) ** 2 + (left[1] - right[1]) ** 2)


def lip_gap(points: Points) -> float:
    """Pixels between the inner edges of the lips: the median over their middle part."""
    between = points[list(UPPER_LIP[3:8])] - points[list(LOWER_LIP[3:8])]
    return float(np.median(np.sqrt((between**2).sum(axis=1))))
