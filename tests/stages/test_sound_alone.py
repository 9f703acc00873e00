"""A character without a portrait has episodes of sound alone, and that is told."""

from dataclasses import replace

import pytest

from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_sound import Foley
from episodec.stages import lower
from tests.stages.test_render import lowering

SEEN = lowering(SceneSection())
HEARD = replace(SEEN, episode=replace(SEEN.episode, camera=(), time=(), foley=Foley(prompt="rain")))


@pytest.mark.parametrize(
    ("at", "codes"),
    [(replace(HEARD, portrait=None), ["E280"]), (HEARD, [])],
    ids=["no portrait", "a portrait that this episode does not show"],
)
def test_an_episode_that_cannot_be_seen_is_told(at: object, codes: list[str]) -> None:
    assert [one.code for one in lower(at).remarks] == codes  # type: ignore[arg-type]
