"""A FLUX.1 pipeline of diffusers in a local folder, with an optional LoRA of the character: finds, loads and runs it.
Does not know the purpose of the pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Number, Overrides, Whole
from episodec.tools.diffusers_folder import model_digests, model_files, pipeline_class, read_json
from episodec.tools.diffusion import (
    CPUS,
    Pixels,
    is_whole,
    load,
    pixels,
    seeded,
    settle,
    translated,
    whole_prompt,
)
from episodec.tools.installed import device, path_setting, yes_or_no
from episodec.tools.params import checked

LICENCE = (
    "FLUX.1 dev: weights under the FLUX.1 [dev] Non-Commercial License: no commercial use of the model, and filters or "
    "review of what it makes are asked for; other FLUX.1 weights, and a LoRA, have terms of their own. "
    "diffusers: Apache-2.0"
)
PACKAGES = ("diffusers", "transformers", "tokenizers", "torch", "numpy", "pillow", "peft")

MEMORY_MIB = 49_152  # Twelve billion weights of the model and five of its text encoder, in bfloat16, with room.
TOKENS = 512  # The most tokens of a prompt that it reads.
MOST_SIDE = 2048  # pixels

ASKED: Overrides = {
    "steps": Whole(1, 1000, otherwise="`steps` of `scene.refine`, else 28", meaning="Steps of the sampler."),
    "guidance_scale": Number(
        0, 50, otherwise="3.5, if the model uses one", meaning="How closely the prompt is followed."
    ),
    "lora_scale": Number(
        -4, 4, otherwise="1, if local settings name a LoRA", meaning="The weight of the character's LoRA."
    ),
}
"""Parameters of the model for any purpose."""

_PIPELINES = ("FluxPipeline", "FluxImg2ImgPipeline")  # One set of weights serves both.
_ADAPTER = "character"


@dataclass(frozen=True, slots=True)
class FluxModel:
    """The model in the settings of this machine."""

    folder: Path
    device: str
    offload: bool  # Parts of the model wait in main memory for their turn on the GPU.
    lora: Path | None  # A .safetensors file that knows the character.
    precision: str  # Of weights and sums: its activations are too large for float16.

    @property
    def grain(self) -> int:
        """Pixels that a picture's sides must be a multiple of: the codec's reduction times patches of two."""
        channels = read_json(self.folder / "vae" / "config.json").get("block_out_channels")
        if not isinstance(channels, list) or not channels:
            facts = {"folder": self.folder, "lacks": "vae/config.json: block_out_channels"}
            raise SettingsError("this checkpoint does not give the size of its pictures", facts=facts)
        return int(2 ** len(channels))

    @property
    def takes_guidance(self) -> bool:
        """Whether it uses a guidance scale: FLUX.1 schnell, for one, does not."""
        return read_json(self.folder / "transformer" / "config.json").get("guidance_embeds") is True


def flux_model(settings: Settings) -> FluxModel:
    """The model that `checkpoint`, `device`, `offload` and `lora` name.

    Raises:
        SettingsError: one is missing or wrong.
    """
    folder = path_setting(settings, "checkpoint", "the folder of a FluxPipeline", folder=True)
    pipeline_class(folder, *_PIPELINES)
    lora = path_setting(settings, "lora", "the character's LoRA", folder=False) if settings.get("lora") else None
    if lora is not None and lora.suffix != ".safetensors":
        hint = "only weights in safetensors are loaded: other formats can run code"
        raise SettingsError("the LoRA is not in safetensors", facts={"file": lora}, hint=hint)
    kind, offload = device(settings), yes_or_no(settings, "offload")
    if offload and kind != "cuda":
        raise SettingsError("offloading needs a GPU", facts={"device": kind})
    return FluxModel(folder, kind, offload, lora, "bfloat16" if kind == "cuda" else "float32")


def identity(model: FluxModel, digests: Digester) -> Fingerprint:
    """The parts of the fingerprint that decide this model's pictures."""
    files = model_files(model.folder)
    watched = files if model.lora is None else [*files, model.lora]
    parts: dict[str, Canonical] = {
        "models": model_digests(model.folder, files, digests),
        "lora": None if model.lora is None else digests.of(str(model.lora)),
        "device": model.device,
        "precision": model.precision,
        "offload": model.offload,
        "threads": CPUS,
    }
    return Fingerprint(parts, tuple(map(str, watched)))


