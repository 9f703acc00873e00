"""Poses of a face by ARKit's names: the sounds of speech at their strongest, and what eyes and brows do."""

from collections.abc import Mapping

from episodec.performance.channels import SHAPES
from episodec.performance.visemes import VISEMES

Weights = Mapping[str, float]


def both(stem: str, weight: float) -> dict[str, float]:
    return {f"{stem}Left": weight, f"{stem}Right": weight}


def viseme(name: str) -> dict[str, float]:
    """The weights of a class of sounds at its strongest."""
    weights: dict[str, float] = {}
    for stem, weight in VISEMES[name].shapes.items():
        weights |= {stem: weight} if stem in SHAPES else both(stem, weight)
    return weights


LIPS: dict[str, Weights] = {
    "rest": {},
    "a": viseme("a"),
    "e": viseme("e"),
    "i": viseme("i"),
    "o": viseme("o"),
    "u": viseme("u"),
    "m": {**both("mouthPress", 0.3), "mouthRollLower": 0.2, "mouthRollUpper": 0.15, "mouthPucker": 0.1},
    "f": {"jawOpen": 0.05, "mouthRollLower": 0.6, **both("mouthUpperUp", 0.4)},
    "s": viseme("s"),
    "sh": viseme("sh"),
    "schwa": viseme("schwa"),
    "smile": {**both("mouthSmile", 0.4), **both("mouthDimple", 0.1), **both("cheekSquint", 0.25)},
}
EYES: dict[str, Weights] = {
    "rest": {},
    "blink .33": both("eyeBlink", 0.33),
    "blink .66": both("eyeBlink", 0.66),
    "blink 1": both("eyeBlink", 1.0),
    "left": {"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6},
    "right": {"eyeLookInLeft": 0.6, "eyeLookOutRight": 0.6},
    "up": both("eyeLookUp", 0.6),
    "down": both("eyeLookDown", 0.6),
    "wide": both("eyeWide", 1.0),
    "squint": both("eyeSquint", 1.0),
    "brows up": {"browInnerUp": 1.0, **both("browOuterUp", 1.0)},
    "brows down": both("browDown", 1.0),
}
LOOKING = {"eyeLookOutLeft": 0.2, "eyeLookInRight": 0.2}
