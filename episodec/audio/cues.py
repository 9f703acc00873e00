"""Words and their times as caption cues: at most two balanced lines, long enough to be read.

The law, by the rules that style guides share; what comes first goes before what comes later:

1. Cues lie on frames, stand one frame at least and do not overlap. A cue starts with its first word; only where more
   words start in one frame than two lines hold, cues start a frame or more beside their words, and behind a note that
   stands in a short pause.
2. A cue stands at most 7 s, and the words on it are spoken while it stands. It holds no words from both sides of the
   note.
3. A cue stands 5/6 s at least. Where no division of the words into cues gives that to all of them, because the
   narration, the words before a pause, or the time to the end of the episode is shorter, or because speech is faster
   than two lines in 5/6 s, the frames that cues lack are as few as can be, all cues taken together.
4. A cue asks for at most 20 characters a second, sentences keep to themselves, and no line ends with a preposition, an
   article or an abbreviation: each where it can be helped.

The note says what else is heard. It has a cue of its own of 5/6 s at least: in the first silence that is so long, the
lead-in or a pause; else in the first pause where the next cue waits at most 1/3 s for it, or in the one where it waits
least, at most 1/2 s, and no cue is too short because of it; else behind the speech, where the film goes on so long.
Where there is no such place it has no cue; `with_note` then puts it into the first one, for files that are read by
those who hear nothing. It says as many of its phrases as can be read meanwhile, and one at least.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from episodec.audio.lines import (
    FULL,
    LINES,
    NARROW,
    Break,
    Part,
    best_break,
    break_cost,
    joined,
    lines,
    pieces,
    width,
)
from episodec.audio.words import SpokenWord
from episodec.errors import BackendError

SHORTEST_S = Fraction(5, 6)
LONGEST_S = Fraction(7)
READING = 20  # Characters a second; a wide one counts for 2.6, as it fills so much more of a line.
LINGER_S = Fraction(1, 4)  # How long a cue may stand after its last word, where there is room.
SOON_S, LATE_S = Fraction(1, 3), Fraction(1, 2)  # How long a cue may wait for the note: as good as not, and at most.


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines and the frames that show them, half-open."""

    start: int
    end: int
    lines: tuple[str, ...]
    is_note: bool = False  # Whether it says what else is heard.


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
    """A word, or a piece of one that may be broken, and its frames."""

    part: Part
    start: int
    end: int
    is_last: bool  # Of its sentence.


def captions(words: Sequence[SpokenWord], note: str | None, clock: Clock) -> tuple[Cue, ...]:
    """The cues of a narration, and one for the note where it has a place.

    Raises:
        BackendError: the episode has fewer frames than the words need cues.
    """
    spoken = list(_pieces(words, clock))
    if not note:
        return _apart(_Plan(spoken, clock, None).cues(), clock.frames)
    for room, heard in _rooms(spoken, clock):
        cues = [*_Plan(heard, clock, room).cues(), _note(note, *room, clock)]
        return _apart(sorted(cues, key=lambda cue: cue.start), clock.frames)
    return _apart(_Plan(spoken, clock, None).cues(), clock.frames)


def with_note(cues: Sequence[Cue], note: str | None) -> tuple[Cue, ...]:
    """The cues with the note above the words of the first one, where it has no cue of its own. One with a free line is
    taken among the first three; else it has three lines.
    """
    if not note or not cues or any(cue.is_note for cue in cues):
        return tuple(cues)
    place = next((at for at, cue in enumerate(cues[:3]) if len(cue.lines) < LINES), 0)
    changed = replace(cues[place], lines=(*label(note, 1), *cues[place].lines))
    return (*cues[:place], changed, *cues[place + 1 :])


def _note(note: str, start: int, end: int, clock: Clock) -> Cue:
    readable = Fraction((end - start) * clock.frame * READING, 48_000)
    return Cue(start, end, label(note, readable=readable), is_note=True)


def label(note: str, most: int = LINES, *, readable: Fraction | None = None) -> tuple[str, ...]:
    """The note in brackets: whole phrases of it, as many as there is room for in so many lines and as can be read.

    `readable`: narrow characters; None: as many as there are.
    """
    phrases = " ".join(note.split()).rstrip(".。").split(", ")
    for count in range(len(phrases), 0, -1):
        text = f"[{', '.join(phrases[:count])}]"
        broken = lines(_parts(text.split()), most)
        if broken is not None and (count == 1 or readable is None or width(text) <= readable * NARROW):
            return broken
    head = ""
    for part in _parts(phrases[0].split()):
        longer = joined((Part(head), part)) if head else part.text
        if width(f"[{longer}…]") > FULL:
            break
        head = longer
    return (f"[{head}…]",)


