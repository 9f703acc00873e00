"""A character's scene by a production backend in a real build: SHARP a stand-in, settings in episodec.local.yaml."""

from pathlib import Path

import pytest

from episodec.splat.scene_file import decode_scene
from episodec.stages.lowering import Lowered, Lowering
from episodec.stages.render import lower_scene
from tests.builds.studio import Studio
from tests.splat.portraits import drawn, png
from tests.standins.places import local_settings, sharp

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
frames: 30
profiles:
  draft: {backends: {scene: sharp}, size: [64, 64]}
"""


def scene_alone(at: Lowering) -> Lowered:
    return lower_scene(at)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path / "project", backends=None, lower=scene_alone)  # type: ignore[arg-type]
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
    studio.write("episodes/characters/alpha/alpha-ref.png", png(drawn()))
    studio.write("episodec.local.yaml", local_settings({"sharp": sharp(tmp_path / "sharp")}))
    for number in (1, 2):
        text = f"episodec: 1\nnumber: {number}\ntitle: T\ncamera: [{{move: static, frames: 30}}]\n"
        studio.write(f"episodes/00{number}.episode.yaml", text)
    return studio


def test_one_scene_serves_all_episodes_until_the_portrait_or_the_weights_change(studio: Studio) -> None:
    assert studio.build().exit_code == 0
    assert studio.ran() == {"alpha/scene/sharp"}
    blobs = [path.read_bytes() for path in (studio.root / "cache/blobs").rglob("*") if path.is_file()]
    assert decode_scene(max(blobs, key=len)).count > 500
    assert studio.build().exit_code == 0
    assert studio.ran() == set()
    with (studio.root.parent / "sharp" / "sharp_2572gikvuh.pt").open("a") as file:
        file.write("trained further")
    assert studio.build().exit_code == 0
    assert studio.ran() == {"alpha/scene/sharp"}
    studio.write("episodes/characters/alpha/alpha-ref.png", png(drawn(200, 200)))
    assert studio.build().exit_code == 0
    assert studio.ran() == {"alpha/scene/sharp"}


def test_a_tool_that_ends_well_without_a_file_fails_the_build(studio: Studio) -> None:
    program = studio.root.parent / "sharp" / "ml-sharp/src/sharp/cli/predict.py"
    program.write_text("def main():\n    print('No valid images found.')\n")
    assert studio.build().exit_code == 1
