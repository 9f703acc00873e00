"""Backend `stable-audio`: ambience from a prompt by a StableAudioPipeline of diffusers, from a checkpoint folder.

It makes at most one window of sound at once: lowering asks for as many segments as it takes, which `crossfade` joins.
"""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical, number_of
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Number, Overrides, Text, Whole
from episodec.tools.diffusers_folder import model_digests, model_files, pipeline_class, read_json
from episodec.tools.diffusion import CPUS, let_go, load, seeded, settle, translated
from episodec.tools.fingerprint import DIFFUSERS, both, needed
from episodec.tools.installed import device, path_setting, yes_or_no
from episodec.tools.params import overrides_of

SPARE_S = Fraction(
    1, 10
)  # Made beyond what is kept: lengths are rounded down, and the end of a sound is its worst part.

LICENCE = (
    "Stable Audio Open 1.0: weights under the Stability AI Community License: commercial use only below a yearly "
    "revenue that it names, and with registration; downloads are gated. diffusers: Apache-2.0"
)


class StableAudio:
    """Stage foley: params `prompt`, `take`, `frames`, `rate`, `variation`, maybe `overrides`; 48 kHz, stereo.

    Settings: `checkpoint`, `device`, `offload`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"foley"})
    deterministic: ClassVar[bool] = False  # Equal bytes only on one model of processor with one stack of software.
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "steps": Whole(1, 1000, default=100, meaning="Steps of the model's sampler."),
        "guidance_scale": Number(0, 50, default=7.0, meaning="How closely the prompt is followed."),
        "negative_prompt": Text(
            default="low quality", or_none=True, meaning="What must not be heard; null says nothing of it."
        ),
    }

    def __init__(self) -> None:
        self._pipeline: Any = None  # Loaded by the first order, kept for the next.

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=CPUS, gpus=1 if device(settings) == "cuda" else 0, memory_mib=8192)

    def window_s(self, settings: Settings) -> Fraction | None:
        """How long a sound its model makes at once; None where the settings name no model: running says so."""
        try:
            return model_window_s(_folder(settings)) - SPARE_S
        except SettingsError:
            return None

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        folder = _folder(settings)
        model_window_s(folder)
        files = model_files(folder)
        kind = device(settings)
        parts: dict[str, Canonical] = {
            "models": model_digests(folder, files, digests),
            "device": kind,
            "precision": _precision(kind),
            "threads": CPUS,
        }
        if _is_offloaded(settings):
            parts["offload"] = True
        return both(Fingerprint(parts, tuple(map(str, files))), needed(*DIFFUSERS, "torchsde"))

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.ambience import levelled
        from episodec.audio.wav import resample, write_wav
        from episodec.timebase import samples_per_frame

        frames, rate = (_whole(order, name) for name in ("frames", "rate"))
        try:
            sound, found = self._generate(order, Fraction(frames, rate) + SPARE_S)
        finally:
            if device(order.settings) == "cuda":  # The next stage, maybe of another process, needs the GPU's memory.
                self._pipeline = None
                let_go()
        samples = resample(sound, found)[: frames * samples_per_frame(rate)]
        if len(samples) != frames * samples_per_frame(rate):
            facts = {"found": len(samples), "wanted": frames * samples_per_frame(rate)}
            raise BackendError("the pipeline made less sound than it was asked for", facts=facts)
        write_wav(order.output(), levelled(samples))

    def _generate(self, order: WorkOrder, seconds: Fraction) -> tuple[Any, int]:
        """(n, 2) float32, and its rate in Hz."""
        import warnings

        import numpy as np

        folder, said = _folder(order.settings), parameters(order)
        if seconds > (window := model_window_s(folder)):
            facts = {"asked for": f"{float(seconds):.2f} s", "window": f"{float(window):.2f} s"}
            raise BackendError("this is more sound than the model makes at once", facts=facts)
        with warnings.catch_warnings():  # The stochastic scheduler's library warns of rounding; results are the same.
            warnings.simplefilter("ignore")
            pipeline = self._loaded(folder, order.settings)
            with translated("Stable Audio failed"):
                made = pipeline(
                    said["prompt"],
                    negative_prompt=said["negative_prompt"],
                    audio_end_in_s=float(seconds),
                    num_inference_steps=said["steps"],
                    guidance_scale=said["guidance_scale"],
                    generator=seeded(seed_of(order)),
                    output_type="pt",
                ).audios
        found = made[0].T.float().cpu().numpy()  # (n, channels)
        if found.ndim != 2 or found.shape[1] not in {1, 2} or not np.isfinite(found).all():
            raise BackendError("the pipeline made something that is no sound", facts={"shape": found.shape})
        stereo = np.repeat(found, 2 // found.shape[1], axis=1)
        return np.ascontiguousarray(stereo, np.float32), int(pipeline.vae.sampling_rate)

    def _loaded(self, folder: Path, settings: Settings) -> Any:
        if self._pipeline is None:
            kind = device(settings)
            pipeline = load("StableAudioPipeline", folder, {"default": _precision(kind)})
            settle(pipeline, kind, offload=_is_offloaded(settings))
            self._pipeline = pipeline
        return self._pipeline


def model_window_s(folder: Path) -> Fraction:
    """The longest sound the model makes at once: its latents times the samples that each of them decodes to.

    Raises:
        SettingsError: the folder holds no Stable Audio pipeline.
    """
    pipeline_class(folder, "StableAudioPipeline")
    transformer, codec = (read_json(folder / name / "config.json") for name in ("transformer", "vae"))
    try:
        hop = math.prod(codec["downsampling_ratios"])
        return Fraction(transformer["sample_size"] * hop, codec["sampling_rate"])
    except (KeyError, TypeError, ValueError) as error:
        facts = {"folder": folder, "error": f"{type(error).__name__}: {error}"}
        raise SettingsError("this checkpoint does not tell how much sound it makes", facts=facts) from error


def parameters(order: WorkOrder) -> dict[str, Any]:
    """What is asked of the pipeline.

    Raises:
        BackendError: the prompt is missing, or a parameter is unknown or out of its range.
    """
    prompt = order.params.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise BackendError("Stable Audio needs a prompt")
    return {"prompt": prompt, **overrides_of(order, StableAudio.overrides)}


def seed_of(order: WorkOrder) -> int:
    """From the prompt, the take and the variation: segments of one ambience differ, equal orders do not."""
    said: dict[str, Canonical] = {
        "prompt": order.params.get("prompt"),
        "take": order.params.get("take", 1),
        "variation": order.params.get("variation", 0),
    }
    return number_of("stable-audio-seed/1", said, 1 << 31)


def _folder(settings: Settings) -> Path:
    return path_setting(settings, "checkpoint", "the folder of a StableAudioPipeline", folder=True)


def _is_offloaded(settings: Settings) -> bool:
    """Whether parts of the model wait in main memory for their turn on the GPU.

    Raises:
        SettingsError: there is no GPU to wait for.
    """
    is_asked = yes_or_no(settings, "offload")
    if is_asked and device(settings) != "cuda":
        facts = {"device": device(settings)}
        raise SettingsError("only a model on a GPU can be offloaded from it", facts=facts)
    return is_asked


def _precision(kind: str) -> str:
    return "float16" if kind == "cuda" else "float32"


def _whole(order: WorkOrder, name: str) -> int:
    value = order.params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        facts = {"name": name, "found": value}
        raise BackendError("the backend `stable-audio` needs a positive whole number", facts=facts)
    return value
