"""Words as lines of captions: the width of a text, where it may be broken, and how good a line end is.

A line holds 42 Latin or Cyrillic letters, or 16 wide glyphs of Chinese, Japanese or Korean, as style guides of these
languages say. Knows no time.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

LINE = 42  # Characters of Latin or Cyrillic.
WIDE_LINE = 16  # Wide ones.
LINES = 2
NARROW, WIDE = 8, 21  # The share of a line that a character takes, in units of which a line has `FULL`.
FULL = LINE * NARROW
assert FULL == WIDE_LINE * WIDE

# Words that belong to the next one: a line should not end with them.
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
# Words whose full stop does not end a sentence, besides single letters and words with an inner dot.
_ABBREVIATIONS = frozenset(
    """
    акад вв гг гл гр др ед им кв корп кол млн млрд напр обл оз пл пос пр проф р-н рис руб св см соч ср ст стр табл тел
    тов трлн тыс ул ч шт экз
    adm apr approx art aug ave blvd capt cf ch co col corp dec dept dr ed eds eq est feb fig figs fr gen gov hon inc jan
    jr jul jun lt ltd maj mar mr mrs ms mt no nov nr oct op pp prof pt rep rev sec sen sept sgt sr st vol vs
    """.split()  # noqa: SIM905
)
_CLAUSE = ",;:—–、，；："
_SENTENCE = ".!?…。！？"
_CLOSING = "\"'»”’)]」』）】〉》"
_ABBREVIATED = re.compile(r"(?:[^\W\d_]|\w+\.(?:\w+\.?)+|[^\W_]*\d[^\W_]*)", re.UNICODE)

# Scripts without spaces between words.
_SPACELESS = re.compile("[\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
                        "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")  # fmt: skip
_HIRAGANA = re.compile("[\u3041-\u3096]")
# A line never begins with the first set, nor ends with the second (JIS X 4051, GB/T 15834).
_NOT_FIRST = re.compile(
    "[、，。．！？；：・…‥—～」』）】〉》”’〕｝々ー"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ的了吗呢吧着过们!?,.;:)\\]}%℃°]"
)
_NOT_LAST = re.compile("[「『（【〈《“‘〔｛(\\[{$￥£€#]")


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a line that is never broken: a word, or a piece of one."""

    text: str
    is_glued: bool = False  # Whether it follows the part before it without a space.
    after: float = 1.5  # The cost of ending a line or a cue after it: 0 after a sentence, 5 after a preposition.


@lru_cache(maxsize=4096)
def width(text: str) -> int:
    """The width of a text, in units of which a line has `FULL`."""
    return NARROW * len(text) if text.isascii() else sum(map(_width_of, text))


@lru_cache(maxsize=4096)
def _width_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return WIDE if unicodedata.east_asian_width(character) in "WF" else NARROW


def joined(parts: Sequence[LinePart]) -> str:
    """The parts as one text."""
    return "".join(part.text if part.is_glued or not at else f" {part.text}" for at, part in enumerate(parts))


def pieces(word: str) -> tuple[str, ...]:
    """The pieces that a word may be broken into: one, unless its script has no spaces or it is wider than a line."""
    rows = _characters(word) if _SPACELESS.search(word) else [word]
    return tuple(piece for row in rows for piece in _cut(row))


def _characters(word: str) -> Iterator[str]:
    """Unbreakable runs: a character of a script without spaces with the marks that belong to it, or a run of other
    letters.
    """
    row = ""
    for before, character in pairwise(f"\0{word}"):
        is_free = _SPACELESS.match(character) or _SPACELESS.match(before) or _NOT_FIRST.match(before)
        if row and is_free and not (_NOT_FIRST.match(character) or _NOT_LAST.match(before) or _follows(character)):
            yield row
            row = ""
        row += character
    yield row


def _cut(text: str) -> Iterator[str]:
    """Pieces of a text, none wider than a line; combining marks stay with their letter."""
    row, filled = "", 0
    for character in text:
        if row and filled + _width_of(character) > FULL and not _follows(character):
            yield row
            row, filled = "", 0
        row, filled = row + character, filled + _width_of(character)
    yield row


