"""The picture of a frame plan as an artifact: of the plan and the voice, in the episode's language and our own font."""

import io
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from episodec.audio.words import SpokenWord, Words, write_words
from episodec.backends.plan_picture import PlanPicture
from episodec.film.moves import CameraSegment, Loop, Orbit, TimeSegment
from episodec.film.plan import frame_plan
from episodec.film.rows import pack
from tests.toys.orders import task

FRAMES = 60
ORBIT = Orbit((0.0, 0.0, 0.0), 2.6, 10.0, 0.0, 90.0, 35.0, "linear")
PLAN = frame_plan([CameraSegment(FRAMES, ORBIT)], [TimeSegment(FRAMES, Loop(24))], (64, 64), 30)
ROWS = pack(PLAN.size, PLAN.camera_to_world, PLAN.intrinsics, PLAN.scene_time)
SEGMENTS = [
    {"track": one.track, "kind": one.kind, "start_frame": one.start_frame, "end_frame": one.end_frame}
    for one in PLAN.stretches
]


def voice(tmp_path: Path, *given: str, end: int = 40_000) -> dict[str, tuple[bytes, ...]]:
    """A second of speech, a word a sentence."""
    wav, words = io.BytesIO(), tmp_path / "words.json"
    soundfile.write(wav, np.sin(np.arange(FRAMES * 1600) / 20), 48_000, format="WAV")
    spoken = (SpokenWord(one, place * 48_000, place * 48_000 + end, place) for place, one in enumerate(given))
    write_words(words, Words(FRAMES * 1600, "measured", tuple(spoken)))
    return {"voice.wav": (wav.getvalue(),), "words.json": (words.read_bytes(),)}


def picture(tmp_path: Path, name: str, inputs: dict[str, tuple[bytes, ...]], **more: object) -> bytes:
    params = {"frames": FRAMES, "rate": 30, "segments": SEGMENTS, "language": "ru", **more}
    every = {"frames.rows": (ROWS,), **inputs}
    order = task(
        tmp_path, "plan-picture", name, stage="plan-picture", params=params, inputs=every, outputs=("plan.png",)
    ).order
    PlanPicture().run(order)
    return order.output().read_bytes()


def test_it_shows_the_plan_and_the_voice_where_there_is_one(tmp_path: Path) -> None:
    bare = picture(tmp_path, "bare", {})
    full = picture(tmp_path, "full", voice(tmp_path, "Раз.", "Два."))
    sizes = [Image.open(io.BytesIO(one)).size for one in (bare, full)]
    assert sizes[0][0] == sizes[1][0] == 1600
    assert sizes[0][1] < sizes[1][1]
    assert picture(tmp_path, "again", voice(tmp_path, "Раз.", "Два.")) == full


def test_sentences_are_written_out_and_their_times_count(tmp_path: Path) -> None:
    russian = picture(tmp_path, "russian", voice(tmp_path, "Раз.", "Два."))
    assert picture(tmp_path, "other", voice(tmp_path, "Раз.", "Три.")) != russian
    assert picture(tmp_path, "later", voice(tmp_path, "Раз.", "Два.", end=30_000)) != russian
    assert picture(tmp_path, "fewer", voice(tmp_path, "Раз.")) != russian


def test_sentences_in_letters_that_the_font_lacks_are_numbers(tmp_path: Path) -> None:
    first = picture(tmp_path, "first", voice(tmp_path, "一。", "二。"))
    assert picture(tmp_path, "second", voice(tmp_path, "三。", "四。")) == first
    assert picture(tmp_path, "numbers", voice(tmp_path, "1", "2")) == first


def test_labels_are_in_the_episodes_language_else_english(tmp_path: Path) -> None:
    drawn = {one: picture(tmp_path, one, {}, language=one) for one in ("ru", "ru-RU", "en", "fr")}
    assert drawn["ru"] == drawn["ru-RU"] != drawn["en"] == drawn["fr"]
