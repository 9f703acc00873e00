"""Several films of one episode: what each has of its own, what all share, how they are framed and named."""

from dataclasses import replace

import numpy as np
import pytest

from episodec.engine.action import Action, Literal
from episodec.film.headroom import with_headroom
from episodec.film.rows import unpack
from episodec.spec.types import Episode
from episodec.spec.types_of_delivery import Film
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_sound import Voice
from episodec.spec.types_of_tracks import StaticMove
from episodec.stages import Lowered, lower
from episodec.stages.lowering import LoweringError
from episodec.stages.picture import frame_plan_of
from episodec.timebase import AtFrame
from tests.stages.test_render import lowering

FILMED = lowering(SceneSection())
SPOKEN: Episode = replace(FILMED.episode, voice=Voice(text="One word."))
HIGH = Film((90, 160), "burnt")


def lowered(*films: Film) -> Lowered:
    return lower(replace(FILMED, episode=replace(SPOKEN, deliver=films)))


def by_id(lowered: Lowered) -> dict[str, Action]:
    assert len({one.id for one in lowered.actions}) == len(lowered.actions)
    return {one.id: one for one in lowered.actions}


def test_another_film_has_frames_of_its_own_and_shares_all_else() -> None:
    first, two = by_id(lowered()), by_id(lowered(Film((64, 64)), HIGH))
    more = {name: two[name] for name in two if name not in first}
    assert all(name.startswith("d13-001/90x160/") for name in more)
    assert [action.stage for action in more.values()] == [
        *("render", "render", "overlay", "encode", "encode", "picture", "mux", "stills", "check")
    ]
    same = {name for name in first if first[name] == two[name]}
    assert {first[name].stage for name in first.keys() - same} == {"post", "entry"}
    mux = more["d13-001/90x160/mux"]
    (picture,), (sound,) = mux.inputs["picture.mp4"], mux.inputs.get("audio.m4a", (None,))
    assert picture.action == "d13-001/90x160/picture"  # type: ignore[union-attr]
    assert sound == first["d13-001/mux"].inputs.get("audio.m4a", (None,))[0]
    assert "captions.vtt" not in mux.inputs
    assert "captions.vtt" in two["d13-001/mux"].inputs


def test_each_film_is_delivered_under_its_own_name() -> None:
    first, two = lowered(), lowered(Film((64, 64)), HIGH)
    before, after = ({each.path for each in found.deliverables} for found in (first, two))
    name = SPOKEN.name
    endings = (".mp4", "_poster.jpg", "_contact.png", "_preview.webp")
    checks = (f"check/{name}_90x160.json", f"check/{name}_90x160.png")
    assert after - before == {*(f"video/{name}_90x160{ending}" for ending in endings), *checks}
    assert before <= after
    (entry,) = (one for one in two.actions if one.stage == "entry")
    (check,) = entry.inputs["check.json"]
    assert check.action == "d13-001/check"  # type: ignore[union-attr]


def test_a_still_is_of_the_first_film() -> None:
    at = replace(FILMED, episode=replace(SPOKEN, deliver=(Film((64, 64)), HIGH)), still=AtFrame(3))
    assert [one.id for one in lower(at).actions if one.outputs == ("frame.png",)] == ["d13-001/render/0003"]


def test_the_first_film_may_be_of_another_size_and_captions_than_the_episode() -> None:
    actual = by_id(lowered(HIGH))
    (rows,) = actual["d13-001/render/0000-0030"].inputs["frames.rows"]
    assert isinstance(rows, Literal)
    assert unpack(rows.content).size == (90, 160)
    assert "d13-001/overlay" in actual


def test_two_films_of_one_name_are_refused() -> None:
    with pytest.raises(LoweringError, match="both end in 90x160"):
        lowered(Film(), HIGH, Film((90, 160)))


def test_films_of_what_is_not_rendered_are_refused() -> None:
    with pytest.raises(LoweringError, match="`deliver` needs a rendered picture, and this episode renders none"):
        lower(replace(FILMED, episode=replace(SPOKEN, camera=(), scene=SceneSection(), deliver=(Film((90, 160)),))))


def test_a_high_picture_keeps_its_lower_edge_and_sees_more_above() -> None:
    square = frame_plan_of(replace(FILMED, episode=replace(SPOKEN, camera=(StaticMove(40),)), size=(1080, 1080)))
    high = frame_plan_of(replace(FILMED, episode=replace(SPOKEN, camera=(StaticMove(40),)), size=(1080, 1920)))
    framed = with_headroom(high)
    assert (framed.camera_to_world == high.camera_to_world).all()

    def slopes(plan: object) -> tuple[float, float, float]:
        """Where the upper, the lower and the right edge are, as slopes to the middle of the track's picture."""
        (fx, fy, cx, cy), (width, height) = plan.intrinsics[0], plan.size  # type: ignore[attr-defined]
        return float(cy / fy), float((height - cy) / fy), float((width - cx) / fx)

    (top, bottom, side), (more, same, wider) = slopes(square), slopes(framed)
    assert np.isclose(bottom, same)
    assert 1.35 * top < more < 1.5 * top
    assert 0.67 * side < wider < 0.7 * side
    assert with_headroom(square) is square
