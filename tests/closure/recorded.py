"""The code that backends execute, seen by the interpreter itself: another way to know what decides their results."""

import ast
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import episodec
from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.contracts.hold import hold
from episodec.engine.events import ActionFailed, Event
from episodec.engine.executor import Outcome, Task
from episodec.executors.inline import InlineExecutor
from episodec.runner.loading import load
from episodec.runner.perform import performer
from episodec.series.request import Request
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.builds.studio import Studio
from tests.builds.test_matrix import scene, tokens
from tests.closure.trees import OURS
from tests.standins.places import fish, hunyuan, local_settings

CODE = Path(episodec.__file__).parent
"""The code that runs here: ours, or a copy of it."""

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
number: NUMBER
title: Правленая серия NUMBER
frames: 75
voice: {text: "Раз, two 3. Да — вот!"}
foley: {prompt: "soft rain, distant clock then wind NUMBER"}
SCENE
camera:
  - {move: orbit, frames: 30}
  - {move: static, frames: 45, fov_y_deg: 25}
time:
  - {map: linear, frames: 40, end: 0.5}
  - {map: hold, frames: 35}
"""
FOREIGN = """\
episodec: 1
number: 3
title: Чужие системы
frames: 75
voice: {text: "Один, два."}
foley: {prompt: "quiet studio"}
scene: {file: media/one.scene}
camera: [{move: static, frames: 75}]
backends: {voice: fish-speech, foley: hunyuan-foley}
"""
SCENES = ("scene: {file: media/one.scene}", "scene: portrait")


@dataclass(slots=True)
class Execution:
    """The code that one backend executed."""

    functions: set[tuple[str, str]] = field(default_factory=set)  # (module, what its top level defines; or empty).
    packages: set[str] = field(default_factory=set)  # Other people's top-level modules.
    files: set[str] = field(default_factory=set)  # Of ours, opened, relative to the package.


Executed = dict[str, Execution]
"""By backend."""


def series(root: Path) -> Studio:
    """Episodes that ask for much of the language: a scene from a file, one from a portrait, and a sound made by
    systems that are not ours, which are stand-ins.
    """
    studio = Studio(root / "project", BUILTIN, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    for number, which in enumerate(SCENES, 1):
        text = SPEC.replace("NUMBER", str(number)).replace("SCENE", which)
        studio.write(f"episodes/{number:03}.episode.yaml", text)
    studio.write("episodes/003.episode.yaml", FOREIGN)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\nvoice: {transcript: What I said then.}\n")
    portrait = OURS.parent / "episodes/characters/alpha/alpha-ref.png"
    studio.write("episodes/characters/alpha/alpha-ref.png", portrait.read_bytes())
    studio.write("episodes/media/one.scene", scene(1))
    tokens(1, studio.root / "episodes/characters/alpha/ref_alpha.npy")
    systems = {"fish-speech": fish(root / "fish"), "hunyuan-foley": hunyuan(root / "hunyuan")}
    studio.write("episodec.local.yaml", local_settings(systems))
    return studio


def executed(studio: Studio) -> Executed:
    """The code that each backend executes while the series is built, from the call of its `run` to its end."""
    watches: dict[str, Watch] = {}

    def executor(targets: Mapping[str, str], store: Path) -> InlineExecutor:
        perform = performer(targets, Blobs(open_layout(store), sync=lambda _: None), hold)

        def watched(task: Task) -> Outcome:
            name = task.order.backend
            watch = watches.setdefault(name, Watch(type(load(targets[name])).run.__code__))
            return watch.call(perform, task)

        return InlineExecutor(watched)

    events: list[Event] = []
    (outcome,) = build(request(studio, executor), events.append, Stop())
    assert outcome.exit_code == 0, [*outcome.diagnostics, *(one for one in events if isinstance(one, ActionFailed))]
    return {name: watch.recording() for name, watch in watches.items()}


def request(studio: Studio, executor: Callable[[Mapping[str, str], Path], InlineExecutor] | None = None) -> Request:
    """The whole series, with nothing of this machine's settings."""
    return Request(
        targets=(str(studio.root / "episodes"),),
        executor=executor,
        environment={"HOME": "/nonexistent", "EPISODEC_ACCEPT_SETTINGS": "1"},
        backends=studio.backends,
    )


