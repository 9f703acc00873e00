"""Whether gsplat, which compiles its CUDA kernels on first use, can do so on this machine."""

import importlib.util
import shutil
from pathlib import Path

NO_TOOLKIT = (
    "gsplat compiles its kernels on first use, and the CUDA toolkit (nvcc, of torch's CUDA version) is not in PATH"
)


def can_compile() -> bool:
    """Whether gsplat has its kernels or can find nvcc to compile them. Imports neither gsplat nor torch."""
    package = importlib.util.find_spec("gsplat")
    places = [] if package is None else list(package.submodule_search_locations or ())
    has_kernels = any(path.name.startswith("csrc.") for place in places for path in Path(place).glob("csrc.*"))
    return has_kernels or shutil.which("nvcc") is not None
