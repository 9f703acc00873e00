"""A closed body of Gaussians from one portrait, without model weights: a stand-in that turns and breathes.

The portrait is the view of a camera at (0, 0, DISTANCE_M) that looks at the origin, FOV_Y_DEG high: a film from there
shows the portrait itself. y is up, the face looks to +z.
"""

import math

DISTANCE_M = 2.6
FOV_Y_DEG = 35.0
HEIGHT_M = 2 * DISTANCE_M * math.tan(math.radians(FOV_Y_DEG / 2))  # Of the portrait, in the plane z = 0.
