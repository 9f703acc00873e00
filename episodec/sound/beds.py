"""Continuous sounds from tables: noise shaped in the frequency domain, with slow swells.

All is float64: last-bit differences of other processors' sines do not reach 16-bit samples.
"""

import numpy as np
from numpy.typing import NDArray

from episodec.sound.palette import Bed, Curve, Layer, Swell
from episodec.timebase import SAMPLE_RATE

Stereo = NDArray[np.float64]  # (n, 2), full scale is ±1, 48 kHz.

_CONTROL_HZ = 200  # Swells are computed at this rate and interpolated linearly.
_BLOCK = 1200  # Samples of a tone computed together.
_DEEPEST_DB = 2.5  # Standard deviations.


def make_bed(bed: Bed, length: int, rng: np.random.Generator) -> Stereo:
    """(length, 2): the bed at its level, without its texture."""
    stereo = np.zeros((length, 2))
    for layer in bed.layers:
        mid, side = (_noise(layer.curve, length, rng) if layer.curve else _tones(layer.tones, length, rng), None)
        if layer.width > 0:
            side = _noise(layer.curve, length, rng)
        gain = 10 ** ((bed.level_db + layer.level_db) / 20) * _swelling(layer, length, rng)
        mid *= gain
        if side is None:
            stereo += mid[:, None]
        else:
            side *= gain * layer.width / np.sqrt(1 + layer.width**2)
            mid *= 1 / np.sqrt(1 + layer.width**2)
            stereo[:, 0] += mid + side
            stereo[:, 1] += mid - side
    return stereo


def fast_length(length: int) -> int:
    """The least length, not below this one, whose only prime factors are 2, 3 and 5: FFTs of such lengths are fast."""
    best = 1 << max(0, length - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = 1 << max(0, (-(-length // three) - 1).bit_length())
            best = min(best, three * two)
            three *= 3
        five *= 5
    return best


def _noise(curve: Curve, length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(length,): noise of this spectrum, with a mean square of 1."""
    period = fast_length(length)
    hertz, decibels = (np.array(column) for column in zip(*curve, _tail(curve), strict=True))
    first, last = (int(np.ceil(edge * period / SAMPLE_RATE)) for edge in (hertz[0], hertz[-1]))
    bins = np.arange(max(1, first), min(last, period // 2) + 1)
    if len(bins) == 0:  # An episode too short for such low tones.
        return np.zeros(length)
    level_db = np.interp(np.log(bins * (SAMPLE_RATE / period)), np.log(hertz), decibels)
    shape = np.exp(level_db * (np.log(10) / 20))
    shape *= period / np.sqrt(4 * (shape**2).sum())
    spectrum = np.zeros(period // 2 + 1, np.complex128)
    spectrum[bins] = rng.standard_normal((len(bins), 2)).view(np.complex128)[:, 0] * shape
    return np.asarray(np.fft.irfft(spectrum, n=period)[:length])


def _tail(curve: Curve) -> tuple[float, float]:
    """The last point of a curve's roll-off: another octave, falling by 30 dB instead of a hard cut."""
    hertz, level_db = curve[-1]
    return min(2 * hertz, SAMPLE_RATE / 2), level_db - 30


def _tones(tones: Curve, length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(length,): steady tones, with a mean square of 1.

    Computed in blocks by sin(a + b) = sin a cos b + cos a sin b: a sine per sample took most of a hum's time.
    """
    rows = -(-length // _BLOCK)
    amplitudes = [10 ** (level_db / 20) for _, level_db in tones]
    waves = np.zeros((rows, _BLOCK))
    for (hertz, _), amplitude in zip(tones, amplitudes, strict=True):
        turn = 2 * np.pi * hertz / SAMPLE_RATE
        begin = (np.arange(rows) * (turn * _BLOCK) + rng.uniform(0, 2 * np.pi))[:, None]
        within = np.arange(_BLOCK) * turn
        waves += np.sin(begin) * (amplitude * np.cos(within)) + np.cos(begin) * (amplitude * np.sin(within))
    return np.asarray(waves.ravel()[:length] * np.sqrt(2 / sum(amplitude**2 for amplitude in amplitudes)))


def _swelling(layer: Layer, length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(length,): amplitudes with a mean square of 1."""
    steps = length * _CONTROL_HZ // SAMPLE_RATE + 2
    curve = {"wave": _waves, "drift": _drift, "pulse": _pulses}[layer.swell.kind]
    gain = np.exp(curve(layer.swell, steps, rng) * (np.log(10) / 20))
    gain /= np.sqrt((gain**2).mean())
    at = np.arange(length) * (_CONTROL_HZ / SAMPLE_RATE)
    return np.asarray(np.interp(at, np.arange(steps), gain))


def _drift(swell: Swell, steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(steps,) in dB: random levels, one every half period, joined by half cosines."""
    each = max(1.0, _CONTROL_HZ / swell.rate_hz / 2)
    points = np.clip(rng.standard_normal(int(steps / each) + 3), -_DEEPEST_DB, _DEEPEST_DB)
    at = np.arange(steps) / each
    whole = at.astype(int)
    way = (1 - np.cos(np.pi * (at - whole))) / 2
    return np.asarray(swell.depth_db * (points[whole] * (1 - way) + points[whole + 1] * way))


def _waves(swell: Swell, steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(steps,) in dB: waves that rise fast and fall slowly, each of another length."""
    wave = np.zeros(steps)
    start = -int(rng.uniform(0, 0.6) * _CONTROL_HZ / swell.rate_hz)
    while start < steps:
        length = int(_CONTROL_HZ / swell.rate_hz * rng.uniform(0.75, 1.25))
        way = np.arange(length) / length
        shape = np.sin(np.pi * way**0.55) ** 1.5 * swell.depth_db * rng.uniform(0.75, 1.0)
        first, last = max(0, start), min(steps, start + length)
        if last > first:
            wave[first:last] = shape[first - start : last - start]
        start += length
    return wave - swell.depth_db / 2


def _pulses(swell: Swell, steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(steps,) in dB: a regular tremolo, whose rate varies by a twentieth."""
    stray = Swell(0.4, 0.02)
    rate = swell.rate_hz * (1 + _drift(stray, steps, rng))
    phase = 2 * np.pi * np.cumsum(rate) / _CONTROL_HZ
    return np.asarray(swell.depth_db / 2 * np.sin(phase))
