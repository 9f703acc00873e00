"""PngSuite: portraits are read as OpenCV reads them, another decoder on another library; what differs stands here."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.faces.decode import decode_picture

PICTURES: Mapping[str, str] = json.loads(Path(__file__).with_name("png_suite.json").read_text())["pictures"]


WITHOUT_HOLES = {"tbbn1g04": "OpenCV passes over the colour key of a grey picture; pypng reads the holes that we read"}


def by_opencv(content: bytes) -> NDArray[np.uint8]:
    """(h, w, 4) in RGBA, the upper eight bits of each sample."""
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert values is not None
    eight = (values >> 8 if values.dtype == np.uint16 else values).astype(np.uint8)
    if eight.ndim == 2:
        eight = cv2.cvtColor(eight, cv2.COLOR_GRAY2BGR)
    if eight.shape[2] == 3:
        eight = np.dstack([eight, np.full(eight.shape[:2], 255, np.uint8)])
    return np.ascontiguousarray(eight[..., [2, 1, 0, 3]])


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_read_as_another_decoder_does(tmp_path: Path, name: str) -> None:
    content = base64.b64decode(PICTURES[name])
    (tmp_path / "a.png").write_bytes(content)
    actual, expected = decode_picture(tmp_path / "a.png").rgba, by_opencv(content)
    assert actual.shape == expected.shape
    observed = (actual[..., 3] > 0) & (expected[..., 3] > 0)
    assert np.array_equal(actual[..., 3], expected[..., 3]) == (name not in WITHOUT_HOLES)
    assert np.array_equal(actual[observed], expected[observed])
