"""Backend `wan-generate`: a portrait to moving pictures, with the `generate.py` of Wan 2.2 on this machine.

It makes one clip that begins with the portrait or, for a camera that moves from side to side, one clip to each side,
each in its own process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Choice, Number, Overrides, Whole
from episodec.tools.fingerprint import both
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    now_ns,
    one_of,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
    yes_or_no,
)
from episodec.tools.notes import PORTRAIT
from episodec.tools.params import overrides_of, spoken
from episodec.tools.process import run_tool

SYSTEM = "Wan 2.2"
LICENCE = (
    "Wan 2.2: code and weights under Apache-2.0, as its repository says; the cards of its weights on Hugging Face were "
    "not looked at"
)
MEMORY_MIB = 81_920  # Both experts and T5, before they move to the GPU.
STILL = 0.1  # Mean change of eight-bit levels: less is due to encoding; a blink is more.
SEEDS = 1 << 63  # Its default, -1, is a random one.

_T5, _WORDS = "models_t5_umt5-xxl-enc-bf16.pth", "google/umt5-xxl/**/*"
_CODE = ("generate.py", "wan/**/*.py")


@dataclass(frozen=True, slots=True)
class Kind:
    """A model of Wan, as far as square pictures are concerned.

    Attributes:
        sides: by the requested area as written in `size`: the width and height in pixels of a square's result.
        is_cropped: whether a square is cropped at the middle to that form; otherwise it is stretched.
    """

    rate: int  # Frames per second.
    frames: int  # Its default number of frames.
    sides: Mapping[str, tuple[int, int]]
    is_cropped: bool
    codec: str
    weights: tuple[str, ...]  # Patterns.


KINDS = {
    "i2v-A14B": Kind(
        rate=16,
        frames=81,
        sides={"1280*720": (960, 960), "832*480": (624, 624)},
        is_cropped=False,
        codec="Wan2.1_VAE.pth",
        weights=("low_noise_model/*", "high_noise_model/*"),
    ),
    "ti2v-5B": Kind(
        rate=24,
        frames=121,
        sides={"1280*704": (960, 928)},
        is_cropped=True,
        codec="Wan2.2_VAE.pth",
        weights=("*.safetensors", "*.json"),
    ),
}


class WanGenerate:
    """Stage motion: inputs `portrait.png` and `cameras.rows`; params of `scene.motion`, optional `overrides`.

    Settings: `python`, `repo`, `checkpoints`, `task`, `size`, `offload`, `t5_cpu`, `convert_model_dtype`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"motion"})
    deterministic: ClassVar[bool] = False  # Its attention sums in any order.
    notes: ClassVar[Mapping[str, str]] = PORTRAIT
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "video_frames": Whole(
            5,
            1 + 4 * 64,
            step=4,  # 4n + 1, else it fails late.
            otherwise="81, or 121 of ti2v-5B",
            meaning="The number of frames of the clip.",
        ),
        "portrait_at": Choice(
            ("start", "middle"),
            default="start",
            meaning="Where the clip shows the portrait; with `middle` it is played forwards and backwards.",
        ),
        "steps": Whole(1, 1000, otherwise="`steps` of `scene.motion`, else its own", meaning="Steps of the sampler."),
        "shift": Number(0.1, 100, otherwise="its own", meaning="The distribution of noise over the steps."),
        "guidance_scale": Number(0, 20, otherwise="its own", meaning="How closely both experts follow the prompt."),
        "solver": Choice(("unipc", "dpm++"), default="unipc", meaning="The sampler."),
    }

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=2, gpus=1, memory_mib=MEMORY_MIB)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, repo, checkpoints = _installed(settings)
        name, kind = _kind(settings)
        device(settings, ("cuda",))
        one_of(python, "flash_attn", "flash_attn_3", "flashattn_hopper")
        packages = environment(python, "torch")
        code = sources(repo, _CODE)
        models = [path.relative_to(checkpoints).as_posix() for path in sources(checkpoints, (_WORDS, *kind.weights))]
        models += [_T5, kind.codec]
        parts: dict[str, Canonical] = {
            "code": code_digest(repo, code, digests),
            "models": file_digests(checkpoints, models, digests),
            "task": name,
            "size": _size(settings, kind),
            "switches": list(_switches(settings)),
        }
        watches = (*map(str, code), *(str(checkpoints / name) for name in models))
        return both(packages, Fingerprint(parts, watches))

    def run(self, order: WorkOrder) -> None:
        from PIL import Image

        from episodec.backends.wan.clip_plan import in_json, plan_clip
        from episodec.faces.framing import framed, opaque, read_rows, resized, seen_box
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait

        _, kind = _kind(order.settings)
        rows = read_rows(order.input("cameras.rows"))
        options = parameters(order, kind)
        plan = plan_clip(rows, options["video_frames"], turns_back=options["portrait_at"] == "middle")
        for note in check_portrait(order.input("portrait.png")).notes:
            order.note(*note)
        rgba = rgba_of(order.input("portrait.png"))
        size = kind.sides[_size(order.settings, kind)]
        picture = framed(rgba, seen_box(rows, plan.front, rgba.shape[1], rgba.shape[0]), max(size))
        clips, clip_records = _clips(order, plan, picture, options)
        for number, moment in enumerate(plan.moments):
            frame = opaque(resized(clips[moment.clip, moment.index], rows.size[0]))
            Image.fromarray(frame).save(order.outputs[f"frame_{number:03}.png"], "PNG")
        source = {"size": list(size), "fps": kind.rate, "frames": options["video_frames"]}
        order.outputs["motion.json"].write_text(in_json(plan, source, clip_records), "utf-8")


