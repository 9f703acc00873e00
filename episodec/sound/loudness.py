"""Integrated loudness and true peak by ITU-R BS.1770-4 and EBU Tech 3341, on arrays at 48 kHz.

Implemented here because pyloudnorm imports scipy.signal, which alone costs more CPU time than all measurements of an
episode; tests compare with both pyloudnorm and ffmpeg's ebur128.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from episodec.timebase import SAMPLE_RATE

Sound = NDArray[np.float32]
"""(n, channels), full scale is ±1, 48 kHz; one or two channels."""

AMBIENCE_LUFS = -30.0
"""The loudness of procedural ambience: strokes over a quiet room need the headroom."""

GATE_LUFS = -70.0  # Blocks below it are silence (BS.1770-4, annex 1).
RELATIVE_GATE_LU = -10.0

MOMENT_LU, SPARSE_LU = 6.0, 8.0

_STEP = SAMPLE_RATE // 10  # A block is 400 ms, one begins every 100 ms.
_STEPS = 4
_OFFSET_DB = -0.691

# Biquads at 48 kHz, b then a without its leading 1 (BS.1770-4, annex 1, tables 1 and 2): the head, the low cut.
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)
_LOW_CUT = (1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)
_RING = 8192  # Samples until the filters' response has decayed below 1e-12.
_BLOCK = 1 << 16

_TAPS = 16  # Taps per phase on each side.
_CHUNK = 512
# How much higher a chunk may be between samples than at them; only sounds almost entirely at 24 kHz exceed it.
_OVERSHOOT = 2.5


def integrated(sound: Sound) -> float | None:
    """Gated loudness in LUFS; None if no block is above the absolute gate.

    A sound shorter than a block is measured as one block of its own length, a case that the standard does not cover.
    """
    powers = _block_powers(sound)
    return None if len(powers) == 0 else _gated(powers)


def prevailing(sound: Sound) -> float | None:
    """The usual loudness, in LUFS; None if no block is above the absolute gate.

    The integrated loudness of a quiet room with occasional clicks is that of the clicks; this one is the room's,
    because blocks count at most `MOMENT_LU` above the median. If loud moments are almost all there is, they count: the
    result is at most `SPARSE_LU` below the integrated loudness.
    """
    powers = _block_powers(sound)
    if len(powers) == 0:
        return None
    most = float(np.median(powers)) * 10 ** (MOMENT_LU / 10)
    return max(_lufs(float(np.minimum(powers, most).mean())), _gated(powers) - SPARSE_LU)


def powers(sound: Sound, step: int) -> NDArray[np.float64]:
    """(n // step,): the K-weighted mean square of each `step` samples, summed over channels."""
    if sound.size == 0:
        return np.zeros(0)
    squares = np.zeros(len(sound))
    for channel in _weighted(sound):
        squares += channel.astype(np.float64) ** 2
    whole = len(squares) // step
    return np.asarray(squares[: whole * step].reshape(whole, step).mean(axis=1))


def level(power: float) -> float:
    """The loudness in LUFS of a mean of `powers`."""
    return _lufs(max(power, 1e-20))


def _block_powers(sound: Sound) -> NDArray[np.float64]:
    """The power of each block above the absolute gate."""
    if len(sound) < _STEP * _STEPS:
        power = powers(sound, max(1, len(sound)))
    else:
        power = sliding_window_view(powers(sound, _STEP), _STEPS).mean(axis=1)
    return np.asarray(power[power > _power(GATE_LUFS)])


def _gated(powers: NDArray[np.float64]) -> float:
    return _lufs(powers[powers > powers.mean() * 10 ** (RELATIVE_GATE_LU / 10)].mean())


def _lufs(power: float) -> float:
    return float(10 * np.log10(power) + _OFFSET_DB)


def true_peak(sound: Sound) -> float:
    """The highest true peak over all channels, as an amplitude."""
    highest = float(abs(sound).max(initial=0.0))
    return float(peaks(sound, highest).max(initial=0.0))


def peaks(sound: Sound, above: float) -> NDArray[np.float32]:
    """(n,): the highest amplitude from each sample up to the next, four times oversampled, over all channels.

    Exact only above `above`: quieter chunks are not oversampled.
    """
    length = -(-len(sound) // _CHUNK) * _CHUNK
    at = np.zeros(length, np.float32)
    for channel in sound.T:  # Column by column: numpy takes several times as long for row maxima.
        np.maximum(at[: len(sound)], abs(channel), out=at[: len(sound)])
    if above <= 0 or length == 0:
        return at[: len(sound)]
    chunks = at.reshape(-1, _CHUNK)
    loud = np.flatnonzero(chunks.max(axis=1) * _OVERSHOOT >= above)
    for channel in range(sound.shape[1]):
        padded = np.zeros(length + 2 * _TAPS, np.float32)
        padded[_TAPS : _TAPS + len(sound)] = sound[:, channel]
        windows = sliding_window_view(padded, _CHUNK + 2 * _TAPS)[::_CHUNK][loud]  # (m, chunk + taps)
        for phase in _phases():
            between = np.zeros((len(loud), _CHUNK), np.float32)
            for tap, weight in enumerate(phase):  # One by one: the same order of summation on every machine.
                between += weight * windows[:, tap + 1 : tap + 1 + _CHUNK]
            chunks[loud] = np.maximum(chunks[loud], abs(between))
    return at[: len(sound)]


@cache
def _phases() -> NDArray[np.float32]:
    """(3, taps): filters for a quarter, a half and three quarters after a sample; a sinc in a Kaiser window."""
    at = np.arange(1 - _TAPS, _TAPS + 1) - np.array([[0.25], [0.5], [0.75]])
    window = np.i0(7.0 * np.sqrt(np.maximum(0, 1 - (at / _TAPS) ** 2))) / np.i0(7.0)
    taps = np.sinc(at) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


def _weighted(sound: Sound) -> NDArray[np.float32]:
    """(channels, n): the K-weighted sound; the recursive filters are applied by overlapping blocks in the frequency
    domain.
    """
    hop = _BLOCK - _RING
    blocks = -(-len(sound) // hop)
    padded = np.zeros((sound.shape[1], blocks * hop + _RING), np.float32)
    padded[:, _RING : _RING + len(sound)] = sound.T
    weighted = np.empty((sound.shape[1], blocks * hop), np.float32)
    for start in range(0, blocks * hop, hop):
        spectrum = np.fft.rfft(padded[:, start : start + _BLOCK])
        weighted[:, start : start + hop] = np.fft.irfft(spectrum * _response(), n=_BLOCK)[:, _RING:]
    return weighted[:, : len(sound)]


def weighting(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The power gain of K-weighting at each frequency."""
    return np.asarray(abs(_transfer(hertz)) ** 2)


@cache
def _response() -> NDArray[np.complex64]:
    """(bins,): the frequency response of K-weighting."""
    return np.asarray(
        _transfer(np.asarray(np.arange(_BLOCK // 2 + 1) * (SAMPLE_RATE / _BLOCK), np.float64)), np.complex64
    )


def _transfer(hertz: NDArray[np.float64]) -> NDArray[np.complex128]:
    back = np.exp(-2j * np.pi * hertz / SAMPLE_RATE)  # One sample's delay.
    response = np.ones_like(back)
    for (b0, b1, b2), (a1, a2) in (_SHELF, _LOW_CUT):
        response *= (b0 + b1 * back + b2 * back**2) / (1 + a1 * back + a2 * back**2)
    return np.asarray(response)


def _power(loudness: float) -> float:
    return float(10 ** ((loudness - _OFFSET_DB) / 10))
