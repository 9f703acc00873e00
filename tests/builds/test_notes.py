"""Notes on their way: told by a backend, kept with the result, heard by each author, in each build that uses it."""

from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId, Notes
from episodec.engine.cache import Blob, Record
from episodec.engine.events import ActionFailed, NoteTold
from episodec.engine.notes import EpisodeNote, Note
from episodec.engine.plan import Knowledge, Miss, Pending, judge
from episodec.questions.status import status
from episodec.report.lines import Narrator
from episodec.series.request import Request
from tests.builds import paged
from tests.builds.studio import BACKENDS, Studio

TELL = {**BACKENDS, "say": "tests.toys.backends:Tell"}
PAGED = {**paged.BACKENDS, "say": "tests.toys.backends:Tell"}
LOUD = Note("toy-loud", "«Hey!» is loud", {"word": "Hey!"}, "say it softly")
AT = 4  # The line of `voice` in the studio's specs.


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two episodes, the first of which has a note."""
    actual = Studio(tmp_path, TELL).start()
    actual.episode(1, text="Hey! Listen.")
    return actual


def notes_of(studio: Studio) -> list[tuple[str, EpisodeNote]]:
    return [(event.spec, event.note) for event in studio.events if isinstance(event, NoteTold)]


def stands(studio: Studio) -> dict[str, tuple[EpisodeNote, ...]]:
    """The notes that `status` gives, by spec."""
    request = Request((str(studio.root / "episodes"),), environment=studio.environment, backends=studio.backends)
    (answer,) = status(request)
    return {one.spec: one.notes for one in answer.episodes}


@pytest.mark.parametrize("in_workers", [False, True])
def test_a_note_is_told_when_its_result_is_made_and_when_it_is_reused(studio: Studio, *, in_workers: bool) -> None:
    studio.executor = None if in_workers else studio.executor
    expected = [("episodes/001.episode.yaml", EpisodeNote("d13-001/voice", LOUD, AT, allowed=False))]  # type: ignore[arg-type]
    assert studio.build().noted == 1
    assert notes_of(studio) == expected
    studio.episode(1, text="Hey! Listen.", prompt="another room")
    assert studio.build().noted == 1
    assert "d13-001/voice" not in studio.ran()
    assert notes_of(studio) == expected


def test_what_stands_keeps_its_notes_without_being_looked_at(studio: Studio) -> None:
    studio.build()
    outcome = studio.build()
    assert (outcome.current, outcome.noted, notes_of(studio)) == (2, 1, [])
    spec = "episodes/001.episode.yaml"
    assert stands(studio) == {
        spec: (EpisodeNote("d13-001/voice", LOUD, AT, allowed=False),),  # type: ignore[arg-type]
        "episodes/002.episode.yaml": (),
    }
    studio.episode(1, text="Listen.")
    assert studio.build().noted == 0
    assert stands(studio)[spec] == ()


def test_notes_go_with_their_episode(studio: Studio) -> None:
    studio.build()
    (studio.root / "episodes/001.episode.yaml").unlink()
    assert studio.build().noted == 0
    studio.episode(1, text="Hey! Listen.")
    assert studio.build().noted == 1
    assert [spec for spec, _ in notes_of(studio)] == ["episodes/001.episode.yaml"]


def test_twins_tell_each_author(studio: Studio) -> None:
    studio.episode(2, text="Hey! Listen.")
    studio.build()
    assert [(spec, one.id, one.note) for spec, one in notes_of(studio)] == [
        ("episodes/001.episode.yaml", "d13-001/voice", LOUD),
        ("episodes/002.episode.yaml", "d13-002/voice", LOUD),
    ]
    assert len(studio.ran() & {"d13-001/voice", "d13-002/voice"}) == 1


def test_a_note_is_told_though_another_action_of_its_episode_fails(studio: Studio) -> None:
    studio.backends = {**TELL, "noise": "tests.toys.backends:Fail"}
    assert studio.build(keep_going=True).exit_code == 1
    assert [one.note for _, one in notes_of(studio)] == [LOUD]


def test_an_author_allows_a_note_by_its_code(studio: Studio) -> None:
    studio.build()
    studio.episode(1, text="Hey! Listen.", more="allow: [toy-loud]\n")
    assert studio.build().noted == 0
    assert "d13-001/voice" not in studio.ran()
    assert [one.allowed for _, one in notes_of(studio)] == [True]
    assert [one.allowed for one in stands(studio)["episodes/001.episode.yaml"]] == [True]
    narrator = Narrator()
    assert [line for event in studio.events for line in narrator.lines(event) if "loud" in line] == []


def test_a_code_that_nobody_tells_is_refused_at_its_line(studio: Studio) -> None:
    studio.episode(1, more="allow:\n  - E207\n  - toy-lout\n")
    outcome = studio.build()
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.severity, outcome.exit_code) == ("E213", "error", 1)
    assert actual.span is not None
    assert actual.span.line == 9
    assert actual.help is not None
    assert actual.help.startswith("did you mean `toy-loud`? there are: E207, ")
    assert "toy-loud, toy-quiet" in actual.help


def test_who_reads_bytes_has_the_same_key_whatever_was_told_of_them_and_who_reads_notes_has_not() -> None:
    maker = Action(ActionId("a/voice"), "voice", "say", ("voice.wav",))
    reader = Action(ActionId("a/join"), "join", "join", ("v",), inputs={"voice.wav": (maker.artifact(),)})
    page = Action(
        ActionId("a/entry"), "entry", "entry", ("e",), inputs={"notes.json": (Notes((("voice", maker.id),)),)}
    )
    outputs = {"voice.wav": Blob(digest_bytes(b"sound"), 5)}

    def key(of: Action, *notes: Note) -> str:
        built = {maker.id: Record(outputs, 1.0, notes)}
        verdict = judge(of, built, Knowledge(lambda _: None, lambda _: None, lambda *_: {}))
        assert isinstance(verdict, Miss)
        return verdict.key

    assert key(reader) == key(reader, LOUD)
    assert key(page) != key(page, LOUD) != key(page, LOUD, Note("toy-quiet", "hush"))
    assert isinstance(judge(page, {}, Knowledge(lambda _: None, lambda _: None, lambda *_: {})), Pending)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("undeclared", "the backend sent a note with an undeclared code"),
        ("lines", "a note must be one line of text"),
        ("path", "a note names a path of this machine"),
        ("scratch", "a note names a path of this machine"),
        ("value", "a note holds an unsupported value"),
    ],
)
def test_a_note_that_must_not_be_is_an_error_of_its_backend(tmp_path: Path, text: str, sentence: str) -> None:
    studio = Studio(tmp_path, {**BACKENDS, "say": "tests.toys.backends:TellWrong"}).start(1)
    studio.episode(1, text=text)
    assert studio.build().exit_code == 1
    (failed,) = [event for event in studio.events if isinstance(event, ActionFailed)]
    assert str(failed.error).splitlines()[0] == sentence


def test_the_page_has_the_notes_and_is_that_of_a_clean_build(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one", PAGED, lower=paged.lower).start()
    studio.build()
    entry, page = (tmp_path / "one/dist" / name for name in ("page/alpha_d13_episode1.html", "index.html"))
    assert "is loud" not in page.read_text()
    studio.episode(1, text="Hey! <Listen>!")
    studio.build()
    for file in (entry, page):
        assert '<li data-code="toy-loud">voice: «Hey!» is loud</li>' in file.read_text()
        assert "voice: «&lt;Listen&gt;!» is loud" in file.read_text()
    assert studio.dist() == studio.clean_dist(tmp_path / "two")
    studio.episode(1, text="Hey! <Listen>!", more="allow: [toy-loud]\n")
    studio.build()
    assert studio.ran() == {"d13-001/entry"}
    assert "is loud" not in page.read_text()
    assert studio.dist() == studio.clean_dist(tmp_path / "three")


def test_an_entry_is_made_anew_for_another_note_though_the_bytes_are_the_same(tmp_path: Path) -> None:
    """Upper makes one output of two texts; of them one has a note."""
    backends = {**PAGED, "say": "tests.toys.backends:TellUpper"}
    studio = Studio(tmp_path / "one", backends, lower=paged.lower).start(1)
    studio.episode(1, text="hey!")
    studio.build()
    assert "«hey!» is loud" in (tmp_path / "one/dist/index.html").read_text()
    studio.episode(1, text="HEY!")
    studio.build()
    assert studio.ran() == {"d13-001/voice", "d13-001/entry"}
    assert "«HEY!» is loud" in (tmp_path / "one/dist/index.html").read_text()
    assert studio.dist() == studio.clean_dist(tmp_path / "two")
