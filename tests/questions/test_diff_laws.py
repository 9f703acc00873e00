"""What `diff` says beforehand is what the build after it makes: random edits of small series in repositories."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.engine.events import ActionHit, ActionMade
from tests.questions.edited import TOYS, Edited

EDITS = 10


def check(root: Path, seed: int, backends: Mapping[str, str] = TOYS) -> None:
    """Ten edits, one or two at a time, each compared, built and committed."""
    series = Edited(root, seed, backends)
    studio = series.studio
    assert studio.build().exit_code == 0
    for step in range(EDITS):
        names = [series.edit() for _ in range(series.random.randrange(1, 3))]
        found = series.diff()
        assert studio.build().exit_code == 0, (seed, step, names)
        made = {event.id for event in studio.events if isinstance(event, ActionMade)}
        twins = {event.id for event in studio.events if isinstance(event, ActionHit) and event.twin is not None}
        stopped = any(isinstance(event, ActionMade) and event.unchanged for event in studio.events)
        moving, hits = {*found.changed, *found.follows}, set(found.making.hits or ())
        where = (seed, step, names)
        assert found.unknown == (), where
        assert made | twins <= moving, where
        assert {*found.changed} - hits - {*found.twins} <= made | twins, where
        if not stopped:
            once = {name: found.twins.get(name, name) for name in moving | made | twins}
            assert {once[name] for name in made | twins} == {once[name] for name in moving - hits}, where
        series.commit()
        assert not {*series.diff().changed, *series.diff().follows}, where


@pytest.mark.parametrize("seed", range(1))
def test_what_is_made_is_what_was_said(seed: int, tmp_path: Path) -> None:
    check(tmp_path / "series", seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1, 101))
def test_what_is_made_is_what_was_said_in_many_series(seed: int, tmp_path: Path) -> None:
    check(tmp_path / "series", seed)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(200, 212))
def test_what_is_made_is_what_was_said_where_real_stages_make_it(seed: int, tmp_path: Path) -> None:
    check(tmp_path / "series", seed, BUILTIN)
