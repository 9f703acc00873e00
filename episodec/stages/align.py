"""Stage `align`: when words and sounds are spoken by a voice that tells no phonemes."""

from collections.abc import Sequence

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.spec.passages import Passage
from episodec.spec.sentences import Word, words
from episodec.stages.lowering import Lowering, params

TIMES = "words.json"


def lower_align(at: Lowering, spoken: Action, sentences: Sequence[Sequence[Word]]) -> Action:
    """The action beside one that speaks, or beside a recording, of these words."""
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
    """The words of a recording as captions show them, each with what is said. Where several are said as one (`5 000`),
    all of it is said by the first of them.
    """
    return [_both(passage.text, at) for passage in passages]


def _both(text: str, at: Lowering) -> list[Word]:
    shown = words(text, {})
    said = words(text, at.episode.lexicon, at.episode.language)
    found: list[Word] = []
    left = list(said)
    behind = 0  # Of what is said, so many tokens reach past the word that is shown.
    for word in shown:
        spoken, count = [], len(word.written.split()) - behind
        while count > 0 and left:
            one = left.pop(0)
            spoken.append(one.spoken)
            count -= len(one.written.split())
        behind = -count
        found.append(Word(word.written, " ".join(spoken)))
    return found
