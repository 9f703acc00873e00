"""The mouth during speech: a mean of the sounds around each moment, and lips that close on exactly their frame.

Each sound has influence within 0.16 s of it, less with distance; silence of more than 0.12 s is rest. Closures are
exact: for a voiced `b` or `m` the sound itself, for a `p` the 41 ms before it, which espeak-ng assigns to the sound
before (measured: silence at -120 dB for 40 ms, then the burst, at which its `p` begins).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from episodec.performance.channels import PLACES, SHAPES, sides
from episodec.performance.curves import eased
from episodec.performance.spoken import SoundedWord
from episodec.performance.track import Floats
from episodec.performance.visemes import VISEMES, Viseme, is_stressed, is_voiceless_stop, viseme_of

REACH_S = 0.16
CLOSURE_S = 0.041  # Before a `p`.
SILENCE_S = 0.12  # Longer silences are rest.
RELEASE_S = 0.04  # The time lips take to close before a closure, and to open after it.
_JAW_RELEASE_S = 0.07  # The same for the jaw, which is heavier: in one frame it would snap.

_REST = Viseme({}, 1.0, 1.0)
_REST_REACH_S = 0.1
_FAR_S = 1e6
_LEAST = 0.02  # Added to the sum of weights: the mouth rests far from all sounds.
_STRESS = 1.18
_SHORT_S = 0.06  # A shorter sound is not fully reached.
_OPENING = ("jawOpen", "mouthLowerDown", "mouthUpperUp")
_WIDTH = ("mouthFunnel", "mouthPucker", "mouthStretch", "mouthSmile")
_PRESSED = {"mouthPress": 0.3, "mouthRollLower": 0.2, "mouthRollUpper": 0.15}


@dataclass(frozen=True, slots=True)
class _Pull:
    """The influence of a sound, or a silence, with its range in seconds."""

    viseme: Viseme
    start_s: float
    end_s: float
    is_stressed: bool = False


def mouth(words: Sequence[SoundedWord], at_s: Floats, strength: float) -> Floats:
    """(F, 52): the weights of the mouth's shapes at these moments, which are a frame apart."""
    weights = np.zeros((len(at_s), len(SHAPES)))
    pulls = list(_pulls(words))
    if not len(at_s) or not pulls or strength <= 0:
        return weights
    spoken = [one for one in pulls if one.viseme.kind == "open"]
    open_by = _means([*spoken, *_rests(pulls)], at_s, _OPENING, strength)
    wide_by = _means([*spoken, *_rests(pulls)], at_s, _WIDTH, strength)
    shapes = _bitten(open_by | wide_by, *_held(pulls, "bitten", at_s))
    shapes = _closed(shapes, *_held(pulls, "closed", at_s))
    for name, values in shapes.items():
        for side in sides(name):
            weights[:, PLACES[side]] = values
    return weights


def unknown_sounds(words: Sequence[SoundedWord]) -> list[str]:
    """The names of sounds without a known viseme, each once, in order."""
    names = (sound.name for word in words for sound in word.sounds)
    return list(dict.fromkeys(name for name in names if viseme_of(name) is None))


def closures(words: Sequence[SoundedWord]) -> list[tuple[float, float]]:
    """The ranges of seconds in which lips are closed, in order."""
    return [(one.start_s, one.end_s) for one in _pulls(words) if one.viseme.kind == "closed"]


def _pulls(words: Sequence[SoundedWord]) -> Iterator[_Pull]:
    """The influences of all sounds that move the mouth, in order; one before a `p` ends where its closure begins."""
    before: _Pull | None = None
    is_marked = False  # Voices with separate stress marks put them before the vowel.
    for sound in (sound for word in words for sound in word.sounds):
        name = viseme_of(sound.name)
        if name is None or name == "none":
            is_marked = is_stressed(sound.name)
            continue
        start, end = sound.start_s, sound.end_s
        if is_voiceless_stop(sound.name):
            start, end = max(0.0, start - CLOSURE_S), start
            if before is not None and before.end_s > start:
                before = replace(before, end_s=max(before.start_s, start))
        if before is not None:
            yield before
        before = _Pull(VISEMES[name], start, end, is_stressed(sound.name) or is_marked)
        is_marked = False
    if before is not None:
        yield before


def _rests(pulls: Sequence[_Pull]) -> Iterator[_Pull]:
    """The silences: before all sounds, between distant ones, and after them."""
    yield _Pull(_REST, -_FAR_S, pulls[0].start_s - 0.04)
    for pull, after in pairwise(pulls):
        if after.start_s - pull.end_s > SILENCE_S:
            yield _Pull(_REST, pull.end_s + 0.06, after.start_s - 0.04)
    yield _Pull(_REST, pulls[-1].end_s + 0.06, _FAR_S)


