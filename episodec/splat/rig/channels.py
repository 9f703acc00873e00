"""Maps a row's weights to a rig: the opacity of each group, and how far each lid is closed."""

from collections.abc import Mapping

from episodec.splat.rig.model import CLOSES, GROUPS, LEFT_EYE, MOUTH, RIGHT_EYE

SIDES = {"Left": LEFT_EYE, "Right": RIGHT_EYE}
# These shapes move no skin of the mesh: the rig's lids and eyeballs follow them instead.
OF_EYES = ("eyeBlink", "eyeSquint", "eyeWide", "eyeLook")
OF_MOUTH = ("mouth", "jaw", "tongue", "cheekPuff")

# The weight at which parts are fully visible; the Gaussians that they replace are gone at twice that weight.
APPEARS = 0.1

# The decimetres by which a shape parts the lips at weight 1, measured on the head's slit; both sides of a name together
# part them twice as far. From OPEN_DM on, parts are fully visible.
OPENS = {
    "jawOpen": 0.298,
    "jawForward": 0.013,
    "mouthFunnel": 0.081,
    "mouthUpperUp": 0.024,
    "mouthLowerDown": 0.019,
    "mouthShrugUpper": 0.038,
    "tongueOut": 0.3,
    "mouthClose": -0.299,
    "mouthShrugLower": -0.039,
    "mouthRollLower": -0.012,
    "mouthRollUpper": -0.029,
    "mouthPress": -0.015,
    "mouthSmile": -0.014,
    "cheekPuff": -0.008,
}
OPEN_DM = 0.015

# How far the upper lid follows shapes other than blinks, and the lower one shapes other than squints, as a share of a
# closed eye.
WIDER, LOOKS_UP, LOOKS_DOWN, SQUINTS = -0.22, -0.14, 0.30, 0.10
RISES_WITH_A_BLINK = 0.4
WIDEST = -0.4


CLOSED_AT = 0.3  # The weight of `mouthPress` that closes lips that are apart at rest.


def mesh_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights of the mesh's shapes: those of a row, and those of the rig's own."""
    own = {name: min(weights.get(f"mouthPress{name[6:]}", 0.0) / CLOSED_AT, 1.0) for name in CLOSES}
    return {**weights, **own}


def presence(weights: Mapping[str, float]) -> list[float]:
    """How visible each group's parts must be: by group, the largest weight of the shapes that move it."""
    shares = [0.0] * GROUPS
    for name, weight in weights.items():
        if name.startswith(OF_MOUTH):
            shares[MOUTH] = max(shares[MOUTH], weight)
        elif name.startswith(OF_EYES):
            for side, group in SIDES.items():
                if name.endswith(side):
                    shares[group] = max(shares[group], weight)
    return shares


def absence(weights: Mapping[str, float], *, shows_teeth: bool) -> list[float]:
    """How far the Gaussians that parts replace must fade: the line between lips stays while the lips stay closed.

    shows_teeth: lips are apart at rest.
    """
    present = presence(weights)
    if not shows_teeth:
        opening = sum(
            OPENS.get(name.removesuffix("Left").removesuffix("Right"), 0.0) * weights[name] for name in weights
        )
        present[MOUTH] = max(0.0, opening) * APPEARS / OPEN_DM
    return present


def parts_share(presence_of: float) -> float:
    """The share of their full opacity at which a group's parts are drawn."""
    return min(presence_of / APPEARS, 1.0)


def body_share(presence_of: float) -> float:
    """The share of their opacity that is left to the body's own Gaussians where parts replace them."""
    return 1.0 - min(max(presence_of / APPEARS - 1.0, 0.0), 1.0)


def closures(weights: Mapping[str, float]) -> list[float]:
    """How far each lid is closed, in the order of `model.Lids`: 0 at rest, 1 shut, less than 0 wide."""
    closed = []
    for side in SIDES:
        blink, squint, wide, up, down = (
            weights.get(f"{name}{side}", 0.0)
            for name in ("eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown")
        )
        others = WIDER * wide + LOOKS_UP * up + LOOKS_DOWN * down + SQUINTS * squint
        # Other movements of a lid disappear in a blink.
        closed.append(min(max(blink + (1.0 - blink) * others, WIDEST), 1.0))
        closed.append(min(squint + RISES_WITH_A_BLINK * blink, 1.0))
    return closed
