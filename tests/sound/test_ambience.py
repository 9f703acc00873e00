"""Ambience as it sounds: events over their bed, one loudness, seamless ends. SPECTROGRAMS=folder keeps the picture."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.sound import palette
from episodec.sound.ambience import Played, make_ambience
from episodec.sound.loudness import AMBIENCE_LUFS, Sound, integrated, true_peak
from episodec.sound.prompt import Ambience, listen
from episodec.sound.scenery import PromptedSound

PROMPTS = (
    "quiet recording lab, low hum, soft DAC click",
    "server room hum, distant fans, sparse key press",
    "soft rain, distant clock, quiet room",
    "quiet design studio, soft pencil scratch",
    "office at night",
    "birds in the forest",
    "кафе, дождь за окном",
    "поезд, далёкий гудок",
    "кухня: чайник, холодильник, тиканье часов",
    "construction site, dog far away",
    "море, чайки",
    "space drone, heartbeat",
)
SECONDS = 12
WINDOW = 960  # Samples: 20 ms.


@lru_cache(maxsize=64)
def ambience(prompt: str, seconds: float = SECONDS, take: int = 1) -> tuple[Sound, tuple[Played, ...]]:
    """Made once for all tests of a process."""
    sound, played = make_ambience(listen(prompt), take, round(seconds * 48_000))
    sound.flags.writeable = False
    return sound, played


def alone(sound: tuple[PromptedSound, ...], seconds: float) -> tuple[Sound, tuple[Played, ...]]:
    """These sounds and no others."""
    name = " ".join(one.sound for one in sound)
    return make_ambience(
        Ambience(sound, known=(), unknown=(), taken=(), names_sound=True, normal=name), 1, round(seconds * 48_000)
    )


def band_levels(sound: Sound, band: tuple[float, float]) -> Any:
    """(n // WINDOW,): the level in a band, in dB, by windows of 20 ms."""
    spectrum = np.fft.rfft(sound.mean(axis=1).astype(np.float64))
    hertz = np.fft.rfftfreq(len(sound), 1 / 48_000)
    spectrum[(hertz < band[0]) | (hertz > band[1])] = 0
    power = np.fft.irfft(spectrum, n=len(sound)) ** 2
    return 10 * np.log10(power[: len(power) // WINDOW * WINDOW].reshape(-1, WINDOW).mean(axis=1) + 1e-12)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_event_stands_over_the_bed_in_its_band_when_it_comes(prompt: str) -> None:
    sound, played = ambience(prompt)
    events = [one for one in played if one.starts]
    assert events
    for event in events:
        levels = band_levels(sound, palette.EVENTS[event.sound].band)
        bed = np.median(levels)
        grains = palette.EVENTS[event.sound].grains
        reach = 10 + round(max(grain.at_s + (grain.length_s or 0) for grain in grains) / 0.02)  # Some swell for long.
        whens = [start for start in event.starts if start < len(sound) - reach * WINDOW]
        rises = [levels[start // WINDOW : start // WINDOW + reach].max() - bed for start in whens]
        assert np.mean(np.array(rises) > 6) >= 0.8, f"{event.sound}: {np.round(rises, 1)}"


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_ambience_is_equally_loud_and_its_peaks_are_held(prompt: str) -> None:
    sound, _ = ambience(prompt)
    assert integrated(sound) == pytest.approx(AMBIENCE_LUFS, abs=0.1)
    assert true_peak(sound) <= 0.7081


@pytest.mark.parametrize("bed", palette.BEDS)
def test_every_bed_sounds_and_both_sides_differ(bed: str) -> None:
    sound, _ = alone((PromptedSound(bed),), 3)
    assert integrated(sound) == pytest.approx(AMBIENCE_LUFS, abs=0.1)
    assert abs(sound[:, 0] - sound[:, 1]).max() > 1e-4


@pytest.mark.parametrize("event", sorted(palette.EVENTS))
def test_every_event_comes_even_in_a_short_episode(event: str) -> None:
    _, played = alone((PromptedSound("room"), PromptedSound(event)), 1.0)
    assert [one.sound for one in played] == ["room", event]
    assert played[1].starts


@pytest.mark.parametrize("length", [1, 2, 800, 1600, 48_000, 907 * 1600])
def test_the_length_is_exact_and_both_ends_are_silent(length: int) -> None:
    sound, _ = make_ambience(listen("rain, click"), 1, length)
    assert sound.shape == (length, 2)
    assert np.isfinite(sound).all()
    if length >= 1600:
        assert abs(sound[[0, -1]]).max() < 1e-3
        assert abs(sound).max() > 1e-3


def test_the_same_prompt_gives_the_same_samples_and_another_take_others() -> None:
    first, again, other = (
        ambience("Rain; CLICK", 2)[0],
        make_ambience(listen("rain click"), 1, 2 * 48_000)[0],
        ambience("rain click", 2, take=2)[0],
    )
    np.testing.assert_array_equal(first, again)
    assert abs(first - other).max() > 0.01


def test_prompts_that_mean_the_same_differ_in_their_randomness() -> None:
    assert abs(ambience("rain", 1)[0] - ambience("дождь", 1)[0]).max() > 0.01


def test_a_softer_event_is_softer_and_still_heard() -> None:
    loud, soft = (next(o for o in ambience(p, 5)[1] if o.starts) for p in ("room, click", "room, very soft click"))
    assert loud.level_db - soft.level_db == pytest.approx(12, abs=0.5)
    over_rain = next(one for one in ambience("rain, very soft birds", 5)[1] if one.starts)
    first = next(one for one in ambience("rain, birds", 5)[1] if one.starts)
    assert over_rain.level_db > first.level_db - 12


def test_a_refused_sound_is_not_played() -> None:
    assert [one.sound for one in ambience("forest without birds", 1)[1]] == ["leaves"]


def test_density_is_heard() -> None:
    counts = [len(ambience(f"{word} clicks", 20)[1][1].starts) for word in ("rare", "", "constant")]
    assert counts[0] < counts[1] < counts[2]


def test_the_picture_of_twelve_prompts(tmp_path: Path) -> None:
    """A contact sheet of spectrograms to look at: time to the right, 40 Hz to 16 kHz upwards."""
    from PIL import Image, ImageDraw

    sheet = Image.new("L", (1810, 6 * 225))
    for index, prompt in enumerate(PROMPTS):
        tile = Image.fromarray(_spectrogram(ambience(prompt)[0]))
        sounds = " + ".join(one.sound for one in listen(prompt).sounds)
        ImageDraw.Draw(tile).text((4, 4), sounds, fill=255)
        sheet.paste(tile, ((index % 2) * 905, (index // 2) * 225))
    path = Path(os.environ.get("SPECTROGRAMS", str(tmp_path))) / "spectrograms.png"
    sheet.save(path)
    print(path)  # noqa: T201
    assert sheet.getextrema()[1] == 255


def _spectrogram(sound: Sound, width: int = 900, height: int = 220) -> Any:
    """(height, width) uint8."""
    size = 2048
    mono = np.pad(sound.mean(axis=1), (0, size))
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[:: len(sound) // width][:width]
    levels = 20 * np.log10(abs(np.fft.rfft(frames * np.hanning(size), axis=1)) + 1e-6)
    rows = np.searchsorted(np.fft.rfftfreq(size, 1 / 48_000), np.geomspace(40, 16_000, height))
    picture = levels[:, rows].T[::-1]
    low, high = np.percentile(picture, 5), np.percentile(picture, 99.7)
    return (np.clip((picture - low) / (high - low), 0, 1) * 255).astype(np.uint8)