class Watch:
    """Notes the calls of functions and our own files that are opened while one of them runs, in whatever thread."""

    _opened: "Watch | None" = None  # Who hears of files: a hook cannot be taken out again.

    def __init__(self, within: CodeType) -> None:
        self._within = within
        self._calls: dict[tuple[int, int], tuple[CodeType, CodeType]] = {}  # Of what, from where; by identities.
        self._classes: set[tuple[str, str]] = set()
        self._files: set[str] = set()
        self._is_on = False

    def call(self, perform: Callable[[Task], Outcome], task: Task) -> Outcome:
        _hear_of_files()
        Watch._opened = self
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            return perform(task)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            Watch._opened = None

    def open(self, path: str) -> None:
        # Bytecode is written under a name of its own first, which has no suffix that is known.
        is_code = path.endswith(".py") or "/__pycache__/" in path
        if self._is_on and path.startswith(f"{CODE}/") and not is_code:
            self._files.add(os.path.relpath(path, CODE))

    def recording(self) -> Execution:
        calls = self._calls.values()
        return Execution(_functions(code for code, _ in calls) | self._classes, _packages(calls), self._files)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event not in {"call", "return"}:
            return
        code = frame.f_code
        if code is self._within:
            self._is_on = event == "call"
        if not self._is_on or event == "return" or not code.co_flags & CO_OPTIMIZED:
            return  # Bodies of modules and classes run when they are imported.
        back = frame.f_back.f_code if frame.f_back is not None else code
        call = id(code), id(back)
        if call not in self._calls:
            self._calls[call] = code, back
            if code.co_filename == "<string>" and "self" in frame.f_locals:  # Made by `dataclass`.
                built = type(frame.f_locals["self"])
                if built.__module__.partition(".")[0] == "episodec":
                    self._classes.add((built.__module__, built.__qualname__.partition(".")[0]))


@cache
def _hear_of_files() -> None:
    def on_event(event: str, expected: tuple[Any, ...]) -> None:
        if event == "open" and Watch._opened is not None and isinstance(expected[0], str):  # noqa: SLF001  # Its own.
            Watch._opened.open(expected[0])  # noqa: SLF001

    sys.addaudithook(on_event)


def _functions(codes: Iterable[CodeType]) -> set[tuple[str, str]]:
    actual = set()
    for code in codes:
        path = Path(code.co_filename)
        if path.is_relative_to(CODE):
            module = ".".join(("episodec", *path.relative_to(CODE).with_suffix("").parts)).removesuffix(".__init__")
            actual.add((module, defined_at(path, code.co_firstlineno)))
    return actual


def _packages(calls: Iterable[tuple[CodeType, CodeType]]) -> set[str]:
    """The top-level modules of installed packages that our code calls itself."""
    names = (code.co_filename for code, back in calls if back.co_filename.startswith(f"{CODE}/"))
    parts = (name.rpartition("/site-packages/")[2] for name in names if "/site-packages/" in name)
    return {part.partition("/")[0].removesuffix(".py") for part in parts}


def defined_at(path: Path, line: int) -> str:
    """The name of the top-level statement of a file that stands in this line."""
    return next((name for first, last, name in statements(path) if first <= line <= last), "")


@cache
def statements(path: Path) -> list[tuple[int, int, str]]:
    """First line, last line and name of each statement at a file's top level."""
    actual = []
    for each in ast.parse(path.read_bytes()).body:
        match each:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                first = min([each.lineno, *(decorator.lineno for decorator in each.decorator_list)])
                actual.append((first, each.end_lineno or 0, name))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                actual.append((each.lineno, each.end_lineno or 0, name))
            case _:
                actual.append((each.lineno, each.end_lineno or 0, ""))
    return actual
