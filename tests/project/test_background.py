"""The source of an episode's background: its own, its character's, its series', the studio; and broken pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from episodec.backends import BUILTIN
from episodec.spec.types_of_picture import STUDIO
from tests.builds.studio import SERIES, Studio
from tests.project.test_overrides import FILMED, current_diagnostics, session

PROFILE = "profiles:\n  draft: {backends: {voice: espeak, foley: procedural, scene: relief}}\n"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    actual = Studio(tmp_path, lower=None, backends=BUILTIN)
    actual.write("episodes/still.ply", "points")
    for name, level in (("episodes/a.png", 10), ("episodes/characters/alpha/b.png", 20), ("episodes/c.jpg", 30)):
        actual.write(name, "")
        Image.fromarray(np.full((8, 8, 3), level, np.uint8)).save(actual.root / name)
    write(studio=actual)
    return actual


def write(studio: Studio, *, series: str = "", character: str = "", episode: str = "") -> None:
    studio.write("episodes/series.yaml", SERIES.partition("profiles")[0] + series + PROFILE)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n" + character)
    studio.write("episodes/001.episode.yaml", FILMED + episode)


def actions(studio: Studio) -> Mapping[str, tuple[Any, tuple[str, ...], Any]]:
    """Of each action its params, the roles of its inputs, and its first input's digest, where it is a file."""
    with session(studio, None) as series:
        (loaded,) = series.project.load(series.specs, set(series.specs))
        assert not series.project.has_errors(), series.project.diagnostics
        return {
            one.id: (one.params, tuple(one.inputs), {role: files[0] for role, files in one.inputs.items()})
            for one in loaded.lowered.actions
        }


def behind(studio: Studio) -> tuple[list[str], str | None]:
    """The colours behind the first chunk, and which picture."""
    params, roles, inputs = next(found for name, found in actions(studio).items() if "/render/" in name)
    named = [inputs[role].path for role in roles if role.startswith("background.")]
    return params["background"]["colours"], named[0] if named else None


def test_the_nearest_that_says_it_is_seen(studio: Studio) -> None:
    assert behind(studio) == (list(STUDIO.colours), None)
    write(studio, series='background: "#111111"\n')
    assert behind(studio) == (["#111111"], None)
    write(studio, series='background: "#111111"\n', character='background: "#222222"\n')
    assert behind(studio) == (["#222222"], None)
    write(studio, series="background: {file: a.png}\n", episode='background: "#333333"\n')
    assert behind(studio) == (["#333333"], None)


def test_a_picture_lies_beside_the_file_that_names_it(studio: Studio) -> None:
    write(studio, series="background: {file: c.jpg}\n")
    assert behind(studio) == ([], "episodes/c.jpg")
    write(studio, series="background: {file: c.jpg}\n", character="background: {file: b.png}\n")
    assert behind(studio) == ([], "episodes/characters/alpha/b.png")
    write(studio, character="background: {file: b.png}\n", episode="background: {file: a.png}\n")
    assert behind(studio) == ([], "episodes/a.png")


def test_another_background_changes_frames_and_neither_scene_nor_sound(studio: Studio) -> None:
    before = actions(studio)
    write(studio, episode='background: "#333333"\n')
    after = actions(studio)
    assert {name for name in before if before[name] != after[name]} == {
        "d13-001/render/0000-0030",
        "d13-001/render/0030-0060",
        "d13-001/check",  # It looks for the crown in front of the background.
    }


@pytest.mark.parametrize("where", ["series", "character", "episode"])
def test_a_picture_that_is_none_is_refused_where_it_is_named(studio: Studio, where: str) -> None:
    studio.write("episodes/a.png", "no picture")
    studio.write("episodes/characters/alpha/a.png", "no picture")
    write(studio, **{where: "background: {file: a.png}\n"})
    ((code, message, place, _),) = current_diagnostics(studio)
    assert (code, place) == ("F413", "a.png")
    assert "the background picture cannot be read" in message


def test_a_background_of_an_episode_that_films_nobody_is_refused(studio: Studio) -> None:
    spec = 'episodec: 1\nnumber: 1\ntitle: One\nframes: 60\nfoley: {prompt: rain}\nbackground: "#111111"\n'
    studio.write("episodes/001.episode.yaml", spec)
    ((code, message, _, _),) = current_diagnostics(studio)
    assert (code, message) == ("E222", "`background` needs a rendered character, and this episode renders none")
