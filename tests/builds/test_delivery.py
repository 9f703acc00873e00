"""Ready videos through the real delivery: mux, stills and checks; by real workers where a test needs them."""

import json
from pathlib import Path

import numpy as np
import pytest

from episodec.audio.wav import write_wav
from episodec.backends import BUILTIN
from episodec.building.outcome import Outcome
from episodec.engine.events import ActionFailed
from episodec.video.probe import probe
from tests.builds.studio import BACKENDS as TOYS
from tests.builds.studio import Studio, held_in_this_process
from tests.builds.test_matrix import SERIES, scene
from tests.video.chunks import FORM, check_even, chunk

BACKENDS = {**TOYS, **BUILTIN}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """One episode of a ready video of 45 frames."""
    actual = Studio(tmp_path / "project", BACKENDS, lower=None, executor=held_in_this_process)
    actual.start(0)
    (actual.root / "episodes/media").mkdir(parents=True)
    chunk(actual.root / "episodes/media/one.mp4", 45)
    episode(actual)
    return actual


def episode(studio: Studio, title: str = "One", more: str = "") -> None:
    text = f"episodec: 1\nnumber: 1\ntitle: {title}\nframes: 45\nvideo: {{file: media/one.mp4}}\n{more}"
    studio.write("episodes/001.episode.yaml", text)


NAME = "alpha_d13_episode1"
ACTIONS = {f"d13-001/{stage}" for stage in ("video", "mux", "stills", "check", "post", "entry")}


def failures(studio: Studio) -> list[str]:
    return [str(event.error) for event in studio.events if isinstance(event, ActionFailed)]


@pytest.fixture
def with_workers(studio: Studio) -> Studio:
    """The same, made by worker processes."""
    studio.executor = None
    return studio


def built(studio: Studio, jobs: int = 2) -> Outcome:
    outcome = studio.build(jobs=jobs)
    assert outcome.exit_code == 0, failures(studio)
    return outcome


def test_a_ready_video_is_delivered_with_its_pictures_and_its_check(with_workers: Studio) -> None:
    studio = with_workers
    built(studio)
    assert sorted(studio.dist()) == [
        f"check/{NAME}.json",
        f"check/{NAME}.png",
        "index.html",
        f"manifest/{NAME}.json",
        f"page/{NAME}.html",
        f"post/{NAME}.md",
        f"video/{NAME}.mp4",
        f"video/{NAME}_contact.png",
        f"video/{NAME}_poster.jpg",
        f"video/{NAME}_preview.webp",
    ]
    video = probe(studio.root / f"dist/video/{NAME}.mp4")
    assert (video.frames, video.width, video.height) == (45, FORM.width, FORM.height)


@pytest.mark.parametrize("jobs", [1, 3])
def test_any_number_of_jobs_and_any_folder_give_the_same_bytes(with_workers: Studio, tmp_path: Path, jobs: int) -> None:
    built(with_workers, jobs)
    assert with_workers.dist() == with_workers.clean_dist(tmp_path / "a folder 'with' spaces and ж")


def test_a_title_is_a_remux_and_what_tells_of_it(studio: Studio) -> None:
    built(studio)
    episode(studio, "Another")
    built(studio)
    assert studio.ran() == {"d13-001/mux", "d13-001/post", "d13-001/entry"}


def test_a_check_is_measured_and_told_again_and_nothing_else(studio: Studio) -> None:
    built(studio)
    episode(studio, more="checks: {mean: {min: 1}}\n")
    built(studio)
    assert studio.ran() == {"d13-001/check", "d13-001/entry"}


def test_a_failed_check_stops_the_episode_with_its_table(with_workers: Studio) -> None:
    studio = with_workers
    episode(studio, more="checks: {mean: {min: 200}, change: {min: 300, severity: warn}, flashes: {max: 3}}\n")
    outcome = studio.build()
    assert (outcome.exit_code, outcome.published) == (1, 0)
    (output,) = failures(studio)
    assert "does not pass a check" in output
    assert "at least 200 wanted (error)" in output
    assert "at least 300 wanted (warn)" in output
    assert "flashes" not in output
    assert studio.dist() == {}


