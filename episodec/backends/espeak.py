"""Backend `espeak`: draft speech by espeak-ng, each utterance by a fresh program over stdin and stdout.

The library is GPL-3.0: nothing of it, nor of the package that brings it, is imported here. It knows sentences, not
episodes; the voice follows from the character's reference tokens, as far as a formant voice can follow.
"""

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.fingerprint import package_versions
from episodec.engine.protocols import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, TimedOut
from episodec.extras import not_installed
from episodec.media.asked import no_overrides

VERSION = 1  # Raised when other bytes come out.
LIMIT_S = 120.0  # An utterance takes 50 ms.

PROGRAM = Path(__file__).parents[1] / "media" / "drivers" / "espeak.py"

# Of the library's variants those that neither clip nor run faster than the plain voice, by their pitch: measured from
# 85 to 240 Hz at the same setting.
VARIANTS = (
    "m1",
    "boris",
    "Alex",
    "m2",
    "m6",
    "max",
    "m3",
    "robert",
    "aunty",
    "f4",
    "f1",
    "shelby",
    "f2",
    "f5",
    "f3",
    "linda",
)

# Letters a second (as `spec.fit` counts them) at so many words a minute: measured over 132 Russian, English and mixed
# sentences at 165, and 10 of them at the other rates. With them, whole narrations come within 4 % of the pace, by any
# of the variants.
PACES = (
    (80, 8.4),
    (100, 9.9),
    (130, 12.7),
    (165, 15.7),
    (200, 18.6),
    (250, 22.3),
    (300, 25.8),
    (350, 29.1),
    (400, 33.1),
)

VOLUME = 80  # Percent: some variants clip at 100.

MAX_LETTERS = 60  # In one run, digits included.

EDGE = 0.001  # Full scale 1: what is below it at both ends of an utterance is silence.
MARGIN = 480  # Samples kept of it.

_OWN_SCRIPTS = {
    "el": {"GREEK"},
    "ar": {"ARABIC"},
    "fa": {"ARABIC"},
    "he": {"HEBREW"},
    "hi": {"DEVANAGARI"},
    "hy": {"ARMENIAN"},
    "ja": {"CJK", "HIRAGANA", "KATAKANA"},
    "ka": {"GEORGIAN"},
    "ko": {"HANGUL"},
    "zh": {"CJK"},
}
_SCRIPTS = {"LATIN", "CYRILLIC", "COMBINING", "MICRO", "FEMININE", "MASCULINE", "OHM", "KELVIN", "ANGSTROM"}
_CYRILLIC_VOICES = {"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv"}


class EspeakBackend:
    """Stage voice: one sentence to `speech.wav` and `words.json`, at the character's pace."""

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """The loader's version and the digests of the library and of its sounds, which no version number stands for."""
        home = installed_at()
        found = package_versions("espeakng-loader", "numpy", "soxr")
        files = [home / name for name in ("libespeak-ng.so", "libespeak-ng.dylib") if (home / name).is_file()]
        files += [home / "espeak-ng-data" / name for name in ("phondata", "ru_dict", "en_dict")]
        parts = {file.name: digests.of(str(file)) for file in files}
        program = digests.of(str(PROGRAM))
        watches = (*found.watches, *map(str, files), str(PROGRAM))
        return Fingerprint({**found.parts, **parts, "program": program, "version": VERSION}, watches)

    def run(self, order: WorkOrder) -> None:
        from episodec.media.wav import write_wav
        from episodec.media.words import write_words

        no_overrides(order)
        said = _words(order)
        params = order.params
        utterance = _utterance(said, str(params.get("text") or ""), str(params.get("language") or "en"))
        head, pcm = _speak(utterance, order)
        samples, offset = _trimmed(pcm, utterance)
        write_wav(order.outputs["speech.wav"], samples)
        write_words(order.outputs["words.json"], _timed(said, utterance, head["events"], offset, len(samples)))


