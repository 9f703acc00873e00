"""Values that must be unique over a series, over builds: facts are remembered, and stale ones are not used."""

from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.cli.validate import _check
from episodec.project.command_overrides import CommandOverrides
from episodec.questions.plan import plan
from episodec.questions.status import status
from episodec.series.request import Request
from episodec.series.session import opened, places
from tests.builds import short
from tests.builds.studio import SERIES, Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path).start()


def request(studio: Studio, asked: CommandOverrides = CommandOverrides()) -> Request:
    return Request(
        targets=(str(studio.root / "episodes"),),
        asked=asked,
        environment=studio.environment,
        backends=studio.backends,
        lower=short.lower,
    )


def validate(studio: Studio) -> list[str]:
    """The codes that `episodec validate` shows."""
    asked = request(studio)
    ((place, targets),) = places(asked.targets)
    with opened(place, targets, asked, lambda _: None) as session:
        _check(session)
        return [one.code for one in session.project.diagnostics]


def away_and_back(studio: Studio, meanwhile: Callable[[Studio], object]) -> None:
    """An episode is not there for a while, as on another branch."""
    spec, hold = studio.root / "episodes/002.episode.yaml", studio.root / "hold"
    spec.rename(hold)
    meanwhile(studio)
    hold.rename(spec)


def look(studio: Studio) -> object:
    return status(request(studio))


def predict(studio: Studio) -> object:
    return plan(request(studio))


def edit_series(studio: Studio) -> None:
    studio.write("episodes/series.yaml", SERIES + "# another\n")
    validate(studio)
    studio.write("episodes/series.yaml", SERIES)


def edit_spec(studio: Studio) -> None:
    spec = studio.root / "episodes/002.episode.yaml"
    before = spec.read_text()
    spec.write_text(before.replace("number: 2", "number: 7").replace("room 2", "room 7"))
    validate(studio)
    spec.write_text(before)


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda studio: away_and_back(studio, look),
        lambda studio: away_and_back(studio, predict),
        lambda studio: away_and_back(studio, validate),
        edit_series,
        edit_spec,
        lambda studio: studio.build(asked=CommandOverrides(profile="production")),
    ],
    ids=["away-status", "away-plan", "away-validate", "series-edited", "spec-edited", "other-profile"],
)
@pytest.mark.parametrize("between", [False, True], ids=["at-once", "built-between"])
def test_what_must_be_unique_is_not_forgotten(
    studio: Studio,
    meanwhile: Callable[[Studio], object],
    between: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    studio.build()
    meanwhile(studio)
    if between:
        assert studio.build().exit_code == 0
    studio.episode(3, prompt="ROOM 2!")
    assert studio.codes(studio.build()) == ["X303"]
    studio.episode(3)
    spec = studio.root / "episodes/003.episode.yaml"
    spec.write_text(spec.read_text().replace("number: 3", "number: 2"))
    assert set(studio.codes(studio.build("episodes/003.episode.yaml"))) == {"X301"}


def test_a_clash_with_an_unchanged_spec_shows_both_places(studio: Studio) -> None:
    studio.build()
    studio.episode(0, prompt="room 2")
    outcome = studio.build()
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.path) == ("X303", "episodes/002.episode.yaml")
    assert set(outcome.texts) >= {actual.path, "episodes/000.episode.yaml"}
    assert "room 2" in outcome.texts[actual.path]


def parsed(studio: Studio) -> list[str]:
    """The specs whose text is read when one episode is planned, then when all are validated."""
    asked = request(studio)
    read = []
    for target in ("episodes/001.episode.yaml", "episodes"):
        ((place, targets),) = places((str(studio.root / target),))
        with opened(place, targets, asked, lambda _: None) as session:
            if target == "episodes":
                _check(session)
            else:
                session.load()
            read += [f"{target}: {path}" for path in session.project.texts if path.endswith(".episode.yaml")]
    return read


def test_planning_one_episode_reads_the_others_once_and_leaves_what_validate_knows(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(4)
    first = parsed(studio)
    assert len(first) == 4 + 3  # The first is clean when all are validated.
    assert parsed(studio) == ["episodes/001.episode.yaml: episodes/001.episode.yaml"]


def test_an_episode_that_another_one_made_a_twin_stays_refused_until_it_is_mended(studio: Studio) -> None:
    studio.build()
    before = studio.dist()
    studio.episode(0, prompt="room 2")
    for published, current in ((1, 1), (0, 2)):  # 002 is blamed, and its own files are as they were.
        outcome = studio.build(keep_going=True)
        assert (studio.codes(outcome), outcome.exit_code) == (["X303"], 3)
        assert (outcome.published, outcome.current) == (published, current)
    assert studio.build().exit_code == 1
    assert [one.state for one in status(request(studio))[0].episodes] == ["current", "current", "refused"]
    assert {path: studio.dist()[path] for path in before} == before
    studio.episode(0)
    assert studio.build().exit_code == 0
    assert "d13-002/foley" not in studio.ran()
    assert studio.build().current == 3
