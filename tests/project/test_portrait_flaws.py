"""Flaws of a portrait are warnings of character.yaml where a scene is made from it; it is examined once."""

from pathlib import Path

import pytest

from episodec.faces import looks
from tests.builds.studio import ROOT, Studio, portrait
from tests.cli.command import episodec, toy

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Synthetic.
profiles:
  draft: {size: [48, 48], backends: {voice: espeak, scene: relief}}
"""
SPEC = "episodec: 1\nnumber: 1\ntitle: One\nframes: 30\ncamera:\n  - {move: static}\n"
PLACE = "episodes/characters/alpha/alpha-ref.png"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    actual = Studio(tmp_path)
    actual.write("episodes/series.yaml", SERIES)
    actual.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
    actual.write("episodes/001.episode.yaml", SPEC)
    actual.write(PLACE, portrait())
    return actual


def test_a_portrait_of_nobody_is_told_by_validate(studio: Studio) -> None:
    checked = episodec(studio.root, "validate")
    assert checked.returncode == 0
    assert f"warning[F414]: {PLACE}: no face is found in the portrait" in checked.stdout
    assert "`landmarks`" in checked.stdout


def test_it_is_looked_at_once_and_another_picture_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    before = looks.flaws_of

    def watched(path: Path) -> list[looks.Flaw]:
        looked.append(path)
        return before(path)

    monkeypatch.setattr(looks, "flaws_of", watched)
    outputs = [episodec(studio.root, "validate").stdout for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert len(looked) == 1
    studio.write(PLACE, Path(ROOT, "episodes/characters/alpha/alpha-ref.png").read_bytes())
    assert episodec(studio.root, "validate").stdout == "1 file checked: no errors.\n"
    assert len(looked) == 2


def test_an_episode_may_allow_it_for_itself(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", f"{SPEC}allow: [F414]\n")
    assert episodec(studio.root, "validate").stdout == "1 file checked: no errors.\n"
    studio.write("episodes/002.episode.yaml", SPEC.replace("1\ntitle: One", "2\ntitle: Two"))
    assert "warning[F414]" in episodec(studio.root, "validate").stdout


def test_nothing_is_told_where_nothing_is_made_of_it(tmp_path: Path) -> None:
    other = Studio(tmp_path).start(1)
    other.write(PLACE, portrait())
    assert toy(other, "validate").stdout == "1 file checked: no errors.\n"
