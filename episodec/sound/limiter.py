"""A look-ahead true-peak limiter: the gain dips smoothly around each peak and is 1 everywhere else."""

import numpy as np
from numpy.typing import NDArray

from episodec.sound.loudness import Sound, peaks

REACH = 480  # Samples: a dip holds its depth this long before and after its peak, fading over twice that.

# A moving gain lets true peaks exceed the target by hundredths of a dB: it aims below the ceiling, and lower if needed.
_MARGIN = 0.997
_TRIES = 6


def limit(sound: Sound, ceiling: float) -> tuple[Sound, float]:
    """The sound with no true peak above the ceiling (an amplitude), and the least gain applied."""
    peak_levels = peaks(sound, ceiling * _MARGIN)
    if peak_levels.max(initial=0.0) <= ceiling:
        return sound, 1.0
    limited, least, aim = sound, 1.0, ceiling * _MARGIN
    for _ in range(_TRIES):
        gain = _smooth(aim / np.maximum(peak_levels.astype(np.float64), aim))
        limited, least = (sound * gain[:, None]).astype(np.float32), float(gain.min())
        over = float(peaks(limited, ceiling).max()) / ceiling
        if over <= 1:
            return limited, least
        aim *= _MARGIN / over
        peak_levels = peaks(sound, aim)
    scale = ceiling / max(ceiling, float(peaks(limited, ceiling).max()))
    return (limited * np.float32(scale)).astype(np.float32), least * scale


def lowered(sound: Sound, reference: Sound, aim: float) -> tuple[Sound, NDArray[np.float64]]:
    """The sound (n, channels) lowered where `heard`, its processed version, peaks above the aim (an amplitude), and the
    gain (n,) applied. Everything else is unchanged.
    """
    gain = _smooth(aim / np.maximum(peaks(reference, aim).astype(np.float64), aim))
    return (sound * gain[:, None]).astype(np.float32), gain


def _smooth(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,): a smooth gain, never above the given one.

    The lowest gain within REACH, then a triangular average over the same span, which at a peak sees nothing else.
    """
    ends = np.pad(gain, 2 * REACH, constant_values=1.0)
    lowest = _running_minimum(ends, 2 * REACH + 1)  # (n + 2 REACH,)
    return _running_mean(_running_mean(lowest, REACH + 1), REACH + 1)


def _running_minimum(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """(n - width + 1,): by doubling: each minimum of 2k values is the minimum of two of k."""
    done = 1
    while done * 2 <= width:
        values = np.minimum(values[:-done], values[done:])
        done *= 2
    rest = width - done
    return values if rest == 0 else np.minimum(values[:-rest], values[rest:])


def _running_mean(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """(n - width + 1,): averages 1 - gain, so that untouched stretches stay exactly 1."""
    sums = np.concatenate([[0.0], np.cumsum(1.0 - values)])
    missing = (sums[width:] - sums[:-width]) / width
    return 1.0 - np.where(missing > 1e-9, missing, 0.0)
