"""The lip opening of a performance as one curve, to compare a film's lips with."""

from collections.abc import Mapping

import numpy as np

from episodec.performance.channels import PLACES, sides
from episodec.performance.track import FULL, Floats, PerformanceTrack

_OPENED: Mapping[str, float] = {
    "jawOpen": 0.42,
    "mouthClose": -0.42,
    "mouthFunnel": 0.15,
    "mouthLowerDown": 0.023,
    "mouthUpperUp": 0.029,
    "mouthPress": -0.018,
    "mouthSmile": -0.019,
    "mouthPucker": -0.022,
    "mouthRollLower": -0.051,
    "mouthRollUpper": -0.034,
    "mouthShrugLower": -0.059,
    "mouthShrugUpper": 0.049,
}
"""How far a weight of 1 parts the lips in the middle, each side separately, in distances between the outer corners of
the eyes: measured on the bundled head (`face.data.HEAD`), whose lips touch at rest.
"""


def opening(track: PerformanceTrack) -> Floats:
    """(F,): the distance between the lips, in distances between the eyes; 0 if they are closed."""
    apart = np.zeros(len(track))
    for name, each in _OPENED.items():
        for side in sides(name):
            apart = apart + each * (track.weights[:, PLACES[side]] / FULL)
    return np.maximum(apart, 0.0)
