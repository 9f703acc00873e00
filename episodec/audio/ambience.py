"""Joins pieces of ambience: level, seams, length, ends. Arrays in, arrays out; does not know which tool made them."""

from collections.abc import Sequence

import numpy as np

from episodec.audio.wav import Samples
from episodec.errors import BackendError
from episodec.sound.loudness import AMBIENCE_LUFS, integrated
from episodec.timebase import SAMPLE_RATE

PEAK = 0.891  # -1 dBFS: a sparse sound stays below the target loudness rather than clip.
FADE_S = 0.5  # At both ends, so that an episode played in a loop does not click.


def levelled(samples: Samples) -> Samples:
    """The sound (n, channels) at `AMBIENCE_LUFS`, scaled by one gain; its peak is at most -1 dBFS.

    Raises:
        BackendError: the sound is silent.
    """
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    loudness = integrated(samples)
    if peak < 1e-5 or loudness is None:
        raise BackendError("the ambience is silent", facts={"peak": f"{peak:.1e}"})
    gain = 10 ** ((AMBIENCE_LUFS - loudness) / 20)
    return (samples * min(gain, PEAK / peak)).astype(np.float32)


def crossfaded(segments: Sequence[Samples], overlap: int) -> Samples:
    """The segments in order, each overlapping the last `overlap` samples of the one before.

    Equal-power crossfade (sine and cosine): neighbours are uncorrelated, so their powers add, not their samples.
    """
    sound = segments[0]
    angle = (np.arange(overlap, dtype=np.float64) + 0.5) * (np.pi / 2 / max(overlap, 1))
    rising, falling = (curve.astype(np.float32)[:, None] for curve in (np.sin(angle), np.cos(angle)))
    for segment in segments[1:]:
        if min(len(sound), len(segment)) < overlap:
            raise BackendError("a segment of ambience is shorter than its seam", facts={"samples": len(segment)})
        seam = sound[len(sound) - overlap :] * falling + segment[:overlap] * rising
        sound = np.concatenate([sound[: len(sound) - overlap], seam, segment[overlap:]])
    return sound


def finished(samples: Samples, length: int) -> Samples:
    """Exactly `length` samples at `AMBIENCE_LUFS`, faded at both ends.

    Raises:
        BackendError: the sound is shorter, or silent.
    """
    if len(samples) < length:
        facts = {"found": f"{len(samples)} samples", "wanted": f"{length} samples"}
        raise BackendError("the ambience is shorter than the episode", facts=facts)
    faded = samples[:length].copy()
    fade = min(round(FADE_S * SAMPLE_RATE), length // 2)
    curve = (0.5 - 0.5 * np.cos((np.arange(fade) + 0.5) * (np.pi / max(fade, 1)))).astype(np.float32)[:, None]
    faded[:fade] *= curve
    faded[length - fade :] *= curve[::-1]
    return levelled(faded)
