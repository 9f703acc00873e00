"""Every kind of action that lowering makes: of the shipped series, and of specs that ask for what it does not."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from episodec.engine.action import Action, ActionId, Artifact
from episodec.project.command_overrides import CommandOverrides
from episodec.series.request import Request
from episodec.series.session import opened, places
from episodec.spec.types import Episode
from episodec.spec.types_of_character import CharacterScene, Motion, Training, Views
from episodec.spec.types_of_delivery import Gate
from episodec.spec.types_of_picture import Background, Performance, SceneSection
from episodec.spec.types_of_sound import Captions, Foley
from episodec.stages import BackendChoice, Lowering, lower
from episodec.stages.check import lower_check
from episodec.stages.encode import ChunkFile, lower_encode
from episodec.stages.lowering import DEFAULT_BACKENDS, Modelling
from episodec.timebase import AtFrame
from tests.builds.test_every_field import FILES, FILMED, HYBRID, RECORDED, SPOKEN

_POSES = [[[1, 0, 0, x], [0, 1, 0, 0], [0, 0, 1, 3], [0, 0, 0, 1]] for x in (0, 1)]
TWO = json.dumps(
    {"camera_angle_x": 0.6, "frames": [{"file_path": "a.png", "transform_matrix": pose} for pose in _POSES]}
)
EPISODES = Path(__file__).parents[2] / "episodes"


def of_the_series(root: Path, profile: str) -> list[Action]:
    """The actions of the shipped series under a profile."""
    shutil.copytree(EPISODES, root / "episodes")
    request = Request(
        targets=(str(root / "episodes"),), asked=CommandOverrides(profile=profile), environment={"HOME": "/nonexistent"}
    )
    ((place, targets),) = places(request.targets)
    with opened(place, targets, request, lambda _: None) as session:
        loaded = session.load_selected()
        assert not session.project.has_errors()
        return [action for one in loaded for action in one.lowered.actions]


def of_other_specs() -> Iterator[Action]:
    """Recordings, ready videos, scene files, segments, gates, an author's pictures and meshes, overrides."""
    filmed_scenes = (SceneSection(), SceneSection(file="a.ply"), SceneSection(file="a.ply", deformation="a.pth"))
    episodes = [SPOKEN, RECORDED, replace(SPOKEN, checks={"mean": Gate(min=9.0)}, overrides={"audio": {"x": 1}})]
    episodes += [replace(FILMED, scene=scene) for scene in filmed_scenes]
    for episode in episodes:
        yield from lower(lowering(episode, register=(180.0, 230.0))).actions
        yield from lower(lowering(replace(episode, voice=None), size=(64, 64))).actions
        yield from lower(lowering(replace(episode, foley=None), has_backend=lambda _: False)).actions
        yield from lower(lowering(replace(episode, voice=None, foley=None), tokens=None, recording=None)).actions
    yield from lower(lowering(replace(SPOKEN, foley=Foley(prompt="rain"), video=None), window_s=Fraction(8))).actions
    for scene in (
        HYBRID,
        replace(HYBRID, clips=(Motion(camera="orbit"),)),
        replace(HYBRID, views=Views(model="a.glb"), motion=Motion(video="a.mp4"), training=Training(initial="a.ply")),
        replace(HYBRID, views=Views(count=2, images="two.json"), motion=Motion(images="c.json")),
    ):
        yield from lower(lowering(FILMED, scene)).actions
    yield from lower(lowering(replace(FILMED, captions=Captions(burnt=True)))).actions
    yield from lower(lowering(replace(FILMED, performance=Performance(file="a.csv")))).actions
    yield from lower(lowering(replace(FILMED, performance=None))).actions
    yield from lower(lowering(replace(FILMED, background=Background(file="a.png")))).actions
    yield from lower(lowering(FILMED, still=AtFrame(3))).actions
    yield from lower(lowering(FILMED, preview=True)).actions
    yield from lower(lowering(replace(FILMED, captions=Captions(burnt=True)), still=AtFrame(3))).actions
    yield from lower(lowering(FILMED, has_backend=lambda stage: stage == "lipsync")).actions
    yield from lower(lowering(replace(FILMED, viewer=True), HYBRID)).actions
    behind = Background(file="a.png")
    silent = replace(FILMED, viewer=True, voice=None, foley=None, performance=None, background=behind)
    yield from lower(lowering(silent)).actions
    picture = Artifact(ActionId("picture"), "picture.mp4")
    yield from lower_check(lowering(SPOKEN), picture, {3: FILES["a.png"], 5: FILES["b.png"]}).actions
    yield from lower_encode(lowering(SPOKEN), [ChunkFile(0, 30, Artifact(ActionId("chunk"), "frames.mkv"))], (64, 64))[
        0
    ]


def lowering(
    episode: Episode, scene: CharacterScene = CharacterScene(), window_s: Fraction | None = None, **more: Any
) -> Lowering:
    """All that lowering an episode may look at, with every file that a character may have."""

    def choose(stage: str, needed: str | None) -> BackendChoice:
        backend = needed or DEFAULT_BACKENDS.get(stage, "procedural" if stage == "foley" else "toy")
        return BackendChoice(backend, window_s=window_s, lacks_phonemes=backend == "file")

    at = Lowering(
        episode,
        choose,
        FILES,
        portrait=FILES["a.png"],
        landmarks=FILES["a.png"],
        tokens=FILES["a.wav"],
        recording=FILES["b.wav"],
        transcript="What it says.",
        size=(512, 512),
        modelling=Modelling(
            scene, FILES, {"two.json": TWO}, dict.fromkeys(("two.json", "c.json"), (FILES["a.png"], FILES["b.png"]))
        ),
        has_backend=lambda stage: stage == "refine",
    )
    return replace(at, **more)
