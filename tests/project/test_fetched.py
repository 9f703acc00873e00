"""Files that were not fetched are named as that, by whatever keeps them elsewhere, and wherever they are named."""

from pathlib import Path

import pytest

from episodec.errors import BackendError, SettingsError
from episodec.faces.portrait import check_portrait
from episodec.project.references import resolve
from episodec.tools.diffusers_folder import INDEX, model_files
from episodec.tools.installed import path_setting
from tests.builds.studio import Studio

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 560914\n".format("4d" * 32)
ANNEX = ".git/annex/objects/Xk/m3/SHA256E-s560914--{}.png/SHA256E-s560914--{}.png".format("4d" * 32, "4d" * 32)


def wrong_with(root: Path, text: str) -> tuple[str, str, str | None]:
    actual, wrong = resolve(str(root), "", text, "spec", None)
    assert (actual is None) == (wrong is not None)
    return ("", "", None) if wrong is None else (wrong.code, wrong.message, wrong.help)


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text(POINTER)
    sentence = "'a.wav' is a Git LFS pointer in place of the file"
    assert wrong_with(tmp_path, "a.wav") == ("F424", sentence, "`git lfs pull` fetches it")


@pytest.mark.parametrize("content", ["", "version https://example.org/1\n", POINTER + "x" * 1024, "x" * 100])
def test_other_small_files_are_files(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.wav").write_text(content)
    assert wrong_with(tmp_path, "a.wav") == ("", "", None)


@pytest.mark.parametrize("way", ["link", "link as text", "unlocked"])
def test_what_git_annex_leaves_is_named(tmp_path: Path, way: str) -> None:
    if way == "link":
        (tmp_path / "a.png").symlink_to(ANNEX)
    else:
        (tmp_path / "a.png").write_text(ANNEX if way == "link as text" else f"/annex/objects/{ANNEX[36:]}\n")
    code, message, hint = wrong_with(tmp_path, "a.png")
    assert (code, hint) == ("F424", "`git annex get` fetches it")
    assert "git-annex" in message


def test_a_link_of_git_annex_to_a_file_that_is_here_is_that_file(tmp_path: Path) -> None:
    (tmp_path / ANNEX).parent.mkdir(parents=True)
    (tmp_path / ANNEX).write_bytes(b"content")
    (tmp_path / "a.png").symlink_to(ANNEX)
    assert wrong_with(tmp_path, "a.png") == ("", "", None)


def test_a_link_of_git_annex_above_the_project_is_to_be_unlocked(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.png").symlink_to(f"../{ANNEX}")
    code, _, hint = wrong_with(root, "a.png")
    assert (code, hint) == ("F404", "`git annex unlock` puts the file itself here")


@pytest.mark.parametrize("inside", ["", "project"])
def test_a_submodule_that_is_not_checked_out_is_named(tmp_path: Path, inside: str) -> None:
    root = tmp_path / inside
    (root / "media").mkdir(parents=True)
    path = f"{inside}/media" if inside else "media"
    (tmp_path / ".gitmodules").write_text(f'[submodule "recordings"]\n\tpath = {path}\n\turl = ../recordings\n')
    code, message, hint = wrong_with(root, "media/a.wav")
    assert (code, hint) == ("F424", "`git submodule update --init` fetches it")
    assert "the submodule `media` is not checked out" in message
    (root / "media/b.wav").touch()
    assert wrong_with(root, "media/a.wav")[0] == "F401"


def test_an_empty_folder_is_no_submodule(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    assert wrong_with(tmp_path, "media/a.wav")[0] == "F401"


def test_a_file_that_dvc_keeps_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav.dvc").write_text("outs:\n- md5: 0\n  path: a.wav\n")
    assert wrong_with(tmp_path, "a.wav")[::2] == ("F424", "`dvc pull` fetches it")


@pytest.mark.parametrize(
    "name",
    [
        "episodes/media/001.mp4",
        "episodes/characters/alpha/alpha-ref.png",
        "episodes/characters/alpha/ref_alpha.npy",
        "episodes/001.episode.yaml",
    ],
)
def test_validate_names_pointers_of_every_file(tmp_path: Path, name: str) -> None:
    studio = Studio(tmp_path).start(1)
    studio.write(name, POINTER)
    outcome = studio.build()
    assert (set(studio.codes(outcome)), outcome.exit_code) == ({"F424"}, 1)


def test_a_picture_that_a_command_names_and_a_model_of_this_machine_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text(POINTER)
    with pytest.raises(BackendError, match="a Git LFS pointer") as caught:
        check_portrait(tmp_path / "a.png")
    assert caught.value.hint == "`git lfs pull` fetches it"
    with pytest.raises(SettingsError, match="a Git LFS pointer"):
        path_setting({"checkpoint": str(tmp_path / "a.png")}, "checkpoint", "a checkpoint", folder=False)
    (tmp_path / "vae").mkdir()
    (tmp_path / INDEX).write_text('{"vae": ["diffusers", "AutoencoderKL"]}')
    (tmp_path / "vae/model.safetensors").write_text(POINTER)
    with pytest.raises(SettingsError, match="a Git LFS pointer"):
        model_files(tmp_path)
