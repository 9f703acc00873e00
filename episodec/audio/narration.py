"""A narration as sentences, built from its word times."""

from itertools import groupby
from pathlib import Path

from episodec.audio.words import SpokenWord, read_words
from episodec.page.summary import SpokenNarration, SpokenSentence


def read_narration(path: Path) -> SpokenNarration:
    """The narration of a `words.json`; empty if no words are known.

    Raises:
        BackendError: the file is not a valid `words.json`.
    """
    words = read_words(path).words
    return SpokenNarration(
        tuple(_sentence(list(some)) for _, some in groupby(words, lambda one: one.sentence)), len(words)
    )


def _sentence(words: list[SpokenWord]) -> SpokenSentence:
    return SpokenSentence(" ".join(one.word for one in words), words[0].start, words[-1].end)
