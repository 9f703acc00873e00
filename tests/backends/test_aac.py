"""The backend `aac`: exact length, true peak under the ceiling after decoding, reproducible bytes."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.backends.aac import Aac
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.sound.loudness import integrated
from episodec.sound.mastering import master
from tests.audio.ebur128 import ebur128
from tests.backends.test_mix import wav
from tests.sound.sounds import noise, speech
from tests.standins.checks import Digests
from tests.toys.orders import task


def order(root: Path, content: bytes, frames: int = 150, **more: Any) -> WorkOrder:
    """To encode a sound as loud as it is, where `target_lufs` does not say otherwise."""
    measured = integrated(soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0])
    target = -16.0 if measured is None else measured
    params = {"frames": frames, "rate": 30, "true_peak_dbtp": -1.0, "target_lufs": target, **more}
    inputs = {"mix.wav": (content,)}
    return task(root, "aac", stage="audio", inputs=inputs, params=params, outputs=("audio.m4a", "audio.json")).order


def encoded(order: WorkOrder) -> dict[str, Any]:
    Aac().run(order)
    tree = json.loads(order.outputs["audio.json"].read_text())
    assert isinstance(tree, dict)
    return tree


def programme(seconds: float = 5.0) -> Any:
    """(n, 2): as loud as the mix makes it, peaks at -1.3 dBTP."""
    both = np.repeat(speech(seconds)[:, None], 2, axis=1) + noise(seconds, 0.01)
    return master(both.astype(np.float32), -16, 10 ** (-1.3 / 20)).sound


def test_decoded_it_has_the_exact_length_the_loudness_and_no_peak_above_the_ceiling(tmp_path: Path) -> None:
    first = order(tmp_path, wav(tmp_path, programme()))
    report = encoded(first)
    loudness, peak = ebur128(tmp_path, first.outputs["audio.m4a"])
    before, _ = ebur128(tmp_path, programme())
    assert peak <= -1.0
    assert report["true_peak_dbtp"] == pytest.approx(peak, abs=0.15)
    assert report["loudness_lufs"] == pytest.approx(loudness, abs=0.06)
    assert loudness == pytest.approx(before, abs=0.2)
    assert report["samples"] == 240_000


@pytest.mark.parametrize("kind", ["clipped noise", "square", "clicks"])
def test_what_overshoots_is_encoded_again_lower(tmp_path: Path, kind: str) -> None:
    time = np.arange(96_000)
    loud = {
        "clipped noise": np.clip(noise(2, 0.9), -0.88, 0.88),
        "square": 0.88 * np.sign(np.sin(time * 0.02))[:, None].repeat(2, axis=1),
        "clicks": 0.88 * (time % 4801 == 0)[:, None].repeat(2, axis=1),
    }[kind]
    hottest = integrated(loud.astype(np.float32))
    assert hottest is not None
    first = order(tmp_path, wav(tmp_path, loud), 60, target_lufs=hottest - 8)  # No louder fits under the ceiling.
    report = encoded(first)
    assert report["lowered_db"] >= 0
    assert report["true_peak_dbtp"] <= -1.0
    assert report["loudness_lufs"] == pytest.approx(first.number("target_lufs"), abs=0.5)
    assert ebur128(tmp_path, first.outputs["audio.m4a"])[1] <= -0.95  # The other meter's own tenth.


def test_what_encoding_takes_off_the_loudness_is_given_back_under_the_ceiling(tmp_path: Path) -> None:
    """At 64 kbit/s the highs are cut, which takes most of a LU off, and peaks are raised above the ceiling."""
    both = np.repeat(speech(2)[:, None], 2, axis=1) + noise(2, 0.02)
    dense = master(both.astype(np.float32), -11, 10 ** (-1.3 / 20)).sound
    first = order(tmp_path, wav(tmp_path, dense), 60, overrides={"bitrate_kbps": 64})
    report = encoded(first)
    assert report["lowered_db"] > 0
    assert report["true_peak_dbtp"] <= -1.0
    assert report["loudness_lufs"] == pytest.approx(-11, abs=0.5)


def test_a_loudness_that_does_not_survive_encoding_is_an_error_and_not_a_miss(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="the encoded sound cannot reach its loudness under its true peak") as caught:
        encoded(order(tmp_path, wav(tmp_path, programme(1)), 30, target_lufs=-3.0))
    assert "target_lufs" in (caught.value.hint or "")
    assert "target -3" in str(caught.value.facts)


@pytest.mark.parametrize("frames", [1, 2, 7, 31])
def test_short_sounds_keep_their_length(tmp_path: Path, frames: int) -> None:
    assert encoded(order(tmp_path, wav(tmp_path, programme(frames / 30)), frames))["samples"] == frames * 1600


def test_silence_is_encoded(tmp_path: Path) -> None:
    report = encoded(order(tmp_path, wav(tmp_path, np.zeros((240_000, 2)))))
    assert (report["true_peak_dbtp"], report["loudness_lufs"]) == (None, None)


def test_the_same_mix_gives_the_same_bytes_without_a_trace_of_the_time(tmp_path: Path) -> None:
    content = wav(tmp_path, programme())
    files = []
    for name in "ab":
        first = order(tmp_path / name, content)
        encoded(first)
        files.append(first.outputs["audio.m4a"].read_bytes())
    assert files[0] == files[1]
    assert b"Lavf" not in files[0]


def test_the_stream_is_aac_lc_stereo_at_48_khz_and_starts_at_zero(tmp_path: Path) -> None:
    import av

    first = order(tmp_path, wav(tmp_path, programme()))
    encoded(first)
    with av.open(str(first.outputs["audio.m4a"])) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.profile, stream.rate, stream.channels) == ("aac", "LC", 48_000, 2)
    head = first.outputs["audio.m4a"].read_bytes()
    assert 0 < head.index(b"moov") < head.index(b"mdat")


@pytest.mark.parametrize("overrides", [{"bitrate_kbps": 8}, {"bitrate_kbps": "192k"}, {"codec": "opus"}])
def test_overrides_that_it_does_not_know_are_refused(tmp_path: Path, overrides: dict[str, Any]) -> None:
    with pytest.raises(BackendError, match=r"no such parameter|out of its range"):
        encoded(order(tmp_path, wav(tmp_path, programme()), overrides=overrides))


def test_the_bitrate_can_be_overridden(tmp_path: Path) -> None:
    content = wav(tmp_path, programme())
    sizes = []
    for kbps in (96, 256):
        first = order(tmp_path / str(kbps), content, overrides={"bitrate_kbps": kbps})
        assert encoded(first)["bitrate_kbps"] == kbps
        sizes.append(first.outputs["audio.m4a"].stat().st_size)
    assert sizes[0] < sizes[1] * 0.6


def test_a_mix_of_another_form_is_refused(tmp_path: Path) -> None:
    for samples in (programme()[:, :1], programme()[:-1]):
        with pytest.raises(BackendError, match="the mix does not have the form required by the encoder"):
            encoded(order(tmp_path, wav(tmp_path, samples)))


def test_the_fingerprint_names_the_version_of_ffmpeg_and_watches_it() -> None:
    actual = Aac().fingerprint({}, Digests())
    assert str(actual.parts["ffmpeg"])
    assert "/" not in str(actual.parts)
    assert any("ffmpeg" in Path(path).name for path in actual.watches)
    assert all(Path(path).is_file() for path in actual.watches)
