"""What a worker is born with."""

from episodec.runner.environment import worker_environment


def test_the_environment_hangs_on_the_order_only() -> None:
    user = {"PATH": "/bin", "LC_ALL": "de_DE", "PYTHONPATH": "/x", "OMP_NUM_THREADS": "9", "CUDA_VISIBLE_DEVICES": "7"}
    made = worker_environment(user, 2, (0, 3), ["/a", "/b"])
    assert made["PATH"] == "/bin"
    assert (made["OMP_NUM_THREADS"], made["CUDA_VISIBLE_DEVICES"], made["PYTHONPATH"]) == ("2", "0,3", "/a:/b")
    assert made["LC_ALL"] == "C.UTF-8"


def test_waiting_threads_leave_their_cores_to_others_whatever_the_user_has_set() -> None:
    made = worker_environment({"OMP_WAIT_POLICY": "ACTIVE"}, 2, (), [])
    assert made["OMP_WAIT_POLICY"] == "PASSIVE"
