"""Backend `mix`: voice and ambience to one programme of exact length, loudness and true peak, without dither."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame

LIMITED_DB = 12.0  # Reduction of the highest peak from which the author gets a note.


class MixBackend:
    """Stage mix; inputs `voice.wav`, `foley.wav` or both; outputs `mix.wav` (stereo, 16 bits) and `mix.json`."""

    stages: ClassVar[frozenset[str]] = frozenset({"mix"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "ambience-unheard": "The ambience is too short or too quiet to be measured and stays unchanged.",
        "limiter-at-work": "To reach the loudness, the limiter reduces the peaks so much that it may be audible.",
        "voice-unheard": "The voice is too short or too quiet to be measured: the ambience is not ducked under it.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import json
        from dataclasses import asdict

        import numpy as np

        from episodec.audio.wav import write_wav
        from episodec.sound.duck import Ducking
        from episodec.sound.programme import TOLERANCE_LU, Goal, mix

        duck: Any = order.params["duck"]
        goal = Goal(
            target_lufs=order.number("target_lufs"),
            true_peak_dbtp=order.number("true_peak_dbtp"),
            ambience_db=order.number("ambience_db"),
            ducking=Ducking(**{name: float(duck[name]) for name in ("depth_db", "attack_ms", "release_ms")}),
        )
        length = order.whole("frames") * samples_per_frame(order.whole("rate"))
        voice, foley = (_read(order, name, length) for name in ("voice.wav", "foley.wav"))
        programme, measured = mix(
            np.zeros(length, np.float32) if voice is None else voice.mean(axis=1),
            np.zeros((length, 2), np.float32) if foley is None else foley.repeat(2 // foley.shape[1], axis=1),
            goal,
        )
        loudness_lufs = measured.loudness_lufs
        if loudness_lufs is not None and abs(loudness_lufs - goal.target_lufs) > TOLERANCE_LU:
            facts = {
                "target": f"{goal.target_lufs:g} LUFS, true peak {goal.true_peak_dbtp:g} dBTP",
                "reached": f"{loudness_lufs:.1f} LUFS",
                "limited by": f"{measured.limited_db:.1f} dB",
            }
            hint = "lower `loudness.target_lufs`: the sound is too short or has too many peaks for it"
            raise BackendError("the loudness cannot be reached under the true peak", facts=facts, hint=hint)
        _tell(order, measured)
        write_wav(order.outputs["mix.wav"], programme)
        report = {name: None if value is None else round(value, 2) + 0.0 for name, value in asdict(measured).items()}
        report |= {"samples": length, "target_lufs": goal.target_lufs}
        order.outputs["mix.json"].write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _tell(order: WorkOrder, measured: Any) -> None:
    """Note what the author would otherwise only discover by listening."""
    if "voice.wav" in order.inputs and measured.voice_lufs is None:
        order.note("voice-unheard", "the voice is too short or too quiet to be measured: the ambience is not ducked")
    if "foley.wav" in order.inputs and measured.ambience_lufs is None:
        order.note("ambience-unheard", "the ambience is too short or too quiet to be measured: it stays unchanged")
    if measured.limited_db > LIMITED_DB:
        sentence = f"the limiter reduces peaks by up to {measured.limited_db:.1f} dB to reach the loudness"
        hint = "lower `loudness.target_lufs`, or use sound with fewer peaks"
        order.note("limiter-at-work", sentence, facts={"limited_db": round(measured.limited_db, 2)}, hint=hint)


def _read(order: WorkOrder, name: str, length: int) -> Any:
    """(length, 1 or 2) float32 at 48 kHz, or None if the episode has no such sound."""
    from episodec.audio.wav import read_wav

    if name not in order.inputs:
        return None
    path: Path = order.input(name)
    samples, rate = read_wav(path)
    if (rate, len(samples)) != (SAMPLE_RATE, length) or samples.shape[1] > 2:
        facts = {
            "file": name,
            "expected": f"{length} samples at {SAMPLE_RATE} Hz, at most 2 channels",
            "found": f"{len(samples)} samples at {rate} Hz, {samples.shape[1]} channels",
        }
        raise BackendError("a sound does not have the form required by the mix", facts=facts)
    return samples
