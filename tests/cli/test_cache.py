"""`episodec cache`: a shared cache filled, listed, read, verified, thinned, and rid of what was made of a file."""

import os
import time
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.toy import main
from tests.remote.machines import Laboratory


class Desk:
    """A command line on machines that share a folder."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.laboratory = Laboratory(root)
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, studio: Studio, *words: str) -> tuple[int, list[str]]:
        """The exit code and the lines on stdout, with a last one about an error."""
        for name, value in studio.environment.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.chdir(studio.root / "episodes")
        self._capsys.readouterr()
        code = main(list(words))
        captured = self._capsys.readouterr()
        return code, captured.out.splitlines() + [
            line for line in captured.err.splitlines() if line.startswith("error")
        ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.fixture
def filled(desk: Desk) -> Studio:
    studio = desk.laboratory.machine("first", write="main")
    assert studio.build().exit_code == 0
    return studio


def test_a_key_is_made_once_and_never_replaced(desk: Desk) -> None:
    studio = desk.laboratory.machine("first")
    file = desk.laboratory.root / "keys/mine"
    code, lines = desk.run(studio, "cache", "keygen", str(file))
    assert code == 0
    assert lines[0].startswith("ed25519:")
    assert file.read_text().startswith("ed25519-secret:")
    assert file.read_text().strip() not in "\n".join(lines)
    before = file.read_bytes()
    assert desk.run(studio, "cache", "keygen", str(file)) == (
        2,
        ["error: the file exists, and may be the only copy of a key"],
    )
    assert file.read_bytes() == before


def test_results_are_listed_and_measured(desk: Desk, filled: Studio) -> None:
    code, lines = desk.run(filled, "cache", "ls")
    assert code == 0
    assert lines[-1] == f"6 results in {desk.laboratory.url}"
    assert len([line for line in lines if line.startswith("main  voice")]) == 2
    code, lines = desk.run(filled, "cache", "du")
    assert code == 0
    assert lines[0].split() == ["main", "6", "results", "5", "contents", "52", "B"]


def test_a_push_fills_an_empty_cache_and_a_pull_fetches_all(desk: Desk) -> None:
    early = Studio(desk.laboratory.root / "early", environment=desk.laboratory.environment("early")).start()
    assert early.build().exit_code == 0
    assert desk.run(early, "cache", "push")[1] == ["error: this machine does not write to a shared cache"]
    desk.laboratory.settings("early", write="main")
    assert desk.run(early, "cache", "push") == (0, ["6 results written, 52 B · 0 were there"])
    assert desk.run(early, "cache", "push") == (0, ["0 results written, 0 B · 6 were there"])
    late = desk.laboratory.machine("late")
    assert desk.run(late, "cache", "pull") == (0, ["6 of 6 results are here · 52 B fetched"])
    for path in desk.laboratory.objects():
        path.unlink()
    assert late.build().exit_code == 0
    assert late.ran() == set()


def test_verify_names_what_is_wrong(desk: Desk, filled: Studio) -> None:
    assert desk.run(filled, "cache", "verify", "--bytes") == (0, ["6 results checked, 0 not trusted or incomplete"])
    records = desk.laboratory.objects("ac")
    records[0].write_bytes(b"{}")
    records[1].rename(records[1].with_name("0" * 64))
    content = max(desk.laboratory.objects("cas"), key=lambda path: path.stat().st_size)
    content.write_bytes(b"x" * content.stat().st_size)
    code, lines = desk.run(filled, "cache", "verify", "--bytes")
    assert code == 1
    text = "\n".join(lines)
    assert "it is not a record" in text
    assert "it is stored under another name" in text
    assert "has other bytes" in text or "3 not trusted" not in text


def test_gc_removes_old_results_and_the_contents_that_only_they_name(desk: Desk, filled: Studio) -> None:
    kept, *old = desk.laboratory.objects("ac")
    days_ago = time.time() - 40 * 86400
    for path in [*old, *desk.laboratory.objects("cas")]:
        os.utime(path, (days_ago, days_ago))
    code, lines = desk.run(filled, "cache", "gc", "--older-than", "30", "-n")
    assert code == 0
    assert lines[0].startswith("5 results and ")
    assert len(desk.laboratory.objects()) == 11
    assert desk.run(filled, "cache", "gc", "--older-than", "30")[0] == 0
    assert desk.laboratory.objects("ac") == [kept]
    assert len(desk.laboratory.objects("cas")) == 1
    assert desk.run(filled, "cache", "verify")[0] == 0


def test_gc_keeps_the_contents_of_records_that_this_machine_does_not_believe(desk: Desk, filled: Studio) -> None:
    days_ago = time.time() - 40 * 86400
    for path in desk.laboratory.objects("cas"):
        os.utime(path, (days_ago, days_ago))
    desk.laboratory.settings("first", write="main", trust=[])
    before = desk.laboratory.objects()
    assert desk.run(filled, "cache", "gc", "--older-than", "30")[1] == [
        "0 results and 0 contents, 0 B removed from `main`"
    ]
    assert desk.laboratory.objects() == before


def test_forget_removes_what_was_made_of_a_recording_everywhere(desk: Desk) -> None:
    studio = desk.laboratory.machine("first", write="main")
    studio.write("episodes/media/voice.wav", "a recording of a person")
    spec = (studio.root / "episodes/001.episode.yaml").read_text()
    spoken = spec.replace("voice: {text: Words of episode 1.}", "voice: {file: media/voice.wav}")
    studio.write("episodes/001.episode.yaml", spoken)
    assert studio.build().exit_code == 0, studio.events
    person = b"a recording of a person"
    holding = [path for path in studio.root.rglob("*") if path.is_file() and person in path.read_bytes()]
    assert {path.relative_to(studio.root).parts[0] for path in holding} == {"episodes", "cache", "dist"}
    assert [path for path in desk.laboratory.objects("cas") if person in path.read_bytes()]

    code, lines = desk.run(studio, "cache", "forget", "media/voice.wav", "-n")
    assert code == 0
    assert [path for path in desk.laboratory.objects("cas") if person in path.read_bytes()]
    code, lines = desk.run(studio, "cache", "forget", "media/voice.wav")
    assert code == 0
    assert lines[1] == "  from the cache removed: 1 result of 1 action, 27 B"
    assert lines[2] == "  from the shared cache removed: 1 result, 27 B"
    assert "    dist/static/audio/alpha_d13_episode1_voice.wav" in lines
    assert any("its history in git" in line for line in lines)
    holding = [path for path in studio.root.rglob("*") if path.is_file() and person in path.read_bytes()]
    assert holding == [studio.root / "episodes/media/voice.wav"]
    assert not [path for path in desk.laboratory.objects("cas") if person in path.read_bytes()]
    assert len(desk.laboratory.objects("ac")) == 5
    assert (studio.root / "dist/video/alpha_d13_episode2.mp4").is_file()

    studio.write("episodes/001.episode.yaml", spec)
    assert studio.build().exit_code == 0
    assert studio.ran() == {"d13-001/voice"}


def test_forget_refuses_what_nothing_is_made_of(desk: Desk, filled: Studio) -> None:
    code, lines = desk.run(filled, "cache", "forget", "series.yaml")
    assert (code, lines) == (2, ["error: nothing is made of this file"])


def test_without_a_shared_cache_the_commands_say_so(desk: Desk) -> None:
    alone = Studio(desk.laboratory.root / "alone", environment=desk.laboratory.environment("alone")).start()
    for words in (["ls"], ["du"], ["verify"], ["gc", "--older-than", "3"], ["pull"]):
        code, lines = desk.run(alone, "cache", *words)
        assert (code, lines) == (2, ["error: there is no shared cache"]), words


def test_commands_over_plain_http_say_that_it_cannot_be_listed(desk: Desk) -> None:
    studio = desk.laboratory.machine("first", url="http://127.0.0.1:9/cache")
    code, lines = desk.run(studio, "cache", "ls")
    assert (code, lines) == (1, ["error: a shared cache over HTTP cannot be listed"])
