"""The settings that foreign systems need on this machine; for models of portraits, what to get and how big it is.

The licence of each is its backend's. A test keeps them in step with docs/backends.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from episodec.engine.backend import Settings
from episodec.text import count_text


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a system."""

    name: str
    example: str
    meaning: str = ""
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class System:
    """A foreign system."""

    settings: tuple[Setting, ...]
    get: str = ""  # What to get, and from whom.
    size_gb: int | None = None  # To download: 2 bytes a weight, as published.
    memory: str = ""
    command: str = ""  # That gets it.


SYSTEMS: Mapping[str, System] = {
    "4dgaussians": System(
        (
            Setting("python", "/opt/4dgs/env/bin/python", "See below which packages."),
            Setting("repo", "/opt/4dgs/4DGaussians", "With its submodules."),
        ),
    ),
    "fish-speech": System(
        (
            Setting("python", "/opt/fish/env/bin/python", "The interpreter of its environment."),
            Setting("repo", "/opt/fish/fish-speech", "Its source tree, v1.5.0 or v1.5.1; the version is detected."),
            Setting("checkpoints", "/opt/fish/fish-speech-1.5"),
            Setting("device", "cuda", "Or cpu, mps. The build chooses the GPU.", is_needed=False),
            Setting("warm", "yes", "Keep the models loaded between sentences.", is_needed=False),
        ),
    ),
    "flux-img2img": System(
        (
            Setting("checkpoint", "/opt/models/FLUX.1-dev", "A folder as diffusers saves it."),
            Setting(
                "lora",
                "/opt/models/alpha.safetensors",
                "The character's LoRA, if there is one; without it, pictures show another person.",
                is_needed=False,
            ),
            Setting("device", "cuda", is_needed=False),
            Setting("offload", "no", is_needed=False),
        ),
        get="FLUX.1-dev by black-forest-labs, as diffusers saves it; gated: accept its terms on Hugging Face first",
        size_gb=34,
        memory="24 GB of a GPU besides its text encoders; with `offload` less",
        command="hf download black-forest-labs/FLUX.1-dev --exclude 'flux1-*' 'ae.*' --local-dir FOLDER",
    ),
    "hunyuan-foley": System(
        (
            Setting("python", "/opt/hunyuan/env/bin/python"),
            Setting("repo", "/opt/hunyuan/HunyuanVideo-Foley"),
            Setting("checkpoints", "/opt/hunyuan/weights", "hunyuanvideo_foley.pth and its companions."),
            Setting("hub", "/opt/hunyuan/huggingface/hub", "SigLIP2 and CLAP, fetched once beforehand."),
            Setting("size", "xxl", "Or xl.", is_needed=False),
            Setting("offload", "no", is_needed=False),
        ),
    ),
    "hunyuan3d": System(
        (
            Setting("python", "/opt/hunyuan3d/env/bin/python", "With its compiled rasteriser and mesh painter."),
            Setting("repo", "/opt/hunyuan3d/Hunyuan3D-2.1", "RealESRGAN_x4plus.pth lies in its hy3dpaint/ckpt/."),
            Setting("checkpoints", "/opt/hunyuan3d/weights", "The folder that holds hunyuan3d-dit-v2-1/."),
            Setting(
                "hub",
                "/opt/hunyuan3d/huggingface/hub",
                "tencent/Hunyuan3D-2.1 (its painter) and facebook/dinov2-giant.",
            ),
        ),
    ),
    "latentsync": System(
        (
            Setting("python", "/opt/latentsync/env/bin/python"),
            Setting("repo", "/opt/latentsync/LatentSync"),
            Setting("checkpoints", "/opt/latentsync/checkpoints", "With latentsync_unet.pt and whisper/tiny.pt."),
            Setting("hub", "/opt/huggingface/hub", "The Hugging Face cache with stabilityai/sd-vae-ft-mse."),
        ),
    ),
    "piper": System(
        (Setting("checkpoint", "/opt/piper/ru_RU-dmitri-medium.onnx", "Its configuration is beside it."),),
    ),
    "pulid": System(
        (
            Setting("python", "/opt/pulid/env/bin/python"),
            Setting("repo", "/opt/pulid/PuLID"),
            Setting(
                "checkpoints",
                "/opt/pulid/PuLID/models",
                "The folder that it calls `models`: flux1-dev, ae, pulid_flux_v0.9.1, antelopev2/.",
            ),
            Setting(
                "hub",
                "/opt/pulid/huggingface/hub",
                "QuanSun/EVA-CLIP, xlabs-ai/xflux_text_encoders, openai/clip-vit-large-patch14.",
            ),
            Setting("offload", "no", "30 GB of the GPU in place of 45.", is_needed=False),
            Setting("fp8", "no", "Eight bits a weight: 17 GB with `offload`.", is_needed=False),
        ),
        get="PuLID with its environment; flux1-dev and ae of FLUX.1-dev, pulid_flux_v0.9.1, antelopev2, text encoders",
        size_gb=36,
        memory="45 GB of a GPU; 30 with `offload`, 17 with `fp8` besides",
        command="git clone https://github.com/ToTheBeginning/PuLID /opt/pulid/PuLID",
    ),
    "sharp": System(
        (
            Setting(
                "python",
                "/opt/sharp/env/bin/python",
                "The interpreter of its environment; its program `sharp` is beside it.",
            ),
            Setting("repo", "/opt/sharp/ml-sharp", "Its source tree, whose `src` is what is run."),
            Setting("checkpoint", "/opt/sharp/sharp_2572gikvuh.pt", "Fetched once beforehand."),
            Setting("device", "cuda", "Or cpu, mps.", is_needed=False),
        ),
    ),
    "stable-audio": System(
        (
            Setting(
                "checkpoint",
                "/opt/models/stable-audio-open-1.0",
                "Any folder that StableAudioPipeline.save_pretrained could have left.",
            ),
            Setting("device", "cuda", is_needed=False),
            Setting("offload", "no", "'yes': parts wait in main memory for their turn on the GPU.", is_needed=False),
        ),
    ),
    "wan": System(
        (
            Setting(
                "checkpoint",
                "/opt/models/Wan2.2-I2V-A14B-Diffusers",
                "Or Wan2.2-TI2V-5B-Diffusers: as diffusers publishes them, not as Wan's own programs read them.",
            ),
            Setting("device", "cuda", is_needed=False),
            Setting("offload", "no", "'yes': parts wait in main memory for their turn on the GPU.", is_needed=False),
        ),
    ),
    "wan-generate": System(
        (
            Setting("python", "/opt/wan/env/bin/python", "The interpreter of its environment."),
            Setting("repo", "/opt/wan/Wan2.2"),
            Setting("checkpoints", "/opt/wan/Wan2.2-I2V-A14B"),
            Setting("task", "i2v-A14B", "Or ti2v-5B.", is_needed=False),
            Setting("size", "1280*720", "An area. Or 832*480; of ti2v-5B 1280*704.", is_needed=False),
            Setting("offload", "yes", "Weights come to the GPU for their turn only.", is_needed=False),
            Setting("t5_cpu", "no", is_needed=False),
            Setting("convert_model_dtype", "yes", is_needed=False),
        ),
    ),
}


