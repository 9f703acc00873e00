"""Notes as an author sees them: in a build's lines, in `status`, in `explain`, and as programs read them."""

import json
from pathlib import Path

import pytest

from tests.builds.studio import SERIES, Studio
from tests.cli.command import episodec, toy

LINE = "note    d13-001/voice                        «Hey!» is loud [toy-loud] episodes/001.episode.yaml:4"


FILMS = "".join(f"film    dist/video/alpha_d13_episode{number}.mp4\n" for number in (1, 2))


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two episodes, the first of which has a note."""
    actual = Studio(tmp_path).start()
    actual.write("episodes/series.yaml", SERIES.replace("voice: say", "voice: tell"))
    actual.episode(1, text="Hey! Listen.")
    return actual


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("words", [(), ("-q",), ("-v",)])
def test_a_build_says_what_came_out_otherwise_with_its_place_and_a_hint(studio: Studio, words: tuple[str, ...]) -> None:
    lines = toy(studio, "build", *words).stderr.splitlines()
    assert lines[lines.index(LINE) + 1] == "  help: say it softly"
    assert lines.count(LINE) == 1


def test_a_build_that_reuses_it_says_so_again_and_one_with_nothing_to_do_how_many(studio: Studio) -> None:
    assert toy(studio, "build").stdout.splitlines()[0].endswith(" · 1 with notes, see `episodec status`")
    studio.episode(1, text="Hey! Listen.", prompt="another room")
    assert LINE in toy(studio, "build").stderr.splitlines()
    output = f"2 episodes: all current · 1 with notes, see `episodec status`\n{FILMS}"
    for again in (toy(studio, "build"), toy(studio, "build", "-v"), episodec(studio.root, "build")):
        assert again.stdout == output
        assert "is loud" not in again.stderr
    studio.episode(1, text="Listen.")
    assert "with notes" not in toy(studio, "build").stdout
    assert episodec(studio.root, "build").stdout == f"2 episodes: all current\n{FILMS}"


def test_status_names_them(studio: Studio) -> None:
    toy(studio, "build")
    assert toy(studio, "status").stdout.splitlines() == [
        "current  episodes/001.episode.yaml",
        "  note  d13-001/voice  «Hey!» is loud [toy-loud] episodes/001.episode.yaml:4",
        "        help: say it softly",
        "current  episodes/002.episode.yaml",
        "2 episodes: 2 current · 1 with notes",
    ]
    studio.episode(1, text="Hey! Listen.", title="Another")
    assert "is loud" not in toy(studio, "status").stdout  # It is not what would be built now.


def test_warnings_of_a_spec_stand_with_it(studio: Studio) -> None:
    studio.episode(1, text="Say *this*.")
    built = toy(studio, "build")
    assert "warning[E251]" in built.stderr
    assert built.stdout.splitlines()[0].endswith(" · 1 with notes, see `episodec status`")
    again = episodec(studio.root, "build")
    assert again.stdout.splitlines()[0] == "2 episodes: all current · 1 with notes, see `episodec status`"
    assert again.stderr == ""
    lines = toy(studio, "status").stdout.splitlines()
    assert lines[0] == "current  episodes/001.episode.yaml"
    assert lines[1].startswith("  warning  d13-001  ")
    assert lines[1].endswith(" [E251] episodes/001.episode.yaml:4")
    assert lines[-1] == "2 episodes: 2 current · 1 with notes"
    (messages,) = json.loads(toy(studio, "status", "--json").stdout)["status"][0]["episodes"][0]["notes"]
    assert messages["note"]["code"] == "E251"
    studio.episode(1, text="Say *this*.", more="allow: [E251]\n")
    assert "with notes" not in toy(studio, "build").stdout
    assert toy(studio, "status").stdout.splitlines()[-1] == "2 episodes: 2 current"


def test_programs_hear_of_them_allowed_or_not(studio: Studio) -> None:
    def note(*, allowed: bool) -> dict[str, object]:
        output = {"code": "toy-loud", "sentence": "«Hey!» is loud", "facts": {"word": "Hey!"}, "hint": "say it softly"}
        return {"id": "d13-001/voice", "note": output, "line": 4, "allowed": allowed}

    def reported_notes() -> list[object]:
        process = events(toy(studio, "build", "--json").stdout)
        return [(one["spec"], one["note"]) for one in process if one["event"] == "note-told"]

    spec = "episodes/001.episode.yaml"
    assert reported_notes() == [(spec, note(allowed=False))]
    studio.episode(1, text="Hey! Listen.", more="allow: [toy-loud]\n")
    assert reported_notes() == [(spec, note(allowed=True))]
    status = json.loads(toy(studio, "status", "--json").stdout)["status"]
    assert [one["notes"] for one in status[0]["episodes"]] == [[note(allowed=True)], []]
    process = [toy(studio, *words) for words in (("build",), ("build", "-B"), ("status",))]
    assert not any("loud" in one.stdout or "loud" in one.stderr or "with notes" in one.stdout for one in process)


def test_many_episodes_list_those_with_notes(studio: Studio) -> None:
    for number in range(3, 103):
        studio.episode(number)
    toy(studio, "build")
    lines = toy(studio, "status").stdout.splitlines()
    assert lines[0] == "current  episodes/001.episode.yaml"
    assert lines[1].startswith("  note  d13-001/voice  ")
    assert lines[3:] == ["102 episodes: 102 current · 1 with notes"]


def test_an_actions_note_is_said_once_a_build_however_many_episodes_have_it(studio: Studio) -> None:
    """Of twins each is said: they are actions of their own."""
    studio.episode(2, text="Hey! Listen.")
    lines = [line for line in toy(studio, "build").stderr.splitlines() if line.startswith("note")]
    assert lines == [LINE, LINE.replace("001", "002")]


def test_explain_knows_notes(studio: Studio) -> None:
    assert toy(studio, "explain", "toy-loud").stdout.splitlines()[0] == "toy-loud (note): A word is loud."
    assert any(line.split() == ["toy-quiet", "note", "A", "word", "is", "quiet."] for line in _listed(studio))


def _listed(studio: Studio) -> list[str]:
    return toy(studio, "explain").stdout.splitlines()