def _parts(words: Sequence[str]) -> tuple[Part, ...]:
    cut = [(piece, number > 0) for word in words for number, piece in enumerate(pieces(word))]
    following = [*(text for text, _ in cut[1:]), None]
    return tuple(
        Part(text, is_glued, break_cost(text, then, is_last=False))
        for (text, is_glued), then in zip(cut, following, strict=True)
    )


def _apart(cues: Sequence[Cue], frames: int) -> tuple[Cue, ...]:
    """The same cues; those that start in one frame moved until each has a frame of its own."""
    if len(cues) > frames:
        facts = {"frames": frames, "cues": len(cues)}
        hint = "more `frames`, or fewer words"
        raise BackendError("the words need more captions than the episode has frames", facts=facts, hint=hint)
    if not cues:
        return ()
    starts = [cue.start for cue in cues]
    for at in range(1, len(starts)):
        starts[at] = max(starts[at], starts[at - 1] + 1)
    for at in range(len(starts) - 1, -1, -1):
        starts[at] = min(starts[at], (starts[at + 1] if at + 1 < len(starts) else frames) - 1)
    return tuple(
        replace(cue, start=start, end=max(start + 1, min(cue.end, limit)))
        for cue, start, limit in zip(cues, starts, [*starts[1:], frames], strict=True)
    )


