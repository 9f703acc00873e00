"""Installations to test adapters with: environment, source tree and checkpoints, the programs stand-ins."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent
CODEC = "firefly-gan-vq-fsq-8x1024-21hz-generator.pth"

_FISH = {
    "1.5.0": ("tools/llama/generate.py", "tools/vqgan/inference.py"),
    "1.5.1": ("fish_speech/models/text2semantic/inference.py", "fish_speech/models/vqgan/inference.py"),
}


def environment(root: Path, torch: str = "2.4.1", **others: str) -> Path:
    """A virtual environment that finds our packages, and claims versions of torch and others; its interpreter."""
    base = root / "env"
    packages = base / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    for name, version in {"torch": torch, **others}.items():
        (packages / f"{name}-{version}.dist-info").mkdir(parents=True)
        messages = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (packages / f"{name}-{version}.dist-info" / "METADATA").write_text(messages)
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "ours.pth").write_text(f"{ours}\n")
    (base / "bin").mkdir()
    real = Path(os.path.realpath(sys.executable))
    (base / "bin" / "python").symlink_to(real)
    (base / "pyvenv.cfg").write_text(f"home = {real.parent}\n")
    return base / "bin" / "python"


def local_settings(backends: Mapping[str, Mapping[str, str]], gpus: Sequence[int] = ()) -> str:
    """`episodec.local.yaml` of a machine on which these are installed."""
    lines = ["episodec: 1", f"gpus: {list(gpus)}", "backends:"]
    for name, settings in backends.items():
        lines += [f"  {name}:", *(f"    {key}: {value}" for key, value in settings.items())]
    return "\n".join(lines) + "\n"


def fish(root: Path, layout: str = "1.5.0") -> dict[str, str]:
    """The settings of a Fish Speech that is all stand-ins."""
    repo, models = root / "fish-speech", root / "fish-speech-1.5"
    for source, target in zip(("fish_speak.py", "fish_codec.py"), _FISH[layout], strict=True):
        (repo / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / source, repo / target)
    shutil.copy(HERE / "plain.py", repo)
    (repo / "fish_speech" / "configs").mkdir(parents=True)
    (repo / "fish_speech" / "configs" / "firefly_gan_vq.yaml").write_text("levels: [8, 5, 5, 5]\n")
    (repo / "fish_speech" / "tokenizer.py").write_text("# A part of it.\n")
    (repo / "tools").mkdir(exist_ok=True)
    (repo / "tools" / "file.py").write_text("# A part of it.\n")
    models.mkdir()
    for name in ("model.pth", "config.json", "tokenizer.tiktoken", "special_tokens.json", CODEC):
        (models / name).write_text(f"contents of {name}")
    return {"python": str(environment(root)), "repo": str(repo), "checkpoints": str(models), "device": "cpu"}


def hunyuan(root: Path) -> dict[str, str]:
    """The settings of a HunyuanVideo-Foley that is all stand-ins."""
    repo, models, hub = root / "HunyuanVideo-Foley", root / "weights", root / "hub"
    (repo / "configs").mkdir(parents=True)
    shutil.copy(HERE / "plain.py", repo)
    shutil.copy(HERE / "hunyuan_infer.py", repo / "infer.py")
    (repo / "hunyuanvideo_foley").mkdir()
    (repo / "hunyuanvideo_foley" / "constants.py").write_text("# A part of it.\n")
    models.mkdir()
    for size, name in (("xxl", "hunyuanvideo_foley.pth"), ("xl", "hunyuanvideo_foley_xl.pth")):
        (repo / "configs" / f"hunyuanvideo-foley-{size}.yaml").write_text("model_config: {}\n")
        (models / name).write_text(name)
    for name in ("vae_128d_48k.pth", "synchformer_state_dict.pth"):
        (models / name).write_text(name)
    for name in ("google/siglip2-base-patch16-512", "laion/larger_clap_general"):
        hub_model(hub, name, "model.safetensors")
    return {"python": str(environment(root)), "repo": str(repo), "checkpoints": str(models), "hub": str(hub)}


def latentsync(root: Path) -> dict[str, str]:
    """The settings of a LatentSync that is all stand-ins; its folder's name has a space."""
    repo, models, hub = root / "Latent Sync", root / "weights", root / "hub"
    places = {
        "pipelines": ("lipsync_pipeline",),
        "utils": ("image_processor", "face_detector"),
        "whisper": ("audio2feature",),
    }
    for folder, names in places.items():
        (repo / "latentsync" / folder).mkdir(parents=True)
        for name in names:
            shutil.copy(HERE / "latentsync" / f"{name}.py", repo / "latentsync" / folder)
    (repo / "scripts").mkdir()
    shutil.copy(HERE / "latentsync" / "inference.py", repo / "scripts")
    shutil.copy(HERE / "latentsync" / "torch.py", repo)
    shutil.copy(HERE / "plain.py", repo)
    (repo / "configs" / "unet").mkdir(parents=True)
    (repo / "configs" / "scheduler_config.json").write_text("{}\n")
    for name in ("stage2_512", "stage2"):
        (repo / "configs" / "unet" / f"{name}.yaml").write_text("data: {}\n")
    mask = np.full((256, 256, 3), 255, np.uint8)
    mask[140:240, 50:206] = 0  # The mouth, which is drawn.
    cv2.imwrite(str(repo / "latentsync" / "utils" / "mask.png"), mask)
    (models / "whisper").mkdir(parents=True)
    for name in ("latentsync_unet.pt", "whisper/tiny.pt"):
        (models / name).write_text(name)
    hub_model(hub, "stabilityai/sd-vae-ft-mse", "diffusion_pytorch_model.safetensors")
    python = environment(root, torch="2.5.1", diffusers="0.32.2")
    return {"python": str(python), "repo": str(repo), "checkpoints": str(models), "hub": str(hub)}


