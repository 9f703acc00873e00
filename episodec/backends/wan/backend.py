"""Backend `wan`: a portrait to moving pictures, with a WanImageToVideoPipeline of diffusers in a checkpoint folder.

It makes one clip that begins with the portrait or, for a camera that moves from side to side, one clip to each side.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.backends.wan.checkpoint import (
    LEAST_SIDE,
    LICENCE,
    MOST_FRAMES,
    MOST_SIDE,
    Wan,
    WanModel,
    checked_asked,
    identity,
    wan_model,
)
from episodec.backends.wan.clip_plan import ClipPlan, in_json, plan_clip
from episodec.backends.wan.clip_words import PROMPT, take_seed, words_for
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Choice, Number, Overrides, Whole
from episodec.tools.diffusion import CPUS, Pixels, let_go
from episodec.tools.fingerprint import DIFFUSERS, both, needed
from episodec.tools.installed import device
from episodec.tools.notes import CLIP, PORTRAIT
from episodec.tools.params import overrides_of

MEMORY_MIB = 81_920  # Two experts, the text encoder and the codec on their way to the GPU, and the clip as floats.

NEGATIVE_PROMPT = "cut, zoom, shaking camera, text, watermark, blurred, deformed face, extra fingers, other people"
FAR = 10.0  # Difference of a clip's first frame from the portrait above which the author gets a note.
LITTLE = 0.5  # Mean change of eight-bit levels at the clip's most different frame: below it, it hardly moves.
SEEDS = 1 << 63

_WORDS = {"prompt": PROMPT, "negative_prompt": NEGATIVE_PROMPT}


class WanBackend:
    """Stage motion: inputs `portrait.png` and `cameras.rows`; params of `scene.motion`, optional `overrides`.

    Settings: `checkpoint`, `device`, `offload`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"motion"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same processor model and software.
    notes: ClassVar[Mapping[str, str]] = {**PORTRAIT, **CLIP}
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "steps": Whole(
            1,
            1000,
            otherwise="`steps` of `scene.motion`, else 40, or 50 with one expert",
            meaning="Steps of the sampler.",
        ),
        "side": Whole(
            LEAST_SIDE,
            MOST_SIDE,
            unit="pixels",
            otherwise="960, or 928 with one expert",
            meaning="Side of the square video; a multiple of 16, or of 32 with one expert.",
        ),
        "video_frames": Whole(
            1,
            MOST_FRAMES,
            otherwise="81, or 121 with one expert",
            meaning="Frames of the clip: one more than a multiple of 4, and at least the motion's frames.",
        ),
        "portrait_at": Choice(
            ("start", "middle"),
            default="start",
            meaning="Where the clip shows the portrait; with `middle` it is played forwards and backwards.",
        ),
        "guidance_high_noise": Number(
            0, 50, otherwise="3.5", meaning="With two experts: how closely the noisy steps follow the prompt."
        ),
        "guidance_low_noise": Number(
            0, 50, otherwise="3.5", meaning="With two experts: how closely the later steps follow the prompt."
        ),
        "guidance_scale": Number(0, 50, otherwise="5", meaning="With one expert: how closely the prompt is followed."),
    }

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=CPUS, gpus=1 if device(settings) == "cuda" else 0, memory_mib=MEMORY_MIB)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return both(identity(wan_model(settings), digests), needed(*DIFFUSERS, "ftfy"))

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.conform import save_picture
        from episodec.faces.framing import framed, opaque, read_rows, resized, seen_box
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait

        model = wan_model(order.settings)
        rows = read_rows(order.input("cameras.rows"))
        options = parameters(order, model, len(rows.order))
        plan = plan_clip(rows, options["video_frames"], turns_back=options["portrait_at"] == "middle")
        portrait = order.input("portrait.png")
        for note in check_portrait(portrait).notes:
            order.note(*note)
        rgba = rgba_of(portrait)
        picture = framed(rgba, seen_box(rows, plan.front, rgba.shape[1], rgba.shape[0]), options["side"])
        clips, clip_records = _clips(order, model, plan, picture, options)
        let_go()
        for number, moment in enumerate(plan.moments):
            frame = resized(clips[moment.clip][moment.index], rows.size[0])
            save_picture(order.outputs[f"frame_{number:03}.png"], opaque(frame))
        source = {"size": [options["side"]] * 2, "fps": model.rate, "frames": options["video_frames"]}
        order.outputs["motion.json"].write_text(in_json(plan, source, clip_records), "utf-8")


def parameters(order: WorkOrder, model: WanModel, frames: int) -> dict[str, Any]:
    """The model's parameters for this number of frames.

    Raises:
        BackendError: a parameter is missing, unknown or out of its range.
    """
    asked = overrides_of(order, WanBackend.overrides, ("steps",))
    options = checked_asked(model, {name: value for name, value in asked.items() if value is not None}, frames)
    names = {f"frame_{number:03}.png" for number in range(frames)} | {"motion.json"}
    if set(order.outputs) != names or order.params.get("frames", frames) != frames:
        facts = {"frames": order.params.get("frames"), "cameras": frames, "outputs": len(order.outputs)}
        raise BackendError("the numbers of frames and cameras of a motion differ", facts=facts)
    for name, default in _WORDS.items():
        value = order.params.get(name)
        if value is not None and (not isinstance(value, str) or (name == "prompt" and not value.strip())):
            raise BackendError("a motion's prompt must be a text", facts={name: value})
        options[name] = default if value is None else value
    seed = take_seed("wan", order.params.get("seed", 0), order.params.get("take"), SEEDS)
    return {**options, "seed": seed}


def _clips(
    order: WorkOrder, model: WanModel, plan: ClipPlan, picture: Pixels, options: Mapping[str, Any]
) -> tuple[dict[str, Pixels], list[dict[str, Any]]]:
    """The clips by name, and their part of motion.json. Both sides of an orbit start with the same noise."""
    wan = Wan(model)
    clips: dict[str, Pixels] = {}
    clip_records: list[dict[str, Any]] = []
    for name in plan.clips:
        prompt = words_for(name, options["prompt"], plan.arc_deg)
        clips[name] = wan.clip(picture, prompt, options["negative_prompt"], options["seed"], options)
        clip_records.append(
            {"name": name, "prompt": prompt, "seed": options["seed"], **_measured(order, clips[name], picture, name)}
        )
    return clips, clip_records


def _measured(order: WorkOrder, clip: Pixels, picture: Pixels, name: str) -> dict[str, float]:
    """Note a clip that starts far from the portrait or hardly moves; returns both, in mean eight-bit levels.

    Raises:
        BackendError: all frames are equal.
    """
    import numpy as np

    from episodec.faces.drift import drift
    from episodec.faces.framing import opaque

    change = [float(np.abs(frame.astype(np.int16) - clip[0]).mean()) for frame in clip]
    if not max(change):
        hint = "try another seed or another prompt"
        raise BackendError("the clip does not move: all its frames are equal", facts={"clip": name}, hint=hint)
    first, last = (drift(opaque(frame), opaque(picture)) for frame in (clip[0], clip[-1]))
    if max(change) < LITTLE:
        sentence = f"the clip {name} hardly moves, by {max(change):.2f} of 255 levels at most"
        order.note("clip-still", sentence, facts={"clip": name}, hint="try another take or another prompt")
    if first > FAR:
        sentence = f"the first frame of the clip {name} is not the portrait, {first:.1f} away ({FAR:g} is a lot)"
        order.note("clip-unlike-portrait", sentence, facts={"clip": name}, hint="try another take or another prompt")
    return {"drift_first": first, "drift_last": last, "most_change": round(max(change), 3)}
