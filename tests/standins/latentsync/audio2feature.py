"""Stands in for LatentSync's use of Whisper: a feature is the level of 20 ms of the sound."""

import wave
from typing import Any

import numpy as np
from plain import failure  # type: ignore[import-not-found]  # It lies in the tree's root.


class Audio2Feature:
    def audio2feat(self, audio_path: str) -> Any:
        with wave.open(audio_path) as file:
            assert file.getnchannels() == 1
            rate, content = file.getframerate(), file.readframes(file.getnframes())
        samples = np.frombuffer(content, "<i2") / 32768
        each = rate // 50
        count = len(samples) // each
        if failure() == "deaf":
            count //= 4
        return np.sqrt((samples[: count * each].reshape(count, each) ** 2).mean(axis=1))

    def feature2chunks(self, feature_array: Any, fps: float) -> Any:
        """One more than the sound has frames, and often two, as the real one."""
        chunks, number = [], 0
        while True:
            start = int(number * 50.0 / fps)
            chunks.append(float(feature_array[min(start, len(feature_array) - 1)]))
            number += 1
            if start > len(feature_array):
                return chunks
