"""The camera: it orbits the character at the height of the portrait's middle. Knows nothing of what it sees."""

from dataclasses import dataclass

import numpy as np

PIVOT_Z = 0.35
HEIGHT = 5.88
SPAN = 4.34  # The width of the picture in decimetres, at the pivot.


@dataclass(frozen=True)
class View:
    """A camera: its angle about the upright axis (positive to the picture's right), distance, side in pixels."""

    yaw_deg: float = 0.0
    pixels: int = 1024
    distance: float = 16.0

    @property
    def eye(self):
        """The position of the camera."""
        a = np.radians(self.yaw_deg)
        return np.array([np.sin(a), 0, np.cos(a)]) * self.distance + [0, HEIGHT, PIVOT_Z]

    def screen(self, points, samples=1):
        """(N, 3): x and y in pixels (or samples of them), and the nearness to the camera in decimetres."""
        a = np.radians(self.yaw_deg)
        x, y, z = points[:, 0], points[:, 1] - HEIGHT, points[:, 2] - PIVOT_Z
        right, near = x * np.cos(a) - z * np.sin(a), x * np.sin(a) + z * np.cos(a)
        scale = self.distance / (self.distance - near) * self.pixels * samples / SPAN
        half = self.pixels * samples / 2
        return np.stack([right * scale + half, half - y * scale, near], 1)
