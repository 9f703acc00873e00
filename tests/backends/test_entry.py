"""An episode's entry and its post as backends: they read measurements, and refuse files without any."""

import json
from pathlib import Path
from typing import Any

import pytest

from episodec.backends.entry import EntryBackend
from episodec.backends.post import Post
from episodec.engine.backend import Backend
from episodec.errors import BackendError
from tests.page.test_post import TRAINED
from tests.toys.orders import task

MEASURED: dict[str, Any] = {
    "gaussians": 24_000,
    "psnr_db": {"train": {"spatial": 40.0, "all": 38.506}, "test": {"all": 33.626}},
    "orbit": {"frames": 160, "frame_difference": 32.7519},
}
TELLERS = [(EntryBackend(), "entry", "entry.html"), (Post(), "post", "post.md")]


def text(root: Path, backend: Backend, stage: str, output: str, **inputs: bytes) -> str:
    given = {name.replace("_", "."): (content,) for name, content in inputs.items()}
    order = task(root, stage, stage=stage, params=TRAINED, inputs=given, outputs=(output,)).order
    backend.run(order)
    return order.output().read_text(encoding="utf-8")


@pytest.mark.parametrize(("backend", "stage", "output"), TELLERS)
def test_a_trained_scene_is_told_where_its_measurements_are_given(
    tmp_path: Path, backend: Backend, stage: str, output: str
) -> None:
    tree = text(tmp_path / "a", backend, stage, output, scene_json=json.dumps(MEASURED).encode())
    assert "24\xa0000" in tree.replace(" ", "\xa0")
    assert "PSNR, тест" in tree
    assert "PSNR, валидация" not in tree
    assert "PSNR" not in text(tmp_path / "b", backend, stage, output)


@pytest.mark.parametrize(("backend", "stage", "output"), TELLERS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        json.dumps({**MEASURED, "gaussians": "<script>"}).encode(),
        json.dumps({**MEASURED, "psnr_db": {"test": None}}).encode(),
        json.dumps({**MEASURED, "psnr_db": [1]}).encode(),
        json.dumps({**MEASURED, "orbit": {"frame_difference": "<b>"}}).encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_measurement_is_refused(
    tmp_path: Path, backend: Backend, stage: str, output: str, content: bytes
) -> None:
    with pytest.raises(BackendError, match="not measurements of a trained scene"):
        text(tmp_path, backend, stage, output, scene_json=content)
