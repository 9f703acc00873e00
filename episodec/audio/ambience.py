"""Ambience in pieces made one: level, seams, length, ends. Arrays in, arrays out; knows no tool that made them."""

from collections.abc import Sequence

import numpy as np

from episodec.audio.wav import Samples
from episodec.errors import BackendError
from episodec.sound.loudness import AMBIENCE_LUFS, integrated
from episodec.timebase import SAMPLE_RATE

PEAK = 0.891  # -1 dBFS: a sparse sound is left below that loudness rather than cut.
FADE_S = 0.5  # At both ends, so that an episode that is played in a loop has no click.


def levelled(samples: Samples) -> Samples:
    """The sound (n, channels) at the one loudness, by one gain; its peak at most -1 dBFS.

    Raises:
        BackendError: there is nothing to hear.
    """
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    loudness = integrated(samples)
    if peak < 1e-5 or loudness is None:
        raise BackendError("the ambience is silent", facts={"peak": f"{peak:.1e}"})
    gain = 10 ** ((AMBIENCE_LUFS - loudness) / 20)
    return (samples * min(gain, PEAK / peak)).astype(np.float32)


def crossfaded(segments: Sequence[Samples], overlap: int) -> Samples:
    """The segments one after the other, each laid over the last `overlap` samples of the one before.

    Equal power (sine and cosine): neighbours are strangers to each other, and their powers add, not their samples.
    """
    made = segments[0]
    angle = (np.arange(overlap, dtype=np.float64) + 0.5) * (np.pi / 2 / max(overlap, 1))
    rising, falling = (curve.astype(np.float32)[:, None] for curve in (np.sin(angle), np.cos(angle)))
    for segment in segments[1:]:
        if min(len(made), len(segment)) < overlap:
            raise BackendError("a segment of ambience is shorter than its seam", facts={"samples": len(segment)})
        seam = made[len(made) - overlap :] * falling + segment[:overlap] * rising
        made = np.concatenate([made[: len(made) - overlap], seam, segment[overlap:]])
    return made


def finished(samples: Samples, length: int) -> Samples:
    """Exactly `length` samples of it at the one loudness, faded at both ends.

    Raises:
        BackendError: it is shorter, or silent.
    """
    if len(samples) < length:
        facts = {"found": f"{len(samples)} samples", "wanted": f"{length} samples"}
        raise BackendError("the ambience is shorter than the episode", facts=facts)
    made = samples[:length].copy()
    fade = min(round(FADE_S * SAMPLE_RATE), length // 2)
    curve = (0.5 - 0.5 * np.cos((np.arange(fade) + 0.5) * (np.pi / max(fade, 1)))).astype(np.float32)[:, None]
    made[:fade] *= curve
    made[length - fade :] *= curve[::-1]
    return levelled(made)
