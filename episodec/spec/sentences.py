"""Narrations as sentences, and sentences as words with their written and spoken forms. Knows no backend and no time."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from episodec.spec.readings import read
from episodec.spec.readings.common import Reading

# Invisible characters, neither spoken nor shown: soft hyphens, joiners, marks of direction and order.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SAYS = re.compile(r"[^\W_]")  # A letter or a digit.
_WORD = re.compile(r"\w+")
_DOTLESS = str.maketrans("\u0130\u0131", "ii")
_SLAVIC_AND_ENGLISH = ("ru", "en", "uk", "be", "bg")


@dataclass(frozen=True, slots=True)
class Word:
    """The text between two spaces: as written, with the marks around it, and as spoken."""

    written: str
    spoken: str


def sentences(text: str, language: str) -> tuple[str, ...]:
    """The sentences of a narration, in order; a line is never joined with the next.

    A sentence ends where two splitters agree: razdel (of the Natasha project) knows Russian abbreviations and initials,
    sentencex (Wikimedia) knows English ones, and our texts mix both within a sentence. Measured on mixed texts: either
    alone cuts the other language's abbreviations («см. рис. 3», "Jan. 5"), both together cut none; where they disagree,
    two sentences stay one, which costs a pause and no word. A part without letters or digits (an emoji, a dash) joins
    the sentence before it or, at the start of a line, the one after.
    """
    return tuple(sentence for line in tidy(text).splitlines() for sentence in _of_line(line, language))


def tidy(text: str) -> str:
    """The text in one Unicode form (NFC, like keys), without characters that are neither said nor seen."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def says(text: str) -> bool:
    """Whether it has a letter or a digit."""
    return _SAYS.search(text) is not None


def mute_lines(text: str) -> Iterator[str]:
    """The lines that are not blank but have no letter or digit: no voice can say them."""
    return (line.strip() for line in tidy(text).splitlines() if line.strip() and not says(line))


def words(sentence: str, lexicon: Mapping[str, str], language: str | None = None) -> tuple[Word, ...]:
    """The words of a sentence. Isolated marks (a dash) belong to the word before them.

    A lexicon entry replaces its written form where it stands alone, without a letter, a digit or `_` next to it; only
    a sign at its start or end may touch a digit (`№` in `№5`). Longer entries take precedence. An
    entry in lower case matches any case, another only its exact form. An entry of several words makes them one word.
    The rest is read in the language by `readings`: numbers, signs and abbreviations become words. None: the rest stays
    as written.
    """
    pieces = _lexicon(tuple(lexicon.items())).within(sentence).find(sentence)
    if language is not None:
        pieces = sorted([*pieces, *read(sentence, language, [(piece.start, piece.end) for piece in pieces])])
    starts = [piece.start for piece in pieces]
    spoken_words: list[Word] = []
    before = ""  # Marks before the first word.
    for start, end in _joined(_tokens(sentence), [(piece.start, piece.end) for piece in pieces]):
        written = " ".join(sentence[start:end].split())
        within = pieces[bisect_left(starts, start) : bisect_left(starts, end)]
        spoken = " ".join(_spoken(sentence, start, end, within).split())
        if says(spoken):
            spoken_words.append(Word(f"{before} {written}".strip(), spoken))
            before = ""
        elif spoken_words:
            spoken_words[-1] = Word(
                f"{spoken_words[-1].written} {written}", f"{spoken_words[-1].spoken} {spoken}".strip()
            )
        else:
            before = f"{before} {written}".strip()
    return tuple(spoken_words)


def lexicon_spans(text: str, lexicon: Mapping[str, str]) -> list[tuple[int, int]]:
    """The ranges of a text that match entries of the lexicon."""
    return [(piece.start, piece.end) for piece in _lexicon(tuple(lexicon.items())).within(text).find(text)]


def _spoken(sentence: str, start: int, end: int, pieces: Iterable[Reading]) -> str:
    """A part of a sentence, cut at words, with the spoken forms of its pieces; the reading of a sign becomes a word."""
    spoken, at = "", start
    for piece in pieces:
        spoken = _beside(_beside(spoken, sentence[at : piece.start]), piece.spoken)
        at = piece.end
    return _beside(spoken, sentence[at:end])


def _beside(before: str, after: str) -> str:
    is_one_word = before[-1:].isalnum() and after[:1].isalnum()
    return f"{before} {after}" if is_one_word else before + after


