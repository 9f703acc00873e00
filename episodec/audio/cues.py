"""Words and their times as caption cues: at most two balanced lines of 42 characters, long enough to be read.

By the rules that style guides share: a cue stands 5/6 s to 7 s and asks for at most 20 characters a second, cues do not
overlap and lie on frames, and no line ends with a preposition or an article where it can be helped. Where speech itself
is faster than that, a cue stands as long as it can.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from episodec.audio.words import SpokenWord

LINE = 42  # Characters.
LINES = 2
SHORTEST_S = Fraction(5, 6)
LONGEST_S = Fraction(7)
READING = 20  # Characters a second.
LINGER_S = Fraction(1, 4)  # How long a cue may stand after its last word, where there is room.

# Words that lean on the next one: a line should not end with them.
_LEANING = frozenset(
    """
    а без будто бы в вне во вокруг да для до если за и из из-за из-под или к как ко лишь между на над не ни но о об обо
    около от перед по под подо при про против с сквозь со среди так то только у хотя через что чтобы это этот эта эти
    тот наш наша мой её его их
    a an and are as at be but by for from had has have her his if in into is its my nor not of on onto or our over per
    so than that the their then these this those to under upon via was we were when where which while who with without
    you your plus vs
    """.split()  # noqa: SIM905 - a list of a hundred words would be a hundred lines.
)
_CLAUSE = ",;:—–"
_SENTENCE = ".!?…"
_CLOSING = "\"'»”’)]"


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines and the frames that show them, half-open."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """The frames of an episode."""

    frames: int
    frame: int  # Samples.

    def count(self, seconds: Fraction) -> int:
        """How many frames are at least so long."""
        return math.ceil(seconds * 48_000 / self.frame)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, or a part of one that is longer than a line, and its frames."""

    text: str
    start: int
    end: int
    is_last: bool  # Of its sentence.


def captions(words: Sequence[SpokenWord], ambience: str | None, clock: Clock) -> tuple[Cue, ...]:
    """The cues of a narration, and one for the ambience: in the first long pause, else above the first cue."""
    pieces = list(_pieces(words, clock))
    label = _label(ambience) if ambience else ()
    room = _room(pieces, clock) if label else None
    if not pieces:
        return (Cue(*room, label),) if label and room else ()
    first = label if label and room is None else ()
    if first:
        first = _label(ambience or "", LINE)
    plan = _Plan(pieces, clock, room, LINES - len(first))
    cues = plan.cues()
    if first:
        cues[0] = Cue(cues[0].start, cues[0].end, (*first, *cues[0].lines))
    elif room is not None:
        cues.append(Cue(*room, label))
    return tuple(sorted(cues, key=lambda cue: cue.start))


