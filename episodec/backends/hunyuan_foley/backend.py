"""Backend `hunyuan-foley`: ambience from a prompt, with the `infer.py` of HunyuanVideo-Foley on this machine.

The program requires a video and is limited to 15 seconds: it gets a generated black clip, never the episode's picture,
and lowering requests as many segments as an episode needs.
"""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical, number_of
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Number, Overrides, Text, Whole
from episodec.ownfile import own_file
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.fingerprint import both
from episodec.tools.hub import hub_models, hub_setting
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    now_ns,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
    yes_or_no,
)
from episodec.tools.params import overrides_of
from episodec.tools.process import run_tool

WINDOW_S = 14  # Of its 15, so the clip can be longer than the sound that is kept.
CLIP_RATE = 25  # Frames per second: it measures a sound's length in these.
SPARE_FRAMES = 10  # Rounding loses a frame or two; the excess is cut.
LEAST_FRAMES = 16

SYSTEM = "HunyuanVideo-Foley"
LICENCE = (
    "HunyuanVideo-Foley: code and weights under the Tencent Hunyuan Community License: not licensed in the European "
    "Union, the United Kingdom and South Korea, its output included; above 100 million monthly users only with "
    "a licence of their own; what it makes must be disclosed as made by AI"
)

_MODELS = {"xxl": "hunyuanvideo_foley.pth", "xl": "hunyuanvideo_foley_xl.pth"}
_SHARED_MODELS = ("vae_128d_48k.pth", "synchformer_state_dict.pth")
_HUB_MODELS = ("google/siglip2-base-patch16-512", "laion/larger_clap_general")
_DRIVER = own_file(__file__, "driver.py")


