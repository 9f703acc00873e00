"""What backends execute, seen by the interpreter itself: another way to know what decides their results."""

import ast
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.world import Stop
from episodec.engine.protocols import Outcome, Task
from episodec.executors.inline import InlineExecutor
from episodec.runner.loading import load
from episodec.runner.perform import performer
from episodec.series.request import Request
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.builds.studio import Studio
from tests.builds.test_matrix import scene, tokens
from tests.closure.trees import OURS

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: ru
disclosure: Voice and pictures are synthetic.
loudness: {target_lufs: -18}
profiles:
  draft: {size: [48, 48], backends: {voice: espeak, foley: procedural, scene: relief}}
"""
SPEC = """\
episodec: 1
number: 1
title: Правленая серия
frames: 75
voice: {text: "Раз, two 3. Да — вот!"}
foley: {prompt: "soft rain, distant clock then wind"}
SCENE
camera:
  - {move: orbit, frames: 30}
  - {move: static, frames: 45, fov_y_deg: 25}
time:
  - {map: linear, frames: 40, end: 0.5}
  - {map: hold, frames: 35}
"""
SCENES = {
    "a scene file": "scene: {file: media/one.scene}",
    "a portrait": "scene: portrait",
}

Executed = dict[str, set[tuple[str, str]]]
"""By backend: (module, name of what its top level defines; empty: another statement)."""


def episode(root: Path, which: str) -> Studio:
    """An episode that asks for much of the language."""
    studio = Studio(root, BUILTIN, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/001.episode.yaml", SPEC.replace("SCENE", SCENES[which]))
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    ours = OURS.parent / "episodes/characters/alpha/alpha-ref.png"
    studio.write("episodes/characters/alpha/alpha-ref.png", ours.read_bytes())
    studio.write("episodes/media/one.scene", scene(1))
    tokens(1, root / "episodes/characters/alpha/ref_alpha.npy")
    return studio


def executed(studio: Studio) -> Executed:
    """What each backend executes of our code while the series is built, from when its `run` is called until it ends."""
    found: Executed = {}

    def executor(targets: Mapping[str, str], store: Path) -> InlineExecutor:
        perform = performer(targets, Blobs(open_layout(store), sync=lambda _: None))

        def watched(task: Task) -> Outcome:
            seen = found.setdefault(task.order.backend, set())
            return Watch(type(load(targets[task.order.backend])).run.__code__, seen).call(perform, task)

        return InlineExecutor(watched)

    request = Request(
        targets=(str(studio.root / "episodes"),),
        executor=executor,
        environment={"HOME": "/nonexistent"},
        backends=studio.backends,
    )
    (outcome,) = build(request, lambda _: None, Stop())
    assert outcome.exit_code == 0
    return found


class Watch:
    """Notes the calls of our functions while one of them runs, in whatever thread."""

    def __init__(self, within: CodeType, seen: set[tuple[str, str]]) -> None:
        self._within = within
        self._seen = seen
        self._is_on = False

    def call(self, perform: Callable[[Task], Outcome], task: Task) -> Outcome:
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            return perform(task)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if code is self._within and event in {"call", "return"}:
            self._is_on = event == "call"
        if not self._is_on or event != "call" or not code.co_flags & CO_OPTIMIZED:
            return  # Bodies of modules and classes run when they are imported.
        path = Path(code.co_filename)
        if path.is_relative_to(OURS):
            module = ".".join(("episodec", *path.relative_to(OURS).with_suffix("").parts)).removesuffix(".__init__")
            self._seen.add((module, defined_at(path, code.co_firstlineno)))


def defined_at(path: Path, line: int) -> str:
    """The name of the top-level statement of a file that stands in this line."""
    return next((name for first, last, name in statements(path) if first <= line <= last), "")


@cache
def statements(path: Path) -> list[tuple[int, int, str]]:
    """First line, last line and name of each statement at a file's top level."""
    found = []
    for one in ast.parse(path.read_bytes()).body:
        match one:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                first = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
                found.append((first, one.end_lineno or 0, name))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.append((one.lineno, one.end_lineno or 0, name))
            case _:
                found.append((one.lineno, one.end_lineno or 0, ""))
    return found
