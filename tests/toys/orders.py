"""Orders for backends, laid out in folders as workers lay them out, and tasks for executors."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.digest import digest_value
from episodec.engine.action import ActionId
from episodec.engine.backend import WorkOrder
from episodec.engine.executor import BytesInput, Order, Task
from episodec.engine.key import ActionKey

REPOSITORY = Path(__file__).parents[2]

TOYS = {
    name: f"tests.toys.backends:{name.capitalize()}"
    for name in (
        "concat",
        "upper",
        "slow",
        "fail",
        "flaky",
        "crash",
        "hoard",
        "spawn",
        "liar",
        "extra",
        "random",
        "chatty",
        "late",
        "model",
        "look",
        "imports",
    )
}


@dataclass(frozen=True)
class LaidOut:
    """An order as a backend gets it."""

    order: WorkOrder


def task(root: Path, backend: str, name: str = "one", **more: Any) -> LaidOut:
    """An order in `root/name`. More: params, settings, outputs, stage, inputs (role to contents), cpus."""
    folder = root / name
    (folder / "out").mkdir(parents=True, exist_ok=True)
    inputs = {role: _written(folder / "in" / role, contents) for role, contents in more.pop("inputs", {}).items()}
    outputs: Mapping[str, Path] = {o: folder / "out" / o for o in more.pop("outputs", ("result.txt",))}
    return LaidOut(
        WorkOrder(
            key=_key(name),
            stage=more.pop("stage", "toy"),
            backend=backend,
            params=more.pop("params", {}),
            inputs=inputs,
            outputs=outputs,
            scratch=root / "scratch" / name,
            settings=more.pop("settings", {}),
            cpus=more.pop("cpus", 1),
        )
    )


def sent(root: Path, backend: str, name: str = "one", **more: Any) -> Task:
    """A task whose log is `root/name.log`. More: as for `task`, and Task's own."""
    inputs = {
        role: tuple(BytesInput(f"{place}-{role}", content) for place, content in enumerate(contents))
        for role, contents in more.pop("inputs", {}).items()
    }
    order = Order(
        key=_key(name),
        stage=more.pop("stage", "toy"),
        backend=backend,
        params=more.pop("params", {}),
        inputs=inputs,
        outputs=more.pop("outputs", ("result.txt",)),
        settings=more.pop("settings", {}),
        cpus=more.pop("cpus", 1),
    )
    return Task(ActionId(name), order, root / f"{name}.log", **more)


def _key(name: str) -> ActionKey:
    return ActionKey(digest_value("key", name))


def _written(path: Path, contents: tuple[bytes, ...]) -> tuple[Path, ...]:
    path.parent.mkdir(exist_ok=True)
    paths = tuple(path.with_name(f"{index}-{path.name}") for index in range(len(contents)))
    for first, content in zip(paths, contents, strict=True):
        first.write_bytes(content)
    return paths
