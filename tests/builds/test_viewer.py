"""Viewers of a real series: each asked for is there, the character's page is that of the newest, builds agree on it."""

from pathlib import Path

import numpy as np

from episodec.backends import BUILTIN
from episodec.page.viewer.head import HEAD_BYTES, viewer_head
from episodec.splat.scene_file import encode_scene
from tests.builds.studio import Studio, portrait
from tests.splat.scenes import random_scene

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
frames: 15
disclosure: All of it is synthetic.
profiles:
  draft: {size: [64, 64], backends: {voice: espeak, foley: procedural}}
"""
SPEC = """\
episodec: 1
number: NUMBER
title: The plan
scene: {file: media/one.scene}
performance: none
foley: {prompt: rain NUMBER}
viewer: VIEWER
"""


def write(studio: Studio, number: int, viewer: str = "true") -> None:
    text = SPEC.replace("NUMBER", str(number)).replace("VIEWER", viewer)
    studio.write(f"episodes/{number:03}.episode.yaml", text)


def page(studio: Studio) -> Path:
    return studio.root / "dist/viewer/alpha.html"


def played(studio: Studio) -> int:
    """The episode on the character's page."""
    head = viewer_head(page(studio).read_bytes()[:HEAD_BYTES])
    assert head is not None
    return head.number


def test_the_characters_page_follows_the_newest_viewer(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project", BUILTIN, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("episodes/characters/alpha/alpha-ref.png", portrait())
    np.save(studio.root / "episodes/characters/alpha/ref_alpha.npy", np.zeros((8, 64), np.int32))
    studio.write("episodes/media/one.scene", encode_scene(random_scene(60, degree=0)))
    for number in (1, 2):
        write(studio, number)
    write(studio, 3, "false")
    outcome = studio.build()
    assert outcome.exit_code == 0, outcome.diagnostics or studio.events
    viewers = {name for name in studio.dist() if name.startswith("viewer/")}
    assert viewers == {"viewer/alpha.html", *(f"viewer/alpha_d13_episode{number}.html" for number in (1, 2))}
    assert played(studio) == 2
    assert 'href="viewer/alpha_d13_episode2.html"' in (studio.root / "dist/index.html").read_text()

    write(studio, 3)
    assert studio.build(str(studio.root / "episodes/003.episode.yaml")).exit_code == 0
    assert played(studio) == 3
    assert studio.ran() == {f"d13-003/{stage}" for stage in ("viewer", "post", "entry")}

    page(studio).unlink()
    assert studio.build().exit_code == 0
    assert played(studio) == 3, "it is restored though nothing else changed"
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")

    for number in (1, 2, 3):
        write(studio, number, "false")
    assert studio.build().exit_code == 0
    assert not [name for name in studio.dist() if name.startswith("viewer/")]