def _pieces(words: Sequence[SpokenWord], clock: Clock) -> Iterator[_Piece]:
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        is_last = following is None or following.sentence != word.sentence
        cut = pieces(word.word)
        filled = [0, *accumulate(max(1, width(text)) for text in cut)]
        start = min(word.start // clock.frame, clock.frames - 1)
        end = min(max(start + 1, -(-word.end // clock.frame)), clock.frames)
        for number, text in enumerate(cut):
            first, last = (start + (end - start) * filled[n] // filled[-1] for n in (number, number + 1))
            is_end = number + 1 == len(cut)
            then = (following.word if following else None) if is_end else cut[number + 1]
            part = Part(text, number > 0, break_cost(text, then, is_last=is_last and is_end))
            yield _Piece(part, first, last, is_last and is_end)


def _rooms(spoken: list[_Piece], clock: Clock) -> Iterator[tuple[tuple[int, int], list[_Piece]]]:
    """Where the note may stand, the best place first, and the pieces as cues show them then."""
    shortest, longest = clock.count(SHORTEST_S), clock.count(LONGEST_S) - 1
    silences = list(_silences(spoken, clock))
    long = [(start, end, place == len(spoken) > 0) for start, end, place in silences if end - start >= shortest]
    for start, end, is_behind in long[:1]:
        if not is_behind:
            yield (start, min(end, start + longest)), spoken
            return
    yield from _short_rooms(spoken, silences, clock)
    for start, end, _ in long[:1]:
        yield (start, min(end, start + longest)), spoken


def _short_rooms(
    spoken: list[_Piece], silences: Sequence[tuple[int, int, int]], clock: Clock
) -> Iterator[tuple[tuple[int, int], list[_Piece]]]:
    """Pauses behind which the next cue waits: the first ones where that is short, then where it is shortest."""
    shortest, soon = clock.count(SHORTEST_S), clock.count(SOON_S)
    lacking = _lacking(_Plan(spoken, clock, None).cues(), shortest)
    short = [(shortest - (end - start), start, place) for start, end, place in silences if place < len(spoken)]
    for late, start, place in sorted(short, key=lambda one: (max(one[0], soon), one[1])):
        if late > clock.count(LATE_S):
            return
        room = (start, start + shortest)
        heard = [*spoken[:place], *(_delayed(piece, room[1]) for piece in spoken[place:])]
        if room[1] < clock.frames and _lacking(_Plan(heard, clock, room).cues(), shortest) <= lacking:
            yield room, heard


def _silences(spoken: Sequence[_Piece], clock: Clock) -> Iterator[tuple[int, int, int]]:
    """Frames in which nobody speaks, and which piece is next: before the speech, between words, behind it.

    The words before a pause keep the shortest time of a cue, and the pause is only what they leave.
    """
    shortest, longest = clock.count(SHORTEST_S), clock.count(LONGEST_S) - 1
    for place in range(len(spoken) + 1):
        start = spoken[place - 1].end if place else 0
        end = spoken[place].start if place < len(spoken) else clock.frames
        if place and end > start:
            start = max(start, _earliest(spoken[:place], longest) + shortest)
        if end > start:
            yield start, end, place


def _delayed(piece: _Piece, frame: int) -> _Piece:
    """A piece that is shown from this frame on, if it starts before."""
    return piece if piece.start >= frame else replace(piece, start=frame, end=max(piece.end, frame + 1))


def _lacking(cues: Sequence[Cue], shortest: int) -> int:
    """By how many frames cues are too short, all together."""
    return sum(max(0, shortest - (cue.end - cue.start)) for cue in cues)


def _earliest(spoken: Sequence[_Piece], longest: int) -> int:
    """The first frame of the earliest word that can share a cue with the last of these."""
    first = len(spoken) - 1
    while first and spoken[-1].end - spoken[first - 1].start <= longest:
        if best_break([piece.part for piece in spoken[first - 1 :]]) is None:
            break
        first -= 1
    return spoken[first].start


class _Plan:
    """Which words share a cue: the cheapest division of all, found word by word (Bellman)."""

    def __init__(self, pieces: list[_Piece], clock: Clock, room: tuple[int, int] | None) -> None:
        self._pieces = pieces
        self._room = room
        self._frames = clock.frames
        self._shortest = clock.count(SHORTEST_S)
        self._longest = clock.count(LONGEST_S) - 1
        self._linger = clock.count(LINGER_S)
        self._reading = Fraction(48_000, clock.frame * READING * NARROW)  # Frames a part of a line.

    def cues(self) -> list[Cue]:
        """The cues, in order; of those that start in one frame, each stands for it."""
        best: list[tuple[_Cost, int]] = [((0, 0, 0, 0.0), 0)]
        for end in range(1, len(self._pieces) + 1):
            options = []
            for start in range(end - 1, -1, -1):
                parts = self._parts(start, end)
                broken = best_break(parts)
                if broken is None:
                    break
                options.append((_sum(best[start][0], self._cost(start, end, broken)), start))
            best.append(min(options))
        cuts = [len(self._pieces)]
        while cuts[-1]:
            cuts.append(best[cuts[-1]][1])
        return [self._cue(start, end) for start, end in pairwise(reversed(cuts))]

    def _parts(self, start: int, end: int) -> list[Part]:
        return [piece.part for piece in self._pieces[start:end]]

    def _cue(self, start: int, end: int) -> Cue:
        parts = self._parts(start, end)
        broken, shown = best_break(parts), lines(parts)
        assert broken is not None  # One piece always fits a line.
        assert shown is not None
        return Cue(self._pieces[start].start, self._end(start, end, broken), shown)

    def _end(self, start: int, end: int, broken: Break) -> int:
        """When the cue goes: as late as reading asks for, before the next one and the note."""
        first, last = self._pieces[start].start, self._pieces[end - 1].end
        limit = self._pieces[end].start if end < len(self._pieces) else self._frames
        if self._room is not None and first < self._room[0] < limit:
            limit = self._room[0]
        reading = math.ceil(broken.filled * self._reading)
        wanted = max(last + self._linger, first + self._shortest, first + reading)
        end_frame = limit if 0 < limit - wanted < self._linger else min(wanted, limit)  # No gap as short as a blink.
        return max(first + 1, min(end_frame, first + self._longest))

    def _cost(self, start: int, end: int, broken: Break) -> "_Cost":
        """What the law says against these words as a cue: by rules 1, 2 and 3 in frames and cues, by 4 in points."""
        shared = self._pieces[start:end]
        shown = self._end(start, end, broken) - shared[0].start
        is_hidden = end < len(self._pieces) and self._pieces[end].start <= shared[0].start
        is_long = shared[-1].end - shared[0].start > self._longest and len(shared) > 1
        is_parted = self._room is not None and shared[0].end <= self._room[0] < shared[-1].end
        points = 2.0 + 20 * max(0.0, float(broken.filled * self._reading) / shown - 1)
        # Sentences share a cue only where one is too short.
        points += 4.0 * sum(piece.is_last for piece in shared[:-1])
        points += sum(max(0, later.start - earlier.end) for earlier, later in pairwise(shared)) / self._shortest
        is_whole = shared[-1].is_last and (start == 0 or self._pieces[start - 1].is_last)
        points += 8.0 * (len(shared) == 1 and not is_whole)
        points += broken.cost / 2 + 2 * shared[-1].part.after
        return int(is_hidden), is_long + is_parted, max(0, self._shortest - shown), points


_Cost = tuple[int, int, int, float]
"""Cues without a frame, cues against rule 2, frames that cues lack, points; the first that differs decides."""


def _sum(one: _Cost, other: _Cost) -> _Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]
