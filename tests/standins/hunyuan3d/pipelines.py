# ruff: noqa: FBT001, PLR0913  # The interface of other people's programs.
"""Stands in for Hunyuan3D 2.1's `hy3dshape/hy3dshape/pipelines.py`: what it takes, what it refuses, no model."""

import json
import os
from pathlib import Path
from typing import Any, Self

from PIL import Image
from plain import failure, note  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.


class Mesh:
    def __init__(self, expected: dict[str, Any]) -> None:
        self.arguments = expected
        self.faces = [] if failure() == "empty mesh" else [(0, 1, 2)]

    def export(self, path: str) -> None:
        Path(path).write_text(json.dumps(self.arguments))


class Hunyuan3DDiTFlowMatchingPipeline:
    def __init__(self, path: Path) -> None:
        for name in ("config.yaml", "model.fp16.ckpt"):
            (path / name).read_bytes()

    @classmethod
    def from_pretrained(
        cls, model_path: str, device: str, dtype: str, use_safetensors: bool, variant: str, subfolder: str
    ) -> Self:
        assert (device, dtype, use_safetensors, variant) == ("cuda", "float16", False, "fp16")
        folder = os.environ.get("HY3DGEN_MODELS", "~/.cache/hy3dgen")
        path = Path(folder).expanduser() / model_path / subfolder
        if not path.exists():
            raise RuntimeError("OfflineModeIsEnabled: cannot reach huggingface.co")
        return cls(path)

    def __call__(
        self,
        *,
        image: Image.Image,
        num_inference_steps: int,
        guidance_scale: float,
        generator: Any,
        box_v: float,
        octree_resolution: int,
        mc_level: float,
        mc_algo: str | None,
        num_chunks: int,
        output_type: str,
    ) -> list[Mesh]:
        assert image.mode == "RGBA"
        alpha = image.getchannel("A")
        box = alpha.getbbox()
        if box is None:
            raise ValueError("input image is empty")
        messages = {"seed": generator.seed, "steps": num_inference_steps, "octree": octree_resolution, "box": box}
        note(f"shape {json.dumps({**messages, 'corner': alpha.getpixel((0, 0))})}")
        if failure() == "exit 1":
            raise RuntimeError("CUDA out of memory")
        return [Mesh(messages)]
