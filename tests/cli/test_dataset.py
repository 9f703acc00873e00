"""`episodec dataset inspect` on a zip, on a folder and on what the cache has of a character."""

import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from episodec.errors import UsageError
from episodec.questions.dataset import dataset
from episodec.session import Request
from episodec.splat.dataset import write_dataset
from tests.builds import test_hybrid_matrix as hybrid
from tests.cli.test_new import episodec
from tests.splat.datasets import little


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "dataset.zip"
    path.write_bytes(write_dataset(*little()))
    return path


def test_a_zip_is_told_as_a_table_and_drawn(zipped: Path) -> None:
    said = episodec(zipped.parent, "dataset", "inspect", zipped.name, "--picture", "cameras.png")
    assert (said.returncode, said.stderr) == (0, "")
    head, names, first, *_ = said.stdout.splitlines()
    assert head == "dataset.zip: 7 frames of 8 x 8, 43.6 degrees, 5 points"
    assert names.split() == ["kind", "split", "file", "time", "azimuth", "elevation", "distance"]
    assert first.split() == ["spatial", "train", "train/spatial_000.png", "0.5000", "0.0", "0.0", "2.000", "m"]
    with Image.open(zipped.parent / "cameras.png") as image:
        assert image.size[0] == 1600
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 30


def test_names_in_a_zip_drive_no_terminal(tmp_path: Path) -> None:
    frame = {
        "file_path": "\x1b[31m\u202e\n",
        "time": 1,
        "transform_matrix": [[float(a == b) for a in range(4)] for b in range(4)],
    }
    table = json.dumps({"fl_x": 9, "w": 8, "h": 8, "frames": [frame]})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for split in ("train", "test"):
            archive.writestr(f"transforms_{split}.json", table)
    said = episodec(tmp_path, "dataset", "inspect", "a.zip")
    assert said.returncode == 0
    assert all(one.isprintable() or one == "\n" for one in said.stdout)
    assert len(said.stdout.splitlines()) == 4


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


@pytest.mark.parametrize(("name", "sentence"), [("empty", "no dataset"), ("bad.zip", "no sound zip")])
def test_what_is_no_dataset_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    said = episodec(tmp_path, "dataset", "inspect", name)
    assert said.returncode in {1, 2}
    assert sentence in said.stderr


def test_a_characters_dataset_is_found_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = hybrid.start(tmp_path / "project")
    monkeypatch.chdir(studio.root)
    request = Request(environment=studio.environment, backends=studio.backends)
    with pytest.raises(UsageError, match="not made yet"):
        dataset(request, "alpha")
    with pytest.raises(UsageError, match="no episode of such a character"):
        dataset(request, "beta")
    assert studio.build().exit_code == 0
    found, _ = dataset(request, "alpha")
    assert [one.kind for one in found.frames].count("spatial") == 3
    assert found.size == (48, 48)
    hybrid.write(studio, VAL="9")
    with pytest.raises(UsageError, match="not as its files stand"):
        dataset(request, "alpha")
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    with pytest.raises(UsageError, match="no trained scene"):
        dataset(request, "alpha")
