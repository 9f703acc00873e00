"""What a row's weights mean to a rig: how much each group is there, and how far each lid is closed."""

from collections.abc import Mapping

from episodec.splat.rig.model import GROUPS, LEFT_EYE, MOUTH, RIGHT_EYE

SIDES = {"Left": LEFT_EYE, "Right": RIGHT_EYE}
OF_EYES = ("eyeBlink", "eyeSquint", "eyeWide", "eyeLook")  # These move no skin of the mesh: lids and eyeballs do it.
OF_MOUTH = ("mouth", "jaw", "tongue", "cheekPuff")

APPEARS = 0.1  # The weight at which parts are all there; what they stand for is gone at twice as much.

# How far the upper lid follows what is no blink, and the lower one what is no squint, in parts of a closed eye.
WIDER, LOOKS_UP, LOOKS_DOWN, SQUINTS = -0.22, -0.14, 0.30, 0.10
RISES_WITH_A_BLINK = 0.4
WIDEST = -0.4


# The rig's own shapes, which close lips that are open at rest, and the weight of `mouthPress` that they are whole at.
CLOSES = {"Left": "closesLeft", "Right": "closesRight"}
CLOSED_AT = 0.3


def mesh_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights of the mesh's shapes: those of a row, and those of the rig's own."""
    own = {CLOSES[side]: min(weights.get(f"mouthPress{side}", 0.0) / CLOSED_AT, 1.0) for side in CLOSES}
    return {**weights, **own}


def presence(weights: Mapping[str, float]) -> list[float]:
    """By group, the largest weight of what moves it."""
    found = [0.0] * GROUPS
    for name, weight in weights.items():
        if name.startswith(OF_MOUTH):
            found[MOUTH] = max(found[MOUTH], weight)
        elif name.startswith(OF_EYES):
            for side, group in SIDES.items():
                if name.endswith(side):
                    found[group] = max(found[group], weight)
    return found


def parts_share(presence_of: float) -> float:
    """The share of their opacity that a group's parts have."""
    return min(presence_of / APPEARS, 1.0)


def body_share(presence_of: float) -> float:
    """And what is left of the body's own in their place."""
    return 1.0 - min(max(presence_of / APPEARS - 1.0, 0.0), 1.0)


def closures(weights: Mapping[str, float]) -> list[float]:
    """How far each lid is closed, in the order of `model.Lids`: 0 at rest, 1 shut, less than 0 wide."""
    found = []
    for side in SIDES:
        blink, squint, wide, up, down = (
            weights.get(f"{name}{side}", 0.0)
            for name in ("eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown")
        )
        others = WIDER * wide + LOOKS_UP * up + LOOKS_DOWN * down + SQUINTS * squint
        # What a lid does besides goes under in a blink.
        found.append(min(max(blink + (1.0 - blink) * others, WIDEST), 1.0))
        found.append(min(squint + RISES_WITH_A_BLINK * blink, 1.0))
    return found
