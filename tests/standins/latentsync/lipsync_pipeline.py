# ruff: noqa: ARG001, FBT001, FBT002, PLR0913, PLR0917, PLW1510  # The interface and the manners of other people's programs.
"""Stands in for LatentSync's pipeline: it paints the mouth of each frame as bright as the sound is loud.

Its manners are the real one's: films are read at 25 frames a second into `temp`, which it deletes; a film that is
shorter than its sound is played there and back; it fails without a face; its result is written through a shell, and
nobody looks at the exit code.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from latentsync.utils.image_processor import ImageProcessor  # type: ignore[import-not-found]
from plain import failure, note  # type: ignore[import-not-found]


def read_video(video_path: str, use_decord: bool = True) -> Any:
    raise AssertionError(f"{video_path} was read through a codec")


def write_video(video_output_path: str, video_frames: Any, fps: int) -> None:
    raise AssertionError("the film was written through a codec")


class LipsyncPipeline:
    def __init__(self, audio_encoder: Any) -> None:
        self.audio_encoder = audio_encoder

    def restore_video(self, faces: Any, video_frames: Any, boxes: Any, affine_matrices: Any) -> Any:
        raise AssertionError("faces were pasted by their program")

    def __call__(
        self,
        video_path: str,
        audio_path: str,
        video_out_path: str,
        num_frames: int = 16,
        video_fps: int = 25,
        height: int = 256,
        width: int = 256,
        num_inference_steps: int = 20,
        guidance_scale: float = 1.5,
        weight_dtype: Any = None,
        mask_image_path: str = "latentsync/utils/mask.png",
        temp_dir: str = "temp",
    ) -> None:
        mask = cv2.imread(mask_image_path)
        assert mask is not None, "the mask is not where the folder's links lead"
        square = cv2.resize(mask, (width, height)).transpose(2, 0, 1) / 255.0
        self.image_processor = ImageProcessor(width, device="cuda", mask_image=square)
        seeds: Any = torch
        note(f"latentsync fps {video_fps} steps {num_inference_steps} seed {seeds.SEEDS[-1]}")
        chunks = self.audio_encoder.feature2chunks(
            feature_array=self.audio_encoder.audio2feat(audio_path), fps=video_fps
        )
        frames = read_video(video_path, use_decord=False)
        while len(frames) < len(chunks):
            frames = np.concatenate([frames, frames[::-1]])
        parts = [self.image_processor.affine_transform(frame) for frame in frames[: len(chunks)]]
        match failure():
            case "exit 1":
                raise RuntimeError("CUDA out of memory")
            case "crash":
                raise SystemExit(3)
            case "no file":
                return
            case _:
                pass
        faces = np.stack([face.transpose(2, 0, 1) for face, _, _ in parts]) / 127.5 - 1
        for face, level in zip(faces, chunks, strict=True):
            face[:, square[0] < 0.5] = level * 2 - 1
        if failure() == "lost frames":
            faces = faces[: len(faces) // 2]
        tensors = [torch.from_numpy(np.asarray(matrix)) for _, _, matrix in parts]
        restored = self.restore_video(torch.from_numpy(faces), frames, [box for _, box, _ in parts], tensors)
        if Path(temp_dir).exists():
            shutil.rmtree(temp_dir)
        Path(temp_dir).mkdir()
        write_video(f"{temp_dir}/video.mp4", restored, fps=video_fps)
        subprocess.run(f"ffmpeg -i {temp_dir}/video.mp4 {video_out_path}", shell=True)
