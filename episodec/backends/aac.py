"""Backend `aac`: encodes the programme to AAC-LC with ffmpeg until the decoded peaks and loudness are right."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.ffmpeg import file, fingerprint, program, run, source
from episodec.tools.params import overrides_of

LOWERED_DB = 3.0  # Further limiting of the highest peak from which the author gets a note.

TOLERANCE_LU = 0.5
CLOSE_LU = 0.2  # Close enough to stop trying.
BLOCK = 4 * SAMPLE_RATE // 10  # Samples: the shortest sound with a loudness in EBU R 128.

_TRIES = 8
_STEP = 0.99  # 0.09 dB: each try aims this much lower than the previous one, since each encoding raises other peaks.


class Aac:
    """Stage audio; input `mix.wav` (stereo, 48 kHz), outputs `audio.m4a` and `audio.json`."""

    stages: ClassVar[frozenset[str]] = frozenset({"audio"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "limiter-at-work": "To reach the loudness, the limiter reduces the peaks so much that it may be audible.",
    }
    overrides: ClassVar[Overrides] = {
        "bitrate_kbps": Whole(64, 320, default=192, unit="kbit/s", meaning="The bit rate of the sound."),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        import json
        import math

        from episodec.audio.wav import read_wav

        kbps = overrides_of(order, self.overrides)["bitrate_kbps"]
        length = order.whole("frames") * samples_per_frame(order.whole("rate"))
        programme, found_rate = read_wav(order.input("mix.wav"))
        if (found_rate, programme.shape) != (SAMPLE_RATE, (length, 2)):
            facts = {"expected": f"{length} samples of stereo", "found": f"{programme.shape} at {found_rate} Hz"}
            raise BackendError("the mix does not have the form required by the encoder", facts=facts)
        encoded = _encoded(order, programme, kbps)
        if encoded.lowered_db > LOWERED_DB:
            sentence = f"the limiter reduces peaks by {encoded.lowered_db:.1f} dB more, because encoding raises them"
            hint = "lower `loudness.target_lufs`, or raise `bitrate_kbps`"
            order.note("limiter-at-work", sentence, facts={"lowered_db": round(encoded.lowered_db, 2)}, hint=hint)
        encoded.path.replace(order.outputs["audio.m4a"])
        report = {
            "bitrate_kbps": kbps,
            "samples": length,
            "true_peak_dbtp": round(20 * math.log10(encoded.peak), 2) if encoded.peak > 0 else None,
            "loudness_lufs": None if encoded.loudness_lufs is None else round(encoded.loudness_lufs, 2),
            "lowered_db": round(encoded.lowered_db, 2),
        }
        order.outputs["audio.json"].write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")


class _Encoded(NamedTuple):
    """The file, and measurements of its decoded sound."""

    path: Path
    peak: float  # An amplitude.
    loudness_lufs: float | None
    lowered_db: float  # The largest reduction of a peak.


def _encoded(order: WorkOrder, programme: Any, kbps: int) -> _Encoded:
    """Encode the programme (n, 2) so that the decoded sound has its peaks under the ceiling and the target loudness.

    Only the peaks above the ceiling are lowered: limiting the whole programme more took 0.7 LU off a narration
    (measured).

    Raises:
        BackendError: after the last try, peaks are above the ceiling or the loudness is missed.
    """
    import math

    import numpy as np

    from episodec.audio.wav import write_wav
    from episodec.sound.limiter import lowered
    from episodec.sound.loudness import integrated, true_peak
    from episodec.sound.mastering import amplitude, exact

    ceiling, target = amplitude(order.number("true_peak_dbtp")), order.number("target_lufs")
    folder = order.scratch
    folder.mkdir(parents=True, exist_ok=True)
    again, encoded = folder / "mix.wav", folder / "audio.m4a"
    sound, wav, gain = programme, order.input("mix.wav"), np.ones(len(programme))
    peak, missed = 0.0, 0.0
    for attempt in range(1, _TRIES + 1):
        _encode(wav, encoded, kbps, program(order.settings))
        decoded = _decode(encoded, folder / "decoded.f32", len(programme), program(order.settings))
        peak, loudness = true_peak(decoded), integrated(decoded)
        # Loudness is undefined below one block, most of which would be the encoder's first and last frames.
        missed = 0.0 if loudness is None or len(programme) < BLOCK else target - loudness
        if peak <= ceiling and abs(missed) <= (CLOSE_LU if attempt <= _TRIES // 2 else TOLERANCE_LU):
            return _Encoded(encoded, peak, loudness, abs(20 * math.log10(float(gain.min()))))
        if peak > ceiling:
            sound, dips = lowered(sound, decoded, ceiling * (ceiling / peak) ** 0.25 * _STEP**attempt)
            gain *= dips
        else:
            sound = (sound * np.float32(amplitude(exact(missed)))).astype(np.float32)
        write_wav(again, sound)
        wav = again
    facts = {
        "true peak": f"{20 * math.log10(peak):.2f} dBTP, at most {20 * math.log10(ceiling):.2f}",
        "loudness": f"{target - missed:.1f} LUFS, target {target:g}",
    }
    raise BackendError(
        "the encoded sound cannot reach its loudness under its true peak",
        facts=facts,
        hint="lower `loudness.target_lufs` or `loudness.true_peak_dbtp`, or raise `bitrate_kbps`",
    )


def _encode(wav: Path, encoded: Path, kbps: int, tool: Path) -> None:
    options = {
        "format": "ipod",
        "acodec": "aac",
        "audio_bitrate": f"{kbps}k",
        "aac_pns": 0,  # Noise substitution in the decoder peaks 2 dB higher than the original (measured on rain).
        "threads": 1,
        "map_metadata": -1,
        "fflags": "+bitexact",
        "flags:a": "+bitexact",
        "movflags": "+faststart",
    }
    run(source(wav).output(file(encoded), **options), tool)


def _decode(encoded: Path, raw: Path, length: int, tool: Path) -> Any:
    """(length, 2) float32, as players decode it: priming and padding are trimmed by the edit list.

    Raises:
        BackendError: the number of samples differs.
    """
    import numpy as np

    run(source(encoded).output(file(raw), format="f32le", acodec="pcm_f32le", threads=1), tool)
    decoded = np.fromfile(raw, np.float32).reshape(-1, 2)
    raw.unlink()
    if len(decoded) != length:
        facts = {"expected": f"{length} samples", "found": f"{len(decoded)} samples"}
        raise BackendError("the encoded sound differs in length from the mix", facts=facts)
    return decoded
