"""Sparse sounds from tables: strokes made of grains, in a rhythm, each with a position and reverberation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.sound.beds import Stereo, fast_length
from episodec.sound.palette import Event, Grain, Rhythm
from episodec.timebase import SAMPLE_RATE

Mono = NDArray[np.float64]  # (n,), full scale is ±1, 48 kHz.

VARIANTS = 8  # Distinct strokes; then they repeat at other positions.
WINDOW = SAMPLE_RATE // 50  # A stroke's level is that of its loudest 20 ms.

_HEARD = 7.0  # A grain lasts this many decay times: to -60 dB.


@dataclass(frozen=True, slots=True)
class Manner:
    """How an event is played in an ambience."""

    level_db: float  # dBFS of a stroke's loudest 20 ms.
    density: float = 1.0
    is_far: bool = False


def play(event: Event, manner: Manner, length: int, rng: np.random.Generator) -> tuple[Stereo, tuple[int, ...]]:
    """(length, 2): all its strokes, and the samples at which they begin."""
    answer = _answer(event, rng, is_far=manner.is_far)
    strokes = [_stroke(event, answer, rng, is_far=manner.is_far) for _ in range(VARIANTS)]
    longest = max(map(len, strokes))
    mix = np.zeros((length + longest, 2))
    starts = onsets(event.rhythm, manner.density, length, rng)
    for index, start in enumerate(starts):
        stroke = strokes[index % VARIANTS]
        spread_db = float(np.clip(rng.standard_normal(), -2, 2)) * event.level_spread_db
        angle = np.pi / 4 * (1 + rng.uniform(-0.6, 0.6))
        gain = 10 ** ((manner.level_db + spread_db) / 20) * np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])
        mix[start : start + len(stroke)] += stroke * gain
    return mix[:length], tuple(starts)


def onsets(rhythm: Rhythm, density: float, length: int, rng: np.random.Generator) -> list[int]:
    """The samples at which strokes begin: at least one, and none in the last tenth of a second of a longer sound."""
    end_s = length / SAMPLE_RATE
    every_s = rhythm.every_s / (1.0 if rhythm.is_regular else density)
    at_s = rng.uniform(0.2, 0.6) * min(every_s + 0.5, end_s / 2)
    starts: list[int] = []
    while at_s < max(end_s - 0.1, end_s / 2):
        start_s = at_s
        for _ in range(int(rng.integers(rhythm.strokes[0], rhythm.strokes[1] + 1))):
            if at_s < max(end_s - 0.1, end_s / 2):
                starts.append(int(at_s * SAMPLE_RATE))
            at_s += rng.uniform(*rhythm.gap_s)
        pause = 1.0 if rhythm.is_regular else float(np.clip(rng.exponential(), 0.4, 2.0))
        at_s = max(at_s - rhythm.gap_s[0], start_s) + every_s * pause
    return starts


def _stroke(event: Event, answer: Stereo, rng: np.random.Generator, *, is_far: bool) -> Stereo:
    """(n, 2): one stroke with reverberation, scaled so that its loudest 20 ms have a mean square of 1."""
    pitch = float(np.exp(event.pitch_spread * np.clip(rng.standard_normal(), -2, 2)))
    parts = [(int(grain.at_s * SAMPLE_RATE), _grain(grain, pitch, rng)) for grain in event.grains]
    dry = np.zeros(max(start + len(part) for start, part in parts))
    for start, part in parts:
        dry[start : start + len(part)] += part
    stereo = np.zeros((len(dry) + len(answer), 2))
    stereo[: len(dry)] = dry[:, None] * (0.4 if is_far else 1.0)
    period = fast_length(len(stereo))
    response = np.fft.rfft(dry, n=period)[:, None] * np.fft.rfft(answer, n=period, axis=0)
    if is_far:  # Air and walls absorb high frequencies.
        hertz = np.fft.rfftfreq(period, 1 / SAMPLE_RATE)
        near = np.fft.rfft(stereo, n=period, axis=0) / (1 + (hertz / 3500) ** 2)[:, None]
        stereo = np.fft.irfft(near, n=period, axis=0)[: len(stereo)]
        response /= (1 + (hertz / 2500) ** 2)[:, None]
    stereo += np.fft.irfft(response, n=period, axis=0)[: len(stereo)]
    return stereo / max(1e-9, loudest(stereo.mean(axis=1)))


def loudest(sound: Mono) -> float:
    """The root mean square of its loudest 20 ms."""
    power = np.concatenate([[0.0], np.cumsum(np.pad(sound, (0, max(0, WINDOW - len(sound)))) ** 2)])
    return float(np.sqrt(max(0.0, (power[WINDOW:] - power[:-WINDOW]).max()) / WINDOW))


def _answer(event: Event, rng: np.random.Generator, *, is_far: bool) -> Stereo:
    """(n, 2): the room's impulse response, decaying noise; longer and louder from afar."""
    if event.wet_db <= -60:
        return np.zeros((1, 2))
    decay_s = 0.22 if is_far else 0.07
    wet_db = event.wet_db + (8 if is_far else 0)
    time = np.arange(int(5 * decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    noise = rng.standard_normal((len(time), 2)) * np.exp(-time / decay_s)[:, None]
    noise[: int(0.004 * SAMPLE_RATE)] = 0  # The first wall is more than half a metre away.
    return np.asarray(noise * (10 ** (wet_db / 20) / np.sqrt((noise**2).sum(axis=0))))


def _grain(grain: Grain, pitch: float, rng: np.random.Generator) -> Mono:
    """(n,): a grain, scaled so that its loudest 20 ms are at its level."""
    seconds = grain.length_s if grain.decay_s is None else grain.decay_s * _HEARD + grain.attack_s
    assert seconds is not None
    length = max(8, int(seconds * SAMPLE_RATE * rng.uniform(0.85, 1.15)))
    low, high = grain.band[0] * pitch, min(grain.band[1] * pitch, 0.45 * SAMPLE_RATE)
    sound = _band(length, low, high, rng) if grain.kind == "noise" else _glide(length, low, high)
    time = np.arange(length) / SAMPLE_RATE
    if grain.decay_s is None:
        shape = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
    else:
        shape = (1 - np.exp(-time / grain.attack_s)) * np.exp(-time / grain.decay_s)
        shape *= np.minimum(1.0, (length - np.arange(length)) / (0.1 * length))
    if grain.flutter_hz:
        points = rng.uniform(0.1, 1.0, int(length / SAMPLE_RATE * grain.flutter_hz * 2) + 3)
        shape *= np.interp(time * grain.flutter_hz * 2, np.arange(len(points)), points)
    sound *= shape
    return np.asarray(sound * (10 ** (grain.level_db / 20) / max(1e-12, loudest(sound))))


def _band(length: int, low: float, high: float, rng: np.random.Generator) -> Mono:
    """(length,): band-limited noise, with edges of a third of an octave."""
    period = fast_length(max(length, 512))
    hertz = np.maximum(np.fft.rfftfreq(period, 1 / SAMPLE_RATE), 1.0)
    over = np.clip(np.minimum(np.log2(hertz / low), np.log2(high / hertz)) * 3 + 0.5, 0, 1)
    return np.asarray(np.fft.irfft(np.fft.rfft(rng.standard_normal(period)) * over, n=period)[:length])


def _glide(length: int, first: float, last: float) -> Mono:
    """(length,): a sine that glides from one frequency to another at an even pace in pitch."""
    hertz = first * np.exp(np.linspace(0, np.log(last / first), length))
    return np.asarray(np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE))
