"""The environment that a worker is born with: nothing of the user's locale, clock, Python set-up or cores gets through.

Invariant: numbers of threads follow the order's cpus, which lowering decides, and never the machine: they change the
last bits of sums, so a count taken from the host would make one key stand for different bytes.
"""

from collections.abc import Mapping, Sequence

# What belongs to the machine and says where things are, never how they come out.
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
    # For which GPUs, where and by what torch compiles kernels, and how it takes the GPU's memory.
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
    # 1980-01-01T00:00:00Z, the first moment that a zip archive can name.
    "SOURCE_DATE_EPOCH": "315532800",
    # A build makes what its checkpoints on this machine say, or fails; it never downloads.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # GPU numbers mean what nvidia-smi shows.
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    # What cuBLAS asks for before it promises equal bytes.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "OMP_DYNAMIC": "FALSE",
    # Threads that wait for each other sleep: GNU's spin for a millisecond, which on busy cores is what the others wait
    # for. Measured with torch, two threads and two busy cores: a seventh of the processor time, a shorter wall time.
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
    """The environment of a worker for orders of so many threads on these GPUs; `path` is where it finds modules first.

    Libraries read thread counts and visible GPUs once, when they are imported: a worker keeps both for life.
    """
    kept = {name: ours[name] for name in _KEPT if name in ours}
    threads = dict.fromkeys(_THREADS, str(cpus))
    python = {"PYTHONPATH": ":".join(path)} if path else {}
    return {**kept, **_FIXED, **threads, **python, "CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus))}
