"""A Wan 2.2 of diffusers in a local folder: finds its kind and parameters, and makes clips that begin with a picture.
Does not know the purpose of the clips.

In the two-expert kind, one transformer does the noisy steps and another the later ones, each with its own guidance. The
pipeline calls them `guidance_scale` and `guidance_scale_2`; Wan's own configuration lists them in the opposite order.
So here they are named after the steps that they guide.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import BackendError, SettingsError
from episodec.tools.diffusers_folder import INDEX, model_digests, model_files, pipeline_class, read_json
from episodec.tools.diffusion import (
    CPUS,
    Pixels,
    load,
    pixels,
    seeded,
    settle,
    translated,
    whole_prompt,
)
from episodec.tools.installed import device, path_setting, yes_or_no

LICENCE = (
    "Wan 2.2: code and weights under Apache-2.0, as its repository says; the cards of its weights on Hugging Face were "
    "not looked at. diffusers: Apache-2.0"
)

TOKENS = 512  # The most tokens of a prompt that it reads.
LEAST_SIDE, MOST_SIDE = 64, 1280  # pixels
MOST_FRAMES = 257

_PIPELINE, _WORDS_ALONE = "WanImageToVideoPipeline", "WanPipeline"
_TWO, _ONE = {"guidance_high_noise", "guidance_low_noise"}, {"guidance_scale"}
_COMMON = {"steps", "side", "video_frames", "portrait_at"}


@dataclass(frozen=True, slots=True)
class WanModel:
    """The model in the settings of this machine."""

    folder: Path
    device: str
    offload: bool  # Parts of the model wait in main memory for their turn on the GPU.
    has_two_experts: bool  # As A14B; else one model for all steps, as 5B.
    grain: int  # Pixels that a picture's sides must be a multiple of: the codec's reduction times the model's patches.
    stride: int  # The number of frames of a clip is one more than a multiple of this.
    precision: Mapping[str, str]  # Of weights and sums, by component, or `default`.

    @property
    def rate(self) -> int:
        """Frames per second of the clips that it was trained on, which the pipeline does not store."""
        return 16 if self.has_two_experts else 24

    @property
    def defaults(self) -> dict[str, Any]:
        """The default clip of Wan's own programs: about 5 seconds, a square of about the area of the training clips."""
        if self.has_two_experts:
            guidance = {"guidance_high_noise": 3.5, "guidance_low_noise": 3.5}
            return {"steps": 40, "side": 960, "video_frames": 81, "portrait_at": "start", **guidance}
        return {"steps": 50, "side": 928, "video_frames": 121, "portrait_at": "start", "guidance_scale": 5.0}


def wan_model(settings: Settings) -> WanModel:
    """The model that `checkpoint`, `device` and `offload` name.

    Raises:
        SettingsError: one is missing or wrong.
    """
    folder = path_setting(settings, "checkpoint", f"the folder of a {_PIPELINE}", folder=True)
    class_name = pipeline_class(folder, _PIPELINE, _WORDS_ALONE)
    index = read_json(folder / INDEX)
    has_two, is_one = index.get("boundary_ratio") is not None, index.get("expand_timesteps") is True
    # TI2V-5B can also make clips without a picture and is published as the pipeline for that; A14B is not.
    is_other = class_name == _WORDS_ALONE and not is_one
    if is_other or has_two == is_one or has_two != isinstance((index.get("transformer_2") or [None])[0], str):
        facts = {"folder": folder, "boundary_ratio": index.get("boundary_ratio"), "expand_timesteps": is_one}
        hint = "supported are I2V-A14B and TI2V-5B, in the format of diffusers"
        raise SettingsError("this is not a Wan 2.2 that makes clips from a picture", facts=facts, hint=hint)
    codec, model = (read_json(folder / name / "config.json") for name in ("vae", "transformer"))
    shrink, stride = codec.get("scale_factor_spatial", 8), codec.get("scale_factor_temporal", 4)
    patch = model.get("patch_size", [1, 2, 2])
    kind, offload = device(settings), yes_or_no(settings, "offload")
    if offload and kind != "cuda":
        raise SettingsError("offloading needs a GPU", facts={"device": kind})
    # The pipeline refuses sides that are not multiples of 16, and rounds others down.
    grain = math.lcm(16, shrink * patch[1], shrink * patch[2])
    # A codec in bfloat16 shows as bands.
    precision = {"default": "bfloat16" if kind == "cuda" else "float32", "vae": "float32"}
    return WanModel(folder, kind, offload, has_two, grain, stride, precision)


