"""Words and their times as caption cues: at most two balanced lines, shown long enough to be read.

The rules, shared by most style guides; earlier rules take precedence:

1. Cues start and end on frames, last at least one frame and do not overlap. A cue starts with its first word, except
   where more words start in one frame than two lines hold (cues then start a frame or more away from their words),
   and after a note shown in a short pause.
2. A cue lasts at most 7 s, and its words are spoken while it is shown. It holds no words from both sides of the note.
3. A cue lasts at least 5/6 s. Where no division of the words into cues allows that, because the narration, the words
   before a pause, or the time to the end of the episode is shorter, or because speech is faster than two lines in
   5/6 s, the total number of missing frames is minimal.
4. A cue needs at most 20 characters a second, sentences do not share cues, and no line ends with a preposition, an
   article or an abbreviation: each where possible.

The note describes the other sounds. It has a cue of its own of at least 5/6 s: in the first silence that long (the
lead-in or a pause); else in the first pause where the next cue is delayed by at most 1/3 s, or in the one with the
shortest delay, at most 1/2 s, provided that it shortens no cue below the minimum; else after the speech, if the film
goes on long enough. If there is no such place, it has no cue; `with_note` then adds it to the first cue, for files
read by those who cannot hear. It holds as many of its phrases as can be read in that time, and at least one.
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
    LinePart,
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
READING = 20  # Characters a second; a wide one counts as 2.6, since it takes that much more of a line.
LINGER_S = Fraction(1, 4)  # How long a cue may stay after its last word, where there is room.
SOON_S, LATE_S = Fraction(1, 3), Fraction(1, 2)  # Delay of a cue by the note: hardly noticed, and at most.


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines and the frames that show them, half-open."""

    start: int
    end: int
    lines: tuple[str, ...]
    is_note: bool = False  # Whether it describes the other sounds.


@dataclass(frozen=True, slots=True)
class Clock:
    """The frames of an episode."""

    frames: int
    frame: int  # Samples.

    def count(self, seconds: Fraction) -> int:
        """The smallest number of frames that lasts at least this long."""
        return math.ceil(seconds * 48_000 / self.frame)


@dataclass(frozen=True, slots=True)
class _WordPiece:
    """A word, or a piece of a word that may be broken, and its frames."""

    part: LinePart
    start: int
    end: int
    is_last: bool  # Of its sentence.


def captions(words: Sequence[SpokenWord], note: str | None, clock: Clock) -> tuple[Cue, ...]:
    """The cues of a narration, and one for the note if there is room for it.

    Raises:
        BackendError: the words need more cues than the episode has frames.
    """
    spoken = list(_pieces(words, clock))
    if not note:
        return _apart(_Plan(spoken, clock, None).cues(), clock.frames)
    for room, cue_pieces in _rooms(spoken, clock):
        cues = [*_Plan(cue_pieces, clock, room).cues(), _note(note, *room, clock)]
        return _apart(sorted(cues, key=lambda cue: cue.start), clock.frames)
    return _apart(_Plan(spoken, clock, None).cues(), clock.frames)


