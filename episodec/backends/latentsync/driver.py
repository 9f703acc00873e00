"""Runs inside LatentSync's own Python, never in ours: keeps its pipeline loaded and draws one window per request.

    python driver.py UNET_CONFIG CHECKPOINT ANSWER_FD

Started in a folder with links to the repository's parts, which its code opens by relative paths. The pipeline is the
one that its own `scripts.inference.main` builds. A request is a line of JSON: `folder` (a folder like the one it was
started in), `frames` (.npy, (n, h, w, 3) uint8), `points` (.npy, (n, 3, 2)), `sound` (a WAV), `skip` (sounds of frames
before the first one), `rate`, `steps`, `guidance`, `seed`, and `out`, a folder for `faces.npy`, `maps.npy` and
`mask.npy`. The answer is {"ok": true} or {"error": "…"}.

Its film reader, film writer and face detector are replaced: frames and points come from the request, and what is drawn
is kept as aligned faces, before any encoding. It ends with its stdin.
"""

import importlib
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any


def main() -> None:
    """Load the pipeline, then answer requests until stdin ends."""
    sys.path.pop(0)  # This folder: its files must not hide modules of LatentSync.
    unet_config, checkpoint, answers = sys.argv[1:]
    with os.fdopen(int(answers), "w", encoding="utf-8") as out:
        try:
            lips = _Lips(unet_config, checkpoint)
        except Exception as error:  # noqa: BLE001  # Whatever it is, the other side must be told.
            traceback.print_exc()
            _answer(out, {"error": f"{type(error).__name__}: {error}"})
            return
        _answer(out, {"ok": True})
        for line in sys.stdin:
            try:
                lips.draw(json.loads(line))
            except Exception as error:  # noqa: BLE001
                traceback.print_exc()
                _answer(out, {"error": f"{type(error).__name__}: {error}"})
            else:
                _answer(out, {"ok": True})


def _answer(out: Any, answer: "dict[str, Any]") -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


class _Drawn(Exception):
    """Ends a call of the pipeline once the faces are drawn: what follows would encode them twice through a shell."""


class _Points:
    """Replaces the face detector: three points of the next frame, in the places where the pipeline looks for them."""

    rows: Any = None  # (n, 3, 2), of the window; set before each call.
    place = 0

    def __init__(self, device: str = "cuda") -> None:
        pass

    def __call__(self, frame: Any, threshold: float = 0.5) -> Any:
        numpy = importlib.import_module("numpy")
        left, right, nose = type(self).rows[type(self).place]
        type(self).place += 1
        points = numpy.zeros((106, 2))
        points[[43, 48, 49, 50, 51]] = left
        points[101:106] = right
        points[[74, 77, 83, 86]] = nose
        return (0, 0, frame.shape[1], frame.shape[0]), points


class _Lips:
    def __init__(self, unet_config: str, checkpoint: str) -> None:
        # Only its detector needs insightface, whose models may not be used commercially: it is never loaded.
        for name in ("insightface", "insightface.app"):
            sys.modules[name] = types.ModuleType(name)
        sys.modules["insightface.app"].FaceAnalysis = None  # type: ignore[attr-defined]
        self.numpy = importlib.import_module("numpy")
        self.torch = importlib.import_module("torch")
        self.module: Any = importlib.import_module("latentsync.pipelines.lipsync_pipeline")
        images: Any = importlib.import_module("latentsync.utils.image_processor")
        images.FaceDetector = _Points
        inference = importlib.import_module("scripts.inference")
        self.pipeline, self.options = self._built(inference, unet_config, checkpoint)

    def _built(self, inference: Any, unet_config: str, checkpoint: str) -> Any:
        """The pipeline and the options of its call, from its own `main`, whose single call is discarded."""
        calls: list[Any] = []
        real = inference.LipsyncPipeline

        class Noting(real):  # type: ignore[misc,valid-type]
            def __call__(self, **options: Any) -> None:
                calls.append((self, options))

        inference.LipsyncPipeline = Noting
        asked = types.SimpleNamespace(
            video_path=unet_config,  # Any file: it only has to exist.
            audio_path=unet_config,
            video_out_path="",
            inference_ckpt_path=checkpoint,
            inference_steps=1,
            guidance_scale=1.0,
            temp_dir="temp",
            seed=0,
            enable_deepcache=False,
        )
        inference.main(inference.OmegaConf.load(unet_config), asked)
        ((pipeline, options),) = calls
        for name in ("video_path", "audio_path", "video_out_path", "num_inference_steps", "guidance_scale"):
            options.pop(name)
        self.call = real.__call__
        return pipeline, options

    def draw(self, request: "dict[str, Any]") -> None:
        numpy, torch = self.numpy, self.torch
        os.chdir(request["folder"])
        frames = numpy.load(request["frames"], allow_pickle=False)
        _Points.rows, _Points.place = numpy.load(request["points"], allow_pickle=False), 0
        skip, count = request["skip"], len(frames)
        encoder = self.pipeline.audio_encoder
        chunks_of = type(encoder).feature2chunks

        def chunks(feature_array: Any, fps: float) -> Any:
            rows = chunks_of(encoder, feature_array, fps)[skip : skip + count]
            if len(rows) != count:
                raise RuntimeError(f"the sound gives features for {len(rows)} of {count} frames")
            return rows

        def keep(faces: Any, _frames: Any, boxes: Any, affine_matrices: Any) -> None:
            self._keep(Path(request["out"]), faces[:count], boxes[:count], affine_matrices[:count])
            raise _Drawn

        encoder.feature2chunks = chunks
        self.module.read_video = lambda *_args, **_options: frames
        self.pipeline.restore_video = keep
        torch.manual_seed(request["seed"])
        if torch.cuda.is_available():
            torch.cuda.manual_seed_all(request["seed"])
        try:
            self.call(
                self.pipeline,
                video_path="frames",
                audio_path=request["sound"],
                video_out_path="none.mp4",
                video_fps=request["rate"],
                num_inference_steps=request["steps"],
                guidance_scale=request["guidance"],
                **self.options,
            )
        except _Drawn:
            return
        raise RuntimeError("the pipeline ended without drawing a face")

    def _keep(self, folder: Path, faces: Any, boxes: Any, affine_matrices: Any) -> None:
        """Write the faces as they are drawn, the maps from frames to them, and where they are drawn."""
        numpy = self.numpy
        side = faces.shape[-1]
        levels = ((faces.float().cpu() / 2 + 0.5).clamp(0, 1) * 255).round().byte()
        maps = []
        for box, matrix in zip(boxes, affine_matrices):  # noqa: B905  # `strict` came with Python 3.10.
            left, top, right, bottom = box
            scale = numpy.array([[side / (right - left)], [side / (bottom - top)]])
            maps.append(numpy.asarray(matrix.float().cpu()).reshape(2, 3).astype(float) * scale)
        mask = self.pipeline.image_processor.mask_image
        numpy.save(folder / "faces.npy", levels.permute(0, 2, 3, 1).contiguous().numpy())
        numpy.save(folder / "maps.npy", numpy.stack(maps))
        numpy.save(folder / "mask.npy", numpy.asarray(mask)[0] < 0.5)


if __name__ == "__main__":
    main()
