"""Backend `mix`: voice and ambience to one programme of exact length, loudness and true peak, without dither."""

from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical
from episodec.engine.protocols import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame


class Mix:
    """Stage mix; inputs `voice.wav`, `foley.wav` or both; outputs `mix.wav` (stereo, 16 bits) and `mix.json`."""

    stages: ClassVar[frozenset[str]] = frozenset({"mix"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import json
        from dataclasses import asdict

        import numpy as np

        from episodec.audio.wav import write_wav
        from episodec.sound.duck import Ducking
        from episodec.sound.programme import TOLERANCE_LU, Goal, mix

        duck = order.params["duck"]
        assert isinstance(duck, dict)
        goal = Goal(
            target_lufs=_number(order.params, "target_lufs"),
            true_peak_dbtp=_number(order.params, "true_peak_dbtp"),
            ambience_db=_number(order.params, "ambience_db"),
            ducking=Ducking(**{name: _number(duck, name) for name in ("depth_db", "attack_ms", "release_ms")}),
        )
        frames, rate = order.params["frames"], order.params["rate"]
        assert isinstance(frames, int)
        assert isinstance(rate, int)
        length = frames * samples_per_frame(rate)
        voice, foley = (_read(order, name, length) for name in ("voice.wav", "foley.wav"))
        programme, measured = mix(
            np.zeros(length, np.float32) if voice is None else voice.mean(axis=1),
            np.zeros((length, 2), np.float32) if foley is None else foley.repeat(2 // foley.shape[1], axis=1),
            goal,
        )
        found = measured.loudness_lufs
        if found is not None and abs(found - goal.target_lufs) > TOLERANCE_LU:
            facts = {
                "target": f"{goal.target_lufs:g} LUFS, true peak {goal.true_peak_dbtp:g} dBTP",
                "reached": f"{found:.1f} LUFS",
                "limited by": f"{measured.limited_db:.1f} dB",
            }
            hint = "lower `loudness.target_lufs`: what sounds is too short or too peaked for it"
            raise BackendError("the loudness cannot be reached under the true peak", facts=facts, hint=hint)
        write_wav(order.outputs["mix.wav"], programme)
        report = {name: None if value is None else round(value, 2) + 0.0 for name, value in asdict(measured).items()}
        report |= {"samples": length, "target_lufs": goal.target_lufs}
        order.outputs["mix.json"].write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _read(order: WorkOrder, name: str, length: int) -> Any:
    """(length, 1 or 2) float32 at 48 kHz, or None where the episode has no such part."""
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
        raise BackendError("the sound does not have the form that the mix needs", facts=facts)
    return samples


def _number(params: Any, name: str) -> float:
    value: Canonical = params[name]
    assert isinstance(value, int | float)
    return float(value)