def parameters(order: WorkOrder, kind: Kind) -> dict[str, Any]:
    """Its parameters, with the prompt and the seed.

    Raises:
        BackendError: a parameter is unknown, out of its range, or would be silently ignored.
    """
    from episodec.backends.wan.clip_words import PROMPT, take_seed

    options = overrides_of(order, WanGenerate.overrides, ("steps",))
    options["video_frames"] = options["video_frames"] or kind.frames
    if order.params.get("negative_prompt"):
        facts = {"negative_prompt": order.params["negative_prompt"]}
        hint = "leave it out: it has its own, in Chinese; the backend `wan` accepts one"
        raise BackendError(f"{SYSTEM}'s own program has no option for a negative prompt", facts=facts, hint=hint)
    options["prompt"] = spoken(order, "prompt", PROMPT, SYSTEM)
    if not options["prompt"].strip():
        raise BackendError(f"{SYSTEM} needs a prompt")
    options["seed"] = take_seed("wan-generate", order.params.get("seed", 0), order.params.get("take"), SEEDS)
    return options


def flags(order: WorkOrder, options: Mapping[str, Any], prompt: str, image: Path, out: Path) -> list[str]:
    """The command line of `generate.py`; it depends only on the order, except for paths."""
    name, kind = _kind(order.settings)
    _, _, checkpoints = _installed(order.settings)
    optional = {"steps": "--sample_steps", "shift": "--sample_shift", "guidance_scale": "--sample_guide_scale"}
    return [
        *("--task", name),
        *("--size", _size(order.settings, kind)),  # An area: the picture's aspect is kept.
        *("--ckpt_dir", str(checkpoints)),
        *("--image", str(image)),
        f"--prompt={prompt}",  # In one word: a prompt may begin with a dash.
        *("--base_seed", str(options["seed"])),
        *("--frame_num", str(options["video_frames"])),
        *("--sample_solver", options["solver"]),
        *(part for one, flag in optional.items() if options[one] is not None for part in (flag, repr(options[one]))),
        *_switches(order.settings),
        *("--save_file", str(out)),
    ]


