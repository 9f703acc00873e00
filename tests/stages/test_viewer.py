"""An episode's page in its scene: only where the spec asks for it, and only where there is a scene."""

from dataclasses import replace

import pytest

from episodec.stages import LoweringError, lower
from tests.builds.test_every_field import FILMED, SPOKEN
from tests.contracts.lowered import lowering


def test_an_episode_becomes_a_page_where_its_spec_asks_for_it() -> None:
    lowered = lower(lowering(replace(FILMED, viewer=True)))
    (action,) = (action for action in lowered.actions if action.stage == "viewer")
    assert {"still.scene", "frames.rows", "mouth.rig", "performance.rows", "audio.m4a", "captions.vtt"} == set(
        action.inputs
    )
    assert "viewer/n.html" in [deliverable.path for deliverable in lowered.deliverables]
    post = next(action for action in lowered.actions if action.stage == "post")
    assert "viewer/n.html" in post.params["files"]  # type: ignore[operator]


def test_no_other_episode_does() -> None:
    assert not any(action.stage == "viewer" for action in lower(lowering(FILMED)).actions)


def test_an_edit_of_the_page_costs_no_frame() -> None:
    plain, paged = (lower(lowering(replace(FILMED, viewer=asked))).actions for asked in (False, True))
    assert {one.id for one in paged} - {one.id for one in plain} == {"d13-001/viewer"}
    kept = [action for action in paged if action.stage not in ("viewer", "post", "entry")]
    assert kept == [action for action in plain if action.stage not in ("post", "entry")]


def test_an_episode_without_a_scene_is_refused() -> None:
    with pytest.raises(LoweringError, match="needs a rendered scene") as refusal:
        lower(lowering(replace(SPOKEN, viewer=True)))
    assert refusal.value.path == ("viewer",)
