"""The picture of a plan: what it holds, and that it never depends on anything but what it is given."""

from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from episodec.drawings.plan_canvas import GROUND, SOUND, TIME, fade
from episodec.drawings.plan_labels import EN, RU, PlanLabels
from episodec.drawings.plan_picture import DrawnSentence, PlanTexts, draw_plan
from episodec.film.moves import CameraSegment, Dolly, Hold, Key, Keys, Loop, Move, Orbit, Still, TimeSegment
from episodec.film.plan import FramePlan, frame_plan
from episodec.glyphs import missing_letters
from episodec.project.schemas import language

ORIGIN = (0.0, 0.0, 0.0)
MOVES: list[Move] = [
    Orbit(ORIGIN, 2.6, 10.0, 0.0, 360.0, 35.0, "linear"),
    Still((0.0, 0.0, 2.6), ORIGIN, 35.0),
    Dolly((0.0, 0.0, 900.0), (0.0, 0.0, 1.0), ORIGIN, 170.0, "smooth"),
    Keys((Key(0, (0.0, 0.0, 0.001), ORIGIN, 1.0),), "smooth"),
]


def plan(move: Move = MOVES[0], frames: int = 90) -> FramePlan:
    return frame_plan([CameraSegment(frames, move)], [TimeSegment(frames, Loop(24))], (512, 512), 30)


def colours(image: Image.Image) -> set[tuple[int, ...]]:
    actual = image.getcolors(1 << 24) or []
    return {colour for _, colour in actual if isinstance(colour, tuple)}


def test_it_shows_the_way_the_time_the_sound_and_the_sentences() -> None:
    sound = np.sin(np.arange(90 * 1600) / 20).astype(np.float32)
    bare, full = (
        draw_plan(plan(), PlanTexts("T")),
        draw_plan(plan(), PlanTexts("T", EN, [DrawnSentence("Words.", 0.0, 2.0)]), sound),
    )
    assert bare.size[0] == full.size[0] == 1600
    assert bare.size[1] < full.size[1]
    assert TIME in colours(bare)
    assert SOUND not in colours(bare)
    assert SOUND in colours(full)
    assert colours(full) >= {fade(0.0), fade(1.0)}


def test_the_same_input_gives_the_same_pixels_and_another_plan_others() -> None:
    first, again = draw_plan(plan(), PlanTexts("T")), draw_plan(plan(), PlanTexts("T"))
    assert first.tobytes() == again.tobytes()
    other = frame_plan([CameraSegment(90, MOVES[0])], [TimeSegment(90, Hold(0.5))], (512, 512), 30)
    assert draw_plan(other, PlanTexts("T")).tobytes() != first.tobytes()


@pytest.mark.parametrize("frames", [1, 2, 7, 31, 900])
def test_no_time_of_the_axis_reaches_the_edge(frames: int) -> None:
    whole = draw_plan(plan(frames=frames), PlanTexts("T"))
    edge = whole.crop((1584, 0, *whole.size))
    assert colours(edge) == {GROUND}


@pytest.mark.parametrize("move", MOVES, ids=lambda move: type(move).__name__)
@pytest.mark.parametrize("frames", [1, 2, 31, 9000])
def test_every_plan_can_be_drawn(move: Move, frames: int) -> None:
    sound = np.zeros((frames * 1600 // 2, 2), np.float32)  # Shorter than the picture, and stereo.
    output = [DrawnSentence("", 0, 0), DrawnSentence("unbroken" * 40, 0, 0.02), DrawnSentence("Слова " * 80, 0.0, 1e9)]
    assert draw_plan(plan(move, frames), PlanTexts("T" * 300, RU, output), sound).size[0] == 1600


@pytest.mark.parametrize("labels", [EN, RU])
def test_the_shipped_font_has_every_letter_of_the_labels(labels: PlanLabels) -> None:
    texts = [str(getattr(labels, field.name)) for field in fields(labels)] + list(labels.moves.values())
    assert missing_letters(" ".join(texts)) == ()


def test_every_kind_of_camera_segment_has_a_russian_word() -> None:
    episode = language().schemas["episode"]
    kinds = {
        one["properties"]["move"]["const"] for one in episode["definitions"].values() if "move" in one["properties"]
    }
    assert RU.moves.keys() == kinds
    assert "orbit" in kinds
