"""The shape of the mouth for a speech sound: classes of sounds by their IPA names.

The classes and their strengths were tuned on sheets of a fitted head, measured and inspected; after Cohen and Massaro,
"Modeling coarticulation in synthetic visual speech" (1993). Names are those of espeak-ng and of voices trained on them;
stress and length are part of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["open", "closed", "bitten", "none"]


@dataclass(frozen=True, slots=True)
class Viseme:
    """The shape of the mouth for a class of sounds."""

    shapes: Mapping[str, float]  # Weights; a name may cover both sides.
    opening: float = 0.0  # Its weight for shapes that open the mouth.
    width: float = 0.0  # And for shapes that round or widen it.
    kind: Kind = "open"


def _viseme(opening: float, width: float, **shapes: float) -> Viseme:
    return Viseme(shapes, opening, width)


VISEMES: Mapping[str, Viseme] = {
    "a": _viseme(1.0, 0.5, jawOpen=0.55, mouthLowerDown=0.3, mouthStretch=0.06),
    "ae": _viseme(1.0, 0.6, jawOpen=0.46, mouthLowerDown=0.4, mouthUpperUp=0.2, mouthStretch=0.3),
    "e": _viseme(0.9, 0.7, jawOpen=0.3, mouthLowerDown=0.45, mouthUpperUp=0.3, mouthStretch=0.42, mouthSmile=0.18),
    "i": _viseme(0.8, 0.9, jawOpen=0.1, mouthLowerDown=0.8, mouthUpperUp=0.36, mouthStretch=0.6, mouthSmile=0.34),
    "y": _viseme(0.7, 0.5, jawOpen=0.16, mouthLowerDown=0.7, mouthUpperUp=0.36, mouthStretch=0.4, mouthSmile=0.1),
    "o": _viseme(0.9, 0.9, jawOpen=0.38, mouthFunnel=0.3, mouthPucker=0.6),
    "u": _viseme(0.9, 1.0, jawOpen=0.14, mouthFunnel=0.15, mouthPucker=1.0, mouthUpperUp=0.2, mouthLowerDown=0.25),
    "w": _viseme(0.8, 1.0, jawOpen=0.08, mouthFunnel=0.1, mouthPucker=1.0),
    "schwa": _viseme(0.6, 0.25, jawOpen=0.24, mouthLowerDown=0.26, mouthStretch=0.05),
    "er": _viseme(0.7, 0.5, jawOpen=0.24, mouthLowerDown=0.25, mouthUpperUp=0.1, mouthFunnel=0.2, mouthPucker=0.2),
    "s": _viseme(0.9, 0.35, jawOpen=0.05, mouthLowerDown=0.6, mouthUpperUp=0.32, mouthStretch=0.3),
    "sh": _viseme(0.9, 0.8, jawOpen=0.09, mouthFunnel=0.5, mouthPucker=0.35, mouthUpperUp=0.25, mouthLowerDown=0.3),
    "t": _viseme(0.6, 0.15, jawOpen=0.12, mouthLowerDown=0.34, mouthUpperUp=0.12, mouthStretch=0.12),
    "l": _viseme(0.6, 0.15, jawOpen=0.2, mouthLowerDown=0.3, mouthStretch=0.1),
    "th": _viseme(0.8, 0.2, jawOpen=0.14, mouthLowerDown=0.5, mouthUpperUp=0.2, mouthStretch=0.12),
    "k": _viseme(0.35, 0.1, jawOpen=0.18, mouthLowerDown=0.2, mouthStretch=0.06),
    "r": _viseme(0.5, 0.2, jawOpen=0.16, mouthLowerDown=0.24, mouthPucker=0.08),
    "round r": _viseme(0.6, 0.6, jawOpen=0.12, mouthLowerDown=0.28, mouthFunnel=0.25, mouthPucker=0.3),
    "soft": _viseme(0.3, 0.4, jawOpen=0.1, mouthLowerDown=0.4, mouthUpperUp=0.16, mouthStretch=0.35),
    "closed": Viseme({}, 0.0, 0.1, "closed"),
    "bitten": Viseme({}, 0.0, 0.1, "bitten"),
    "none": Viseme({}, 0.0, 0.0, "none"),  # A glottal stop or a pause: the mouth follows its neighbours.
}

_CLASSES: Mapping[str, str] = {
    "sh": "tʃ dʒ tɕ dʑ ʃ ʒ ɕ ʑ ʂ ʐ ɧ tʂ dʐ",
    "s": "ts dz s z c ɟ ç",
    "a": "aʊ aɪ aɪə aʊə ja jɑ a ɑ ɑː",
    "ae": "æ ɛə jæ",
    "e": "eɪ eə e ɛ jɛ je ø œ",
    "i": "iə ɪə i ɪ ᵻ j",
    "y": "y ɨ ɯ ɤ",
    "o": "oʊ əʊ ɔɪ oɪ o ɔ ɒ ɵ jo jɔ jɵ",
    "u": "ʊə u ʊ ʉ ju jʊ jʉ ʏ",
    "w": "w ʍ ɥ",
    "schwa": "əl ə ɐ ʌ ɘ jə jʌ",
    "er": "ɜ ɚ ɝ ɞ",
    "closed": "m b p ɓ ɱ ʙ",
    "bitten": "f v ʋ ɸ β",
    "th": "θ ð",
    "t": "t d n ʈ ɖ ɳ ɲ ɗ",
    "l": "l ɭ ɫ ɬ ɮ ʎ ʟ",
    "k": "k ɡ g x ɣ ŋ h ɦ q ɢ χ ħ ɴ ʕ",
    "r": "r ɾ ʀ ʁ ɽ",
    "round r": "ɹ ɻ ɺ",
    "soft": "ʲ",
    "none": "ʔ ' ; _ - ʼ",
}
_OF_NAMES = {name: kind for kind, names in _CLASSES.items() for name in names.split()}
_LONGEST = max(map(len, _OF_NAMES))
_STRESS = "ˈˌ"
_PAUSES = frozenset(" .,:;!?…—–-«»()\"'_^$#|\u200d\u0329")


@cache
def viseme_of(name: str) -> str | None:
    """The class of a sound: that of the longest known prefix of its name; None if there is none."""
    bare = name.strip().lstrip(_STRESS)
    if not bare.strip("ːˑ" + "".join(_PAUSES)):
        return "none"  # A mark of stress or length alone, a pause.
    for length in range(min(_LONGEST, len(bare)), 0, -1):
        if bare[:length] in _OF_NAMES:
            return _OF_NAMES[bare[:length]]
    return None


def is_stressed(name: str) -> bool:
    """Whether it bears the main stress of its word."""
    return "ˈ" in name


def is_voiceless_stop(name: str) -> bool:
    """Whether a closed sound begins with its burst, so that the lips close before it."""
    return name.strip().lstrip(_STRESS).startswith("p")