def test_a_warning_is_in_the_report_and_stops_nothing(studio: Studio) -> None:
    episode(studio, more="checks: {mean: {min: 200, severity: warn}, psnr_db: {min: 25}}\n")
    built(studio)
    report = json.loads((studio.root / f"dist/check/{NAME}.json").read_text())
    assert {gate["name"]: gate["verdict"] for gate in report["gates"]} == {"mean": "failed", "psnr_db": "not measured"}


def test_checks_without_a_picture_are_refused(studio: Studio) -> None:
    studio.write(
        "episodes/001.episode.yaml",
        "episodec: 1\nnumber: 1\ntitle: T\nvoice: {file: a.wav}\nchecks: {mean: {min: 1}}\n",
    )
    studio.write("episodes/a.wav", "no sound")
    assert "E222" in studio.codes(studio.build())


@pytest.mark.parametrize("rate", [24, 30, 60])
def test_an_episode_of_one_frame_is_built_with_all_that_goes_with_it(studio: Studio, rate: int) -> None:
    """Rendered, spoken, with ambience and captions: the shortest film there is."""
    samples = 48_000 // rate
    tone = np.sin(np.arange(samples) / 20, dtype=np.float32)[:, None] * np.float32(0.3)
    write_wav(studio.root / "episodes/media/one.wav", tone)
    studio.write("episodes/media/one.scene", scene(1))
    text = f"episodec: 1\nnumber: 1\ntitle: One\nlanguage: en\nframes: 1\nrate: {rate}\nallow: [E230]\n"
    tracks = "camera: [{move: orbit, frames: 1, from_deg: 0, to_deg: 9}]\ntime: [{map: loop, frames: 1, period: 24}]\n"
    sound = "voice: {file: media/one.wav, text: Hi there.}\nfoley: {prompt: rain}\nscene: {file: media/one.scene}\n"
    studio.write("episodes/001.episode.yaml", text + sound + tracks + "checks: {mean: {min: 1}, change: {max: 300}}\n")
    studio.write("episodes/series.yaml", SERIES.replace("LOUDNESS", "-16"))
    built(studio)
    check_even(studio.root / f"dist/video/{NAME}.mp4", 1, rate)
    assert probe(studio.root / f"dist/video/{NAME}.mp4").audio_samples == samples
    assert "\nHi there.\n" in (studio.root / f"dist/captions/{NAME}.vtt").read_text()
    assert "\n[rain]\nHi there.\n" in (studio.root / f"dist/captions/{NAME}.srt").read_text()
    assert "1 frame at " in (studio.root / f"dist/post/{NAME}.md").read_text()
    assert {f"plan/{NAME}.png", f"check/{NAME}.png", f"page/{NAME}.html"} <= studio.dist().keys()


def test_a_ready_video_of_one_frame_is_delivered(studio: Studio) -> None:
    chunk(studio.root / "episodes/media/one.mp4", 1)
    episode(studio, more="")
    text = (studio.root / "episodes/001.episode.yaml").read_text()
    studio.write("episodes/001.episode.yaml", text.replace("frames: 45", "frames: 1"))
    built(studio)
    check_even(studio.root / f"dist/video/{NAME}.mp4", 1, 30)


def test_a_misspelt_check_is_refused_with_the_near_one(studio: Studio) -> None:
    episode(studio, more="checks: {psnr: {min: 1}}\n")
    outcome = studio.build()
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.help) == ("S106", "did you mean `psnr_db`?")


def test_the_poster_can_be_chosen_and_a_frame_that_is_none_is_refused(studio: Studio) -> None:
    built(studio)
    before = studio.dist()[f"video/{NAME}_poster.jpg"]
    episode(studio, more="overrides: {stills: {poster_frame: 3}}\n")
    built(studio)
    assert studio.ran() == {"d13-001/stills"}
    assert studio.dist()[f"video/{NAME}_poster.jpg"] != before
    episode(studio, more="overrides: {stills: {poster_frame: 45}}\n")
    (actual,) = studio.build().diagnostics
    assert (actual.code, actual.message) == (
        "E246",
        "`overrides.stills.poster_frame` is 45, expected a whole number from 0 to 44",
    )
