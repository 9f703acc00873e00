"""A PNG that promises more rows than it holds is told apart from a whole one, interlaced or not."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.drawings.background import of_picture
from episodec.errors import BackendError
from episodec.faces.png_rows import missing_share
from tests.corpus.harness import answer

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


def _png(mode: str, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def _with_rows(content: bytes, rows: int) -> bytes:
    """The header says so many."""
    head = content[12:20] + struct.pack(">I", rows) + content[24:29]
    return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", [64, 65, 71])
def test_a_whole_picture_misses_nothing_and_one_row_more_is_missed(mode: str, width: int) -> None:
    content = _png(mode, width, 80)
    assert missing_share(content) == 0
    assert missing_share(_with_rows(content, 81)) == pytest.approx(1 / 81)
    assert missing_share(_with_rows(content, 8)) == 0


def _interlaced(side: int) -> bytes:
    """Grey, of eight bits, in Adam7's passes; Pillow writes none."""
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    pixels = np.zeros((side, side), np.uint8)
    passes = [pixels[top::down, left::right] for left, top, right, down in steps]
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for one in passes if one.size for row in one))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 1)), (b"IDAT", packed), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(one)) + name + one + struct.pack(">I", zlib.crc32(name + one)) for name, one in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("side", [1, 2, 5, 64, 67])
def test_an_interlaced_picture_has_rows_in_seven_passes(side: int) -> None:
    content = _interlaced(side)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
    assert missing_share(content) == 0
    assert missing_share(_with_rows(content, side + 8)) > 0


def test_a_background_that_lacks_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.png"
    path.write_bytes(_with_rows(_png("RGB", 64, 64), 128))
    with pytest.raises(BackendError) as caught:
        of_picture(path, (16, 16))
    assert "50.0% of its rows are missing" in str(caught.value.facts["error"])


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_the_largest_portrait_takes_a_bounded_part_of_the_memory(mode: str) -> None:
    """32 megapixels of four bytes, several times over: larger ones are refused by the header."""
    answered = answer("png", _png(mode, 8192, 3906))
    assert answered.kind == "accepted", answered.says
    assert answered.peak_mib < 768