def missing_settings(name: str, settings: Settings) -> tuple[str, ...]:
    """The required settings of a system that are not set; none for a backend that is not a foreign system."""
    system = SYSTEMS.get(name)
    needed = () if system is None else (one.name for one in system.settings if one.is_needed)
    return tuple(one for one in needed if not settings.get(one, "").strip())


def settings_text(licences: Mapping[str, str | None]) -> str:
    """A file of settings to fill in, with a block for each of these systems, by name with its licence; all blocks are
    comments.
    """
    systems = [name for name in licences if name in SYSTEMS]
    lines = [
        "# Settings of this machine. Never commit this file.",
        f"# {count_text(len(systems), 'system')}: uncomment `backends:` and what is installed here, put in your own",
        "# paths, and ask `episodec doctor`. docs/backends.md says more about each.",
        "episodec: 1",
        *(["# backends:"] if systems else []),
    ]
    for name in systems:
        lines += ["#", *(_block(name, SYSTEMS[name], licences[name]))]
    return "\n".join(lines) + "\n"


def _block(name: str, system: System, licence: str | None) -> Iterable[str]:
    yield f"#   {name}:" + (f"  # {licence}" if licence else "")
    if system.get:
        yield f"#     # {system.get}; about {system.size_gb} GB."
    for setting in system.settings:
        value = f'"{setting.example}"' if setting.example in ("yes", "no") else setting.example
        yield f"#     {setting.name}: {value}" + (f"  # {setting.meaning}" if setting.meaning else "")
