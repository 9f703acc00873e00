"""A FLUX.1 pipeline of diffusers from a local folder, with a character's LoRA where there is one: finding, loading and
asking. What the pictures are for, it does not know.
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
TOKENS = 512  # Of a prompt, the most that it looks at.
MOST_SIDE = 2048  # pixels

ASKED: Overrides = {
    "steps": Whole(1, 1000, otherwise="`steps` of `scene.refine`, else 28", meaning="Steps of the sampler."),
    "guidance_scale": Number(
        0, 50, otherwise="3.5, where the model takes any", meaning="How closely the prompt is followed."
    ),
    "lora_scale": Number(
        -4, 4, otherwise="1, where local settings name a LoRA", meaning="How much the character's LoRA counts."
    ),
}
"""What a model can be asked for whatever its pictures are for."""

_PIPELINES = ("FluxPipeline", "FluxImg2ImgPipeline")  # One set of weights serves both.
_ADAPTER = "character"


@dataclass(frozen=True, slots=True)
class FluxModel:
    """What the settings of this machine name."""

    folder: Path
    device: str
    offload: bool  # Parts of the model wait in main memory for their turn on the GPU.
    lora: Path | None  # A .safetensors file that knows the character.
    precision: str  # Of weights and sums: its activations are too large for float16.

    @property
    def grain(self) -> int:
        """Pixels that a picture's sides are multiples of: what its codec shrinks by, and patches of two."""
        channels = read_json(self.folder / "vae" / "config.json").get("block_out_channels")
        if not isinstance(channels, list) or not channels:
            facts = {"folder": self.folder, "lacks": "vae/config.json: block_out_channels"}
            raise SettingsError("this checkpoint does not tell what sides its pictures have", facts=facts)
        return int(2 ** len(channels))

    @property
    def takes_guidance(self) -> bool:
        """Whether a guidance scale means anything to it: to FLUX.1 schnell, for one, it does not."""
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
        hint = "only weights in safetensors are loaded: other kinds can run code"
        raise SettingsError("the LoRA is of a kind that is not loaded", facts={"file": lora}, hint=hint)
    kind, offload = device(settings), yes_or_no(settings, "offload")
    if offload and kind != "cuda":
        raise SettingsError("only a model on a GPU can be offloaded from it", facts={"device": kind})
    return FluxModel(folder, kind, offload, lora, "bfloat16" if kind == "cuda" else "float32")


def identity(model: FluxModel, digests: Digester) -> Fingerprint:
    """What pictures of this model hang on besides what is asked of it."""
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


def checked_asked(model: FluxModel, said: Mapping[str, Any], sides: tuple[int, ...]) -> None:
    """Nothing, if the model can be asked for this: what is in ASKED, each None where it was not said, and pictures of
    these sides in pixels.

    Raises:
        BackendError: it cannot.
    """
    for name, kind in ASKED.items():
        if said[name] is not None:
            checked(name, said[name], kind, "FLUX")
    guidance, scale = said["guidance_scale"], said["lora_scale"]
    if guidance is not None and not model.takes_guidance:
        hint = "leave it out"
        raise BackendError("this FLUX takes no guidance", facts={"guidance_scale": guidance}, hint=hint)
    if scale is not None and model.lora is None:
        hint = "name it in episodec.local.yaml: `lora: FILE.safetensors`"
        raise BackendError("a LoRA is scaled, and there is none", facts={"lora_scale": scale}, hint=hint)
    for side in sides:
        if not is_whole(side) or not 64 <= side <= MOST_SIDE or side % model.grain:
            facts = {"found": side, "wanted": f"a multiple of {model.grain}, 64 to {MOST_SIDE}"}
            raise BackendError("FLUX makes no picture of this size", facts=facts)


class Flux:
    """The loaded model: `draw` from words, `redraw` from a picture. Loading takes long, so one is kept for a run."""

    def __init__(self, model: FluxModel, lora_scale: float) -> None:
        """Loads it.

        Raises:
            SettingsError: the files are no model, or the LoRA does not fit it.
        """
        self._model = model
        self._pipeline = load("FluxPipeline", model.folder, {"default": model.precision})
        if model.lora is not None:
            _add_lora(self._pipeline, model.lora, lora_scale)
        self._again: Any = None
        settle(self._pipeline, model.device, offload=model.offload)

    def draw(self, prompt: str, seed: int, side: int, steps: int, guidance: float) -> Pixels:
        """(side, side, 3) from words.

        Raises:
            BackendError: the prompt is too long, or what comes out is no picture.
        """
        return self._asked(self._pipeline, prompt, seed, side, num_inference_steps=steps, guidance_scale=guidance)

    def redraw(self, picture: Pixels, prompt: str, seed: int, *, strength: float, **more: Any) -> Pixels:
        """A square picture again, the more changed the greater `strength` is: above 0, up to 1. More: what the
        pipeline itself takes.

        Raises: as `draw`.
        """
        from diffusers import FluxImg2ImgPipeline
        from PIL import Image

        if self._again is None:
            # Not from_pipe: that turns all weights into float32 where no type is said.
            self._again = FluxImg2ImgPipeline(**self._pipeline.components)
            settle(self._again, self._model.device, offload=self._model.offload)
        return self._asked(
            self._again, prompt, seed, picture.shape[0], image=Image.fromarray(picture), strength=strength, **more
        )

    def _asked(self, pipeline: Any, prompt: str, seed: int, side: int, **more: Any) -> Pixels:
        for text in (prompt, more.get("negative_prompt")):
            if text is not None:
                whole_prompt(pipeline.tokenizer_2, text, TOKENS)
        with translated("FLUX failed"):
            made = pipeline(
                prompt=prompt,
                height=side,
                width=side,
                generator=seeded(seed),
                max_sequence_length=TOKENS,
                output_type="np",
                **more,
            ).images[0]
        found = pixels(made, (side, side, 3), "FLUX")
        if not np.ptp(found):
            raise BackendError("FLUX made a picture of one colour", facts={"seed": seed})
        return found


def _add_lora(pipeline: Any, file: Path, scale: float) -> None:
    """A file of which nothing fits the model is only warned of by its loader."""
    try:
        pipeline.load_lora_weights(
            str(file.parent), weight_name=file.name, adapter_name=_ADAPTER, local_files_only=True
        )
        found = {name for names in pipeline.get_list_adapters().values() for name in names}
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        facts = {"file": file, "error": f"{type(error).__name__}: {error}"}
        raise SettingsError("the LoRA cannot be loaded into this FLUX", facts=facts) from error
    if _ADAPTER not in found:
        hint = "is it one for FLUX.1?"
        raise SettingsError("the LoRA changes nothing of this FLUX", facts={"file": file}, hint=hint)
    pipeline.set_adapters([_ADAPTER], [scale])
