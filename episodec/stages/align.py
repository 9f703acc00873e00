"""Stage `align`: the times of words and sounds in speech without phonemes."""

from collections.abc import Sequence

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.spec.passages import Passage
from episodec.spec.sentences import Word, words
from episodec.stages.lowering import Lowering, params

TIMES = "words.json"


def lower_align(at: Lowering, spoken: Action, sentences: Sequence[Sequence[Word]]) -> Action:
    """The alignment of these words with a spoken sentence or a recording."""
    choice = at.choose("align", None)
    said: dict[str, Canonical] = {
        "sentences": [[[word.written, word.spoken] for word in row] for row in sentences],
        "language": at.episode.language,
    }
    season, _, rest = spoken.id.partition("/voice")
    return Action(
        id=ActionId(f"{season}/align{rest}"),
        stage="align",
        backend=choice.backend,
        outputs=(TIMES,),
        params=params(at, "align", {}, said),
        inputs={name: (spoken.artifact(name),) for name in ("speech.wav", TIMES)},
        resources=choice.resources,
    )


def recorded(at: Lowering, passages: Sequence[Passage]) -> list[list[Word]]:
    """The words of a recording as captions show them, each with its spoken form. When several are spoken as one
    (`5 000`), the first carries the whole spoken form and the others are empty.
    """
    return [_both(passage.text, at) for passage in passages]


def _both(text: str, at: Lowering) -> list[Word]:
    shown = words(text, {})
    said = words(text, at.episode.lexicon, at.episode.language)
    found: list[Word] = []
    left = list(said)
    behind = 0  # Spoken tokens that reach past the caption's current word.
    for word in shown:
        spoken, count = [], len(word.written.split()) - behind
        while count > 0 and left:
            one = left.pop(0)
            spoken.append(one.spoken)
            count -= len(one.written.split())
        behind = -count
        found.append(Word(word.written, " ".join(spoken)))
    return found
