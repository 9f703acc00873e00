"""Backend `lip-voice`: cuts the narration into the sound of each window of drawn lips."""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class LipVoice:
    """Stage lip-voice: `voice.wav` to `window_000.wav` and so on; params `frames`, `rate`, `margin` and `windows`,
    half-open ranges of frames. Each file has `margin` frames of sound on both sides of its window, silent outside the
    film.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"lip-voice"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {}

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import numpy as np

        from episodec.audio.wav import read_wav, write_wav
        from episodec.timebase import samples_per_frame

        each = samples_per_frame(order.whole("rate"))
        margin: Any = order.params["margin"]
        silence = np.zeros((margin * each, 1), np.float32)
        voice, _ = read_wav(order.input("voice.wav"))
        around = np.concatenate([silence, voice, silence])
        windows: Any = order.params["windows"]
        for (start, end), path in zip(windows, order.outputs.values(), strict=True):
            write_wav(path, around[start * each : (end + 2 * margin) * each])
