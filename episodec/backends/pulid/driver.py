"""Runs inside PuLID's own Python, never in ours: pictures of a person with a given face, by its `FluxGenerator`.

    python driver.py REQUEST.json

The request names the picture of the face and, for each picture to make, its seed and output path. PuLID starts from
noise. To start from a picture, the driver replaces the two functions that give the generator its start, as
image-to-image pipelines do: x = t noise + (1 - t) latent, and only the steps after t.
"""

import importlib
import json
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

NO_FACE = 3
"""The exit code if the picture shows no face."""


def main() -> None:
    """Load once, then draw all pictures."""
    sys.path.pop(0)  # This folder: its files must not hide modules of PuLID.
    asked = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    _take_what_is_there()
    app: Any = importlib.import_module("app_flux")
    numpy: Any = importlib.import_module("numpy")
    image: Any = importlib.import_module("PIL.Image")
    options = Namespace(fp8=asked["fp8"], onnx_provider="gpu", pretrained_model=None, version=asked["version"])
    generator = app.FluxGenerator("flux-dev", "cuda", asked["offload"], aggressive_offload=False, args=options)
    start = _Start(app, generator, asked)
    with image.open(asked["face"]) as picture:
        face = numpy.asarray(picture.convert("RGB"))
    for drawing in asked["pictures"]:
        start.begin_with(drawing.get("from"))
        try:
            generated, _, _ = generator.generate_image(
                width=asked["side"],
                height=asked["side"],
                num_steps=asked["steps"],
                start_step=max(0, asked["start_step"] - start.skipped),  # It counts the steps taken.
                guidance=asked["guidance"],
                seed=drawing["seed"],
                prompt=asked["prompt"],
                id_image=face,
                id_weight=asked["id_weight"],
                neg_prompt=asked["negative_prompt"],
                true_cfg=asked["true_cfg"],
                timestep_to_start_cfg=1,
                max_sequence_length=asked["max_sequence_length"],
            )
        except RuntimeError as error:
            if "align face fail" not in str(error):
                raise
            sys.stderr.write(f"no face: {error}\n")
            sys.exit(NO_FACE)
        temporary = drawing["to"] + ".part"
        generated.save(temporary, "PNG")
        os.replace(temporary, drawing["to"])  # noqa: PTH105  # Whole, or not there.


def _take_what_is_there() -> None:
    """Replace its downloads from the hub by the files in `models`."""
    hub: Any = importlib.import_module("huggingface_hub")
    one_file, all_files = hub.hf_hub_download, hub.snapshot_download

    def hf_hub_download(repo_id: str, filename: str, **more: Any) -> Any:
        folder = more.get("local_dir")
        if folder is not None and Path(folder, filename).is_file():
            return str(Path(folder, filename))
        return one_file(repo_id, filename, **more)

    def snapshot_download(repo_id: str, **more: Any) -> Any:
        folder = more.get("local_dir")
        if folder is not None and Path(folder).is_dir():
            return str(folder)
        return all_files(repo_id, **more)

    hub.hf_hub_download, hub.snapshot_download = hf_hub_download, snapshot_download


class _Start:
    """Replaces `get_noise` and `get_schedule`, which the generator calls in this order."""

    def __init__(self, app: Any, generator: Any, asked: Any) -> None:
        self.generator, self.steps, self.skipped = generator, asked["steps"], 0
        self.walked = max(1, min(self.steps, round(self.steps * asked["strength"])))
        self.path: Any = None
        self.noise, self.schedule = app.get_noise, app.get_schedule
        app.get_noise, app.get_schedule = self._get_noise, self._get_schedule

    def begin_with(self, path: Any) -> None:
        """Start the next picture from this one, or from noise if it is None."""
        self.path = path
        self.skipped = 0 if path is None else self.steps - self.walked

    def _get_noise(self, *given: Any, **named: Any) -> Any:
        noise = self.noise(*given, **named)
        if not self.skipped:
            return noise
        t = self.schedule(self.steps, noise.shape[-1] * noise.shape[-2] // 4, shift=True)[self.skipped]
        latent = self._latent(noise)
        return t * noise + (1 - t) * latent

    def _get_schedule(self, *given: Any, **named: Any) -> Any:
        return self.schedule(*given, **named)[self.skipped :]

    def _latent(self, noise: Any) -> Any:
        """The mean of the codec's latent distribution: no random numbers are drawn."""
        torch: Any = importlib.import_module("torch")
        numpy: Any = importlib.import_module("numpy")
        image: Any = importlib.import_module("PIL.Image")
        with image.open(self.path) as picture:
            pixels = numpy.asarray(picture.convert("RGB"), dtype="float32") / 127.5 - 1
        codec = self.generator.ae
        codec.encoder.to(noise.device)
        tensor = torch.from_numpy(pixels).permute(2, 0, 1)[None].to(noise.device)
        with torch.autocast(device_type=noise.device.type, dtype=torch.bfloat16):
            mean = torch.chunk(codec.encoder(tensor), 2, dim=1)[0]
        return (codec.scale_factor * (mean - codec.shift_factor)).to(noise.dtype)


if __name__ == "__main__":
    main()
