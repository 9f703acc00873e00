"""Stands in for LatentSync's `scripts/inference.py`: builds the pipeline from relative paths, and calls it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from latentsync.pipelines.lipsync_pipeline import LipsyncPipeline  # type: ignore[import-not-found]
from latentsync.whisper.audio2feature import Audio2Feature  # type: ignore[import-not-found]
from plain import failure  # type: ignore[import-not-found]

OmegaConf = SimpleNamespace(load=lambda path: Path(path).read_text())


def main(config: str, args: Any) -> None:
    assert config.startswith("data:")
    for path in (args.video_path, args.audio_path):
        if not Path(path).exists():
            raise RuntimeError(f"path {path!r} not found")
    for path in ("configs/scheduler_config.json", "checkpoints/whisper/tiny.pt", args.inference_ckpt_path):
        assert Path(path).exists(), path
    if failure() == "no memory":
        raise RuntimeError("CUDA out of memory while loading")
    LipsyncPipeline(audio_encoder=Audio2Feature())(
        video_path=args.video_path,
        audio_path=args.audio_path,
        video_out_path=args.video_out_path,
        num_frames=16,
        num_inference_steps=args.inference_steps,
        guidance_scale=args.guidance_scale,
        weight_dtype="float16",
        width=64,
        height=64,
        mask_image_path="latentsync/utils/mask.png",
        temp_dir=args.temp_dir,
    )
