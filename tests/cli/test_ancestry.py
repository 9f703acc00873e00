"""`why` and `lineage` of what is in dist/: every file there leads down to the author's files."""

import json
import re

import pytest

from tests.builds.studio import Studio
from tests.cli.command import toy


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio(tmp_path_factory.mktemp("s")).start(2)
    assert toy(studio, "build").returncode == 0
    return studio


@pytest.mark.parametrize("question", ["why", "lineage"])
def test_every_file_in_dist_leads_down_to_the_author_s_files(studio: Studio, question: str) -> None:
    paths = [f"dist/{name}" for name in studio.dist()]
    assert "dist/index.html" not in paths  # The toy lowering has no entries, so that there is no page.
    for path in paths:
        process = toy(studio, question, path)
        assert (process.returncode, process.stderr) == (0, ""), path
        number = re.search(r"episode(\d)", path)
        assert number is not None
        assert f"  episodes/00{number[1]}.episode.yaml " in process.stdout
        assert "  episodes/series.yaml " in process.stdout


def test_what_a_film_is_made_of_is_told_by_the_action_kind(studio: Studio) -> None:
    lines = toy(studio, "lineage", "dist/video/alpha_d13_episode1.mp4").stdout.splitlines()
    assert lines[0] == "dist/video/alpha_d13_episode1.mp4: made by d13-001/video, as it was published"
    rows = [" ".join(line.split()) for line in lines]
    assert "video (file) 1 action in the cache reads episodes/media/001.mp4" in rows
    assert "episodes/media/001.mp4 read by video" in rows
    assert not any(row.startswith("voice") for row in rows)


def test_verbose_names_every_action_with_the_digests_of_what_it_made(studio: Studio) -> None:
    output = toy(studio, "lineage", "dist/manifest/alpha_d13_episode1.json", "-v").stdout
    assert re.search(r"^ +d13-001/foley: foley\.wav +xxh3-128:[0-9a-f]{32}$", output, re.MULTILINE)


@pytest.mark.parametrize("target", ["d13-001/voice", "1/voice", "1", "episodes/001.episode.yaml"])
def test_lineage_knows_the_names_that_why_knows(studio: Studio, target: str) -> None:
    process = toy(studio, "lineage", target)
    assert (process.returncode, process.stderr) == (0, "")
    if "voice" in target:
        rows = [" ".join(line.split()) for line in process.stdout.splitlines()]
        assert "voice (say) 1 action in the cache" in rows
        assert "goes into" in rows
        assert "dist/static/audio/alpha_d13_episode1_voice.wav" in rows


def test_the_answer_is_there_as_json(studio: Studio) -> None:
    answer = json.loads(toy(studio, "lineage", "dist/video/alpha_d13_episode1.mp4", "--json").stdout)
    assert answer["answer"] == "ancestry"
    (kind,) = answer["ancestry"]["kinds"]
    assert (kind["stage"], kind["reads"]) == ("video", ["episodes/media/001.mp4"])


def test_a_file_of_another_profile_says_how_to_ask_for_it(studio: Studio) -> None:
    assert toy(studio, "build", "1", "--profile", "production").returncode == 0
    path = "dist/production/video/alpha_d13_episode1.mp4"
    process = toy(studio, "why", path)
    assert (process.returncode, process.stdout) == (2, "")
    assert "help: `episodec why dist/production/video/alpha_d13_episode1.mp4 --profile production`" in process.stderr
    assert toy(studio, "why", path, "--profile", "production").returncode == 0