def _pieces(words: Sequence[SpokenWord], clock: Clock) -> Iterator[_Piece]:
    for index, word in enumerate(words):
        is_last = index + 1 == len(words) or words[index + 1].sentence != word.sentence
        parts = [word.word[at : at + LINE] for at in range(0, len(word.word), LINE)]
        start = min(word.start // clock.frame, clock.frames - 1)
        end = min(max(start + 1, -(-word.end // clock.frame)), clock.frames)
        for number, part in enumerate(parts):
            first, last = (start + (end - start) * n // len(parts) for n in (number, number + 1))
            yield _Piece(part, first, last, is_last and number + 1 == len(parts))


def _label(prompt: str, most: int = LINE * LINES) -> tuple[str, ...]:
    """The ambience in brackets, whole phrases of it, as many as there is room for."""
    phrases = " ".join(prompt.split()).rstrip(".").split(", ")
    for count in range(len(phrases), 0, -1):
        lines = _lines(tuple(f"[{', '.join(phrases[:count])}]".split()), LINES if most > LINE else 1)
        if lines is not None:
            return lines
    head = phrases[0]
    cut = head[: LINE - 3].rsplit(" ", 1)[0] if " " in head[: LINE - 3] else head[: LINE - 3]
    return (f"[{cut}…]",)


def _room(pieces: Sequence[_Piece], clock: Clock) -> tuple[int, int] | None:
    """Frames in which nobody speaks, for long enough: before the speech, else the first pause. After it is too late."""
    shortest, longest = clock.count(SHORTEST_S), clock.count(LONGEST_S) - 1
    edges = [(0, 0), *((one.start, one.end) for one in pieces)]
    if not pieces:
        return 0, min(clock.frames, longest)
    for (_, end), (start, _) in pairwise(edges):
        if start - end >= shortest:
            return end, min(start, end + longest)
    return None


@lru_cache(maxsize=4096)
def _lines(words: tuple[str, ...], most: int) -> tuple[str, ...] | None:
    """The best lines for these words; None where they do not fit."""
    whole = " ".join(words)
    if len(whole) <= LINE:
        return (whole,)
    if most < 2:
        return None
    options = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    fitting = [pair for pair in options if max(map(len, pair)) <= LINE]
    return min(fitting, key=_line_cost) if fitting else None


def _line_cost(lines: tuple[str, str]) -> float:
    upper, lower = lines
    balance = abs(len(upper) - len(lower)) / LINE * 3
    orphan = 3 * (" " not in upper) + 3 * (" " not in lower)
    return balance + orphan + _break_cost(upper)


def _break_cost(text: str) -> float:
    """How badly a line or a cue ends with this text: well after a sentence or a clause, badly after a leaning word."""
    bare = text.rstrip(_CLOSING)
    if bare.endswith(tuple(_SENTENCE)):
        return 0
    if bare.endswith(tuple(_CLAUSE)):
        return 0.5
    return 5 if bare.split()[-1].lower() in _LEANING else 1.5


class _Plan:
    """Which words share a cue: the cheapest division of all, found word by word (Bellman)."""

    def __init__(self, pieces: list[_Piece], clock: Clock, room: tuple[int, int] | None, first_lines: int) -> None:
        self._pieces = pieces
        self._room = room
        self._frames = clock.frames
        self._first_lines = first_lines
        self._shortest = clock.count(SHORTEST_S)
        self._longest = clock.count(LONGEST_S) - 1
        self._linger = clock.count(LINGER_S)
        self._reading = Fraction(48_000, clock.frame * READING)  # Frames a character.

    def cues(self) -> list[Cue]:
        """The cues, in order; their ends never pass the next one's start."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(self._pieces) + 1):
            options = []
            for start in range(end - 1, -1, -1):
                lines = self._lines(start, end)
                if lines is None and start < end - 1:
                    break
                options.append((best[start][0] + self._cost(start, end, lines), start))
            best.append(min(options))
        cuts = [len(self._pieces)]
        while cuts[-1]:
            cuts.append(best[cuts[-1]][1])
        return [self._cue(start, end) for start, end in pairwise(reversed(cuts))]

    def _lines(self, start: int, end: int) -> tuple[str, ...] | None:
        words = tuple(piece.text for piece in self._pieces[start:end])
        return _lines(words, LINES if start else self._first_lines)

    def _cue(self, start: int, end: int) -> Cue:
        lines = self._lines(start, end)
        assert lines is not None  # One piece always fits a line.
        return Cue(self._pieces[start].start, self._end(start, end, lines), lines)

    def _end(self, start: int, end: int, lines: Sequence[str]) -> int:
        """When the cue goes: as late as reading asks for, before the next one and the cue of the ambience."""
        first, last = self._pieces[start].start, self._pieces[end - 1].end
        limit = self._pieces[end].start if end < len(self._pieces) else self._frames
        if self._room is not None and first < self._room[0] < limit:
            limit = self._room[0]
        reading = math.ceil(_characters(lines) * self._reading)
        wanted = max(last + self._linger, first + self._shortest, first + reading)
        end_frame = limit if 0 < limit - wanted < self._linger else min(wanted, limit)  # No gap as short as a blink.
        return max(first + 1, min(end_frame, first + self._longest))

    def _cost(self, start: int, end: int, lines: tuple[str, ...] | None) -> float:
        if lines is None:
            return 1e6
        pieces = self._pieces[start:end]
        shown = self._end(start, end, lines) - pieces[0].start
        cost = 2.0 + 3 * max(0.0, 1 - shown / self._shortest) * 10
        cost += 20 * max(0.0, float(_characters(lines) * self._reading) / shown - 1)
        cost += 1000.0 * (pieces[-1].end - pieces[0].start > self._longest) * (len(pieces) > 1)
        cost += 4.0 * sum(piece.is_last for piece in pieces[:-1])  # Sentences share a cue only where one is too short.
        cost += sum(max(0, later.start - earlier.end) for earlier, later in pairwise(pieces)) / self._shortest
        is_whole = pieces[-1].is_last and (start == 0 or self._pieces[start - 1].is_last)
        cost += 8.0 * (len(pieces) == 1 and not is_whole)
        cost += _line_cost((lines[0], lines[1])) / 2 if len(lines) > 1 else 0.0
        is_parted = self._room is not None and pieces[0].end <= self._room[0] < pieces[-1].end
        return cost + 1000.0 * is_parted + (0.0 if pieces[-1].is_last else 2 * _break_cost(pieces[-1].text))


def _characters(lines: Sequence[str]) -> int:
    return len(" ".join(lines))
