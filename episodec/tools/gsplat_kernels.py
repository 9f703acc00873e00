"""Whether gsplat, which compiles its CUDA kernels at first use, can have them on this machine."""

import importlib.util
import shutil
from pathlib import Path

NO_TOOLKIT = (
    "gsplat compiles its kernels at first use, and the CUDA toolkit (nvcc, of torch's CUDA version) is not in PATH"
)


def can_compile() -> bool:
    """Whether gsplat has its kernels, or what it looks for before it compiles them. Imports neither it nor torch."""
    package = importlib.util.find_spec("gsplat")
    places = [] if package is None else list(package.submodule_search_locations or ())
    has_kernels = any(path.name.startswith("csrc.") for place in places for path in Path(place).glob("csrc.*"))
    return has_kernels or shutil.which("nvcc") is not None
