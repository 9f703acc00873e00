"""Words and their times as phrases shown word by word: at most two lines of a picture, at most one sentence.

The caller measures how wide a text is drawn. Knows no font and no pixel.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from episodec.audio.cues import SHORTEST_S, Clock
from episodec.audio.lines import break_cost
from episodec.audio.words import SpokenWord

LINGER_S = Fraction(1, 2)  # How long a phrase stays after its last word, at most; shorter pauses show no empty picture.

Ruler = Callable[[str], float]
"""The width of a text, in lines."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as displayed."""

    text: str
    start: int  # Frame.
    end: int
    after: float  # The cost of ending a line after it, see `audio.lines`.


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words shown together, and the half-open range of frames that shows them."""

    words: tuple[TimedWord, ...]
    lines: tuple[int, ...]  # The number of words in each line.
    end: int

    @property
    def start(self) -> int:
        """The start of its first word."""
        return self.words[0].start

    def word_at(self, frame: int) -> int | None:
        """The index of the word spoken in a frame: the last one that has begun; None after the last word."""
        if frame >= max(self.words[-1].end, self.words[-1].start + 1):
            return None
        return max((at for at, word in enumerate(self.words) if word.start <= frame), default=0)


def phrases(words: Sequence[SpokenWord], clock: Clock, ruler: Ruler) -> tuple[Phrase, ...]:
    """The phrases of a narration, in order. Each is shown until the next one begins, at most `LINGER_S` after its last
    word.

    Invariant: the words of a phrase depend on their own sentence alone, so a change to another sentence moves none.
    """
    groups: list[tuple[tuple[TimedWord, ...], tuple[int, ...]]] = []
    for _, sentence in groupby(words, lambda word: word.sentence):
        timed = list(_timed(tuple(sentence), clock))
        for start, end in _divided(timed, clock, ruler):
            groups.append((tuple(timed[start:end]), _broken(timed[start:end], ruler)))
    starts = [shown[0].start for shown, _ in groups] + [clock.frames]
    return tuple(
        Phrase(shown, lines, max(shown[0].start, min(following, shown[-1].end + clock.count(LINGER_S))))
        for (shown, lines), following in zip(groups, starts[1:], strict=True)
    )


def _timed(sentence: Sequence[SpokenWord], clock: Clock) -> Iterator[TimedWord]:
    for at, word in enumerate(sentence):
        following = sentence[at + 1].word if at + 1 < len(sentence) else None
        start = min(word.start // clock.frame, clock.frames - 1)
        end = min(max(start + 1, -(-word.end // clock.frame)), clock.frames)
        yield TimedWord(word.word, start, end, break_cost(word.word, following, is_last=following is None))


def _divided(words: Sequence[TimedWord], clock: Clock, ruler: Ruler) -> list[tuple[int, int]]:
    """The division of a sentence into phrases: the cheapest of all, found by dynamic programming (Bellman)."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(words) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            part = words[start:end]
            if len(part) > 1 and not _fits(part, ruler):
                break
            options.append((best[start][0] + _cost(part, clock, ruler), start))
        best.append(min(options))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return list(pairwise(reversed(cuts)))


def _cost(part: Sequence[TimedWord], clock: Clock, ruler: Ruler) -> float:
    """The cost of a phrase: unused room, a bad end, and too short a time on screen."""
    filled = ruler(_text(part)) / 2
    duration = part[-1].end - part[0].start
    flash = max(0.0, 1 - duration / clock.count(SHORTEST_S))
    broken = _broken(part, ruler)
    bad_line = part[broken[0] - 1].after if len(broken) > 1 else 0.0
    return 2 + (1 - min(filled, 1.0)) ** 2 * 2 + part[-1].after + bad_line / 2 + 4 * flash + 2 * (len(part) == 1)


def _fits(part: Sequence[TimedWord], ruler: Ruler) -> bool:
    return ruler(_text(part)) <= 1 or any(
        max(ruler(_text(part[:at])), ruler(_text(part[at:]))) <= 1 for at in range(1, len(part))
    )


def _broken(part: Sequence[TimedWord], ruler: Ruler) -> tuple[int, ...]:
    """The number of words in each line of a phrase."""
    if len(part) == 1 or ruler(_text(part)) <= 1:
        return (len(part),)
    options = []
    for at in range(1, len(part)):
        upper, lower = ruler(_text(part[:at])), ruler(_text(part[at:]))
        options.append((max(upper, lower, 1.0), abs(upper - lower) * 3 + part[at - 1].after, at))
    at = min(options)[2]
    return at, len(part) - at


def _text(part: Sequence[TimedWord]) -> str:
    return " ".join(word.text for word in part)