def with_note(cues: Sequence[Cue], note: str | None) -> tuple[Cue, ...]:
    """The cues with the note above the words of an early cue, if it has no cue of its own.

    The first of the first three cues with a free line is chosen; if none has one, the first cue gets a third line.
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
    """The note in brackets: as many whole phrases as fit `most` lines and can be read.

    `readable`: narrow characters; None: no limit.
    """
    phrases = " ".join(note.split()).rstrip(".。").split(", ")
    for count in range(len(phrases), 0, -1):
        text = f"[{', '.join(phrases[:count])}]"
        broken = lines(_parts(text.split()), most)
        if broken is not None and (count == 1 or readable is None or width(text) <= readable * NARROW):
            return broken
    head = ""
    for part in _parts(phrases[0].split()):
        longer = joined((LinePart(head), part)) if head else part.text
        if width(f"[{longer}…]") > FULL:
            break
        head = longer
    return (f"[{head}…]",)


def _parts(words: Sequence[str]) -> tuple[LinePart, ...]:
    cut = [(piece, number > 0) for word in words for number, piece in enumerate(pieces(word))]
    following = [*(text for text, _ in cut[1:]), None]
    return tuple(
        LinePart(text, is_glued, break_cost(text, then, is_last=False))
        for (text, is_glued), then in zip(cut, following, strict=True)
    )


def _apart(cues: Sequence[Cue], frames: int) -> tuple[Cue, ...]:
    """The same cues; those that start in the same frame are moved until each has a frame of its own."""
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


def _pieces(words: Sequence[SpokenWord], clock: Clock) -> Iterator[_WordPiece]:
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
            part = LinePart(text, number > 0, break_cost(text, then, is_last=is_last and is_end))
            yield _WordPiece(part, first, last, is_last and is_end)


def _rooms(spoken: list[_WordPiece], clock: Clock) -> Iterator[tuple[tuple[int, int], list[_WordPiece]]]:
    """Where the note may be shown, best place first, each with the pieces as cues then show them."""
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
    spoken: list[_WordPiece], silences: Sequence[tuple[int, int, int]], clock: Clock
) -> Iterator[tuple[tuple[int, int], list[_WordPiece]]]:
    """Pauses after which the next cue is delayed: the first ones with a short delay, then by increasing delay."""
    shortest, soon = clock.count(SHORTEST_S), clock.count(SOON_S)
    lacking = _lacking(_Plan(spoken, clock, None).cues(), shortest)
    short = [(shortest - (end - start), start, place) for start, end, place in silences if place < len(spoken)]
    for late, start, place in sorted(short, key=lambda one: (max(one[0], soon), one[1])):
        if late > clock.count(LATE_S):
            return
        room = (start, start + shortest)
        cue_pieces = [*spoken[:place], *(_delayed(piece, room[1]) for piece in spoken[place:])]
        if room[1] < clock.frames and _lacking(_Plan(cue_pieces, clock, room).cues(), shortest) <= lacking:
            yield room, cue_pieces


def _silences(spoken: Sequence[_WordPiece], clock: Clock) -> Iterator[tuple[int, int, int]]:
    """Silent frames and the index of the piece that follows: before the speech, between words, after it.

    The words before a pause keep the minimum time of a cue; the pause is what remains.
    """
    shortest, longest = clock.count(SHORTEST_S), clock.count(LONGEST_S) - 1
    for place in range(len(spoken) + 1):
        start = spoken[place - 1].end if place else 0
        end = spoken[place].start if place < len(spoken) else clock.frames
        if place and end > start:
            start = max(start, _earliest(spoken[:place], longest) + shortest)
        if end > start:
            yield start, end, place


def _delayed(piece: _WordPiece, frame: int) -> _WordPiece:
    """The piece, shown from this frame on if it starts earlier."""
    return piece if piece.start >= frame else replace(piece, start=frame, end=max(piece.end, frame + 1))


def _lacking(cues: Sequence[Cue], shortest: int) -> int:
    """The number of frames by which cues are too short, in total."""
    return sum(max(0, shortest - (cue.end - cue.start)) for cue in cues)


def _earliest(spoken: Sequence[_WordPiece], longest: int) -> int:
    """The first frame of the earliest word that can share a cue with the last of these pieces."""
    first = len(spoken) - 1
    while first and spoken[-1].end - spoken[first - 1].start <= longest:
        if best_break([piece.part for piece in spoken[first - 1 :]]) is None:
            break
        first -= 1
    return spoken[first].start


class _Plan:
    """The division of words into cues: the cheapest of all, found by dynamic programming (Bellman)."""

    def __init__(self, pieces: list[_WordPiece], clock: Clock, room: tuple[int, int] | None) -> None:
        self._pieces = pieces
        self._room = room
        self._frames = clock.frames
        self._shortest = clock.count(SHORTEST_S)
        self._longest = clock.count(LONGEST_S) - 1
        self._linger = clock.count(LINGER_S)
        self._reading = Fraction(48_000, clock.frame * READING * NARROW)  # Frames per unit of line width.

    def cues(self) -> list[Cue]:
        """The cues, in order; where several start in one frame, each is listed with that frame."""
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

    def _parts(self, start: int, end: int) -> list[LinePart]:
        return [piece.part for piece in self._pieces[start:end]]

    def _cue(self, start: int, end: int) -> Cue:
        parts = self._parts(start, end)
        broken, cue_lines = best_break(parts), lines(parts)
        assert broken is not None  # A single piece always fits a line.
        assert cue_lines is not None
        return Cue(self._pieces[start].start, self._end(start, end, broken), cue_lines)

    def _end(self, start: int, end: int, broken: Break) -> int:
        """The frame at which the cue ends: as late as reading needs, before the next cue and the note."""
        first, last = self._pieces[start].start, self._pieces[end - 1].end
        limit = self._pieces[end].start if end < len(self._pieces) else self._frames
        if self._room is not None and first < self._room[0] < limit:
            limit = self._room[0]
        reading = math.ceil(broken.filled * self._reading)
        target_end = max(last + self._linger, first + self._shortest, first + reading)
        end_frame = (
            limit if 0 < limit - target_end < self._linger else min(target_end, limit)
        )  # No gap as short as a blink.
        return max(first + 1, min(end_frame, first + self._longest))

    def _cost(self, start: int, end: int, broken: Break) -> "_Cost":
        """The cost of these words as one cue: rules 1, 2 and 3 in frames and cues, rule 4 in points."""
        shared = self._pieces[start:end]
        duration = self._end(start, end, broken) - shared[0].start
        is_hidden = end < len(self._pieces) and self._pieces[end].start <= shared[0].start
        is_long = shared[-1].end - shared[0].start > self._longest and len(shared) > 1
        is_parted = self._room is not None and shared[0].end <= self._room[0] < shared[-1].end
        points = 2.0 + 20 * max(0.0, float(broken.filled * self._reading) / duration - 1)
        # Sentences share a cue only where one of them is too short.
        points += 4.0 * sum(piece.is_last for piece in shared[:-1])
        points += sum(max(0, later.start - earlier.end) for earlier, later in pairwise(shared)) / self._shortest
        is_whole = shared[-1].is_last and (start == 0 or self._pieces[start - 1].is_last)
        points += 8.0 * (len(shared) == 1 and not is_whole)
        points += broken.cost / 2 + 2 * shared[-1].part.after
        return int(is_hidden), is_long + is_parted, max(0, self._shortest - duration), points


_Cost = tuple[int, int, int, float]
"""Cues without a frame, cues that break rule 2, missing frames, points; compared in this order."""


def _sum(cost: _Cost, other: _Cost) -> _Cost:
    return cost[0] + other[0], cost[1] + other[1], cost[2] + other[2], cost[3] + other[3]
