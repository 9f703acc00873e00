"""Backend `flux-img2img`: makes moving pictures more like the portrait with a FLUX.1 of diffusers, frame by frame,
with the character's LoRA if local settings name one.

All frames get the same noise, so differences between two results come from the frames. With different noise each frame
would get its own freckles, folds and strands, which flicker in a film and which training would take for motion.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.flux.checkpoint import (
    ASKED,
    LICENCE,
    MEMORY_MIB,
    MOST_SIDE,
    Flux,
    FluxModel,
    checked_asked,
    flux_model,
    identity,
)
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Number, Overrides, Whole
from episodec.tools.diffusion import CPUS, Pixels, is_whole, is_within, let_go
from episodec.tools.fingerprint import DIFFUSERS, both, needed
from episodec.tools.installed import device
from episodec.tools.notes import REFINED
from episodec.tools.params import overrides_of

PROMPT = "A sharp photo of the same person, natural skin, even light, plain white background."
STRENGTH = 0.35
STEPS = 28
GUIDANCE = 3.5
TRUE_GUIDANCE = 4.0  # With a negative prompt, which doubles the work of each step.
LEAST_SIDE = 512  # pixels: smaller pictures are enlarged, since the model was trained on larger ones.


class FluxImg2Img:
    """Stage refine: inputs `portrait.png` and `frame.png`, in order; params of `scene.refine`, optional `overrides`.

    Settings: `checkpoint`, `device`, `offload`, `lora`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"refine"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same processor model and software.
    notes: ClassVar[Mapping[str, str]] = REFINED
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        **ASKED,
        "side": Whole(
            64,
            MOST_SIDE,
            unit="pixels",
            otherwise="that of the frames, at least 512",
            meaning="Side of the square picture; a multiple of 16, the codec's reduction.",
        ),
        "true_cfg_scale": Number(
            1,
            50,
            otherwise="4 with a negative prompt, else 1",
            meaning="Guidance against a negative prompt, which doubles the work of each step.",
        ),
    }

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=CPUS, gpus=1 if device(settings) == "cuda" else 0, memory_mib=MEMORY_MIB)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return both(identity(flux_model(settings), digests), needed(*DIFFUSERS, "peft"))

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.portrait import check_portrait
        from episodec.faces.refining import frames_of, write_refined

        frames = frames_of(order)
        model = flux_model(order.settings)
        options = parameters(order, model, frames[0].shape[0])
        check_portrait(order.input("portrait.png"))
        refined = _refined_frames(order, model, frames, options)
        let_go()
        write_refined(order, frames, refined)


def parameters(order: WorkOrder, model: FluxModel, height: int) -> dict[str, Any]:
    """The model's parameters for frames of this height.

    Raises:
        BackendError: a parameter is unknown or out of its range.
    """
    params = {name: value for name, value in order.params.items() if value is not None}
    options = overrides_of(order, FluxImg2Img.overrides, ("steps",))
    options["steps"] = options["steps"] or STEPS
    options["side"] = options["side"] or max(LEAST_SIDE, -(-height // model.grain) * model.grain)
    checked_asked(model, options, (options["side"],))
    options |= {"prompt": params.get("prompt", PROMPT), "negative_prompt": params.get("negative_prompt")}
    options |= {"strength": params.get("strength", STRENGTH), "seed": params.get("seed", 0)}
    is_worded = isinstance(options["prompt"], str) and options["prompt"].strip()
    is_numbered = is_whole(options["seed"]) and 0 <= options["seed"] < 1 << 63 and is_within(options["strength"], 0, 1)
    if not is_worded or not is_numbered or not isinstance(options["negative_prompt"], str | None):
        facts = {name: options[name] for name in ("prompt", "negative_prompt", "strength", "seed")}
        raise BackendError("a parameter of `refine` is out of its range", facts=facts)
    is_opposed = options["negative_prompt"] is not None
    true = options["true_cfg_scale"] = options["true_cfg_scale"] or (TRUE_GUIDANCE if is_opposed else 1.0)
    if (true > 1) != is_opposed:
        hint = "a true guidance above 1 and a negative prompt need each other"
        facts = {"true_cfg_scale": true, "negative_prompt": options["negative_prompt"]}
        raise BackendError("a negative prompt and its guidance do not match", facts=facts, hint=hint)
    guidance, scale = options["guidance_scale"], options["lora_scale"]
    options["guidance_scale"] = GUIDANCE if guidance is None else float(guidance)
    options["lora_scale"] = 1.0 if scale is None else float(scale)
    return options


def _refined_frames(
    order: WorkOrder, model: FluxModel, frames: list[Pixels], options: Mapping[str, Any]
) -> list[Pixels]:
    """The refined frames; unchanged if the strength is 0."""
    if not options["strength"]:
        return frames
    from episodec.faces.refining import frame_name

    flux = Flux(model, options["lora_scale"])
    return [_kept(order.scratch / frame_name(number), flux, frame, options) for number, frame in enumerate(frames)]


def _kept(path: Path, flux: Flux, frame: Pixels, options: Mapping[str, Any]) -> Pixels:
    """A refined frame; those made before a kill are in the scratch folder."""
    from episodec.faces.conform import save_picture
    from episodec.faces.pixels import rgba_of

    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        save_picture(temporary, _refined(flux, frame, options))
        temporary.replace(path)
    return rgba_of(path)


def _refined(flux: Flux, frame: Pixels, options: Mapping[str, Any]) -> Pixels:
    """(s, s, 4): the frame with its own alpha, and colours that give FLUX's result over white."""
    from episodec.faces.framing import resized
    from episodec.faces.refining import laid_back
    from episodec.splat.white import on_white

    more = {name: options[name] for name in ("strength", "guidance_scale", "negative_prompt", "true_cfg_scale")}
    resized_frame = resized(on_white(frame), options["side"])
    redrawn = flux.redraw(
        resized_frame, options["prompt"], options["seed"], num_inference_steps=options["steps"], **more
    )
    return laid_back(redrawn, frame)