def identity(model: WanModel, digests: Digester) -> Fingerprint:
    """The parts of the fingerprint that decide this model's clips."""
    files = model_files(model.folder)
    parts: dict[str, Canonical] = {
        "models": model_digests(model.folder, files, digests),
        "device": model.device,
        "precision": dict(model.precision),
        "offload": model.offload,
        "threads": CPUS,
    }
    return Fingerprint(parts, tuple(map(str, files)))


def checked_asked(model: WanModel, overrides: Mapping[str, Any], frames: int) -> dict[str, Any]:
    """The model's parameters, each checked, with this kind's defaults filled in; the clip needs at least `frames`
    different frames.

    Raises:
        BackendError: this kind of model does not have a parameter, or does not support its value.
    """
    known = _COMMON | (_TWO if model.has_two_experts else _ONE)
    if unknown := set(overrides) - known:
        facts = {"unknown": ", ".join(sorted(unknown)), "experts": 2 if model.has_two_experts else 1}
        raise BackendError("this Wan has no such parameter", facts=facts, hint=f"it takes {', '.join(sorted(known))}")
    options = {**model.defaults, **overrides}
    side, count, grain, stride = options["side"], options["video_frames"], model.grain, model.stride
    _check(side % grain == 0, "side", options, f"a multiple of {grain}, {LEAST_SIDE} to {MOST_SIDE} pixels")
    expected = f"1 more than a multiple of {stride}, {frames} to {MOST_FRAMES}"
    _check(frames <= count and count % stride == 1, "video_frames", options, expected)
    if model.has_two_experts and options["guidance_high_noise"] <= 1 < options["guidance_low_noise"]:
        facts = {name: options[name] for name in sorted(_TWO)}
        hint = "up to 1 there, the pipeline guides neither expert"
        raise BackendError("late steps cannot be guided without guided noisy steps", facts=facts, hint=hint)
    return options


def _check(holds: bool, name: str, options: Mapping[str, Any], expected: str) -> None:  # noqa: FBT001  # A claim, as in assert.
    if not holds:
        facts = {"parameter": name, "found": options[name], "wanted": expected}
        raise BackendError("a parameter of Wan is out of its range", facts=facts)


class Wan:
    """The loaded model."""

    def __init__(self, model: WanModel) -> None:
        """Loads it.

        Raises:
            SettingsError: the files are not a model.
        """
        self._model = model
        self._pipeline = load(_PIPELINE, model.folder, model.precision)
        settle(self._pipeline, model.device, offload=model.offload)

    def clip(self, picture: Pixels, prompt: str, negative_prompt: str, seed: int, options: Mapping[str, Any]) -> Pixels:
        """(frames, side, side, 3), beginning with this (side, side, 3) picture. said: parameters from `checked_asked`.

        Raises:
            BackendError: a prompt is too long, or the result is not a valid clip.
        """
        from PIL import Image

        side, frames = options["side"], options["video_frames"]
        for text in (prompt, negative_prompt):
            whole_prompt(self._pipeline.tokenizer, text, TOKENS)
        if self._model.has_two_experts:
            guidance = {
                "guidance_scale": options["guidance_high_noise"],
                "guidance_scale_2": options["guidance_low_noise"],
            }
        else:
            guidance = {"guidance_scale": options["guidance_scale"]}
        with translated("Wan failed"):
            output = self._pipeline(
                image=Image.fromarray(picture),
                prompt=prompt,
                negative_prompt=negative_prompt,
                height=side,
                width=side,
                num_frames=frames,
                num_inference_steps=options["steps"],
                generator=seeded(seed),
                max_sequence_length=TOKENS,
                output_type="np",
                **guidance,
            ).frames[0]
        return pixels(output, (frames, side, side, 3), "Wan")
