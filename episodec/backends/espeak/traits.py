"""A few stable numbers derived from reference tokens, for voices that cannot be cloned from them."""

from dataclasses import dataclass

import numpy as np

from episodec.audio.ref_tokens import Tokens
from episodec.digest import digest_bytes

LEVELS = (8, 5, 5, 5)  # Finite scalar quantisation of Fish Speech 1.5: code = d0 + 8 d1 + 40 d2 + 200 d3, 1000 in all.
GAIN = 2.5  # Means of two voices differ by some 0.2: enough to cross the whole range.


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers in [0, 1]. Similar recordings have similar numbers; they do not claim likeness to the person."""

    timbre: float
    height: float
    liveliness: float
    shade: int  # 0 to 255, different for any other file: a small change is heard, too.


def traits(tokens: Tokens) -> Traits:
    """The traits of a voice.

    A code has four digits, each a coordinate of the codec's latent space; their means over time are stable for a voice:
    32 numbers in [-1, 1], from 8 codebooks. Three fixed orthogonal sums of them are folded into [0, 1] (with a triangle
    wave, so near means stay near). `shade` is a byte of the digest of the tokens.
    """
    means = _means(tokens)  # (32,)
    signs = _signs(len(means))  # (3, 32)
    sums = signs @ means / np.sqrt(len(means)) * GAIN  # (3,)
    timbre, height, liveliness = (round(float(abs((one + 0.5) % 2 - 1)), 6) for one in sums)
    content = np.ascontiguousarray(tokens, dtype="<i4").tobytes()
    return Traits(timbre, height, liveliness, int(digest_bytes(content)[-2:], 16))


def _means(tokens: Tokens) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Mean coordinate of each codebook and digit, (8 * 4,), in [-1, 1]."""
    means = []
    rest = tokens.astype(np.int64)
    for levels in LEVELS:
        rest, digit = np.divmod(rest, levels)
        means.append(2 * digit.mean(axis=1) / (levels - 1) - 1)
    return np.stack(means, axis=1).reshape(-1)


def _signs(length: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Three rows of a Hadamard matrix: +1 and -1, orthogonal to each other and to the plain mean."""
    index = np.arange(length)
    return np.stack([1.0 - 2.0 * (np.bitwise_count(index & row) % 2) for row in (5, 10, 19)])