@dataclass(frozen=True, slots=True)
class _Entries:
    """A lexicon prepared for search."""

    pattern: re.Pattern[str] | None  # None: there are no entries.
    spoken: Mapping[str, str]

    def find(self, sentence: str) -> list[Reading]:
        """The entries found, with their spoken forms."""
        if self.pattern is None:
            return []
        return [Reading(*found.span(), self._spoken_form(found)) for found in self.pattern.finditer(sentence)]

    def _spoken_form(self, match: re.Match[str]) -> str:
        written = match[0] if match[0] in self.spoken else match[0].casefold()
        return self.spoken.get(written, match[0])  # `re` matches some letters that no case folding equates: ı for i.


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """A lexicon by the first word of each entry.

    Every text that contains the entry contains that word, in any case, between other characters. So a text is searched
    for only a few of 50 000 entries.
    """

    spoken: Mapping[str, str]
    by_word: Mapping[str, list[str]]  # "": entries without a letter, a digit or a `_`.

    def within(self, text: str) -> _Entries:
        """The entries that a text may contain."""
        words = {"", *map(_caseless, _WORD.findall(text))}
        names = [name for word in words for name in self.by_word.get(word, ())]
        return _Entries(_pattern(tuple(sorted(names, key=lambda name: (-len(name), name)))), self.spoken)


@lru_cache(maxsize=64)
def _lexicon(entries: tuple[tuple[str, str], ...]) -> _Lexicon:
    """The prepared lexicon, cached: built once per series, not once per sentence."""
    spoken = {tidy(written).strip(): tidy(form) for written, form in entries if tidy(written).strip()}
    spoken |= {name.casefold(): form for name, form in spoken.items() if name == name.lower()}
    by_word: dict[str, list[str]] = {}
    for name in spoken:
        first = _WORD.search(name)
        by_word.setdefault(_caseless(first[0]) if first else "", []).append(name)
    return _Lexicon(spoken, by_word)


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(_form, names))) if names else None


def _form(name: str) -> str:
    """A pattern that finds an entry as a whole."""
    form = f"(?i:{re.escape(name)})" if name == name.lower() else re.escape(name)
    before, after = (r"\w" if re.match(r"\w", edge) else r"[^\W\d]" for edge in (name[0], name[-1]))
    return f"(?<!{before}){form}(?!{after})"


def _caseless(word: str) -> str:
    """One form for all words that `re` treats as equal when it ignores case: it finds i in İ and ı too."""
    return word.translate(_DOTLESS).casefold()


def _of_line(line: str, language: str) -> Iterator[str]:
    ends = _agreed_ends(line, language)
    pieces = [" ".join(line[start:end].split()) for start, end in zip([0, *ends], [*ends, len(line)], strict=True)]
    yield from _with_mute_ones(piece for piece in pieces if piece)


def _with_mute_ones(pieces: Iterable[str]) -> list[str]:
    """Pieces with letters or digits, the others joined to a neighbour; a line of only others is dropped (see
    `mute_lines`).
    """
    joined_pieces: list[str] = []
    before = ""
    for piece in pieces:
        if says(piece):
            joined_pieces.append(f"{before} {piece}".strip())
            before = ""
        elif joined_pieces:
            joined_pieces[-1] = f"{joined_pieces[-1]} {piece}"
        else:
            before = f"{before} {piece}".strip()
    return joined_pieces


def _agreed_ends(line: str, language: str) -> list[int]:
    """The ends of sentences within the line on which both splitters agree, identified by the characters before them."""
    import sentencex

    primary = language.partition("-")[0].lower()
    marks = [0, *accumulate(not character.isspace() for character in line)]  # Without spaces.
    ends = {marks[end]: end for end in _ends(sentencex.segment("en", line))}
    if primary in _SLAVIC_AND_ENGLISH:
        import razdel

        other = [found.stop for found in razdel.sentenize(line)]
    else:
        other = _ends(sentencex.segment(primary, line))
    agreed = ends.keys() & {marks[end] for end in other}
    return [ends[count] for count in sorted(agreed) if count < marks[-1]]


def _ends(pieces: Iterable[str]) -> list[int]:
    """The ends of pieces that make up the line."""
    ends, end = [], 0
    for piece in pieces:
        end += len(piece)
        ends.append(end)
    return ends


def _tokens(sentence: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(r"\S+", sentence)]


def _joined(tokens: list[tuple[int, int]], matches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The tokens; those spanned by one match of the lexicon are joined."""
    starts = [first for first, _ in matches]
    spans: list[tuple[int, int]] = []
    for start, end in tokens:
        last = bisect_left(starts, spans[-1][1]) - 1 if spans else -1  # The last that begins within the token before.
        if last >= 0 and start < matches[last][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
