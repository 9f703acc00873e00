"""One utterance asked of espeak-ng's program: what it is told, what it answers, how fast it speaks.

It knows utterances, not orders.
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

# At so many words a minute, letters a second (as `spec.fit` counts them) of Cyrillic and of Latin words: measured by
# `f5` at its whole range on eleven narrations of 7 to 30 s, Russian, English and mixed, between the fastest and the
# slowest of them. English gains more from a higher rate, so that one table would speak it 12 % too fast at 20 letters.
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
"""The slowest and the fastest pace that every text can be spoken at, in letters a second."""

VOLUME = 65  # Percent: some variants clip at 80.


class Manner(NamedTuple):
    """How the library is to speak: a variant of the voice, its pitch and range (0 to 99), words a minute."""

    variant: str
    pitch: int
    range: int
    rate: int


class Heard(NamedTuple):
    """A phoneme, of which word of the utterance, and its range of samples; None: to the end."""

    word: int
    name: str
    start: int
    end: int | None


def spoken(utterance: Utterance, manner: Manner) -> tuple[dict[str, Any], bytes]:
    """What the program answers: its head with the events, and samples of 16 bits at 22 050 Hz."""
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
        raise TimedOut("espeak-ng ran past its limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        facts = {"sentence": f"«{utterance.text[:80]}»", "said": said or f"exit code {done.returncode}"}
        raise BackendError("espeak-ng cannot speak a sentence", facts=facts)
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples


def heard(events: Sequence[Sequence[Any]], utterance: Utterance) -> Iterator[Heard]:
    """The phonemes of an answer.

    Word events are not one to one with words (CamelCase gives two, a number several), so the position in the text
    decides; a phoneme lasts until the next event. An empty phoneme is a pause, `(en)` a switch of the language.
    """
    word = 0
    ends = [*(event[1] for event in events[1:]), None]
    for event, end in zip(events, ends, strict=True):
        if event[0] == "w":
            word = max(word, _word_at(event[2] - 1, utterance.spans))
        elif event[2] and not event[2].startswith("("):
            yield Heard(word, event[2], event[1], end)


def rate_of(text: str, pace: float) -> int:
    """Words a minute at which so many letters of this text are said in a second."""
    import numpy as np

    latin = _latin_share(text)
    paces = [1 / ((1 - latin) / cyrillic_pace + latin / latin_pace) for _, cyrillic_pace, latin_pace in PACES]
    return round(float(np.interp(pace, paces, [rate for rate, _, _ in PACES])))


def library_in(home: Path) -> Path:
    """The library in its folder."""
    return next(path for path in sorted(home.iterdir()) if path.name.startswith("libespeak-ng."))


def _latin_share(text: str) -> float:
    """How many of the letters are Latin, 0 to 1."""
    letters = [one for one in text if one.isalpha()]
    return sum("LATIN" in unicodedata.name(one, "") for one in letters) / max(1, len(letters))


def _word_at(position: int, spans: Sequence[tuple[int, int]]) -> int:
    """The word that a position in the text belongs to; the one before it where it lies between two."""
    return max(0, bisect_right([start for start, _ in spans], position) - 1)
