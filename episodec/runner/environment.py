"""The environment of a worker: independent of the user's locale, time zone, Python setup and cores.

Invariant: thread counts follow the order's CPUs, which lowering decides, never the machine: they change the last bits
of sums, so with a count taken from the host one key would stand for different bytes.
"""

from collections.abc import Mapping, Sequence

# Locations on the machine; they do not affect results.
_KEPT = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "CUDA_HOME",
    "CUDA_PATH",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "XDG_CACHE_HOME",
    "HF_HOME",
    # Which GPUs torch compiles kernels for, where and with what, and how it allocates GPU memory.
    "TORCH_CUDA_ARCH_LIST",
    "TORCH_EXTENSIONS_DIR",
    "MAX_JOBS",
    "CC",
    "CXX",
    "PYTORCH_CUDA_ALLOC_CONF",
)

_FIXED = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "0",
    # 1980-01-01T00:00:00Z, the earliest time that a zip archive can hold.
    "SOURCE_DATE_EPOCH": "315532800",
    # A build uses the checkpoints of this machine or fails; it never downloads.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # GPU numbers as nvidia-smi shows them.
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    # cuBLAS requires it for deterministic results.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "OMP_DYNAMIC": "FALSE",
    # Waiting threads sleep: GNU's spin for a millisecond and keep a busy core from the thread that they wait for.
    # Measured with torch, two threads and two busy cores: a seventh of the processor time, a shorter wall time.
    "OMP_WAIT_POLICY": "PASSIVE",
}

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


def worker_environment(ours: Mapping[str, str], cpus: int, gpus: Sequence[int], path: Sequence[str]) -> dict[str, str]:
    """The environment of a worker with this many threads and these GPUs; modules are searched first in `path`.

    Libraries read thread counts and visible GPUs once, at import, so a worker keeps both for life.
    """
    kept = {name: ours[name] for name in _KEPT if name in ours}
    threads = dict.fromkeys(_THREADS, str(cpus))
    python = {"PYTHONPATH": ":".join(path)} if path else {}
    return {**kept, **_FIXED, **threads, **python, "CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus))}
