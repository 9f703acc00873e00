"""Tasks for executors, laid out in folders as the build lays them out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from episodec.engine.action import ActionId
from episodec.engine.key import ActionKey
from episodec.engine.protocols import Task, WorkOrder

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


def task(root: Path, backend: str, name: str = "one", **more: Any) -> Task:
    """A task in `root/name`. More: params, settings, outputs, stage, inputs (role to contents), cpus, Task's own."""
    folder = root / name
    (folder / "out").mkdir(parents=True, exist_ok=True)
    inputs = {role: _written(folder / "in" / role, contents) for role, contents in more.pop("inputs", {}).items()}
    outputs: Mapping[str, Path] = {o: folder / "out" / o for o in more.pop("outputs", ("result.txt",))}
    order = WorkOrder(
        key=ActionKey(f"key-of-{name}"),
        stage=more.pop("stage", "toy"),
        backend=backend,
        params=more.pop("params", {}),
        inputs=inputs,
        outputs=outputs,
        scratch=root / "scratch" / name,
        settings=more.pop("settings", {}),
        cpus=more.pop("cpus", 1),
    )
    return Task(ActionId(name), order, root / f"{name}.log", **more)


def _written(path: Path, contents: tuple[bytes, ...]) -> tuple[Path, ...]:
    path.parent.mkdir(exist_ok=True)
    paths = tuple(path.with_name(f"{index}-{path.name}") for index in range(len(contents)))
    for one, content in zip(paths, contents, strict=True):
        one.write_bytes(content)
    return paths
