"""A Wan 2.2 of diffusers in a local folder: which of its kinds it is, what it can be asked for, and asking it for a
clip that begins with a picture. What the clip is for, it does not know.

In the two-expert kind, one transformer takes the noisy steps and another the later ones, each with a guidance of its
own. The pipeline calls them `guidance_scale` and `guidance_scale_2`; Wan's own configuration lists them the other way
round. So here they go by what they guide.
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

TOKENS = 512  # Of a prompt, the most that it looks at.
LEAST_SIDE, MOST_SIDE = 64, 1280  # pixels
MOST_FRAMES = 257

_PIPELINE, _WORDS_ALONE = "WanImageToVideoPipeline", "WanPipeline"
_TWO, _ONE = {"guidance_high_noise", "guidance_low_noise"}, {"guidance_scale"}
_COMMON = {"steps", "side", "video_frames", "portrait_at"}


@dataclass(frozen=True, slots=True)
class WanModel:
    """What the settings of this machine name."""

    folder: Path
    device: str
    offload: bool  # Parts of the model wait in main memory for their turn on the GPU.
    has_two_experts: bool  # As A14B; else one model for all steps, as 5B.
    grain: int  # Pixels that a picture's sides are multiples of: what its codec shrinks by, and the model's patches.
    stride: int  # A clip has one frame and a multiple of so many.
    precision: Mapping[str, str]  # Of weights and sums, by component, or `default`.

    @property
    def rate(self) -> int:
        """Frames a second of the clips that it was trained on: the pipeline knows of none."""
        return 16 if self.has_two_experts else 24

    @property
    def defaults(self) -> dict[str, Any]:
        """As Wan's own programs: about 5 seconds, and a square of about the area that each kind was trained for."""
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
    found = pipeline_class(folder, _PIPELINE, _WORDS_ALONE)
    index = read_json(folder / INDEX)
    has_two, is_one = index.get("boundary_ratio") is not None, index.get("expand_timesteps") is True
    # TI2V-5B makes clips of words alone, too, and is published as the pipeline that does; A14B is no such.
    is_other = found == _WORDS_ALONE and not is_one
    if is_other or has_two == is_one or has_two != isinstance((index.get("transformer_2") or [None])[0], str):
        facts = {"folder": folder, "boundary_ratio": index.get("boundary_ratio"), "expand_timesteps": is_one}
        hint = "I2V-A14B and TI2V-5B are known, in the form that diffusers loads"
        raise SettingsError("this is no Wan 2.2 that makes clips from a picture", facts=facts, hint=hint)
    codec, model = (read_json(folder / name / "config.json") for name in ("vae", "transformer"))
    shrink, stride = codec.get("scale_factor_spatial", 8), codec.get("scale_factor_temporal", 4)
    patch = model.get("patch_size", [1, 2, 2])
    kind, offload = device(settings), yes_or_no(settings, "offload")
    if offload and kind != "cuda":
        raise SettingsError("only a model on a GPU can be offloaded from it", facts={"device": kind})
    # The pipeline itself refuses what is no multiple of 16, and rounds the rest down.
    grain = math.lcm(16, shrink * patch[1], shrink * patch[2])
    # A codec in bfloat16 shows as bands.
    precision = {"default": "bfloat16" if kind == "cuda" else "float32", "vae": "float32"}
    return WanModel(folder, kind, offload, has_two, grain, stride, precision)


def identity(model: WanModel, digests: Digester) -> Fingerprint:
    """What clips of this model hang on besides what is asked of it."""
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
    """What is asked of the model, each in its range, with this kind's defaults filled in; `frames` different ones are
    wanted of the clip.

    Raises:
        BackendError: something is not known to this kind of model, or does not fit it.
    """
    known = _COMMON | (_TWO if model.has_two_experts else _ONE)
    if unknown := set(overrides) - known:
        facts = {"unknown": ", ".join(sorted(unknown)), "experts": 2 if model.has_two_experts else 1}
        raise BackendError("this Wan has no such parameter", facts=facts, hint=f"it takes {', '.join(sorted(known))}")
    said = {**model.defaults, **overrides}
    side, count, grain, stride = said["side"], said["video_frames"], model.grain, model.stride
    _check(side % grain == 0, "side", said, f"a multiple of {grain}, {LEAST_SIDE} to {MOST_SIDE} pixels")
    wanted = f"1 more than a multiple of {stride}, {frames} to {MOST_FRAMES}"
    _check(frames <= count and count % stride == 1, "video_frames", said, wanted)
    if model.has_two_experts and said["guidance_high_noise"] <= 1 < said["guidance_low_noise"]:
        facts = {name: said[name] for name in sorted(_TWO)}
        hint = "up to 1 there, the pipeline guides neither expert"
        raise BackendError("the late steps cannot be guided when the noisy ones are not", facts=facts, hint=hint)
    return said


def _check(holds: bool, name: str, said: Mapping[str, Any], wanted: str) -> None:  # noqa: FBT001  # A claim, as in assert.
    if not holds:
        facts = {"parameter": name, "found": said[name], "wanted": wanted}
        raise BackendError("a parameter of Wan is out of its range", facts=facts)


class Wan:
    """The loaded model."""

    def __init__(self, model: WanModel) -> None:
        """Loads it.

        Raises:
            SettingsError: the files are no model.
        """
        self._model = model
        self._pipeline = load(_PIPELINE, model.folder, model.precision)
        settle(self._pipeline, model.device, offload=model.offload)

    def clip(self, picture: Pixels, prompt: str, negative_prompt: str, seed: int, said: Mapping[str, Any]) -> Pixels:
        """(frames, side, side, 3), beginning with this (side, side, 3) picture. said: of `checked_asked`.

        Raises:
            BackendError: a prompt is too long, or what comes out is no clip.
        """
        from PIL import Image

        side, frames = said["side"], said["video_frames"]
        for text in (prompt, negative_prompt):
            whole_prompt(self._pipeline.tokenizer, text, TOKENS)
        if self._model.has_two_experts:
            guidance = {"guidance_scale": said["guidance_high_noise"], "guidance_scale_2": said["guidance_low_noise"]}
        else:
            guidance = {"guidance_scale": said["guidance_scale"]}
        with translated("Wan failed"):
            made = self._pipeline(
                image=Image.fromarray(picture),
                prompt=prompt,
                negative_prompt=negative_prompt,
                height=side,
                width=side,
                num_frames=frames,
                num_inference_steps=said["steps"],
                generator=seeded(seed),
                max_sequence_length=TOKENS,
                output_type="np",
                **guidance,
            ).frames[0]
        return pixels(made, (frames, side, side, 3), "Wan")
