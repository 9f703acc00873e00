"""The environment that a worker starts with."""

from episodec.runner.environment import worker_environment


def test_the_environment_hangs_on_the_order_only() -> None:
    user = {"PATH": "/bin", "LC_ALL": "de_DE", "PYTHONPATH": "/x", "OMP_NUM_THREADS": "9", "CUDA_VISIBLE_DEVICES": "7"}
    built = worker_environment(user, 2, (0, 3), ["/a", "/b"])
    assert built["PATH"] == "/bin"
    assert (built["OMP_NUM_THREADS"], built["CUDA_VISIBLE_DEVICES"], built["PYTHONPATH"]) == ("2", "0,3", "/a:/b")
    assert built["LC_ALL"] == "C.UTF-8"


def test_waiting_threads_leave_their_cores_to_others_whatever_the_user_has_set() -> None:
    built = worker_environment({"OMP_WAIT_POLICY": "ACTIVE"}, 2, (), [])
    assert built["OMP_WAIT_POLICY"] == "PASSIVE"


def test_where_kernels_are_compiled_and_memory_is_taken_is_the_machines() -> None:
    user = {
        "TORCH_CUDA_ARCH_LIST": "9.0",
        "TORCH_EXTENSIONS_DIR": "/x",
        "MAX_JOBS": "2",
        "CC": "gcc-12",
        "CXX": "g++-12",
    }
    user |= {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}
    built = worker_environment({**user, "CFLAGS": "-Ofast"}, 1, (), [])
    assert user.items() <= built.items()
    assert "CFLAGS" not in built
