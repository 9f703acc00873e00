import subprocess
import sys
from pathlib import Path

import pytest

from episodec.errors import StoreError, StoreFormatError
from episodec.store.layout import open_layout
from tests.store.looking import names_in


def test_a_new_cache_is_marked_for_backup_programs_and_git(tmp_path: Path) -> None:
    layout = open_layout(tmp_path / "a" / "cache")
    root = Path(layout.root)
    assert (root / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")
    assert (root / ".gitignore").read_text() == "*\n"
    assert (root / "FORMAT").read_text() == "episodec-store 1\n"


def test_folders_that_were_deleted_come_back(tmp_path: Path) -> None:
    layout = open_layout(tmp_path / "cache")
    Path(layout.work).rmdir()
    Path(layout.blobs).rmdir()
    open_layout(tmp_path / "cache")
    assert Path(layout.work).is_dir()
    assert Path(layout.blobs).is_dir()


@pytest.mark.parametrize("text", ["episodec-store 0\n", "episodec-store 2\n", "", "something else"])
def test_a_store_of_another_format_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    root = tmp_path / "cache"
    root.mkdir()
    (root / "FORMAT").write_text(text)
    with pytest.raises(StoreFormatError) as caught:
        open_layout(root)
    assert f"mv {root} {root}.old" in (caught.value.hint or "")
    assert names_in(root) == ["FORMAT"]


def test_a_file_in_the_place_of_the_cache_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StoreError, match="cannot be used"):
        open_layout(tmp_path / "cache")


def test_the_light_modules_import_nothing_heavy() -> None:
    code = (
        "import sys; import episodec.store.index, episodec.store.signature;"
        "print(*{'typing', 'dataclasses', 'pathlib', 'json', 'contextlib', 'xxhash', 're'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=False)
    if done.returncode:  # Installed where only site finds it.
        path = str(Path(__file__).parents[2])
        code = f"import sys; sys.path.insert(0, {path!r}); {code}"
        done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("folder", ["blobs", "damaged", "incoming", "locks", "logs", "runs", "scratch", "work"])
def test_a_folder_of_the_cache_that_is_a_link_is_refused_and_nothing_behind_it_is_touched(
    tmp_path: Path, folder: str
) -> None:
    """As an archive from elsewhere may have it: what lies in these folders is removed one day."""
    (tmp_path / "elsewhere/thesis").mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / folder).symlink_to("../elsewhere")
    with pytest.raises(StoreError, match="a folder of the cache is a link") as caught:
        open_layout(tmp_path / "cache")
    assert caught.value.facts["folder"] == str(tmp_path / "cache" / folder)
    assert names_in(tmp_path / "elsewhere") == ["thesis"]
    assert names_in(tmp_path / "cache") == [folder]
