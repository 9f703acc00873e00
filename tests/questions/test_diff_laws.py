"""The predictions of `diff` equal what the build after it makes: random edits of small series in repositories."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.engine.events import ActionHit, ActionMade
from tests.questions.edited import DEAF, TOYS, Edited

EDITS = 10
FIRST = re.compile(r"/(voice/\d+|foley|plan|scene/\w+)$")  # Actions that read no other one's results.


def check(root: Path, seed: int, backends: Mapping[str, str]) -> None:
    """Ten edits, one or two at a time, each compared, built and committed.

    Where other inputs may give equal results, an action behind one that runs may be in the cache after all: then not
    all that was said is made. Nothing else is made in any case.
    """
    series = Edited(root, seed, backends)
    studio = series.studio
    assert studio.build().exit_code == 0
    for step in range(EDITS):
        where = (seed, step, [series.edit() for _ in range(series.random.randrange(1, 3))])
        series_diff = series.diff()
        assert studio.build().exit_code == 0, where
        executed = {event.id for event in studio.events if isinstance(event, ActionMade)}
        executed |= {event.id for event in studio.events if isinstance(event, ActionHit) and event.twin is not None}
        moving = {*series_diff.changed, *series_diff.follows} - {*(series_diff.making.hits or ())}
        assert series_diff.unknown == (), where
        assert executed <= moving, where
        once = {name: series_diff.twins.get(name, name) for name in moving}
        certain = moving if backends is TOYS else {name for name in moving if FIRST.search(name)}
        assert {once[name] for name in certain} <= {once[name] for name in executed}, where
        series.commit()
        assert not {*series.diff().changed, *series.diff().follows}, where


def test_what_is_made_is_what_was_said(tmp_path: Path) -> None:
    check(tmp_path / "series", 0, TOYS)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1, 101))
def test_what_is_made_is_what_was_said_in_many_series(seed: int, tmp_path: Path) -> None:
    check(tmp_path / "series", seed, DEAF if seed % 3 == 0 else TOYS)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(200, 212))
def test_what_is_made_is_what_was_said_where_real_stages_make_it(seed: int, tmp_path: Path) -> None:
    check(tmp_path / "series", seed, BUILTIN)
