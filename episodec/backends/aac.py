"""Backend `aac`: the programme to AAC-LC by ffmpeg, decoded and measured until no true peak is above the ceiling."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.ffmpeg import file, fingerprint, program, run, source
from episodec.tools.params import overrides_of

LOWERED_DB = 3.0  # What is taken off the highest peak once more, from which on the author is told.

_TRIES = 6
_STEP = 0.995  # 0.04 dB: each try aims this much lower than it would have to.


class Aac:
    """Stage audio; input `mix.wav` (stereo, 48 kHz), outputs `audio.m4a` and `audio.json`."""

    stages: ClassVar[frozenset[str]] = frozenset({"audio"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "limiter-at-work": "The limiter takes so much off the peaks, to reach the loudness, that it may be heard.",
    }
    overrides: ClassVar[Overrides] = {
        "bitrate_kbps": Whole(64, 320, default=192, unit="kbit/s", meaning="How much the sound is given."),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        import json
        import math

        from episodec.audio.wav import read_wav
        from episodec.sound.loudness import integrated, true_peak

        limit_dbtp, kbps = order.number("true_peak_dbtp"), overrides_of(order, self.overrides)["bitrate_kbps"]
        length = order.whole("frames") * samples_per_frame(order.whole("rate"))
        programme, found_rate = read_wav(order.input("mix.wav"))
        if (found_rate, programme.shape) != (SAMPLE_RATE, (length, 2)):
            facts = {"expected": f"{length} samples of stereo", "found": f"{programme.shape} at {found_rate} Hz"}
            raise BackendError("the mix does not have the form that the encoder needs", facts=facts)
        made, decoded, lowered_db = _encoded(order, programme, kbps, 10 ** (limit_dbtp / 20))
        if lowered_db > LOWERED_DB:
            sentence = f"the limiter takes {lowered_db:.1f} dB more off the peaks, because encoding raises them"
            hint = "lower `loudness.target_lufs`, or ask for more `bitrate_kbps`"
            order.note("limiter-at-work", sentence, facts={"lowered_db": round(lowered_db, 2)}, hint=hint)
        made.replace(order.outputs["audio.m4a"])
        peak, loudness = true_peak(decoded), integrated(decoded)
        report = {
            "bitrate_kbps": kbps,
            "samples": length,
            "true_peak_dbtp": round(20 * math.log10(peak), 2) if peak > 0 else None,
            "loudness_lufs": None if loudness is None else round(loudness, 2),
            "lowered_db": round(lowered_db, 2),
        }
        order.outputs["audio.json"].write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _encoded(order: WorkOrder, programme: Any, kbps: int, ceiling: float) -> tuple[Path, Any, float]:
    """The encoded file, what it decodes to (n, 2), and by how many dB the limiter had to be lowered for it.

    Raises:
        BackendError: peaks stick out of the ceiling (an amplitude) after the last try.
    """
    import math

    from episodec.audio.wav import write_wav
    from episodec.sound.limiter import limit
    from episodec.sound.loudness import true_peak

    folder = order.scratch
    folder.mkdir(parents=True, exist_ok=True)
    limited, made = folder / "mix.wav", folder / "audio.m4a"
    first = aim = max(true_peak(programme), 1e-9)
    peak, wav = 0.0, order.input("mix.wav")
    for _ in range(_TRIES):
        _encode(wav, made, kbps, program(order.settings))
        decoded = _decode(made, folder / "decoded.f32", len(programme), program(order.settings))
        peak = true_peak(decoded)
        if peak <= ceiling:
            return made, decoded, 20 * math.log10(first / aim)
        aim = min(aim, ceiling) * ceiling / peak * _STEP
        write_wav(limited, limit(programme, aim)[0])
        wav = limited
    facts = {"true peak": f"{20 * math.log10(peak):.2f} dBTP", "at most": f"{20 * math.log10(ceiling):.2f} dBTP"}
    raise BackendError("AAC raises the peaks too much", facts=facts, hint="lower `loudness.true_peak_dbtp`")


def _encode(wav: Path, made: Path, kbps: int, tool: Path) -> None:
    options = {
        "format": "ipod",
        "acodec": "aac",
        "audio_bitrate": f"{kbps}k",
        "aac_pns": 0,  # Noise made anew by the decoder peaks 2 dB higher than what it stands for (measured on rain).
        "threads": 1,
        "map_metadata": -1,
        "fflags": "+bitexact",
        "flags:a": "+bitexact",
        "movflags": "+faststart",
    }
    run(source(wav).output(file(made), **options), tool)


def _decode(made: Path, raw: Path, length: int, tool: Path) -> Any:
    """(length, 2) float32: as players decode it, priming and padding trimmed by the edit list.

    Raises:
        BackendError: it has another number of samples.
    """
    import numpy as np

    run(source(made).output(file(raw), format="f32le", acodec="pcm_f32le", threads=1), tool)
    decoded = np.fromfile(raw, np.float32).reshape(-1, 2)
    raw.unlink()
    if len(decoded) != length:
        facts = {"expected": f"{length} samples", "found": f"{len(decoded)} samples"}
        raise BackendError("the encoded sound has another length than the mix", facts=facts)
    return decoded
