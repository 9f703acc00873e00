"""Stage `align`: the times of words and sounds in speech without phonemes."""

from collections.abc import Sequence

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.spec.passages import Passage
from episodec.spec.sentences import Word, words
from episodec.stages.lowering import Lowering, step

TIMES = "words.json"


def lower_align(context: Lowering, spoken: Action, sentences: Sequence[Sequence[Word]]) -> Action:
    """The alignment of these words with a spoken sentence or a recording."""
    choice = context.choose("align", None)
    options: dict[str, Canonical] = {
        "sentences": [[[word.written, word.spoken] for word in row] for row in sentences],
        "language": context.episode.language,
    }
    season, _, rest = spoken.id.partition("/voice")
    return step(
        context,
        "align",
        choice,
        {},
        options,
        outputs=(TIMES,),
        inputs={name: (spoken.artifact(name),) for name in ("speech.wav", TIMES)},
        name=ActionId(f"{season}/align{rest}"),
    )


def recorded(context: Lowering, passages: Sequence[Passage]) -> list[list[Word]]:
    """The words of a recording as captions show them, each with its spoken form. When several are spoken as one
    (`5 000`), the first carries the whole spoken form and the others are empty.
    """
    return [_both(passage.text, context) for passage in passages]


def _both(text: str, context: Lowering) -> list[Word]:
    written = words(text, {})
    spoken_words = words(text, context.episode.lexicon, context.episode.language)
    words_of_both: list[Word] = []
    left = list(spoken_words)
    behind = 0  # Spoken tokens that reach past the caption's current word.
    for word in written:
        spoken, count = [], len(word.written.split()) - behind
        while count > 0 and left:
            next_word = left.pop(0)
            spoken.append(next_word.spoken)
            count -= len(next_word.written.split())
        behind = -count
        words_of_both.append(Word(word.written, " ".join(spoken)))
    return words_of_both
