"""The channels of a performance by ARKit's names, which Live Link, Audio2Face and MediaPipe share.

Left and right are the person's own. Does not know what the channels move.
"""

SHAPES = (
    *("eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft"),
    *("eyeSquintLeft", "eyeWideLeft"),
    *("eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight"),
    *("eyeSquintRight", "eyeWideRight"),
    *("jawForward", "jawLeft", "jawRight", "jawOpen"),
    *("mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"),
    *("mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight"),
    *("mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthUpperUpLeft", "mouthUpperUpRight"),
    *("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)
"""ARKit's 52 shapes, in the order of Apple's list; weights are 0 to 1."""

HEAD = ("headYaw", "headPitch", "headRoll")
"""The head's angles, in degrees: to its left, up, and towards its left shoulder."""

PLACES = {name: place for place, name in enumerate(SHAPES)}


def sides(name: str) -> tuple[str, ...]:
    """The shapes of a name that may cover both sides: `eyeBlink` is `eyeBlinkLeft` and `eyeBlinkRight`."""
    return (name,) if name in PLACES else (f"{name}Left", f"{name}Right")