def _clips(
    order: WorkOrder, plan: Any, picture: Any, options: Mapping[str, Any]
) -> tuple[dict[tuple[str, int], Any], list[dict[str, Any]]]:
    """The wanted frames of each clip as squares, by clip name and frame number, and the clips' part of motion.json.

    Both sides of an orbit start with the same noise.
    """
    from PIL import Image

    from episodec.backends.wan.clip_words import words_for
    from episodec.video.frames import some_frames_of

    python, repo, _ = _installed(order.settings)
    kind = _kind(order.settings)[1]
    folder = run_folder("wan")
    Image.fromarray(picture).save(folder / "portrait.png", "PNG")
    frames: dict[tuple[str, int], Any] = {}
    clip_records = []
    for clip in plan.clips:
        started, out = now_ns(), folder / f"{clip}.mp4"
        prompt = words_for(clip, options["prompt"], plan.arc_deg)
        asked_for = flags(order, options, prompt, folder / "portrait.png", out)
        run_tool([python, repo / "generate.py", *asked_for], cwd=folder, env=tool_environment(repo))
        _check(require_fresh_output(out, started, SYSTEM), kind, _size(order.settings, kind), options["video_frames"])
        indices = {moment.index for moment in plan.moments if moment.clip == clip}
        for index, frame in some_frames_of(out, indices):
            frames[clip, index] = _squared(frame, kind)
        _check_moves([frames[clip, index] for index in sorted(indices)], clip)
        clip_records.append({"name": clip, "prompt": prompt, "seed": options["seed"]})
    return frames, clip_records


def _check(clip: Path, kind: Kind, size: str, frames: int) -> None:
    """Refuse a clip that does not match the request."""
    from episodec.video.probe import probe

    video = probe(clip)
    facts = {
        "found": f"{video.frames} frames of {video.width}x{video.height} at {float(video.rate):g} a second",
        "wanted": f"{frames} of {kind.sides[size][0]}x{kind.sides[size][1]} at {kind.rate}",
    }
    is_right = (video.frames, video.width, video.height) == (frames, *kind.sides[size]) and video.rate == kind.rate
    if not is_right:
        raise BackendError(f"{SYSTEM} wrote a clip of the wrong form", facts=facts)


def _check_moves(frames: list[Any], clip: str) -> None:
    import numpy as np

    change = max((float(np.abs(frame.astype(np.int16) - frames[0]).mean()) for frame in frames[1:]), default=STILL)
    if change < STILL:
        facts = {"clip": clip, "greatest change": f"{change:.3f} of 255 levels, on the average"}
        raise BackendError("the clip does not move", facts=facts, hint="try another seed or another prompt")


def _squared(frame: Any, kind: Kind) -> Any:
    """(s, s, 3): cropped parts of a square are white again; other frames are unchanged."""
    import numpy as np

    high, wide = frame.shape[:2]
    side = max(high, wide)
    if not kind.is_cropped or high == wide:
        return frame
    top, left = (side - high) // 2, (side - wide) // 2
    return np.pad(frame, ((top, side - high - top), (left, side - wide - left), (0, 0)), constant_values=255)


def _switches(settings: Settings) -> tuple[str, ...]:
    """The options that save memory."""
    offload = "True" if yes_or_no(settings, "offload") else "False"
    flags_of = {"t5_cpu": "--t5_cpu", "convert_model_dtype": "--convert_model_dtype"}
    return ("--offload_model", offload, *(flag for name, flag in flags_of.items() if yes_or_no(settings, name)))


def _kind(settings: Settings) -> tuple[str, Kind]:
    name = settings.get("task", "i2v-A14B").strip()
    if name not in KINDS:
        facts = {"found": name, "there are": ", ".join(KINDS)}
        raise SettingsError("the setting `task` is not a model that animates a picture", facts=facts)
    return name, KINDS[name]


def _size(settings: Settings, kind: Kind) -> str:
    size = settings.get("size", next(iter(kind.sides))).strip()
    if size not in kind.sides:
        facts = {"found": size, "there are": ", ".join(kind.sides)}
        raise SettingsError("the setting `size` is not an area that this model supports", facts=facts)
    return size


def _installed(settings: Settings) -> tuple[Path, Path, Path]:
    """The interpreter, the source tree and the folder of weights."""
    python, repo = python_and_repo(settings, SYSTEM)
    return python, repo, path_setting(settings, "checkpoints", f"the folder of {SYSTEM}'s weights", folder=True)