def sharp(root: Path) -> dict[str, str]:
    """The settings of a SHARP that is all stand-ins."""
    repo = root / "ml-sharp"
    (repo / "src" / "sharp" / "cli").mkdir(parents=True)
    shutil.copy(HERE / "plain.py", repo / "src")
    shutil.copy(HERE / "sharp_predict.py", repo / "src" / "sharp" / "cli" / "predict.py")
    (repo / "src" / "sharp" / "models.py").write_text("# A part of it.\n")
    python = environment(root, torch="2.8.0", gsplat="1.5.3")
    python.with_name("sharp").write_text("from sharp.cli.predict import main\nmain()\n")
    checkpoint = root / "sharp_2572gikvuh.pt"
    checkpoint.write_text("weights")
    return {"python": str(python), "repo": str(repo), "checkpoint": str(checkpoint), "device": "cpu"}


def four_d(root: Path, field: bytes) -> dict[str, str]:
    """The settings of a 4DGaussians that is all stand-ins, whose trained deformation is always this one."""
    repo = root / "4DGaussians"
    for folder in ("arguments", "gaussian_renderer", "scene", "utils"):
        (repo / folder).mkdir(parents=True)
        (repo / folder / "__init__.py").write_text("# A part of it.\n")
    shutil.copy(HERE / "plain.py", repo)
    shutil.copy(HERE / "torch_little.py", repo / "torch.py")
    shutil.copy(HERE / "four_d" / "train.py", repo)
    shutil.copy(HERE / "four_d" / "gaussian_model.py", repo / "scene")
    shutil.copy(HERE / "four_d" / "general_utils.py", repo / "utils")
    (repo / "field.pth").write_bytes(field)
    python = environment(root, torch="2.7.1", mmcv="1.7.2", Pillow="11.3.0")
    return {"python": str(python), "repo": str(repo)}


