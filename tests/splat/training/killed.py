"""A program: the same tiny training undisturbed, and killed again and again; prints digests and kills.

Children are forked before torch has run anything, so that each begins as a fresh process would, without its imports
and with the dataset at hand.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from episodec.digest import digest_bytes
from episodec.splat.dataset import Dataset
from episodec.splat.scene_file import encode_scene
from episodec.splat.training.field import write_state
from episodec.splat.training.settings import TrainingProgress, TrainSettings
from episodec.splat.training.train import train
from episodec.tools.checkpoints import FolderCheckpoints
from tests.splat.training.moving import dataset

SETTINGS = TrainSettings(iterations=40, coarse_iterations=30, gaussians=450, slices=3)
KILLS = (12, 57)  # Steps; each run goes on until one that is later than where it began.


class Deadly(FolderCheckpoints):
    """A shelf in whose hands the process dies, the file half written, after so many keeps."""

    def __init__(self, folder: Path, lives: int) -> None:
        super().__init__(folder, every_s=0)
        self._lives = lives

    def keep(self, content: Callable[[], bytes]) -> None:
        self._lives -= 1
        if self._lives == 0:
            whole = content()
            (self._path.parent / "kept.new").write_bytes(whole[: len(whole) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        super().keep(content)


def child(frames: Dataset, folder: Path, threads: int, kill_at: int | None, lives: int) -> int:
    """A run's exit status."""
    if (pid := os.fork()) == 0:

        def tell(progress: TrainingProgress) -> None:
            if progress.iteration == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        actual = train(frames, SETTINGS, Deadly(folder, lives), tell, threads=threads)
        (folder / "result").write_bytes(encode_scene(actual.scene) + write_state(actual.deformation))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return status


def main() -> None:
    import torch._dynamo  # noqa: F401  # Its optimizers import it at their first use.

    root = Path(sys.argv[1])
    digests, kills, frames = [], 0, dataset(side=24)
    for name, threads in (("whole", 1), ("killed", 2)):
        folder = root / name
        folder.mkdir()
        for kill_at in KILLS if name == "killed" else ():
            kills += child(frames, folder, threads, kill_at, -1) == signal.SIGKILL
        kills += name == "killed" and child(frames, folder, threads, None, 1) == signal.SIGKILL
        assert child(frames, folder, threads, None, -1) == 0
        digests.append(digest_bytes((folder / "result").read_bytes()))
    sys.stdout.write(" ".join([*map(str, digests), str(kills)]) + "\n")


if __name__ == "__main__":
    main()
