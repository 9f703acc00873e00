import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from episodec.errors import BackendError
from episodec.splat.scene_file import encode_scene
from episodec.splat.training.densify import Growth
from episodec.splat.training.engine import CpuEngine, Learned, Picture
from episodec.splat.training.field import Moved, write_state
from episodec.splat.training.loop import job_of, run
from episodec.splat.training.settings import FieldSize, TrainingProgress, TrainSettings
from episodec.splat.training.state import TrainingState, copied, decode, encode
from episodec.splat.training.train import train
from episodec.splat.training.trained import Trained, report
from tests.splat.training.killed import KILLS
from tests.splat.training.moving import Memory, dataset

SETTINGS = TrainSettings(iterations=250, coarse_iterations=60, gaussians=500, slices=8)
SMALL = FieldSize(channels=8, side=12, time_nodes=7, levels=1, width=24)


def trained(threads: int = 1, settings: TrainSettings = SETTINGS) -> tuple[Trained, list[TrainingProgress]]:
    messages: list[TrainingProgress] = []
    return train(dataset(), settings, Memory(), messages.append, threads=threads), messages


def content(trained: Trained) -> bytes:
    return encode_scene(trained.scene) + write_state(trained.deformation) + report(trained, 0).encode()


def test_a_ball_that_slides_is_learned_from_views_and_moving_frames() -> None:
    actual, messages = trained()
    assert [one.iteration for one in messages] == list(range(1, 311))
    assert {(one.stage, one.total) for one in messages} == {("coarse", 310), ("fine", 310)}
    assert min(actual.psnr_db["train-spatial"], actual.psnr_db["train-temporal"]) > 33
    slices = actual.scene.slices
    assert slices is not None
    assert slices.means.shape[0] == 8
    # From first to last it slides by half a metre, to +x.
    way = slices.means[-1] - slices.means[0]
    front = actual.canonical.means[:, 2] > 0.3
    assert abs(float(np.median(way[front, 0])) - 0.5) < 0.15
    assert abs(float(np.median(way[front, 1]))) < 0.1
    assert actual.history[-1].iteration == 310
    assert actual.history[-1].loss < 0.5 * actual.history[0].loss


def test_bytes_are_the_same_every_time_and_at_any_number_of_threads() -> None:
    short = TrainSettings(iterations=30, coarse_iterations=60, gaussians=500, slices=3)
    assert content(trained(1, short)[0]) == content(trained(3, short)[0])


def test_another_seed_gives_another_scene() -> None:
    first, other = (
        TrainSettings(iterations=5, coarse_iterations=5, gaussians=200, slices=2, seed=seed) for seed in (0, 1)
    )
    assert content(trained(1, first)[0]) != content(trained(1, other)[0])


def test_a_training_killed_at_any_instant_ends_in_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.splat.training.killed", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole, killed, kills = done.stdout.splitlines()[-1].split()
    assert int(kills) == len(KILLS) + 1
    assert whole == killed


def test_a_state_comes_back_from_its_bytes_whole() -> None:
    job = job_of(dataset(), TrainSettings(iterations=8, coarse_iterations=8, gaussians=300))
    state = run(job, Memory(), CpuEngine(1), lambda _: None, SMALL)
    again = decode(encode(state))
    assert encode(again) == encode(state)
    assert again.history == state.history
    assert all(torch.equal(again.splats[name], tensor) for name, tensor in state.splats.items())


def test_a_copy_of_a_state_stays_as_it_was_while_the_original_is_trained_further() -> None:
    job = job_of(dataset(), TrainSettings(iterations=8, coarse_iterations=8, gaussians=300))
    copies: list[tuple[TrainingState, bytes]] = []

    @dataclass
    class Watched(Sick):
        def learn(self, state: TrainingState, moved: Moved, picture: Picture, extra: torch.Tensor | None) -> Learned:
            copies.append((copied(state), encode(state)))
            return super().learn(state, moved, picture, extra)

    run(job, Memory(), Watched(), lambda _: None, SMALL)
    assert len({content for _, content in copies}) == 16
    for copy, content in copies:
        assert encode(copy) == encode(decode(content))


def test_what_an_interrupted_training_left_damaged_is_refused() -> None:
    shelf = Memory()
    shelf.keep(lambda: b"no state")
    job = job_of(dataset(), TrainSettings(iterations=8, coarse_iterations=8, gaussians=300))
    with pytest.raises(BackendError, match="cannot be read"):
        run(job, shelf, CpuEngine(1), lambda _: None, SMALL)


@dataclass
class Sick:
    """The CPU's engine, but at some calls a number of the Gaussians or the loss itself is none."""

    loss_at: tuple[int, ...] = ()
    place_at: tuple[int, ...] = ()
    device: str = "cpu"
    pool: None = None
    calls: int = 0
    real: CpuEngine = field(default_factory=lambda: CpuEngine(1))

    def learn(self, state: TrainingState, moved: Moved, picture: Picture, extra: torch.Tensor | None) -> Learned:
        self.calls += 1
        actual = self.real.learn(state, moved, picture, extra)
        if self.calls in self.place_at:
            with torch.no_grad():
                state.splats["means"][3, 1] = torch.inf
        return Learned(float("nan"), actual.psnr_db) if self.calls in self.loss_at else actual

    def grow(
        self, state: TrainingState, step: int, growth: Growth, most: int, size_m: float, random: np.random.Generator
    ) -> None:
        self.real.grow(state, step, growth, most, size_m, random)


@pytest.mark.parametrize("engine", [Sick(loss_at=(27,)), Sick(place_at=(27,)), Sick(loss_at=(3, 27))])
def test_a_training_whose_numbers_stop_being_finite_goes_back_and_on_with_smaller_steps(engine: Sick) -> None:
    messages: list[TrainingProgress] = []
    job = job_of(dataset(), TrainSettings(iterations=20, coarse_iterations=20, gaussians=300))
    state = run(job, Memory(), engine, messages.append, SMALL)
    setbacks = len(engine.loss_at) + len(engine.place_at)
    assert [state.setbacks, messages[-1].setbacks, messages[0].setbacks] == [setbacks, setbacks, 0]
    assert state.steps == 40
    assert len(state.history) == 40
    assert state.is_finite()
    rate = state.adams["opacities"].param_groups[0]["lr"]
    assert rate == pytest.approx(job.rates.opacities * job.rates.last * job.rates.setback**setbacks)


def test_a_training_that_never_recovers_is_an_error() -> None:
    job = job_of(dataset(), TrainSettings(iterations=20, coarse_iterations=20, gaussians=300))
    with pytest.raises(BackendError, match="no longer finite") as caught:
        run(job, Memory(), Sick(loss_at=tuple(range(25, 99))), lambda _: None, SMALL)
    assert caught.value.facts["step"] == "21"
    assert caught.value.hint


def test_cuda_without_cuda_is_an_error_and_never_the_cpu() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(BackendError, match="CUDA"):
        train(dataset(), SETTINGS, Memory(), lambda _: None, device="cuda")
