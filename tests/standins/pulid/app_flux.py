# ruff: noqa: FBT001, PLR0913, PLR0917  # The interface of other people's programs.
"""Stands in for PuLID's `app_flux.py`: what its generator takes, needs and refuses, no model.

A "latent" is the picture's mean level; a picture is that level with the face's colour mixed in by how little is left of
the frame under the noise.
"""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
from flux.sampling import Latent, get_noise, get_schedule  # type: ignore[import-not-found]  # They lie in the tree's root, which PYTHONPATH names.
from huggingface_hub import hf_hub_download, snapshot_download
from PIL import Image
from plain import failure, note  # type: ignore[import-not-found]


class _Codec:
    """Its encoder tells a picture's mean, and a spread that is not wanted."""

    scale_factor, shift_factor = 2.0, 0.5

    def __init__(self) -> None:
        self.encoder = _Encoder()


class _Encoder:
    def to(self, device: Any) -> None:
        pass

    def __call__(self, picture: Any) -> Any:
        return np.array([float(np.mean(picture)), 99.0]).reshape(1, 2, 1, 1).view(Latent)


class FluxGenerator:
    def __init__(self, model_name: str, device: str, offload: bool, aggressive_offload: bool, args: Namespace) -> None:
        assert (model_name, device, aggressive_offload) == ("flux-dev", "cuda", False)
        models = Path("models")
        (models / ("flux-dev-fp8.safetensors" if args.fp8 else "flux1-dev.safetensors")).read_bytes()
        (models / "ae.safetensors").read_bytes()
        snapshot_download("DIAMONIK7777/antelopev2", local_dir="models/antelopev2")
        (models / "antelopev2" / "glintr100.onnx").read_bytes()
        hf_hub_download("guozinan/PuLID", f"pulid_flux_{args.version}.safetensors", local_dir="models")
        self.ae, self.offload = _Codec(), offload

    def generate_image(
        self,
        width: int,
        height: int,
        num_steps: int,
        start_step: int,
        guidance: float,
        seed: int,
        prompt: str,
        id_image: Any = None,
        id_weight: float = 1.0,
        neg_prompt: str = "",
        true_cfg: float = 1.0,
        timestep_to_start_cfg: int = 1,
        max_sequence_length: int = 128,
    ) -> tuple[Image.Image, str, list[Any]]:
        assert id_image.dtype == np.uint8
        assert id_image.shape[2] == 3
        x = get_noise(1, height, width, device="cuda", dtype="bfloat16", seed=seed)
        timesteps = get_schedule(num_steps, x.shape[-1] * x.shape[-2] // 4, shift=True)
        messages = {"start": timesteps[0], "steps": len(timesteps) - 1, "start_step": start_step, "seed": seed}
        messages |= {"prompt": prompt, "neg": neg_prompt, "cfg": true_cfg, "latent": round(float(np.mean(x)), 4)}
        note(f"pulid {json.dumps(messages)}")
        if failure() == "no face" or (failure() == "no face later" and len(list(Path.cwd().glob("drawn*"))) == 2):
            raise RuntimeError("facexlib align face fail")
        Path(f"drawn{len(list(Path.cwd().glob('drawn*')))}").touch()
        if failure() == "exit 1":
            raise RuntimeError("CUDA out of memory")
        side = 512 if failure() == "wrong size" else width
        face = id_image.reshape(-1, 3).mean(axis=0) * timesteps[0]
        level = (np.mean(x) / 2 + 1.5 * (1 - timesteps[0])) * 127.5
        pixels = np.full((side, height, 3), np.clip(face + level, 0, 255).astype(np.uint8))
        picture = Image.fromarray(pixels)
        if failure() in {"no file", "empty file"}:
            picture = _Unwritten()  # type: ignore[assignment]
        return picture, str(seed), []


class _Unwritten:
    def save(self, path: str, kind: str) -> None:
        Path(path).write_bytes(b"")
