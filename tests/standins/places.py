"""Installations to test adapters with: environment, source tree and checkpoints, the programs stand-ins."""

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
CODEC = "firefly-gan-vq-fsq-8x1024-21hz-generator.pth"

_FISH = {
    "1.5.0": ("tools/llama/generate.py", "tools/vqgan/inference.py"),
    "1.5.1": ("fish_speech/models/text2semantic/inference.py", "fish_speech/models/vqgan/inference.py"),
}


def environment(root: Path, torch: str = "2.4.1") -> Path:
    """A virtual environment that finds our packages, and claims a version of torch; its interpreter."""
    base = root / "env"
    packages = base / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (packages / f"torch-{torch}.dist-info").mkdir(parents=True)
    (packages / f"torch-{torch}.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: torch\nVersion: {torch}\n"
    )
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "ours.pth").write_text(f"{ours}\n")
    (base / "bin").mkdir()
    real = Path(os.path.realpath(sys.executable))
    (base / "bin" / "python").symlink_to(real)
    (base / "pyvenv.cfg").write_text(f"home = {real.parent}\n")
    return base / "bin" / "python"


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
    for name in ("google--siglip2-base-patch16-512", "laion--larger_clap_general"):
        snapshot = hub / f"models--{name}" / "snapshots" / "abc123"
        snapshot.mkdir(parents=True)
        (snapshot / "model.safetensors").write_text(name)
        (hub / f"models--{name}" / "refs").mkdir()
        (hub / f"models--{name}" / "refs" / "main").write_text("abc123")
    return {"python": str(environment(root)), "repo": str(repo), "checkpoints": str(models), "hub": str(hub)}


def sharp(root: Path) -> dict[str, str]:
    """The settings of a SHARP that is all stand-ins."""
    repo = root / "ml-sharp"
    (repo / "src" / "sharp" / "cli").mkdir(parents=True)
    shutil.copy(HERE / "plain.py", repo / "src")
    shutil.copy(HERE / "sharp_predict.py", repo / "src" / "sharp" / "cli" / "predict.py")
    (repo / "src" / "sharp" / "models.py").write_text("# A part of it.\n")
    python = environment(root, torch="2.8.0")
    gsplat = next((root / "env").glob("lib/*/site-packages")) / "gsplat-1.5.3.dist-info"
    gsplat.mkdir()
    (gsplat / "METADATA").write_text("Metadata-Version: 2.1\nName: gsplat\nVersion: 1.5.3\n")
    python.with_name("sharp").write_text("from sharp.cli.predict import main\nmain()\n")
    checkpoint = root / "sharp_2572gikvuh.pt"
    checkpoint.write_text("weights")
    return {"python": str(python), "repo": str(repo), "checkpoint": str(checkpoint), "device": "cpu"}
