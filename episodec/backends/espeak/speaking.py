"""Runs espeak-ng's program for one utterance, reads its answer, and measures its pace.

Knows utterances, not orders.
"""

import json
import subprocess
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from episodec.backends.espeak.install import installed_at
from episodec.errors import BackendError, TimedOut
from episodec.ownfile import own_file
from episodec.tools.utterance import Utterance

LIMIT_S = 120.0  # An utterance takes 50 ms.
RATE = 22_050  # Hz.

PROGRAM = own_file(__file__, "driver.py")

# Letters per second (as counted by `spec.fit`) in Cyrillic and in Latin words, at this many words per minute: measured
# with `f5` over its whole range on eleven narrations of 7 to 30 s, Russian, English and mixed; between the fastest and
# the slowest. English gains more from a higher rate; a single table would make it 12 % too fast at 20 letters.
PACES = (
    (80, 9.2, 7.7),
    (100, 10.6, 9.1),
    (130, 13.2, 11.9),
    (165, 15.8, 14.9),
    (200, 18.3, 18.1),
    (230, 20.0, 20.6),
    (260, 21.4, 23.4),
    (300, 23.4, 27.3),
    (350, 25.8, 31.4),
    (400, 29.3, 36.0),
    (450, 39.1, 39.6),
)

REACHED = (max(PACES[0][1:]), min(PACES[-1][1:]))
"""The slowest and the fastest pace possible for every text, in letters per second."""

VOLUME = 65  # Percent: some variants clip at 80.


class SpeechManner(NamedTuple):
    """Settings of a speaker: a variant of the voice, its pitch and range (0 to 99), words per minute."""

    variant: str
    pitch: int
    range: int
    rate: int


class HeardPhoneme(NamedTuple):
    """A phoneme, the index of its word in the utterance, and its range of samples; None: to the end."""

    word: int
    name: str
    start: int
    end: int | None


def spoken(utterance: Utterance, manner: SpeechManner) -> tuple[dict[str, Any], bytes]:
    """The program's answer: a header with the events, and samples of 16 bits at 22 050 Hz."""
    home = installed_at()
    request = {
        "library": str(library_in(home)),
        "data": "espeak-ng-data",  # Relative to the program's folder: the library cuts paths of some 160 bytes.
        "voices": [f"{name}+{manner.variant}" if manner.variant else name for name in utterance.languages],
        "text": utterance.text,
        "rate": manner.rate,
        "volume": VOLUME,
        "pitch": manner.pitch,
        "range": manner.range,
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
        raise TimedOut("espeak-ng exceeded its time limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    stderr = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        facts = {"sentence": f"«{utterance.text[:80]}»", "said": stderr or f"exit code {done.returncode}"}
        raise BackendError("espeak-ng cannot speak a sentence", facts=facts)
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples


def phonemes_of(events: Sequence[Sequence[Any]], utterance: Utterance) -> Iterator[HeardPhoneme]:
    """The phonemes in an answer.

    Word events do not match words one to one (CamelCase gives two, a number several), so the position in the text
    decides; a phoneme lasts until the next event. An empty phoneme is a pause, `(en)` a switch of language.
    """
    word = 0
    ends = [*(event[1] for event in events[1:]), None]
    for event, end in zip(events, ends, strict=True):
        if event[0] == "w":
            word = max(word, _word_at(event[2] - 1, utterance.spans))
        elif event[2] and not event[2].startswith("("):
            yield HeardPhoneme(word, event[2], event[1], end)


def rate_of(text: str, pace: float) -> int:
    """Words per minute at which this text is spoken with this many letters per second."""
    import numpy as np

    latin = _latin_share(text)
    paces = [1 / ((1 - latin) / cyrillic_pace + latin / latin_pace) for _, cyrillic_pace, latin_pace in PACES]
    return round(float(np.interp(pace, paces, [rate for rate, _, _ in PACES])))


def library_in(home: Path) -> Path:
    """The library in its folder."""
    return next(path for path in sorted(home.iterdir()) if path.name.startswith("libespeak-ng."))


def _latin_share(text: str) -> float:
    """The share of Latin letters, 0 to 1."""
    letters = [one for one in text if one.isalpha()]
    return sum("LATIN" in unicodedata.name(one, "") for one in letters) / max(1, len(letters))


def _word_at(position: int, spans: Sequence[tuple[int, int]]) -> int:
    """The word at a position in the text; between two words, the first of them."""
    return max(0, bisect_right([start for start, _ in spans], position) - 1)