def _means(pulls: Sequence[_Pull], at_s: Floats, names: Sequence[str], strength: float) -> dict[str, Floats]:
    """The weighted mean of each of these shapes over the sounds around each moment."""
    is_opening = names is _OPENING
    sums = {name: np.zeros(len(at_s)) for name in names}
    total = np.zeros(len(at_s))
    for pull in sorted(pulls, key=lambda one: (one.start_s, one.end_s)):
        some, weight = _weight(pull, at_s)
        weight = weight * (pull.viseme.opening if is_opening else pull.viseme.width)
        total[some] += weight
        reached = _reached(pull) if is_opening else 1.0
        for name in names:
            if target := pull.viseme.shapes.get(name):
                sums[name][some] += weight * (target * reached)
    return {name: strength * values / (total + _LEAST) for name, values in sums.items()}


def _weight(pull: _Pull, at_s: Floats) -> tuple[slice, Floats]:
    """The moments within reach of a sound, and its weight at each."""
    is_rest = pull.viseme is _REST
    reach = _REST_REACH_S if is_rest else REACH_S
    first, last = np.searchsorted(at_s, [pull.start_s - reach, pull.end_s + reach])
    some = slice(int(first), int(last))
    away = np.maximum(np.maximum(pull.start_s - at_s[some], at_s[some] - pull.end_s), 0.0)
    near = np.maximum(1.0 - away / reach, 0.0)
    length = 1.0 if is_rest else min(max((pull.end_s - pull.start_s) / 0.05, 0.4), 1.2)
    weight: Floats = near * near * near * length
    return some, weight


def _reached(pull: _Pull) -> float:
    """How far an opening is reached: less in a short sound, more under stress."""
    short = 0.55 + 0.45 * min((pull.end_s - pull.start_s) / _SHORT_S, 1.0)
    return short * (_STRESS if pull.is_stressed else 1.0)


def _held(pulls: Sequence[_Pull], kind: str, at_s: Floats) -> tuple[Floats, Floats]:
    """(F,) of the lips and (F,) of the jaw: 1 while lips are closed (or bitten), falling to 0 before and after. A
    closure between two moments is moved to the nearer one.
    """
    lips, jaw = np.zeros(len(at_s)), np.zeros(len(at_s))
    for pull in pulls:
        if pull.viseme.kind == kind:
            nearest = _nearest(at_s, (pull.start_s + pull.end_s) / 2)
            for held, release_s in ((lips, RELEASE_S), (jaw, _JAW_RELEASE_S)):
                first, last = np.searchsorted(at_s, [pull.start_s - release_s, pull.end_s + release_s], side="left")
                some = slice(int(first), int(last))
                away = np.maximum(np.maximum(pull.start_s - at_s[some], at_s[some] - pull.end_s), 0.0)
                held[some] = np.maximum(held[some], 1.0 - eased(away / release_s))
                held[nearest] = 1.0
    return lips, jaw


def _nearest(at_s: Floats, moment_s: float) -> int:
    place = int(np.searchsorted(at_s, moment_s))
    if place == 0 or (place < len(at_s) and at_s[place] - moment_s < moment_s - at_s[place - 1]):
        return place
    return place - 1


def _bitten(shapes: dict[str, Floats], held: Floats, jaw: Floats) -> dict[str, Floats]:
    """The shapes with the lower lip under the upper teeth where `held` is 1."""
    moved = {name: shapes[name] * (1.0 - held) for name in _OPENING}
    moved["jawOpen"] = shapes["jawOpen"] * (1.0 - jaw) + 0.05 * jaw
    moved["mouthUpperUp"] = moved["mouthUpperUp"] + 0.4 * held
    rounded = {name: shapes[name] * (1.0 - 0.4 * held) for name in ("mouthFunnel", "mouthPucker")}
    return {**shapes, **moved, **rounded, "mouthRollLower": 0.6 * held}


def _closed(shapes: dict[str, Floats], held: Floats, jaw: Floats) -> dict[str, Floats]:
    """The shapes with closed lips where `held` is 1: nothing that opens them remains."""
    moved = {name: shapes[name] * (1.0 - held) for name in (*_OPENING, "mouthFunnel", "mouthRollLower")}
    moved["jawOpen"] = shapes["jawOpen"] * (1.0 - jaw)
    pressed = {name: moved.get(name, 0.0) + weight * held for name, weight in _PRESSED.items()}
    pucker = shapes["mouthPucker"] * (1.0 - 0.5 * held) + 0.1 * held
    return {**shapes, **moved, **pressed, "mouthPucker": pucker}
