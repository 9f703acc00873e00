"""`episodec dataset inspect` on a zip, on a folder and on what the cache has of a character."""

import json
import shutil
import zipfile
from contextlib import chdir
from pathlib import Path

import pytest
from PIL import Image

from episodec.errors import BackendError, RejectedSpecs, UsageError
from episodec.questions.dataset import Contents, dataset
from episodec.series.request import Request
from episodec.splat.dataset import write_dataset
from tests.builds import test_hybrid_matrix as hybrid
from tests.builds.studio import Studio
from tests.cli.command import episodec
from tests.splat.datasets import little


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "dataset.zip"
    path.write_bytes(write_dataset(*little()))
    return path


def test_a_zip_is_told_as_a_table_and_drawn(zipped: Path) -> None:
    process = episodec(zipped.parent, "dataset", "inspect", zipped.name, "--picture", "cameras.png")
    assert (process.returncode, process.stderr) == (0, "")
    head, names, first, *_ = process.stdout.splitlines()
    assert head == "dataset.zip: 7 frames of 8 x 8, 43.6 degrees, 5 points"
    assert names.split() == ["kind", "split", "file", "time", "azimuth", "elevation", "distance"]
    assert first.split() == ["spatial", "train", "train/spatial_000.png", "0.5000", "0.0", "0.0", "2.000", "m"]
    with Image.open(zipped.parent / "cameras.png") as image:
        assert image.size[0] == 1600
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 30


def test_a_picture_has_no_name_that_says_something_else(zipped: Path) -> None:
    refused = episodec(zipped.parent, "dataset", "inspect", zipped.name, "--picture", "cameras.jpg")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[0] == "error: the picture's name must end in .png"
    assert not (zipped.parent / "cameras.jpg").exists()


def test_names_in_a_zip_drive_no_terminal(tmp_path: Path) -> None:
    frame = {
        "file_path": "\x1b[31m\u202e\n",
        "time": 1,
        "transform_matrix": EYE,
    }
    table = json.dumps({"fl_x": 9, "w": 8, "h": 8, "frames": [frame]})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for split in ("train", "test"):
            archive.writestr(f"transforms_{split}.json", table)
    process = episodec(tmp_path, "dataset", "inspect", "a.zip")
    assert process.returncode == 0
    assert all(one.isprintable() or one == "\n" for one in process.stdout)
    assert len(process.stdout.splitlines()) == 4


def test_a_folder_says_the_same_as_its_zip_and_needs_no_points(zipped: Path) -> None:
    folder = zipped.parent / "unpacked"
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    (folder / "fused.ply").unlink()
    packed, loose = (
        json.loads(episodec(zipped.parent, "dataset", "inspect", name, "--json").stdout)["dataset"]
        for name in (zipped.name, "unpacked")
    )
    assert loose["frames"] == packed["frames"]
    assert (packed["points"], loose["points"]) == (5, None)


EYE = [[float(a == b) for a in range(4)] for b in range(4)]


def unpacked(folder: Path, picture: str, **given: int) -> Path:
    """A dataset in a folder, of one picture."""
    frame = {"file_path": picture, "time": 1, "transform_matrix": EYE}
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"transforms_{split}.json").write_text(json.dumps({"fl_x": 9, **given, "frames": [frame]}))
    return folder


@pytest.mark.parametrize("name", ["a", "train/a", "train/near/a"])
def test_pictures_in_a_folder_are_found_wherever_they_lie(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path / "folder", f"./{name}")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGBA", (8, 6)).save(folder / f"{name}.png")
    assert dataset(Request(), str(folder))[0].size == (8, 6)


def test_pictures_in_a_folder_are_read_only_where_they_tell_the_size(tmp_path: Path) -> None:
    for name in ("told", "not-told"):
        folder = unpacked(tmp_path / name, "train/a", **({"w": 8, "h": 8} if name == "told" else {}))
        (folder / "train").mkdir()
        (folder / "train/a.png").symlink_to("a.png")  # A loop: nobody can read it.
    assert dataset(Request(), str(tmp_path / "told"))[0].size == (8, 8)
    with pytest.raises(UsageError, match="a file cannot be read") as refused:
        dataset(Request(), str(tmp_path / "not-told"))
    assert refused.value.facts["file"].endswith("not-told/train/a.png")


@pytest.mark.parametrize("name", ["../a", "train/../../a", "FOLDER/a", "a\0", "\ud800", "folder", "a/b"])
def test_pictures_outside_of_a_folder_are_none_of_it(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path / "folder", name.replace("FOLDER", str(tmp_path)))
    (folder / "folder.png").mkdir()
    Image.new("RGBA", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(BackendError, match="the dataset lacks a picture"):
        dataset(Request(), str(folder))


@pytest.mark.parametrize(("name", "sentence"), [("empty", "not a dataset"), ("bad.zip", "not a valid zip")])
def test_what_is_no_dataset_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    process = episodec(tmp_path, "dataset", "inspect", name)
    assert process.returncode in {1, 2}
    assert sentence in process.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = hybrid.start(tmp_path_factory.mktemp("hybrid") / "project")
    with pytest.raises(UsageError, match="not been made yet"):
        asked(studio)
    assert studio.build().exit_code == 0
    return studio


@pytest.fixture
def studio(built: Studio) -> Studio:
    hybrid.write(built)
    return built


def asked(studio: Studio, name: str = "alpha", folder: str = "episodes") -> Contents:
    with chdir(studio.root / folder):
        return dataset(Request(environment=studio.environment, backends=studio.backends), name)[0]


def test_a_characters_dataset_is_found_in_the_cache(studio: Studio) -> None:
    with pytest.raises(UsageError, match="no episode with such a character"):
        asked(studio, "beta")
    actual = asked(studio)
    assert [one.kind for one in actual.frames].count("spatial") == 3
    assert actual.size == (48, 48)
    hybrid.write(studio, VAL="9")
    with pytest.raises(UsageError, match="for its present files"):
        asked(studio)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    with pytest.raises(UsageError, match="no trained scene"):
        asked(studio)


def test_it_needs_nothing_set_up_that_it_does_not_hang_on(studio: Studio) -> None:
    voiced = hybrid.SERIES.replace("voice: say", "voice: fish-speech")
    studio.write("episodes/series.yaml", voiced)
    studio.write(
        "episodes/characters/alpha/character.yaml", f"{hybrid.filled(hybrid.CHARACTER)}voice: {{transcript: One.}}\n"
    )
    assert asked(studio).size == (48, 48)


@pytest.mark.parametrize("file", ["series.yaml", "characters/alpha/character.yaml"])
def test_where_errors_hide_the_episodes_it_is_not_said_that_there_are_none(studio: Studio, file: str) -> None:
    studio.write(f"episodes/{file}", "episodec: 1\ncolour: red\n")
    with pytest.raises(RejectedSpecs, match="have errors"):
        asked(studio)


def test_of_several_series_none_is_taken_for_the_one_that_is_meant(studio: Studio, tmp_path: Path) -> None:
    twins = Studio(tmp_path, studio.backends, studio.environment)
    for folder in ("episodes", "other"):
        shutil.copytree(studio.root / "episodes", twins.root / folder)
    with pytest.raises(UsageError, match="several series"):
        asked(twins, folder=".")