@dataclass(frozen=True, slots=True)
class _Utterance:
    """What the library is given: a text, the range of characters of each word in it, and languages to try."""

    text: str
    spans: tuple[tuple[int, int], ...]
    languages: tuple[str, ...]


def _words(order: WorkOrder) -> list[tuple[str, str]]:
    """Pairs of the written and the spoken form; without `words`, those of the text."""
    rows = order.params.get("words")
    if isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
        return [(str(row[0]), str(row[1])) for row in rows if isinstance(row, Sequence)]
    return [(word, word) for word in str(order.params.get("text") or "").split()]


def _utterance(said: list[tuple[str, str]], text: str, language: str) -> _Utterance:
    """The words as they can be spoken.

    Raises:
        BackendError: there is nothing to say, or a letter of a script that the voice only knows by its name.
    """
    written = " ".join(word for word, _ in said) or text
    parts, spans, end = [], [], 0
    for _, spoken in said:
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
    return _Utterance(text, tuple(spans), languages)


def _sayable(text: str) -> str:
    """Without what would be read aloud by its name though nobody means it: emoji, their joiners, control characters."""
    kept = (" " if _is_mute(character) else character for character in text)
    return " ".join("".join(kept).split())


def _is_mute(character: str) -> bool:
    code = ord(character)
    is_pictogram = 0x2600 <= code <= 0x27BF or code >= 0x1F000 or 0xFE00 <= code <= 0xFE0F
    return is_pictogram or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def _languages(text: str, language: str) -> tuple[str, ...]:
    """Voices to try. A Russian voice speaks English words as English; an English one spells Russian letters out."""
    tag = language.lower()
    primary = tag.partition("-")[0]
    is_cyrillic = any("CYRILLIC" in unicodedata.name(character, "") for character in text if character.isalpha())
    if is_cyrillic and primary not in _CYRILLIC_VOICES:
        return ("ru",)
    return ("en-us",) if tag == "en" else (tag, primary)


def _check_letters(text: str) -> None:
    """The library cuts what is too long for a word without a sign of it."""
    found = max(re.findall(r"[^\W_]+", text), key=len, default="")
    if len(found) > MAX_LETTERS:
        facts = {"word": f"{found[:40]}…", "letters": len(found), "most": MAX_LETTERS}
        raise BackendError("a word is too long to be spoken", facts=facts, hint="put spaces into it, or the lexicon")


def _check_scripts(text: str, written: str, primary: str) -> None:
    allowed = _SCRIPTS | _OWN_SCRIPTS.get(primary, set())
    strange = {c for c in text if c.isalpha() and unicodedata.name(c, "UNKNOWN").split()[0] not in allowed}
    if strange:
        facts = {"sentence": f"«{written[:80]}»", "letters": " ".join(sorted(strange)[:12]), "language": primary}
        hint = "write how it is spoken into the lexicon: `lexicon: {WRITTEN: SPOKEN}`"
        raise BackendError("the draft voice cannot pronounce this script", facts=facts, hint=hint)


