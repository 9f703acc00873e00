"""An executor of two machines, in this process: each has a store of its own and gets inputs by their digests."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from episodec.digest import Digest
from episodec.engine.action import ActionId, Resources
from episodec.engine.cache import Blob
from episodec.engine.executor import AuthorInput, Done, Failed, Later, Never, Now, Offer, Outcome, Task
from episodec.engine.key import ActionKey
from episodec.errors import BackendError, EpisodecError, MachineLost
from episodec.runner.lay_out import brought_here
from episodec.runner.perform import performer
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from episodec.store.work import drop_scratch


class Machine:
    """One machine: its store, and the backends that run on it."""

    def __init__(self, name: str, root: Path, targets: Mapping[str, str]) -> None:
        self.name = name
        self.root = root
        self.blobs = Blobs(open_layout(root), verified={}, sync=lambda _: None)
        self.perform: Callable[[Task], Outcome] = performer(targets, self.blobs)
        self.finished: list[ActionId] = []


@dataclass
class Network:
    """Two machines and the way between their stores. `lose` names one that is lost with what it keeps, in its so many
    -th task.
    """

    root: Path
    lose: tuple[str, int] | None = None
    machines: dict[str, Machine] = field(default_factory=dict)  # Those that are there.
    carried: list[tuple[str, Digest]] = field(default_factory=list)  # To whom, what.

    def executor(self, targets: Mapping[str, str], store: Path) -> "TwoMachines":
        """See `series.request.MakeExecutor`."""
        self.machines = {name: Machine(name, self.root / name, targets) for name in ("one", "two")}
        return TwoMachines(self, Blobs(open_layout(store), verified={}))

    def fetch(self, blob: Blob, target: Path) -> None:
        """For the build: a result out of the store of the machine that made it."""
        assert blob.place is not None, "what has no place is here"
        if blob.place not in self.machines:
            raise ConnectionError(f"there is no way to {blob.place}")
        self.carried.append(("the build", blob.digest))
        shutil.copyfile(self.machines[blob.place].blobs.open_blob(blob.digest), target)


class TwoMachines:
    """See `engine.executor.Executor`. One task at a time on each machine, in turns."""

    def __init__(self, network: Network, own: Blobs) -> None:
        self._network = network
        self._own = own  # Of the build.
        self._files: dict[Digest, str] = {}  # Author's files, which the build gives away by digest.
        self._running: dict[str, Task] = {}  # By machine.
        self._turn = 0

    def offer(self, backend: str, resources: Resources) -> Offer:
        if not self._network.machines:
            return Never(BackendError("no machine is left"))
        return Now() if self._free() else Later()

    def submit(self, task: Task) -> None:
        self._files |= {
            one.blob.digest: one.path
            for group in task.order.inputs.values()
            for one in group
            if isinstance(one, AuthorInput)
        }
        self._turn += 1
        free = self._free()
        self._running[free[self._turn % len(free)]] = task

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        running, self._running = self._running, {}
        return [self._run(self._network.machines[name], task) for name, task in running.items()]

    def forget(self, key: ActionKey) -> None:
        for machine in self._network.machines.values():
            drop_scratch(machine.blobs.layout, key)

    def close(self, *, kill: bool = False) -> None:
        self._running.clear()

    def _free(self) -> list[str]:
        return [name for name in self._network.machines if name not in self._running]

    def _run(self, machine: Machine, task: Task) -> Outcome:
        if (machine.name, len(machine.finished) + 1) == self._network.lose:
            del self._network.machines[machine.name]
            shutil.rmtree(machine.root)
            return Failed(task.id, MachineLost("the machine is gone", facts={"machine": machine.name}), 0.0)
        try:
            order = brought_here(task.order, machine.blobs, lambda blob, path: self._carry(machine, blob, path))
        except EpisodecError as error:
            return Failed(task.id, error, 0.0)
        done = machine.perform(replace(task, order=order))
        if not isinstance(done, Done):
            return done
        machine.finished.append(task.id)
        there = {name: replace(blob, place=machine.name) for name, blob in done.outputs.items()}
        return replace(done, outputs=there)

    def _carry(self, machine: Machine, blob: Blob, target: Path) -> None:
        """For a machine: an input out of another's store, the build's store, or an author's file."""
        self._network.carried.append((machine.name, blob.digest))
        if blob.place is not None:
            if blob.place not in self._network.machines:
                raise ConnectionError(f"there is no way to {blob.place}")
            shutil.copyfile(self._network.machines[blob.place].blobs.open_blob(blob.digest), target)
        elif blob.digest in self._files:
            shutil.copyfile(self._files[blob.digest], target)
        else:
            shutil.copyfile(self._own.open_blob(blob.digest), target)
