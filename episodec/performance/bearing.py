"""Movements of the face other than lips and eyes: brows and head on accents, the head's sway, breath, and
expressions.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from episodec.performance.channels import PLACES, SHAPES, sides
from episodec.performance.curves import eased, hill, wandering
from episodec.performance.spoken import Expression, Mark, SoundedWord
from episodec.performance.track import Floats
from episodec.performance.visemes import is_stressed

_ENDS = ",;:.!?…—"
_BREATH_S = 3.8  # From one breath to the next.
_IN = 0.42  # The fraction of a breath spent breathing in.
_EXPRESSIONS: Mapping[Expression, Mapping[str, float]] = {
    "neutral": {},
    "smile": {"mouthSmile": 0.4, "mouthDimple": 0.1, "cheekSquint": 0.25, "eyeSquint": 0.15},
    "sad": {"mouthFrown": 0.45, "mouthShrugLower": 0.15, "browInnerUp": 0.45},
}
_BEFORE_S, _AFTER_S = 0.15, 0.45  # Around a mark: the time in which the face changes.


def accents(words: Sequence[SoundedWord]) -> Iterator[tuple[float, float]]:
    """The accents of phrases, in seconds, with their strengths: on the last stress before a comma or a stop."""
    for word in words:
        text = word.text.rstrip("»\"”')")
        stressed = [sound for sound in word.sounds if is_stressed(sound.name)]
        if stressed and text and text[-1] in _ENDS:
            strength = {"?": 1.0, "!": 0.9}.get(text[-1], 0.6)
            yield (stressed[-1].start_s + stressed[-1].end_s) / 2, strength


def brows(words: Sequence[SoundedWord], at_s: Floats, strength: float) -> Floats:
    """(F, 52): brows raised on accents."""
    weights = np.zeros((len(at_s), len(SHAPES)))
    raised = strength * _on_accents(words, at_s)
    weights[:, PLACES["browInnerUp"]] = 0.35 * raised
    for side in sides("browOuterUp"):
        weights[:, PLACES[side]] = 0.3 * raised
    return weights


def head(words: Sequence[SoundedWord], seed: str, at_s: Floats, strength: float) -> Floats:
    """(F, 3): yaw, pitch and roll in degrees: a slow sway, and a small nod on accents."""
    nod = 1.6 * _on_accents(words, at_s)
    yaw = 2.4 * wandering(seed, "head yaw", at_s, 1.9)
    pitch = 1.1 * wandering(seed, "head pitch", at_s, 2.3) - nod
    roll = 0.9 * wandering(seed, "head roll", at_s, 2.9)
    return strength * np.stack([yaw, pitch, roll], axis=1)


def breath(at_s: Floats, strength: float) -> Floats:
    """(F,): 0 after breathing out, 1 after breathing in; depends on the time alone."""
    place = at_s / _BREATH_S
    place = place - np.floor(place)
    return strength * eased(place / _IN) * (1.0 - eased((place - _IN) / (1.0 - _IN)))


def expression(marks: Sequence[Mark], at_s: Floats) -> Floats:
    """(F, 52): the expression of the last mark before each moment, with an eased transition around the mark."""
    weights = np.zeros((len(at_s), len(SHAPES)))
    for mark in sorted(marks, key=lambda one: one.at_s):
        share = eased((at_s - mark.at_s + _BEFORE_S) / (_BEFORE_S + _AFTER_S))[:, None]
        shapes = np.zeros(len(SHAPES))
        for name, weight in _EXPRESSIONS[mark.expression].items():
            for side in sides(name):
                shapes[PLACES[side]] = weight
        weights = weights * (1.0 - share) + shapes * share
    return weights


def _on_accents(words: Sequence[SoundedWord], at_s: Floats) -> Floats:
    """(F,): rising before each accent, and falling more slowly after it."""
    raised = np.zeros(len(at_s))
    for moment, strength in accents(words):
        first, last = np.searchsorted(at_s, [moment - 0.16, moment + 0.42])
        some = slice(int(first), int(last))
        curve = strength * hill(at_s[some], (moment - 0.16, moment), (moment + 0.1, moment + 0.42))
        raised[some] = np.maximum(raised[some], curve)
    return raised
