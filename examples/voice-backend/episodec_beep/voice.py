"""The backend `beep`: a sentence as beeps, one a letter. Its module imports nothing heavy, `run` does."""

from collections.abc import Mapping
from typing import ClassVar

from episodec.plugin import (
    BackendError,
    Choice,
    Digester,
    Fingerprint,
    Number,
    Overrides,
    Settings,
    Whole,
    WorkOrder,
    overrides_of,
)


class Beep:
    """Stage voice: params `words` and `characters_per_second`; outputs `speech.wav` and `words.json`."""

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = True  # The same order gives the same bytes on every machine.
    overrides: ClassVar[Overrides] = {
        "tone_hz": Whole(50, 5000, default=440, unit="Hz", meaning="How high the lowest letter is."),
        "wave": Choice(("triangle", "square"), default="triangle", meaning="The form of a beep."),
        "volume": Number(0, 10, default=1, above=True, meaning="Times the usual loudness; above 5 it distorts."),
    }
    notes: ClassVar[Mapping[str, str]] = {
        "beep-clipped": "Beeps above full scale are held at it, which is heard as distortion.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """Its code and the packages that it imports are found by themselves, and there is nothing else."""
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        """Mono at 48 kHz, and when each word sounds."""
        import numpy as np

        from episodec.plugin.sound import SpokenWord, Words, write_wav, write_words
        from episodec_beep.tones import beeps, silence

        rows, pace = order.params.get("words"), order.params.get("characters_per_second")
        if not isinstance(rows, (list, tuple)) or not isinstance(pace, (int, float)) or pace <= 0:
            raise BackendError("`beep` needs words and a pace", facts={"words": rows, "pace": pace})
        asked = overrides_of(order, self.overrides)
        parts, words, start = [], [], 0
        for written, spoken in rows:
            sound = beeps(spoken, pace, asked["tone_hz"], asked["wave"], asked["volume"])
            words.append(SpokenWord(written, start, start + len(sound)))
            parts += [sound, silence(pace)]
            start += len(parts[-2]) + len(parts[-1])
        clipped = write_wav(order.outputs["speech.wav"], np.concatenate(parts)[:, None])
        write_words(order.outputs["words.json"], Words(start, "measured", tuple(words)))
        if clipped:
            sentence = f"{clipped} samples of a sentence were above full scale and are cut"
            order.note("beep-clipped", sentence, facts={"samples": clipped}, hint="override a lower `volume`")
