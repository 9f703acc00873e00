"""Backend `stable-audio`: ambience from a prompt, with a StableAudioPipeline of diffusers in a checkpoint folder.

It makes at most one window of sound per run: lowering requests as many segments as needed, which `crossfade` joins.
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
    """Stage foley: params `prompt`, `take`, `frames`, `rate`, `variation`, optional `overrides`; 48 kHz, stereo.

    Settings: `checkpoint`, `device`, `offload`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"foley"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same processor model and software.
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "steps": Whole(1, 1000, default=100, meaning="Steps of the model's sampler."),
        "guidance_scale": Number(0, 50, default=7.0, meaning="How closely the prompt is followed."),
        "negative_prompt": Text(
            default="low quality", or_none=True, meaning="Sounds to avoid; null: no negative prompt."
        ),
    }

    def __init__(self) -> None:
        self._pipeline: Any = None  # Loaded by the first order, kept for the next.

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=CPUS, gpus=1 if device(settings) == "cuda" else 0, memory_mib=8192)

    def window_s(self, settings: Settings) -> Fraction | None:
        """The longest sound of one run; None if the settings name no model, which running reports."""
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
            sound, source_rate = self._generate(order, Fraction(frames, rate) + SPARE_S)
        finally:
            if device(order.settings) == "cuda":  # The next stage may be another process that needs the GPU's memory.
                self._pipeline = None
                let_go()
        samples = resample(sound, source_rate)[: frames * samples_per_frame(rate)]
        if len(samples) != frames * samples_per_frame(rate):
            facts = {"found": len(samples), "wanted": frames * samples_per_frame(rate)}
            raise BackendError("the pipeline made less sound than requested", facts=facts)
        write_wav(order.output(), levelled(samples))

    def _generate(self, order: WorkOrder, seconds: Fraction) -> tuple[Any, int]:
        """(n, 2) float32, and its rate in Hz."""
        import warnings

        import numpy as np

        folder, options = _folder(order.settings), parameters(order)
        if seconds > (window := model_window_s(folder)):
            facts = {"asked for": f"{float(seconds):.2f} s", "window": f"{float(window):.2f} s"}
            raise BackendError("this is more sound than the model can make in one run", facts=facts)
        with warnings.catch_warnings():  # The stochastic scheduler's library warns of rounding; results are the same.
            warnings.simplefilter("ignore")
            pipeline = self._loaded(folder, order.settings)
            with translated("Stable Audio failed"):
                generated = pipeline(
                    options["prompt"],
                    negative_prompt=options["negative_prompt"],
                    audio_end_in_s=float(seconds),
                    num_inference_steps=options["steps"],
                    guidance_scale=options["guidance_scale"],
                    generator=seeded(seed_of(order)),
                    output_type="pt",
                ).audios
        sound = generated[0].T.float().cpu().numpy()  # (n, channels)
        if sound.ndim != 2 or sound.shape[1] not in {1, 2} or not np.isfinite(sound).all():
            raise BackendError("the pipeline did not make a valid sound", facts={"shape": sound.shape})
        stereo = np.repeat(sound, 2 // sound.shape[1], axis=1)
        return np.ascontiguousarray(stereo, np.float32), int(pipeline.vae.sampling_rate)

    def _loaded(self, folder: Path, settings: Settings) -> Any:
        if self._pipeline is None:
            kind = device(settings)
            pipeline = load("StableAudioPipeline", folder, {"default": _precision(kind)})
            settle(pipeline, kind, offload=_is_offloaded(settings))
            self._pipeline = pipeline
        return self._pipeline


def model_window_s(folder: Path) -> Fraction:
    """The longest sound of one run: the number of latents times the samples that each decodes to.

    Raises:
        SettingsError: the folder does not hold a Stable Audio pipeline.
    """
    pipeline_class(folder, "StableAudioPipeline")
    transformer, codec = (read_json(folder / name / "config.json") for name in ("transformer", "vae"))
    try:
        hop = math.prod(codec["downsampling_ratios"])
        return Fraction(transformer["sample_size"] * hop, codec["sampling_rate"])
    except (KeyError, TypeError, ValueError) as error:
        facts = {"folder": folder, "error": f"{type(error).__name__}: {error}"}
        raise SettingsError("this checkpoint does not give the length of its sound", facts=facts) from error


def parameters(order: WorkOrder) -> dict[str, Any]:
    """The parameters for the pipeline.

    Raises:
        BackendError: the prompt is missing, or a parameter is unknown or out of its range.
    """
    prompt = order.params.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise BackendError("Stable Audio needs a prompt")
    return {"prompt": prompt, **overrides_of(order, StableAudio.overrides)}


def seed_of(order: WorkOrder) -> int:
    """A seed from the prompt, the take and the variation: segments of one ambience differ, equal orders do not."""
    seed_parts: dict[str, Canonical] = {
        "prompt": order.params.get("prompt"),
        "take": order.params.get("take", 1),
        "variation": order.params.get("variation", 0),
    }
    return number_of("stable-audio-seed/1", seed_parts, 1 << 31)


def _folder(settings: Settings) -> Path:
    return path_setting(settings, "checkpoint", "the folder of a StableAudioPipeline", folder=True)


def _is_offloaded(settings: Settings) -> bool:
    """Whether parts of the model stay in main memory until they are used on the GPU.

    Raises:
        SettingsError: the device is not a GPU.
    """
    is_asked = yes_or_no(settings, "offload")
    if is_asked and device(settings) != "cuda":
        facts = {"device": device(settings)}
        raise SettingsError("offloading needs a GPU", facts=facts)
    return is_asked


def _precision(kind: str) -> str:
    return "float16" if kind == "cuda" else "float32"


def _whole(order: WorkOrder, name: str) -> int:
    value = order.params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        facts = {"name": name, "found": value}
        raise BackendError("the backend `stable-audio` needs a positive whole number", facts=facts)
    return value
