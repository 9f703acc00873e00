"""Reports on reference tokens, in words and as a picture."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.audio.token_report import examine, in_words, picture
from episodec.errors import BackendError


def saved(path: Path, columns: int = 323, kind: str = "<i4", most: int = 1000) -> Path:
    np.save(path, np.random.default_rng(1).integers(0, most, (8, columns)).astype(kind))
    return path


def test_a_good_file_is_told_in_words(tmp_path: Path) -> None:
    report, _ = examine(saved(tmp_path / "ref_alpha.npy"))
    messages = dict(in_words(report))
    assert messages["shape"] == "8 codebooks, 323 tokens each, int32"
    assert messages["length"] == "15.00 s at 21.533 tokens a second"
    assert messages["valid"] == "suitable for Fish Speech 1.5"
    assert messages["size"] == "10 464 bytes; a 16-bit wav of the same length has 1 323 052 (126 times as large)"
    assert report.times_smaller == pytest.approx(126.4, abs=0.1)


@pytest.mark.parametrize(
    ("columns", "most", "remark"),
    [(100, 1000, "10 to 30 s are recommended"), (2000, 1000, "longer than the 90 s"), (323, 1024, "only has 0 to 999"),
     (323, 1, "nearly always the same")],
)  # fmt: skip
def test_what_is_wrong_is_remarked(tmp_path: Path, columns: int, most: int, remark: str) -> None:
    report, _ = examine(saved(tmp_path / "ref.npy", columns, most=most))
    assert remark in dict(in_words(report))["valid"]


@pytest.mark.parametrize("kind", ["<i8", ">i2"])
def test_the_dtype_is_the_files_own(tmp_path: Path, kind: str) -> None:
    assert examine(saved(tmp_path / "ref.npy", kind=kind))[0].dtype == str(np.dtype(kind))


def test_what_is_no_file_of_tokens_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ref.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(BackendError, match=r"not a valid \.npy file"):
        examine(tmp_path / "ref.npy")


@pytest.mark.parametrize("columns", [1, 21, 323, 1938])
def test_the_picture_has_a_band_for_each_codebook(columns: int) -> None:
    tokens = np.zeros((8, columns), np.int32)
    tokens[3] = 999
    with Image.open(io.BytesIO(picture(tokens))) as image:
        middle = image.width // 2
        bands = [image.getpixel((middle, 40 + row * 40 + 18)) for row in range(8)]
    assert len(set(bands)) == 2
    assert [row for row in range(8) if bands[row] != bands[0]] == [3]
