"""Prepares a sentence for espeak-ng's phonemes: its letters, the voices to try, and sentences that are refused."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.errors import BackendError

MAX_LETTERS = 60  # Of a word, digits included.

# Scripts that each voice reads, by the first word of their letters' Unicode names; tried by ear with espeak-ng 1.52:
# Japanese says each kanji and Korean each hanja as "Chinese letter", and Thai spells its words.
_OWN_SCRIPTS = {
    **{voice: {"ARABIC"} for voice in ("ar", "fa", "ur", "sd", "ug")},
    **{voice: {"BENGALI"} for voice in ("bn", "as", "bpy")},
    **{voice: {"CJK"} for voice in ("cmn", "yue")},
    **{voice: {"GREEK"} for voice in ("el", "grc")},
    **{voice: {"DEVANAGARI"} for voice in ("hi", "mr", "ne")},
    **{voice: {"ARMENIAN"} for voice in ("hy", "hyw")},
    **{voice: {"ETHIOPIC"} for voice in ("am", "ti")},
    "gu": {"GUJARATI"},
    "he": {"HEBREW"},
    "ja": {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"},
    "ka": {"GEORGIAN"},
    "kn": {"KANNADA"},
    "ko": {"HANGUL"},
    "ml": {"MALAYALAM"},
    "or": {"ORIYA"},
    "pa": {"GURMUKHI"},
    "si": {"SINHALA"},
    "ta": {"TAMIL"},
    "te": {"TELUGU"},
}
_VOICES = {"zh": "cmn", "zh-yue": "yue", "zh-hk": "yue", "no": "nb"}  # Tags that are not names of voices.
_SCRIPTS = {"LATIN", "CYRILLIC", "COMBINING", "MICRO", "FEMININE", "MASCULINE", "OHM", "KELVIN", "ANGSTROM"}
_CYRILLIC_VOICES = {"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv"}


@dataclass(frozen=True, slots=True)
class Utterance:
    """Input of the library: a text, the character range of each word in it, and the languages to try."""

    text: str
    spans: tuple[tuple[int, int], ...]
    languages: tuple[str, ...]


def words_of(params: Mapping[str, Canonical]) -> list[tuple[str, str]]:
    """Pairs of the written and the spoken form from an order's `words`, or else from its text."""
    rows = params.get("words")
    if isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
        return [(str(row[0]), str(row[1])) for row in rows if isinstance(row, Sequence)]
    return [(word, word) for word in str(params.get("text") or "").split()]


def utterance_of(word_pairs: list[tuple[str, str]], text: str, language: str) -> Utterance:
    """The words in a form that can be spoken.

    Raises:
        BackendError: there is nothing to say, or a letter of a script that the voice cannot read.
    """
    written = " ".join(word for word, _ in word_pairs) or text
    parts, spans, end = [], [], 0
    for _, spoken in word_pairs:
        part = _sayable(spoken)
        spans.append((end, end + len(part)))
        end += len(part) + 1
        parts.append(part)
    text = " ".join(parts)
    _check_letters(text)
    if not any(map(str.isalnum, text)):
        hint = "a sentence needs a letter or a digit"
        raise BackendError("there is nothing to say in a sentence", facts={"sentence": f"«{written[:80]}»"}, hint=hint)
    languages = _languages(text, language)
    _check_scripts(text, written, languages[-1])
    return Utterance(text, tuple(spans), languages)


def spoken_notes(word_pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Notes for the author about these words: pairs of code and sentence."""
    mute = [written for written, spoken in word_pairs if any(_is_mute(one) and not one.isspace() for one in spoken)]
    if mute:
        words = ", ".join(f"«{word[:40]}»" for word in mute[:6]) + (" and more" if len(mute) > 6 else "")
        yield "characters-not-spoken", f"emoji and invisible characters are not spoken: {words}"


def _sayable(text: str) -> str:
    """The text without emoji, their joiners and control characters, which would be read aloud by name."""
    kept = (" " if _is_mute(character) else character for character in text)
    return " ".join("".join(kept).split())


def _is_mute(character: str) -> bool:
    code = ord(character)
    is_pictogram = 0x2600 <= code <= 0x27BF or code >= 0x1F000 or 0xFE00 <= code <= 0xFE0F
    return is_pictogram or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def _languages(text: str, language: str) -> tuple[str, ...]:
    """Voices to try. A Russian voice can read English words; an English one spells Russian letters out."""
    tag, primary = language.lower(), primary_of(language)
    is_cyrillic = any("CYRILLIC" in unicodedata.name(character, "") for character in text if character.isalpha())
    if is_cyrillic and primary not in _CYRILLIC_VOICES:
        return ("ru",)
    if tag == "en":
        return ("en-us",)
    return _VOICES.get(tag, tag), _VOICES.get(tag) or _VOICES.get(primary, primary)


def primary_of(tag: str) -> str:
    """`en` of `en-GB`."""
    return tag.lower().partition("-")[0]


def _check_letters(text: str) -> None:
    """Refuse words that are too long: the library truncates them silently."""
    longest = max(re.findall(r"[^\W_]+", text), key=len, default="")
    if len(longest) > MAX_LETTERS:
        facts = {"word": f"{longest[:40]}…", "letters": len(longest), "most": MAX_LETTERS}
        raise BackendError("a word is too long to be spoken", facts=facts, hint="add spaces to it, or a lexicon entry")


def _check_scripts(text: str, written: str, primary: str) -> None:
    allowed = _SCRIPTS | _OWN_SCRIPTS.get(primary, set())
    strange = {c for c in text if c.isalpha() and unicodedata.name(c, "UNKNOWN").split()[0] not in allowed}
    if strange:
        facts = {"sentence": f"«{written[:80]}»", "letters": " ".join(sorted(strange)[:12]), "language": primary}
        hint = "add its spoken form to the lexicon: `lexicon: {WRITTEN: SPOKEN}`"
        raise BackendError("the draft voice cannot pronounce this script", facts=facts, hint=hint)
