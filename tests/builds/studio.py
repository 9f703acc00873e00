"""A small series on disk and builds of it: real files, real worker processes or this process, toy backends in place of
tools.
"""

import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.run_context import Stop
from episodec.contracts.hold import hold
from episodec.engine.cache import Fetch
from episodec.engine.events import ActionMade, Event
from episodec.engine.executor import Executor
from episodec.executors.inline import InlineExecutor
from episodec.project.command_overrides import CommandOverrides
from episodec.project.finishing import Lower
from episodec.runner.perform import performer
from episodec.series.goals import Goals
from episodec.series.request import MakeExecutor, Request
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from episodec.store.work import drop_scratch
from tests.builds import short

TOY = "tests.toys.backends:Concat"
BACKENDS = {"file": TOY, "say": TOY, "noise": "tests.toys.backends:Upper"}
ROOT = str(Path(__file__).parents[2])

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {backends: {voice: say, foley: noise, video: file}}
  production: {backends: {voice: say, foley: noise, video: file}}
"""


def portrait() -> bytes:
    """A picture for a character whose episodes are not to be told that nobody can be seen (E280)."""
    content = io.BytesIO()
    Image.new("RGB", (96, 96), "red").save(content, "PNG")
    return content.getvalue()


def in_this_process(targets: Mapping[str, str], store: Path) -> Executor:
    """Makes actions here and now: for tests that do not ask who makes them."""
    layout = open_layout(store)
    return InlineExecutor(performer(targets, Blobs(layout, sync=lambda _: None)), partial(drop_scratch, layout))


def held_in_this_process(targets: Mapping[str, str], store: Path) -> Executor:
    """The same, outputs held to their stages' contracts."""
    return InlineExecutor(performer(targets, Blobs(open_layout(store), sync=lambda _: None), hold))


@dataclass
class Studio:
    """A project in a folder."""

    root: Path
    backends: Mapping[str, str] = field(default_factory=lambda: BACKENDS)
    environment: Mapping[str, str] = field(
        default_factory=lambda: {"HOME": "/nonexistent", "EPISODEC_ACCEPT_SETTINGS": "1"}
    )
    lower: Lower | None = short.lower  # None: what the stages make of an episode.
    executor: MakeExecutor | None = in_this_process  # None: worker processes, for tests that ask for real ones.
    fetch: Fetch | None = None
    events: list[Event] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def start(self, episodes: int = 2) -> "Studio":
        """series.yaml, a character and some episodes."""
        self.write("episodes/series.yaml", SERIES)
        self.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
        for number in range(1, episodes + 1):
            self.episode(number)
        return self

    def episode(self, number: int, *, title: str = "", text: str = "", prompt: str = "", more: str = "") -> Path:
        """One spec with a voice text, a Foley prompt and a ready video."""
        self.write(f"episodes/media/{number:03}.mp4", f"video {number}")
        return self.write(
            f"episodes/{number:03}.episode.yaml",
            f"episodec: 1\nnumber: {number}\ntitle: {title or f'Episode {number}'}\n"
            f"voice: {{text: {text or f'Words of episode {number}.'}}}\n"
            f"foley: {{prompt: {prompt or f'room {number}'}}}\n"
            f"video: {{file: media/{number:03}.mp4}}\n{more}",
        )

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def build(
        self,
        *targets: str,
        jobs: int = 2,
        keep_going: bool = False,
        force: bool = False,
        asked: CommandOverrides | None = None,
        goals: Goals | None = None,
    ) -> Outcome:
        """Build; the events are in `events`."""
        self.events.clear()
        request = Request(
            targets=tuple(
                str(self.root / target) if (self.root / target).exists() else target
                for target in targets or ("episodes/",)
            ),
            asked=asked or CommandOverrides(),
            jobs=jobs,
            keep_going=keep_going,
            force=force,
            goals=goals,
            environment=self.environment,
            backends=self.backends,
            worker_path=(ROOT,),
            lower=self.lower,
            executor=self.executor,
            fetch=self.fetch,
        )
        (outcome,) = build(request, self.events.append, Stop(), self.notices.append)
        return outcome

    def ran(self) -> set[str]:
        """The actions that the last build made."""
        return {event.id for event in self.events if isinstance(event, ActionMade)}

    def codes(self, outcome: Outcome) -> list[str]:
        return [one.code for one in outcome.diagnostics]

    def dist(self) -> dict[str, bytes]:
        """Everything in dist/, by path."""
        folder = self.root / "dist"
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }

    def clean_dist(self, where: Path) -> dict[str, bytes]:
        """The result of a build of the same sources in another folder with nothing made before."""
        shutil.copytree(self.root / "episodes", where / "episodes")
        twin = Studio(where, self.backends, self.environment, self.lower, self.executor)
        assert twin.build().exit_code == 0
        return twin.dist()

    def manifest(self, number: int) -> dict[str, object]:
        tree = json.loads((self.root / f"dist/manifest/alpha_d13_episode{number}.json").read_text())
        assert isinstance(tree, dict)
        return tree