def checked_asked(model: FluxModel, options: Mapping[str, Any], sides: tuple[int, ...]) -> None:
    """Check the parameters in ASKED, each None if it was not given, and the pictures' sides in pixels.

    Raises:
        BackendError: the model does not support them.
    """
    for name, kind in ASKED.items():
        if options[name] is not None:
            checked(name, options[name], kind, "FLUX")
    guidance, scale = options["guidance_scale"], options["lora_scale"]
    if guidance is not None and not model.takes_guidance:
        hint = "leave it out"
        raise BackendError("this FLUX has no guidance", facts={"guidance_scale": guidance}, hint=hint)
    if scale is not None and model.lora is None:
        hint = "name it in episodec.local.yaml: `lora: FILE.safetensors`"
        raise BackendError("`lora_scale` needs a LoRA, and there is none", facts={"lora_scale": scale}, hint=hint)
    for side in sides:
        if not is_whole(side) or not 64 <= side <= MOST_SIDE or side % model.grain:
            facts = {"found": side, "wanted": f"a multiple of {model.grain}, 64 to {MOST_SIDE}"}
            raise BackendError("FLUX does not support this picture size", facts=facts)


class Flux:
    """The loaded model: `draw` from a prompt, `redraw` from a picture. Loading is slow, so keep one for a run."""

    def __init__(self, model: FluxModel, lora_scale: float) -> None:
        """Loads it.

        Raises:
            SettingsError: the files are not a model, or the LoRA does not fit it.
        """
        self._model = model
        self._pipeline = load("FluxPipeline", model.folder, {"default": model.precision})
        if model.lora is not None:
            _add_lora(self._pipeline, model.lora, lora_scale)
        self._again: Any = None
        settle(self._pipeline, model.device, offload=model.offload)

    def draw(self, prompt: str, seed: int, side: int, steps: int, guidance: float) -> Pixels:
        """(side, side, 3) from a prompt.

        Raises:
            BackendError: the prompt is too long, or the result is not a valid picture.
        """
        return self._run_pipeline(
            self._pipeline, prompt, seed, side, num_inference_steps=steps, guidance_scale=guidance
        )

    def redraw(self, picture: Pixels, prompt: str, seed: int, *, strength: float, **more: Any) -> Pixels:
        """A square picture redrawn; `strength`, above 0 up to 1, is the amount of change. `more`: further parameters of
        the pipeline.

        Raises: as `draw`.
        """
        from diffusers import FluxImg2ImgPipeline
        from PIL import Image

        if self._again is None:
            # Not from_pipe: it converts all weights to float32 unless a type is given.
            self._again = FluxImg2ImgPipeline(**self._pipeline.components)
            settle(self._again, self._model.device, offload=self._model.offload)
        return self._run_pipeline(
            self._again, prompt, seed, picture.shape[0], image=Image.fromarray(picture), strength=strength, **more
        )

    def _run_pipeline(self, pipeline: Any, prompt: str, seed: int, side: int, **more: Any) -> Pixels:
        for text in (prompt, more.get("negative_prompt")):
            if text is not None:
                whole_prompt(pipeline.tokenizer_2, text, TOKENS)
        with translated("FLUX failed"):
            output = pipeline(
                prompt=prompt,
                height=side,
                width=side,
                generator=seeded(seed),
                max_sequence_length=TOKENS,
                output_type="np",
                **more,
            ).images[0]
        picture = pixels(output, (side, side, 3), "FLUX")
        if not np.ptp(picture):
            raise BackendError("FLUX made a picture of a single colour", facts={"seed": seed})
        return picture


def _add_lora(pipeline: Any, file: Path, scale: float) -> None:
    """Load the LoRA, and fail where its loader only warns that nothing fits the model."""
    try:
        pipeline.load_lora_weights(
            str(file.parent), weight_name=file.name, adapter_name=_ADAPTER, local_files_only=True
        )
        adapters = {name for names in pipeline.get_list_adapters().values() for name in names}
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        facts = {"file": file, "error": f"{type(error).__name__}: {error}"}
        raise SettingsError("cannot load the LoRA into this FLUX", facts=facts) from error
    if _ADAPTER not in adapters:
        hint = "is it a LoRA for FLUX.1?"
        raise SettingsError("the LoRA has no effect on this FLUX", facts={"file": file}, hint=hint)
    pipeline.set_adapters([_ADAPTER], [scale])