def _speak(utterance: _Utterance, order: WorkOrder) -> tuple[dict[str, Any], bytes]:
    """What the program answers: its head with the events, and samples of 16 bits at 22 050 Hz."""
    home = installed_at()
    library = next(path for path in sorted(home.iterdir()) if path.name.startswith("libespeak-ng."))
    variant, pitch, span = _character(order)
    request = {
        "library": str(library),
        "data": "espeak-ng-data",  # Relative to the program's folder: the library cuts paths of some 160 bytes.
        "voices": [f"{name}+{variant}" if variant else name for name in utterance.languages],
        "text": utterance.text,
        "rate": _rate(order.params.get("characters_per_second")),
        "volume": VOLUME,
        "pitch": pitch,
        "range": span,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=home,
            env={"LC_ALL": "C"},
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut("espeak-ng ran past its limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        facts = {"sentence": f"«{utterance.text[:80]}»", "said": said or f"exit code {done.returncode}"}
        raise BackendError("espeak-ng cannot speak a sentence", facts=facts)
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples


def _character(order: WorkOrder) -> tuple[str, int, int]:
    """Variant, pitch and range of the voice: from the reference tokens, or the library's own where there are none."""
    if "tokens.npy" not in order.inputs:
        return "", 50, 50
    from episodec.media.ref_tokens import load_ref_tokens
    from episodec.media.traits import traits

    found = traits(load_ref_tokens(order.input("tokens.npy")))
    variant = VARIANTS[min(int(found.timbre * len(VARIANTS)), len(VARIANTS) - 1)]
    return (
        variant,
        35 + round(30 * found.height) + found.shade % 5,
        35 + round(25 * found.liveliness) + found.shade // 5 % 7,
    )


def _rate(pace: object) -> int:
    """Words a minute for letters a second.

    Raises:
        BackendError: no rate of the library gives this pace.
    """
    wanted = float(pace) if isinstance(pace, int | float) else 15.0
    slow, fast = PACES[0][1], PACES[-1][1]
    if not slow <= wanted <= fast:
        facts = {"characters_per_second": wanted, "possible": f"{slow:g} to {fast:g}"}
        hint = "set `voice.characters_per_second` in character.yaml"
        raise BackendError("the draft voice cannot speak at this pace", facts=facts, hint=hint)
    import numpy as np

    return round(float(np.interp(wanted, [letters for _, letters in PACES], [rate for rate, _ in PACES])))


def _trimmed(pcm: bytes, utterance: _Utterance) -> tuple[Any, int]:
    """The speech at 48 kHz, (n, 1), without silence at its ends, and how many samples went at the start."""
    import numpy as np

    from episodec.media.wav import resample

    raw = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(raw) > EDGE)
    if not len(loud):
        facts = {"sentence": f"«{utterance.text[:80]}»"}
        raise BackendError("espeak-ng gave nothing but silence for a sentence", facts=facts)
    samples = resample(raw[:, None], 22_050)
    first = max(0, _at_48k(int(loud[0])) - MARGIN)
    last = min(len(samples), _at_48k(int(loud[-1]) + 1) + MARGIN)
    return samples[first:last], first


def _at_48k(sample: int) -> int:
    return sample * 320 // 147  # 48 000 / 22 050.


def _timed(
    said: list[tuple[str, str]], utterance: _Utterance, events: list[list[Any]], offset: int, length: int
) -> Any:
    """When each word and each of its phonemes sounds.

    Word events are not one to one with words (CamelCase gives two, a number several), so the position in the text
    decides; a phoneme lasts until the next event. An empty phoneme is a pause, `(en)` a switch of the language.
    """
    from episodec.media.words import Phoneme, SpokenWord, Words

    sounds: list[list[Phoneme]] = [[] for _ in said]
    current = 0
    ends = [*(event[1] for event in events[1:]), None]
    for event, end in zip(events, ends, strict=True):
        if event[0] == "w":
            current = max(current, _word_at(event[2] - 1, utterance.spans))
        elif event[2] and not event[2].startswith("("):
            start, stop = (
                min(max(_at_48k(at) - offset, 0), length) if at is not None else length for at in (event[1], end)
            )
            sounds[current].append(Phoneme(event[2], start, max(start, stop)))
    words, before = [], 0
    for (written, _), own in zip(said, sounds, strict=True):
        start = max(before, own[0].start) if own else before
        before = max(start, own[-1].end) if own else before
        words.append(SpokenWord(written, start, before, 0, tuple(own)))
    return Words(length, "measured", tuple(words))


def _word_at(position: int, spans: Sequence[tuple[int, int]]) -> int:
    """The word that a position in the text belongs to; the one before it where it lies between two."""
    from bisect import bisect_right

    return max(0, bisect_right([start for start, _ in spans], position) - 1)


def installed_at() -> Path:
    """The folder with the library and its data, found without importing the package.

    Raises:
        SettingsError: it is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        raise not_installed(["espeakng-loader"])
    return Path(spec.origin).parent
