"""The frames of a performance as rows of a rig."""

from episodec.performance.channels import SHAPES
from episodec.performance.track import FULL, STEPS_A_DEGREE, PerformanceTrack
from episodec.splat.rig.model import Row


def rig_row(track: PerformanceTrack, frame: int) -> Row:
    """The pose of the rig in a frame."""
    weights = {name: int(weight) / FULL for name, weight in zip(SHAPES, track.weights[frame], strict=True) if weight}
    yaw, pitch, roll = (int(angle) / STEPS_A_DEGREE for angle in track.head[frame])
    return Row(weights, (yaw, pitch, roll), int(track.breath[frame]) / FULL)