def hunyuan3d(root: Path) -> dict[str, str]:
    """The settings of a Hunyuan3D 2.1 that is all stand-ins."""
    repo, models, hub = root / "Hunyuan3D-2.1", root / "weights", root / "hub"
    for folder in ("hy3dshape/hy3dshape", "hy3dpaint/ckpt", "hy3dpaint/cfgs", "hy3dpaint/hunyuanpaintpbr"):
        (repo / folder).mkdir(parents=True)
    shutil.copy(HERE / "plain.py", repo)
    shutil.copy(HERE / "torch_little.py", repo / "torch.py")
    shutil.copy(HERE / "hunyuan3d" / "pipelines.py", repo / "hy3dshape" / "hy3dshape")
    shutil.copy(HERE / "hunyuan3d" / "texture.py", repo / "hy3dpaint" / "textureGenPipeline.py")
    (repo / "hy3dshape" / "hy3dshape" / "__init__.py").write_text("# A part of it.\n")
    (repo / "hy3dpaint" / "hunyuanpaintpbr" / "pipeline.py").write_text("# A part of it.\n")
    (repo / "hy3dpaint" / "cfgs" / "hunyuan-paint-pbr.yaml").write_text("model: {}\n")
    (repo / "hy3dpaint" / "ckpt" / "RealESRGAN_x4plus.pth").write_text("upscaler")
    (repo / "torchvision_fix.py").write_text("def apply_fix() -> None: ...\n")
    (models / "hunyuan3d-dit-v2-1").mkdir(parents=True)
    for name in ("config.yaml", "model.fp16.ckpt"):
        (models / "hunyuan3d-dit-v2-1" / name).write_text(name)
    hub_model(hub, "tencent/Hunyuan3D-2.1", "hunyuan3d-paintpbr-v2-1/unet/model.bin")
    hub_model(hub, "facebook/dinov2-giant", "model.safetensors")
    python = environment(root, torch="2.5.1", trimesh="4.4.7")
    return {"python": str(python), "repo": str(repo), "checkpoints": str(models), "hub": str(hub)}


def hub_model(hub: Path, name: str, *files: str) -> None:
    """A model in a Hugging Face cache, of one revision."""
    folder = hub / f"models--{name.replace('/', '--')}"
    for file in files:
        path = folder / "snapshots" / "abc123" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc123")


def pulid(root: Path) -> dict[str, str]:
    """The settings of a PuLID for FLUX that is all stand-ins."""
    repo, models, hub = root / "PuLID", root / "models", root / "hub"
    for folder in ("flux", "pulid", "eva_clip", "huggingface_hub"):
        (repo / folder).mkdir(parents=True)
        (repo / folder / "__init__.py").write_text("# A part of it.\n")
    shutil.copy(HERE / "plain.py", repo)
    shutil.copy(HERE / "torch_little.py", repo / "torch.py")
    shutil.copy(HERE / "pulid" / "app_flux.py", repo)
    shutil.copy(HERE / "pulid" / "sampling.py", repo / "flux")
    shutil.copy(HERE / "pulid" / "hub.py", repo / "huggingface_hub" / "__init__.py")
    (models / "antelopev2").mkdir(parents=True)
    for name in (
        "flux1-dev.safetensors",
        "ae.safetensors",
        "pulid_flux_v0.9.1.safetensors",
        "antelopev2/glintr100.onnx",
    ):
        (models / name).write_text(name)
    for name in ("QuanSun/EVA-CLIP", "xlabs-ai/xflux_text_encoders", "openai/clip-vit-large-patch14"):
        hub_model(hub, name, "model.safetensors")
    python = environment(root, torch="2.0.1")
    faces = next((root / "env").glob("lib/*/site-packages")) / "facexlib" / "weights"
    faces.mkdir(parents=True)
    (faces / "detection_Resnet50_Final.pth").write_text("faces")
    return {"python": str(python), "repo": str(repo), "checkpoints": str(models), "hub": str(hub)}


def wan(root: Path, task: str = "i2v-A14B") -> dict[str, str]:
    """The settings of a Wan 2.2 that is all stand-ins."""
    repo, models = root / "Wan2.2", root / "weights"
    (repo / "wan").mkdir(parents=True)
    shutil.copy(HERE / "plain.py", repo)
    shutil.copy(HERE / "wan_generate.py", repo / "generate.py")
    (repo / "wan" / "__init__.py").write_text("# A part of it.\n")
    for name in ("google/umt5-xxl", "low_noise_model", "high_noise_model"):
        (models / name).mkdir(parents=True)
    two = ("low_noise_model/model.safetensors", "high_noise_model/model.safetensors")
    files = two if task == "i2v-A14B" else ("model.safetensors", "config.json")
    codec = "Wan2.1_VAE.pth" if task == "i2v-A14B" else "Wan2.2_VAE.pth"
    for name in ("models_t5_umt5-xxl-enc-bf16.pth", "google/umt5-xxl/tokenizer.json", codec, *files):
        (models / name).write_text(name)
    python = environment(root, torch="2.4.0", flash_attn="2.8.3")
    return {"python": str(python), "repo": str(repo), "checkpoints": str(models), "task": task}
