"""A commit's project is written out as far as episodes need it, and a hostile one reaches nothing outside."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from episodec.errors import ProjectError, UsageError
from episodec.project.fetched import put_fetched
from episodec.project.git import checkout_of
from episodec.project.git_trees import commit_of, entries, merge_base
from episodec.project.tree import Place
from episodec.project.written_out import WrittenOut, write_out
from tests.project.test_git import checkout, git

SERIES = "episodec: 1\ntitle: T\nseason: s\ncharacter: alpha\ndisclosure: D.\nprofiles: {draft: {}}\n"
SPEC = "episodec: 1\nnumber: 1\ntitle: T\nvideo: {file: media/one.mp4}\n"


def project(top: Path, **files: str) -> Path:
    checkout(top)
    for name, text in {"episodes/series.yaml": SERIES, "episodes/1.episode.yaml": SPEC, **files}.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return commit(top)


def commit(top: Path) -> Path:
    git(top, "add", "-A", "-f")
    git(top, "commit", "-q", "-m", "More")
    return top


def written(top: Path, folder: Path, revision: str = "HEAD") -> WrittenOut:
    folder.mkdir()
    of = checkout_of(str(top))
    return write_out(of, commit_of(of, revision), Place(str(top), "episodes"), str(folder))


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_only_specs_and_what_they_name_is_written(tmp_path: Path) -> None:
    named = {"episodes/media/one.mp4": "film", "episodes/characters/alpha/alpha-ref.png": "portrait"}
    others = {"episodes/media/two.mp4": "x", "README.md": "media/two.mp4", "cache/9.episode.yaml": "x"}
    top = project(tmp_path / "top", **named, **others, **{"episodes/characters/alpha/character.yaml": "episodec: 1\n"})
    answer = written(top, tmp_path / "out")
    specs = {"episodes/series.yaml", "episodes/1.episode.yaml", "episodes/characters/alpha/character.yaml"}
    assert set(files(tmp_path / "out")) == {*named, *specs}
    assert answer.mentions["episodes/1.episode.yaml"] == {"episodes/media/one.mp4"}


def test_the_commit_is_written_and_not_what_stands_now(tmp_path: Path) -> None:
    top = project(tmp_path / "top", **{"episodes/media/one.mp4": "old"})
    (top / "episodes/media/one.mp4").write_text("new")
    before = {path: path.stat().st_mtime_ns for path in top.rglob("*")}
    written(top, tmp_path / "out")
    assert files(tmp_path / "out")["episodes/media/one.mp4"] == "old"
    assert {path: path.stat().st_mtime_ns for path in top.rglob("*")} == before


def test_filters_and_hooks_of_the_checkout_do_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    top = project(tmp_path / "top", **{"episodes/media/one.mp4": "film", ".gitattributes": "*.mp4 filter=evil\n"})
    for name in ("smudge", "process"):
        git(top, "config", f"filter.evil.{name}", f"touch {mark}")
    git(top, "config", "core.fsmonitor", f"touch {mark}")
    written(top, tmp_path / "out")
    assert files(tmp_path / "out")["episodes/media/one.mp4"] == "film"
    assert not mark.exists()


def test_links_are_followed_inside_the_tree_and_written_as_they_are(tmp_path: Path) -> None:
    top = project(tmp_path / "top", **{"shared/one.mp4": "film"})
    (top / "episodes/media").symlink_to("../shared")
    (top / "episodes/2.episode.yaml").symlink_to("/etc/hostname")
    commit(top)
    written(top, tmp_path / "out")
    contents = files(tmp_path / "out")
    assert contents["shared/one.mp4"] == "film"
    assert contents["episodes/media"] == "../shared"
    assert (tmp_path / "out/episodes/media/one.mp4").read_text() == "film"
    assert contents["episodes/2.episode.yaml"] == "/etc/hostname"


FILM = b"film"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 4\n" % sha256(FILM).hexdigest().encode()


def planted(top: Path, lines: str) -> str:
    """A commit whose tree git would not make by itself."""

    def hashed(kind: str, content: bytes) -> str:
        command = ["git", "-C", str(top), "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode().strip()

    blob, link = hashed("blob", b"evil: 1\n"), hashed("blob", str(top.parent / "outside").encode())
    inner = hashed("tree", b"100644 evil.episode.yaml\0" + bytes.fromhex(blob))
    pointer = hashed("tree", b"100644 evil.png\0" + bytes.fromhex(hashed("blob", POINTER)))
    names = {"BLOB": blob, "LINK": link, "TREE": inner, "POINTER": pointer}
    content = b""
    for line in lines.split():
        mode, name, what = line.split(",")
        content += f"{mode} {name}\0".encode() + bytes.fromhex(names[what])
    commit_text = f"tree {hashed('tree', content)}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nEvil\n"
    return hashed("commit", commit_text.encode())


@pytest.mark.parametrize(
    "lines",
    [
        "40000,..,TREE",
        "100644,../evil.episode.yaml,BLOB",
        "100644,/tmp/evil.episode.yaml,BLOB",
        "40000,.git,TREE",
        "120000,outside,LINK 40000,outside,TREE",
        "40000,outside,TREE 120000,outside,LINK",
        "120000,Outside,LINK 40000,outside,TREE",
        "100644,a.episode.yaml,BLOB 100644,a.episode.yaml,BLOB",
    ],
)
def test_a_hostile_tree_writes_nothing_outside(lines: str, tmp_path: Path) -> None:
    top = project(tmp_path / "top")
    (tmp_path / "outside").mkdir()
    before = set(tmp_path.rglob("*"))
    written(top, tmp_path / "out", planted(top, lines))
    new = {path for path in set(tmp_path.rglob("*")) - before if not path.is_relative_to(tmp_path / "out")}
    assert {path for path in new if not path.is_relative_to(top / ".git")} == set()
    assert not list((tmp_path / "outside").iterdir())
    assert not (tmp_path / "out/.git").exists()


def test_a_pointer_is_replaced_by_the_file_that_it_names_and_by_no_other(tmp_path: Path) -> None:
    top = project(tmp_path / "top", **{"episodes/media/one.mp4": POINTER.decode()})
    answer = written(top, tmp_path / "out")
    for content, expected in ((b"mlif", POINTER), (FILM, FILM)):
        (top / "episodes/media/one.mp4").write_bytes(content)
        put_fetched(answer, str(top))
        assert (tmp_path / "out/episodes/media/one.mp4").read_bytes() == expected


def test_no_file_is_put_through_a_link_of_a_hostile_tree(tmp_path: Path) -> None:
    top = project(tmp_path / "top")
    outside = tmp_path / "outside"
    for folder, content in ((outside, POINTER), (top / "outside", FILM)):
        folder.mkdir()
        (folder / "evil.png").write_bytes(content)
    answer = written(top, tmp_path / "out", planted(top, "120000,outside,LINK 40000,outside,POINTER"))
    assert (tmp_path / "out/outside").is_symlink()
    put_fetched(answer, str(top))
    assert (outside / "evil.png").read_bytes() == POINTER


def test_settings_of_a_machine_are_not_taken_from_a_commit(tmp_path: Path) -> None:
    named = {"episodes/1.episode.yaml": SPEC.replace("T", "../episodec.local.yaml")}
    top = project(tmp_path / "top", **{"episodec.local.yaml": "episodec: 1\n"}, **named)
    written(top, tmp_path / "out")
    assert "episodec.local.yaml" not in files(tmp_path / "out")


def test_what_is_too_large_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("episodec.project.written_out.MOST", 1000)
    top = project(tmp_path / "top", **{"episodes/media/one.mp4": "x" * 2000})
    answer = written(top, tmp_path / "out")
    assert answer.left_out == {"episodes/media/one.mp4": "it has 2.0 kB, more than is extracted from git"}


@pytest.mark.parametrize("what", ["blob:none", "tree:0"])
def test_of_a_partial_clone_the_command_is_named_that_fetches_the_rest(what: str, tmp_path: Path) -> None:
    top = project(tmp_path / "top")
    (top / "episodes/1.episode.yaml").write_text(SPEC.replace("T", "U"))
    commit(top)
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", f"--filter={what}", top.as_uri(), "clone")
    with pytest.raises(ProjectError, match="git archive --output=/dev/null") as raised:
        written(tmp_path / "clone", tmp_path / "out", "HEAD~1")
    command = str(raised.value.hint).split("`")[1].split()
    git(tmp_path / "clone", *command[1:])
    written(tmp_path / "clone", tmp_path / "again", "HEAD~1")
    assert "title: T" in files(tmp_path / "again")["episodes/1.episode.yaml"]


def test_of_a_shallow_clone_the_command_is_named(tmp_path: Path) -> None:
    top = project(tmp_path / "top")
    git(tmp_path, "clone", "-q", "--depth=1", top.as_uri(), "clone")
    of = checkout_of(str(tmp_path / "clone"))
    with pytest.raises(UsageError, match="git fetch"):
        commit_of(of, "HEAD~1")


def test_a_revision_is_never_an_option(tmp_path: Path) -> None:
    of = checkout_of(str(project(tmp_path / "top")))
    with pytest.raises(UsageError, match="no such commit"):
        commit_of(of, "--all")


def test_a_folder_that_the_commit_does_not_have_is_empty(tmp_path: Path) -> None:
    of = checkout_of(str(project(tmp_path / "top")))
    assert entries(of, commit_of(of, "HEAD"), "shows/beta") == []
    assert merge_base(of, "HEAD", "HEAD~1") == commit_of(of, "HEAD~1")


def test_without_a_checkout_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in a git checkout"):
        checkout_of(str(tmp_path))
