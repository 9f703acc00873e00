"""Where the lips of a window are drawn, and how much of them shows, from its sound."""

import numpy as np
from numpy.typing import NDArray

from episodec.audio.wav import Samples
from episodec.performance.resting import FADE_FRAMES, shares

QUIET = 10 ** (-50 / 20)  # RMS of a frame's sound below which nobody speaks: -50 dBFS.
NEAR_FRAMES = 4  # The lips open before the sound and close after it.

Floats = NDArray[np.float64]


def speaks(sound: Samples, samples_per_frame: int) -> NDArray[np.bool_]:
    """(n,): whether somebody speaks in each frame of a sound (n * samples_per_frame, 1)."""
    frames = sound[:, 0].astype(np.float64).reshape(-1, samples_per_frame)
    loud: NDArray[np.bool_] = (frames * frames).mean(axis=1) >= QUIET * QUIET
    return loud


def drawn_shares(is_spoken: NDArray[np.bool_], margin: int, *, fades_in: bool, fades_out: bool) -> Floats:
    """(n - 2 * margin,): the share of the drawn lips in each frame of a window, 0 to 1.

    All of it near speech, fading to none within `FADE_FRAMES` frames; so a frame's share depends only on the sound
    around it, and two windows meet without a jump.

    is_spoken: (n,), with `margin` frames on each side of the window. fades_in, fades_out: whether the window also fades
    from and to the scene's own lips at its ends.
    """
    places = np.flatnonzero(is_spoken)
    numbers = np.arange(len(is_spoken))
    if not len(places):
        return np.zeros(len(is_spoken) - 2 * margin)
    away = np.abs(numbers[:, None] - places[None, :]).min(axis=1)
    near = 1 - np.clip(away - NEAR_FRAMES, 0, FADE_FRAMES + 1) / (FADE_FRAMES + 1)
    window = near[margin : len(near) - margin]
    ends = np.array(shares(len(window), fades_in=fades_in, fades_out=fades_out)) / (FADE_FRAMES + 1)
    smaller: Floats = np.minimum(window, ends)
    return smaller