class HunyuanFoley:
    """Stage foley: params `prompt`, `take`, `frames`, `rate`, `variation`, optional `overrides`; mono on both sides.

    Settings: `python`, `repo`, `checkpoints`, `hub` (the Hugging Face cache that holds SigLIP2 and CLAP), `size` (xxl
    or xl), `offload`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"foley"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same GPU model and software.
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "steps": Whole(1, 1000, default=50, meaning="Steps of the model's sampler."),
        "guidance_scale": Number(0, 50, default=4.5, meaning="How closely the prompt is followed."),
        "negative_prompt": Text(default="noisy, harsh", meaning="Sounds to avoid."),
    }

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=2, gpus=1, memory_mib=24_576)  # It uses CUDA whatever --device says.

    def window_s(self, settings: Settings) -> Fraction:
        """The longest sound of one run, in seconds."""
        return Fraction(WINDOW_S)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, repo, checkpoints, hub = _installed(settings)
        size = _size(settings)
        device(settings, ("cuda",))
        packages = environment(python, "torch")
        code = sources(repo, ("infer.py", f"configs/hunyuanvideo-foley-{size}.yaml", "hunyuanvideo_foley/**/*.py"))
        names = (_MODELS[size], *_SHARED_MODELS)
        models, model_files = hub_models(hub, _HUB_MODELS, digests)
        parts: dict[str, Canonical] = {
            "code": code_digest(repo, code, digests),
            "models": file_digests(checkpoints, names, digests),
            "hub": models,
            "size": size,
            "offload": yes_or_no(settings, "offload"),
            "device": "cuda",
        }
        watches = [*map(str, code), *(str(checkpoints / name) for name in names)]
        return both(packages, Fingerprint(parts, (*watches, *model_files)))

    def run(self, order: WorkOrder) -> None:
        import numpy as np

        from episodec.audio.ambience import levelled
        from episodec.audio.wav import read_wav, write_wav

        python, repo, checkpoints, hub = _installed(order.settings)
        frames, rate = (_whole(order, name) for name in ("frames", "rate"))
        if frames > WINDOW_S * rate:
            facts = {"asked for": f"{frames / rate:.2f} s", "limit": f"{WINDOW_S} s"}
            raise BackendError(f"this is more sound than {SYSTEM} can make in one run", facts=facts)
        folder, started = run_folder("hunyuan"), now_ns()
        clip, out = folder / "blank.mp4", folder / "out"
        tools = _blank_clip(clip, Fraction(frames, rate), folder)
        run_tool(
            [str(python), str(_DRIVER), str(seed_of(order)), *flags(order, repo, checkpoints, clip, out)],
            cwd=folder,
            env={**tool_environment(repo), "HF_HUB_CACHE": str(hub), "PATH": f"{tools}:{os.environ.get('PATH', '')}"},
        )
        samples, file_rate = read_wav(require_fresh_output(out / "blank_generated.wav", started, SYSTEM))
        length = frames * samples_per_frame(rate)
        if file_rate != SAMPLE_RATE or samples.shape[1] != 1 or len(samples) < length:
            facts = {"found": f"{len(samples)} samples, {samples.shape[1]} channels, {file_rate} Hz"}
            facts["wanted"] = f"at least {length} samples, 1 channel, {SAMPLE_RATE} Hz"
            raise BackendError(f"{SYSTEM} wrote the wrong kind of sound", facts=facts)
        write_wav(order.output(), levelled(np.repeat(samples[:length], 2, axis=1)))


def flags(order: WorkOrder, repo: Path, checkpoints: Path, clip: Path, out: Path) -> list[str]:
    """The command line of `infer.py`; it depends only on the order, except for paths.

    Raises:
        BackendError: the prompt is missing, or a parameter is unknown or out of its range.
    """
    options, size = _parameters(order), _size(order.settings)
    return [
        *("--model_path", str(checkpoints)),
        *("--model_size", size),
        *("--config_path", str(repo / "configs" / f"hunyuanvideo-foley-{size}.yaml")),  # Its default is relative.
        *("--single_video", str(clip)),
        f"--single_prompt={options['prompt']}",  # In one word: a prompt may begin with a dash.
        f"--neg_prompt={options['negative_prompt']}",
        *("--output_dir", str(out)),
        *("--guidance_scale", repr(float(options["guidance_scale"]))),
        *("--num_inference_steps", str(options["steps"])),
        *("--device", "cuda"),
        *(("--enable_offload",) if yes_or_no(order.settings, "offload") else ()),
    ]


def seed_of(order: WorkOrder) -> int:
    """A seed from the prompt, the take and the variation: segments of one ambience differ, equal orders do not."""
    seed_parts: dict[str, Canonical] = {
        "prompt": order.params.get("prompt"),
        "take": order.params.get("take", 1),
        "variation": order.params.get("variation", 0),
    }
    return number_of("hunyuan-foley-seed/1", seed_parts, 1 << 31)  # numpy takes 32 bits.


def _blank_clip(clip: Path, seconds: Fraction, folder: Path) -> Path:
    """Write black frames, more than the sound needs; returns the folder in which it finds our `ffmpeg`."""
    import imageio_ffmpeg

    tools = folder / "bin"
    tools.mkdir()
    program = Path(imageio_ffmpeg.get_ffmpeg_exe())
    (tools / "ffmpeg").symlink_to(program)
    frames = max(LEAST_FRAMES, -(-seconds.numerator * CLIP_RATE // seconds.denominator)) + SPARE_FRAMES
    source = f"color=c=black:s=512x512:r={CLIP_RATE}"
    coding = ["-c:v", "libx264", "-threads", "1", "-pix_fmt", "yuv420p"]
    run_tool(
        [program, "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", str(frames), *coding, str(clip)], cwd=folder
    )
    return tools


def _parameters(order: WorkOrder) -> dict[str, Any]:
    prompt = order.params.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip() or "\0" in prompt or len(prompt.encode()) > 65_536:
        raise BackendError(f"{SYSTEM} needs a prompt")
    return {"prompt": prompt, **overrides_of(order, HunyuanFoley.overrides)}


def _installed(settings: Settings) -> tuple[Path, Path, Path, Path]:
    """The interpreter, the source tree, the folder of weights and the Hugging Face cache."""
    python, repo = python_and_repo(settings, SYSTEM)
    checkpoints = path_setting(settings, "checkpoints", f"the folder of {SYSTEM}'s weights", folder=True)
    return python, repo, checkpoints, hub_setting(settings, "SigLIP2 and CLAP")


def _size(settings: Settings) -> str:
    size = settings.get("size", "xxl").strip()
    if size not in _MODELS:
        raise SettingsError("the setting `size` names no model", facts={"found": size, "there are": "xxl, xl"})
    return size


def _whole(order: WorkOrder, name: str) -> int:
    value = order.params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise BackendError(f"{SYSTEM} needs a positive whole number", facts={"name": name, "found": value})
    return value
