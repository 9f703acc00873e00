"""Words and their times as caption cues: at most two balanced lines of 42 characters, long enough to be read.

The law, by the rules that style guides share; what comes first goes before what comes later:

1. Cues lie on frames, stand one frame at least and do not overlap. A cue starts with its first word; only where more
   words start in one frame than two lines hold, cues start a frame or more beside their words.
2. A cue stands at most 7 s, and the words on it are spoken while it stands. It holds no words from both sides of the
   ambience's cue.
3. A cue stands 5/6 s at least. Where no division of the words into cues gives that to all of them, because the
   narration, the words before a pause, or the time to the end of the episode is shorter, or because speech is faster
   than two lines in 5/6 s, the frames that cues lack are as few as can be, all cues taken together.
4. A cue asks for at most 20 characters a second, sentences keep to themselves, and no line ends with a preposition or
   an article: each where it can be helped.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from episodec.audio.words import SpokenWord
from episodec.errors import BackendError

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
    """The cues of a narration, and one for the ambience: in the first long pause, else above a cue with a free line.

    Raises:
        BackendError: the episode has fewer frames than the words need cues.
    """
    pieces = list(_pieces(words, clock))
    label = _label(ambience) if ambience else ()
    room = _room(pieces, clock) if label else None
    if not pieces:
        return (Cue(*room, label),) if label and room else ()
    if label and room is None:
        return _labelled(pieces, clock, _label(ambience or "", LINE))
    cues = _Plan(pieces, clock, room, LINES).cues()
    if room is not None:
        cues.append(Cue(*room, label))
    return _apart(sorted(cues, key=lambda cue: cue.start), clock.frames)


def _labelled(pieces: list[_Piece], clock: Clock, label: tuple[str, ...]) -> tuple[Cue, ...]:
    """The cues where nobody pauses, the ambience above the first; above a later one where the first would be short."""
    cues, place = _Plan(pieces, clock, None, LINES - len(label)).cues(), 0
    if cues[0].end - cues[0].start < clock.count(SHORTEST_S):
        free = _Plan(pieces, clock, None, LINES).cues()
        roomy = [at for at, cue in enumerate(free) if len(cue.lines) + len(label) <= LINES]
        if roomy and free[0].end - free[0].start > cues[0].end - cues[0].start:
            cues, place = free, roomy[0]
    cues[place] = Cue(cues[place].start, cues[place].end, (*label, *cues[place].lines))
    return _apart(cues, clock.frames)


def _apart(cues: Sequence[Cue], frames: int) -> tuple[Cue, ...]:
    """The same cues; those that start in one frame moved until each has a frame of its own."""
    if len(cues) > frames:
        facts = {"frames": frames, "cues": len(cues)}
        hint = "more `frames`, or fewer words"
        raise BackendError("the words need more captions than the episode has frames", facts=facts, hint=hint)
    starts = [cue.start for cue in cues]
    for at in range(1, len(starts)):
        starts[at] = max(starts[at], starts[at - 1] + 1)
    for at in range(len(starts) - 1, -1, -1):
        starts[at] = min(starts[at], (starts[at + 1] if at + 1 < len(starts) else frames) - 1)
    return tuple(
        Cue(start, max(start + 1, min(cue.end, limit)), cue.lines)
        for cue, start, limit in zip(cues, starts, [*starts[1:], frames], strict=True)
    )


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
    """Frames in which nobody speaks, for long enough: before the speech, else the first pause. After it is too late.

    The words before a pause keep the shortest time of a cue, and the pause is only what they leave.
    """
    shortest, longest = clock.count(SHORTEST_S), clock.count(LONGEST_S) - 1
    if not pieces:
        return 0, min(clock.frames, longest)
    ends = [0, *(one.end for one in pieces)]
    for place, (end, piece) in enumerate(zip(ends, pieces, strict=False)):
        if piece.start - end >= shortest:
            free = max(end, _earliest(pieces[:place], longest) + shortest) if place else end
            if piece.start - free >= shortest:
                return free, min(piece.start, free + longest)
    return None


def _earliest(pieces: Sequence[_Piece], longest: int) -> int:
    """The first frame of the earliest word that can share a cue with the last of these."""
    first = len(pieces) - 1
    while first and pieces[-1].end - pieces[first - 1].start <= longest:
        if _lines(tuple(piece.text for piece in pieces[first - 1 :]), LINES) is None:
            break
        first -= 1
    return pieces[first].start


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
        """The cues, in order; of those that start in one frame, each stands for it."""
        best: list[tuple[_Cost, int]] = [((0, 0, 0, 0.0), 0)]
        for end in range(1, len(self._pieces) + 1):
            options = []
            for start in range(end - 1, -1, -1):
                lines = self._lines(start, end)
                if lines is None:
                    break
                options.append((_sum(best[start][0], self._cost(start, end, lines)), start))
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

    def _cost(self, start: int, end: int, lines: tuple[str, ...]) -> "_Cost":
        """What the law says against these words as a cue: by rules 1, 2 and 3 in frames and cues, by 4 in points."""
        pieces = self._pieces[start:end]
        shown = self._end(start, end, lines) - pieces[0].start
        is_hidden = end < len(self._pieces) and self._pieces[end].start <= pieces[0].start
        is_long = pieces[-1].end - pieces[0].start > self._longest and len(pieces) > 1
        is_parted = self._room is not None and pieces[0].end <= self._room[0] < pieces[-1].end
        points = 2.0 + 20 * max(0.0, float(_characters(lines) * self._reading) / shown - 1)
        points += 4.0 * sum(
            piece.is_last for piece in pieces[:-1]
        )  # Sentences share a cue only where one is too short.
        points += sum(max(0, later.start - earlier.end) for earlier, later in pairwise(pieces)) / self._shortest
        is_whole = pieces[-1].is_last and (start == 0 or self._pieces[start - 1].is_last)
        points += 8.0 * (len(pieces) == 1 and not is_whole)
        points += _line_cost((lines[0], lines[1])) / 2 if len(lines) > 1 else 0.0
        points += 0.0 if pieces[-1].is_last else 2 * _break_cost(pieces[-1].text)
        return int(is_hidden), is_long + is_parted, max(0, self._shortest - shown), points


_Cost = tuple[int, int, int, float]
"""Cues without a frame, cues against rule 2, frames that cues lack, points; the first that differs decides."""


def _sum(one: _Cost, other: _Cost) -> _Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _characters(lines: Sequence[str]) -> int:
    return len(" ".join(lines))
