"""Commands for looking and listening while an episode is written: `listen`, `--frames`, `still`, `open`."""

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.audio.wav import read_wav
from episodec.cli.app import run
from episodec.cli.listen import sentence_of
from episodec.cli.still import moment_of
from episodec.drawings.background import gradient, lit, values
from episodec.errors import UsageError
from episodec.film.rows import unpack
from episodec.scenes.cameras import view_of
from episodec.series.request import Request
from episodec.spec.types_of_picture import STUDIO
from episodec.splat.rasterise import render
from episodec.splat.scene import columnar
from episodec.splat.scene_file import decode_scene
from episodec.timebase import AtFrame, AtSecond, Moment
from episodec.video.frames import frames_of
from episodec.video.probe import probe
from tests.builds.studio import Studio, held_in_this_process
from tests.builds.test_matrix import scene, write
from tests.cli.command import environment, here

NAME = "alpha_d13_episode1"


def command(root: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command with the backends that are installed, all of it in this process."""
    base = Request(executor=held_in_this_process, environment=environment(root, more))
    return here(root, lambda: run([*words], {}, base), more)


def made_actions(ran: subprocess.CompletedProcess[str]) -> set[str]:
    return {line.split()[1].removeprefix("d13-001/") for line in ran.stderr.splitlines() if line.startswith("made")}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An episode of 90 frames and two sentences, of which nothing is made."""
    studio = Studio(tmp_path_factory.mktemp("seeing") / "project")
    write(studio)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("episodes/media/one.scene", scene(1))
    return studio.root


def test_a_sentence_is_made_alone_and_lies_under_a_readable_name(root: Path) -> None:
    ran = command(root, "listen", "1/2", "--print")
    assert (ran.returncode, ran.stdout) == (0, f"cache/listen/{NAME}_2.wav\n")
    assert made_actions(ran) <= {"voice/0002"}
    samples, rate = read_wav(root / ran.stdout.strip())
    assert rate == 48_000
    assert len(samples) > 4800
    assert not (root / "dist").exists()


def test_without_a_sentence_it_is_the_whole_narration(root: Path) -> None:
    ran = command(root, "listen", "d13/1", "--print")
    assert ran.stdout == f"cache/listen/{NAME}.wav\n"
    assert made_actions(ran) <= {"voice/0001", "voice/0002", "join"}
    assert len(read_wav(root / ran.stdout.strip())[0]) == 90 * 1600


def test_a_sentence_that_there_is_not_is_refused(root: Path) -> None:
    for number in ("0", "3"):
        ran = command(root, "listen", f"1/{number}", "--print")
        assert ran.returncode == 2
        assert ran.stderr.startswith("error: the narration has 2 sentences, counted from 1\n")


def program(folder: Path, name: str, code: int = 0) -> dict[str, str]:
    """The environment of a machine that has this program alone, which notes what it is given."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nfor word in "$@"; do echo "$word"; done >> {folder}/given\nexit {code}\n')
    path.chmod(0o755)
    return {"PATH": str(folder)}


def given(folder: Path) -> list[str]:
    return (folder / "given").read_text().splitlines()


@pytest.mark.parametrize(("name", "first"), [("ffplay", "-nodisp"), ("aplay", "-q"), ("paplay", None)])
def test_a_sentence_is_played_where_something_plays(root: Path, tmp_path: Path, name: str, first: str | None) -> None:
    ran = command(root, "listen", "1/2", **program(tmp_path / "bin", name))
    assert ran.returncode == 0
    words = given(tmp_path / "bin")
    assert words[-1] == str(root / f"cache/listen/{NAME}_2.wav")
    assert first is None or words[0] == first


def test_a_player_that_fails_is_told(root: Path, tmp_path: Path) -> None:
    ran = command(root, "listen", "1/2", **program(tmp_path / "bin", "aplay", 4))
    assert (ran.returncode, ran.stdout) == (1, f"cache/listen/{NAME}_2.wav\n")
    assert "note: aplay could not play it: exit code 4" in ran.stderr


def test_frames_are_previewed_with_the_sound_that_goes_with_them(root: Path) -> None:
    plan = command(root, "plan", "1", "--frames", "35-50")
    assert f"  write    dist/_preview/{NAME}_30-60.mp4\n" in plan.stdout
    ran = command(root, "build", "1", "--frames", "35-50")
    assert ran.stdout.splitlines()[1:] == [f"film    dist/_preview/{NAME}_30-60.mp4"]
    assert {one for one in made_actions(ran) if one.startswith("render")} == {"render/0030-0060"}
    assert made_actions(ran) & {"picture", "audio", "mux", "post", "entry"} == set()
    film = probe(root / f"dist/_preview/{NAME}_30-60.mp4")
    assert (film.frames, film.rate, film.width) == (30, Fraction(30), 64)
    assert film.audio_codec == "aac"
    assert not (root / "dist/video").exists()


def test_a_preview_takes_the_place_of_the_last_one_and_of_nothing_foreign(root: Path) -> None:
    command(root, "build", "1", "--frames", "0-30")
    command(root, "build", "1", "--frames", "60")
    assert [path.name for path in (root / "dist/_preview").glob("*.mp4")] == [f"{NAME}_60-90.mp4"]
    foreign = root / f"dist/_preview/{NAME}_0-30.mp4"
    foreign.write_text("mine")
    ran = command(root, "build", "1", "--frames", "0-30")
    assert ran.returncode != 0
    assert foreign.read_text() == "mine"
    foreign.unlink()


@pytest.mark.parametrize("frames", ["60-91", "90", "200-300"])
def test_frames_outside_of_the_film_are_refused(root: Path, frames: str) -> None:
    ran = command(root, "build", "1", "--frames", frames)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: the film has 90 frames: 0 to 89\n")


@pytest.mark.parametrize(("when", "number"), [("f42", 42), ("1.4", 42), ("2.99", 89)])
def test_a_still_is_the_films_own_frame_before_it_is_encoded(
    root: Path, tmp_path: Path, when: str, number: int
) -> None:
    ran = command(root, "still", f"1@{when}", str(tmp_path / "out.png"))
    assert ran.returncode == 0, ran.stderr
    assert made_actions(ran) <= {"scene", f"render/{number:04}"}
    picture = np.asarray(Image.open(tmp_path / "out.png"))
    assert picture.shape == (64, 64, 3)
    assert (picture == filmed(root, number)).all()
    assert (root / "episodes").exists()


def filmed(root: Path, number: int) -> np.ndarray:
    """The rasteriser's picture of the scene for the row of this frame of the film."""
    from episodec.series.session import opened, places

    request = Request(targets=(str(root / "episodes"),), environment={"HOME": "/nonexistent"})
    ((place, targets),) = places(request.targets)
    with opened(place, targets, request, lambda _: None) as session:
        (loaded,) = session.load_selected()
        (chunk,) = (
            one
            for one in loaded.lowered.actions
            if one.id == f"d13-001/render/{number // 30 * 30:04}-{number // 30 * 30 + 30:04}"
        )
        rows = unpack(chunk.inputs["frames.rows"][0].content)  # type: ignore[union-attr]
    scene_of = columnar(decode_scene((root / "episodes/media/one.scene").read_bytes()))
    row = int(rows.order[number % 30])
    studio = lit(gradient([values(colour) for colour in STUDIO.colours], rows.size), STUDIO.falloff)
    return render(scene_of, view_of(rows, row), time=float(rows.scene_time[row]), background=studio)


@pytest.mark.parametrize("when", ["f90", "3", "99.5"])
def test_a_still_outside_of_the_film_is_refused(root: Path, tmp_path: Path, when: str) -> None:
    ran = command(root, "still", f"1@{when}", str(tmp_path / "out.png"))
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: the film has 90 frames: 0 to 89, 3 s\n")
    assert not (tmp_path / "out.png").exists()


def test_the_film_has_what_was_looked_at_before_and_takes_the_place_of_the_preview(root: Path) -> None:
    assert command(root, "open", "1", "--print").returncode == 2
    command(root, "build", "1", "--frames", "0-30")
    preview = [frame.copy() for frame in frames_of(root / f"dist/_preview/{NAME}_0-30.mp4")]
    assert f"  remove   dist/_preview/{NAME}_0-30.mp4\n" in command(root, "plan").stdout
    ran = command(root, "build")
    assert made_actions(ran) & {"voice/0001", "voice/0002", "scene", "render/0000-0030", "mix"} == set()
    assert not list((root / "dist/_preview").rglob("*.mp4"))
    film = list(frames_of(root / f"dist/video/{NAME}.mp4"))[:30]
    assert all((a == b).all() for a, b in zip(preview, film, strict=True))


def test_the_film_and_the_page_are_opened_by_the_platform_or_the_browser(root: Path, tmp_path: Path) -> None:
    command(root, "build")
    film, page = root / f"dist/video/{NAME}.mp4", root / "dist/index.html"
    assert command(root, "open", "1", "--print").stdout == f"dist/video/{NAME}.mp4\n"
    assert command(root, "open", "--print").stdout == "dist/index.html\n"
    alone = {"PATH": str(tmp_path)}
    assert command(root, "open", **alone).returncode == 0  # Nothing opens files: its path is enough.
    folder = tmp_path / "bin"
    assert command(root, "open", "1", **program(folder, "xdg-open")).returncode == 0
    assert given(folder) == [str(film)]
    browser = {**program(folder, "lynx"), "BROWSER": "nothing:lynx -x %s"}
    assert command(root, "open", **browser).returncode == 0
    assert given(folder) == [str(film), "-x", str(page)]
    assert command(root, "open", **program(folder, "xdg-open", 3)).returncode == 1


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("72/3", ("72", 3)),
        ("72", ("72", None)),
        ("d13/72", ("d13/72", None)),
        ("d13/72/3", ("d13/72", 3)),
        ("nowhere/a.yaml", ("nowhere/a.yaml", None)),
    ],
)
def test_a_sentence_is_named_behind_its_episode(text: str, given: tuple[str, int | None]) -> None:
    assert sentence_of(text) == given


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("72@14.2", ("72", AtSecond(Fraction("14.2")))),
        ("d13/72@f426", ("d13/72", AtFrame(426))),
        ("a@b.episode.yaml@0", ("a@b.episode.yaml", AtSecond(Fraction(0)))),
        ("72", None),
        ("72@", None),
        ("72@-1", None),
        ("@3", None),
        ("72@x", None),
    ],
)
def test_a_moment_is_named_behind_its_episode(text: str, given: tuple[str, Moment] | None) -> None:
    if given is None:
        with pytest.raises(UsageError, match="does not name a frame"):
            moment_of(text)
    else:
        assert moment_of(text) == given
