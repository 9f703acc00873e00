"""`episodec plan --picture` and `--export`: one episode's frame plan, as it would be rendered."""

import io
import json
import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.drawings.plan_canvas import SOUND
from episodec.errors import RejectedSpecs, UsageError
from episodec.questions.pictures import export, filmed, picture
from episodec.series.request import Request
from episodec.stages.lowering import Lowered, Lowering, joined, renders
from episodec.stages.picture import frame_plan_of, lower_tracks
from episodec.stages.voice import lower_voice
from tests.builds.studio import Studio
from tests.cli.command import episodec, episodec_process

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
language: ru
frames: 240
profiles:
  draft: {backends: {voice: espeak, foley: procedural, scene: relief}, size: [512, 512]}
"""
CAMERA = "camera: [{move: orbit, frames: 90, to_deg: 45}, {move: static, frames: 150}]\n"
VOICE = "voice: {text: Голос хранится в файле. Он made через LoRA.}\n"


def spoken_and_planned(at: Lowering) -> Lowered:
    """The narration and plan.json alone: no frame is rendered."""
    tracks = lower_tracks(at, frame_plan_of(at)) if renders(at.episode) else Lowered()
    return joined(lower_voice(at), tracks)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path / "project", backends=None, lower=spoken_and_planned)  # type: ignore[arg-type]
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
    portrait = io.BytesIO()
    Image.new("RGB", (64, 64)).save(portrait, "PNG")
    studio.write("episodes/characters/alpha/alpha-ref.png", portrait.getvalue())
    spec(studio, 1, CAMERA + VOICE)
    return studio


def spec(studio: Studio, number: int, text: str) -> None:
    studio.write(f"episodes/00{number}.episode.yaml", f"episodec: 1\nnumber: {number}\ntitle: Один\n{text}")


def request(studio: Studio, *targets: str) -> Request:
    return Request(
        targets=tuple(str(studio.root / one) for one in targets or ("episodes/001.episode.yaml",)),
        environment=studio.environment,
        lower=studio.lower,
        jobs=2,
    )


def plan(studio: Studio, *words: str) -> subprocess.CompletedProcess[str]:
    return episodec(studio.root, "plan", *words)


def has_sound(png: bytes) -> bool:
    colours = Image.open(io.BytesIO(png)).convert("RGB").getcolors(1 << 24) or []
    return SOUND in {colour for _, colour in colours}


def test_the_voice_is_drawn_once_it_is_made(studio: Studio) -> None:
    before = filmed(request(studio))
    assert before.speaks
    assert before.voice is None
    assert not has_sound(picture(before))

    (outcome,) = build(request(studio), lambda _: None, Stop())
    assert outcome.exit_code == 0
    after = filmed(request(studio))  # Its trace holds now; it is looked at all the same.
    assert after.voice is not None
    assert len(after.voice.samples) == 240 * 1600
    assert [one.text for one in after.voice.sentences] == ["Голос хранится в файле.", "Он made через LoRA."]
    times = [time for one in after.voice.sentences for time in (one.start_s, one.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= 8
    assert has_sound(picture(after))
    assert picture(after) == picture(after)

    spec(studio, 1, CAMERA + VOICE.replace("файле", "голове"))
    assert filmed(request(studio)).voice is None  # The voice in the cache is another text's.


def test_the_plan_is_the_one_that_is_delivered(studio: Studio) -> None:
    (outcome,) = build(request(studio), lambda _: None, Stop())
    assert outcome.exit_code == 0
    written = json.loads((studio.root / "dist/plan/alpha_d13_episode1.json").read_text())
    path = json.loads(export(filmed(request(studio)), "nerfstudio", "."))
    assert [one["camera_to_world"] for one in path["camera_path"]] == [
        one["camera_to_world"] for one in written["frames"]
    ]


@pytest.mark.parametrize("word", ["camera_path", "transforms", "Timeline.1"])
def test_exports_go_to_stdout_or_into_a_file(studio: Studio, word: str) -> None:
    form = {"camera_path": "nerfstudio", "transforms": "dnerf", "Timeline.1": "otio"}[word]
    ran = plan(studio, "1", "--export", form)
    assert ran.returncode == 0, ran.stderr
    tree = json.loads(ran.stdout)
    assert word in ran.stdout or len(tree["frames"]) == 240
    (studio.root / "out").mkdir()
    ran = plan(studio, "1", "--export", form, "--to", "out/plan.json")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert json.loads((studio.root / "out/plan.json").read_text()).keys() == tree.keys()
    assert [one.name for one in (studio.root / "out").iterdir()] == ["plan.json"]


def test_a_timeline_finds_the_video_from_where_it_lies(studio: Studio) -> None:
    tree = plan(studio, "1", "--export", "otio", "--to", "episodes/plan.otio")
    assert tree.returncode == 0, tree.stderr
    assert '"target_url": "../dist/video/alpha_d13_episode1.mp4"' in (studio.root / "episodes/plan.otio").read_text()


def test_the_command_draws_a_png_and_says_what_it_lacks(studio: Studio) -> None:
    ran = episodec_process(studio.root, "plan", "episodes/001.episode.yaml", "--picture", "plan.png")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "not in the cache yet" in ran.stderr
    with Image.open(studio.root / "plan.png") as image:
        assert image.size[0] == 1600


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--picture", "plan.png"), "a frame plan needs a single episode"),
        (("1-2", "--export", "otio"), "a frame plan needs a single episode"),
        (("2", "--picture", "plan.png"), "this episode renders nothing"),
        (("1", "--picture", "plan.jpg"), "the picture's name must end in .png"),
        (("1", "--picture", "no/such/plan.png"), "this file cannot be written"),
        (("1", "--export", "otio", "--to", "episodes"), "this file cannot be written"),
        (("1", "--export", "otio", "--to", "."), "this file cannot be written"),
        (("1", "--export", "livelink"), "its performance is not in the cache yet"),
        (("1", "--to", "plan.json"), "--to needs --export"),
        (("1", "--picture", "plan.png", "-B", "--json"), "these options do not apply to a frame plan"),
    ],
)
def test_what_cannot_be_drawn_is_told(studio: Studio, words: tuple[str, ...], sentence: str) -> None:
    spec(studio, 2, VOICE)
    ran = plan(studio, *words)
    assert ran.returncode == 2
    assert f"error: {sentence}" in ran.stderr
    assert not (studio.root / "plan.png").exists()


def test_an_export_takes_no_place_of_a_pipe(studio: Studio) -> None:
    os.mkfifo(studio.root / "pipe")
    ran = plan(studio, "1", "--export", "otio", "--to", "pipe")
    assert ran.returncode == 2
    assert "it is not a plain file" in ran.stderr
    assert (studio.root / "pipe").is_fifo()


def test_errors_of_the_spec_are_told_at_their_line(studio: Studio) -> None:
    spec(studio, 1, CAMERA.replace("45", "forty"))
    ran = plan(studio, "1", "--picture", "plan.png")
    assert ran.returncode == 1
    assert "001.episode.yaml:4" in ran.stderr
    with pytest.raises(RejectedSpecs):
        filmed(request(studio))


def test_a_zoom_is_refused_by_a_form_that_cannot_say_it(studio: Studio) -> None:
    zoom = "camera: [{move: static, frames: 100}, {move: static, frames: 140, fov_y_deg: 50}]\n"
    spec(studio, 1, zoom)
    with pytest.raises(UsageError, match="one field of view"):
        export(filmed(request(studio)), "dnerf", ".")