def _follows(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}


def break_cost(text: str, following: str | None, *, is_last: bool) -> float:
    """The cost of ending a line or a cue between two pieces: low after a sentence or a clause, high after a word that
    belongs to the next one.

    `following`: None at the end of the narration. `is_last`: whether a sentence is known to end here; any other full
    stop may belong to an abbreviation.
    """
    if is_last or following is None:
        return 0
    bare = text.rstrip(_CLOSING)
    if bare.endswith(tuple(_SENTENCE)):
        return 5 if _leans(bare, following) else 0
    if bare.endswith(tuple(_CLAUSE)):
        return 0.5
    if _SPACELESS.match(text[-1:]) and _SPACELESS.match(following[:1]):
        # After particles and endings in Japanese; anywhere else only a dictionary knows where words end.
        return 1.5 if _HIRAGANA.match(text[-1:]) and not _HIRAGANA.match(following[:1]) else 3
    if bare[-1:].isdigit() and following[:1].islower():
        return 5  # `5 kg`, `1799 г.`
    return 5 if bare.split()[-1:] and bare.split()[-1].lower() in _LEANING else 1.5


def _leans(bare: str, following: str) -> bool:
    """Whether the full stop after a word belongs to an abbreviation."""
    if not bare.endswith((".", "…")):
        return False
    word = bare.rstrip(".…").lstrip("\"'«“‘([")
    starts_low = following.lstrip("\"'«“‘([—– ")[:1].islower()
    if bare.endswith(("…", "...")):
        return starts_low
    is_short = word.lower() in _ABBREVIATIONS or (_ABBREVIATED.fullmatch(word) is not None and not word.isdigit())
    return is_short or starts_low or (following[:1].isdigit() and len(word) < 5)


def lines(parts: Sequence[LinePart], most: int = LINES) -> tuple[str, ...] | None:
    """The best lines for these parts, one or two; None if they do not fit."""
    broken = best_break(parts)
    if broken is None or (most == 1 and broken.at < len(parts)):
        return None
    return (joined(parts),) if broken.at == len(parts) else (joined(parts[: broken.at]), joined(parts[broken.at :]))


@dataclass(frozen=True, slots=True)
class Break:
    """A division of parts into lines."""

    cost: float  # 0 for one line.
    at: int  # The index of the part that begins the second line; the number of parts if there is only one line.
    filled: int  # The total width of the text with its spaces.


def best_break(parts: Sequence[LinePart]) -> Break | None:
    """The best way to break these parts; None if they do not fit two lines."""
    ends = list(accumulate(width(part.text) + NARROW * (not part.is_glued) for part in parts))
    first = NARROW * (not parts[0].is_glued)
    filled = ends[-1] - first
    if filled <= FULL:
        return Break(0.0, len(parts), filled)
    if filled > LINES * FULL + NARROW:
        return None
    best: Break | None = None
    for at in range(1, len(parts)):
        upper, lower = ends[at - 1] - first, ends[-1] - ends[at - 1] - NARROW * (not parts[at].is_glued)
        if max(upper, lower) <= FULL:
            cost = _cost(parts, at, upper, lower)
            if best is None or cost < best.cost:
                best = Break(cost, at, filled)
    return best


def _cost(parts: Sequence[LinePart], at: int, upper: int, lower: int) -> float:
    """`upper`, `lower`: the widths of the two lines, which begin with parts 0 and `at`."""
    balance = abs(upper - lower) / FULL * 3
    orphans = _is_orphan(parts, 0, at, upper) + _is_orphan(parts, at, len(parts), lower)
    return balance + 3 * orphans + parts[at - 1].after


def _is_orphan(parts: Sequence[LinePart], start: int, end: int, filled: int) -> bool:
    """Whether a line holds a single word, or equally little of a text without spaces."""
    return end - start == 1 or (filled < FULL // 4 and all(parts[at].is_glued for at in range(start + 1, end)))
