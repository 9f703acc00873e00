"""The draft voice takes as long for a narration as `spec.fit` predicts, in each language: real speech of Alpha's."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from episodec.backends.espeak.backend import EspeakBackend
from episodec.spec.fit import speech_s
from episodec.spec.passages import narration
from episodec.spec.sentences import words
from tests.backends.speech import read_speech, speech_order
from tests.builds.test_narrations import PORTRAIT, TOKENS

EPISODES = Path(__file__).parents[2] / "episodes"

ENGLISH = """\
Everything that you see starts with one picture, alpha ref.
The portrait is taken from the front: purple hair, a dark jumpsuit, a calm face.
Here a program draws it, and in production a large model does.
From it grow the mesh, the scene and the movement of the lips.
Replace the picture, and every frame is made again, but the voice does not change by a single bit.
Seven words that take some time to say.
"""


def spoken_texts(text: str, language: str, lexicon: Mapping[str, str] | None = None) -> list[str]:
    """The sentences of a narration, as they are said."""
    parts = narration(text, language).passages
    return [" ".join(word.spoken for word in words(part.text, lexicon or {}, language)) for part in parts]


def shipped() -> Iterator[tuple[str, list[str]]]:
    lexicon = yaml.safe_load((EPISODES / "series.yaml").read_text())["lexicon"]
    for path in sorted(EPISODES.glob("*.episode.yaml")):
        yield path.name, spoken_texts(yaml.safe_load(path.read_text())["voice"]["text"], "ru", lexicon)


def length_s(root: Path, text: str, language: str, pace: float) -> float:
    """How long a sentence is, as Alpha says it."""
    order = speech_order(root, text, language=language, characters_per_second=pace, register=[180.0, 230.0])
    order = replace(order, inputs={"tokens.npy": (EPISODES / "characters/alpha/ref_alpha.npy",)})
    EspeakBackend().run(order)
    return read_speech(order)[1].samples / 48_000


NARRATIONS = [
    *((name, texts, "ru", 20.0) for name, texts in shipped()),
    *((name, spoken_texts("\n".join(PORTRAIT), "ru"), "ru", pace) for name, pace in (("mixed", 15.0), ("mixed", 20.0))),
    ("tokens", spoken_texts("\n".join(TOKENS), "ru"), "ru", 15.0),
    *(("english", spoken_texts(ENGLISH, "en"), "en", pace) for pace in (15.0, 20.0)),
]


@pytest.mark.parametrize(
    ("texts", "language", "pace"),
    [narration[1:] for narration in NARRATIONS],
    ids=[f"{name}-{pace:g}" for name, _, _, pace in NARRATIONS],
)
def test_a_narration_takes_as_long_as_is_predicted(
    tmp_path: Path, texts: list[str], language: str, pace: float
) -> None:
    with ThreadPoolExecutor(2) as pool:
        actual = pool.map(lambda one: length_s(tmp_path / str(one[0]), one[1], language, pace), enumerate(texts))
        assert sum(actual) == pytest.approx(sum(speech_s(text, pace) for text in texts), rel=0.03)


@pytest.mark.parametrize("pace", [15.0, 20.0])
def test_a_word_by_itself_takes_longer_than_its_letters(tmp_path: Path, pace: float) -> None:
    texts = ["Да.", "Нет.", "Привет!", "Готово.", "Вот так.", "Одна картинка."]
    rows = [length_s(tmp_path / str(index), text, "ru", pace) for index, text in enumerate(texts)]
    assert sum(rows) == pytest.approx(sum(speech_s(text, pace) for text in texts), rel=0.1)
