"""Chooses the voice of espeak-ng for a character, and its pitch, from its register and its reference tokens.

All numbers were measured on the library as in `bench/voice.py`: medians over 12 Russian and 4 English sentences, which
differ by less than 6 %.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from episodec.backends.espeak.traits import Traits
from episodec.errors import BackendError

PITCHES = (10, 25, 40, 55, 70, 85)
"""Settings of the library's pitch at which voices were measured."""


class Variant(NamedTuple):
    """One of the library's variants of a voice."""

    name: str
    range: int  # The library's setting, 0 to 99: wide enough for a spread of some 3 semitones.
    medians_hz: tuple[int, ...]  # At `PITCHES`, up to where the spread falls below 2.6 semitones.

    @property
    def reach_hz(self) -> tuple[int, int]:
        """The lowest and the highest median pitch with a lively intonation."""
        return self.medians_hz[0], self.medians_hz[-1]


class Speaker(NamedTuple):
    """Settings of the library for a character."""

    variant: str
    pitch: int  # 0 to 99.
    range: int


# The variants that neither clip nor speak faster than the plain voice, by pitch. The spread of a voice falls as its
# pitch rises, so each has an upper end; `linda`, `aunty`, `steph` and `Alex` are monotonous everywhere.
VARIANTS = (
    Variant("m1", 99, (80, 88, 96, 109, 125)),
    Variant("m6", 99, (84, 92, 102, 116, 134)),
    Variant("Diogo", 95, (88, 96, 106, 119, 138)),
    Variant("michel", 95, (88, 96, 106, 120, 138)),
    Variant("m3", 95, (90, 98, 107, 121, 138)),
    Variant("max", 99, (91, 98, 106, 119)),
    Variant("boris", 99, (92, 99, 107, 120)),
    Variant("m7", 85, (95, 101, 109, 121, 138)),
    Variant("robert", 75, (99, 104, 108, 116, 128, 142)),
    Variant("Nguyen", 85, (134, 144, 155, 172, 193, 218)),
    Variant("f4", 99, (141, 158, 178)),
    Variant("f1", 99, (143, 159, 178)),
    Variant("shelby", 70, (155, 167, 180, 199, 221, 249)),
    Variant("f5", 99, (162, 181, 204)),
    Variant("f2", 99, (164, 180, 199, 226)),
    Variant("f3", 90, (182, 197, 217, 242, 274)),
)

PLAIN = Speaker("", 50, 95)  # The library's own voice: a median of 112 Hz.
ANY_HZ = (80.0, 230.0)  # Without a register: the usual range of speech.
SHARE = 0.25  # Share of a register: a variant that reaches less does not suit it.
INSIDE = 0.05  # Share of a register in its middle: the target pitch is in it, since the pitch varies with the text.
AVERAGE = Traits(0.5, 0.5, 1.0, 0)  # For a character with a register and no tokens.


def speaker(register_hz: tuple[float, float] | None, traits: Traits | None) -> Speaker:
    """The voice of a character: a variant that reaches its register, at the pitch in it that its tokens give.

    Raises:
        BackendError: no voice of the library reaches this register.
    """
    if register_hz is None and traits is None:
        return PLAIN
    register, voice_traits = register_hz or ANY_HZ, traits or AVERAGE
    offered = VARIANTS if register_hz is None else reaching(VARIANTS, register)
    if not offered:
        possible = f"{VARIANTS[0].reach_hz[0]} to {max(one.reach_hz[1] for one in VARIANTS)} Hz"
        facts = {"register": f"{register[0]:g} to {register[1]:g} Hz", "possible": possible}
        hint = "set `voice.register` in character.yaml, or choose another backend"
        raise BackendError("no draft voice speaks in this register", facts=facts, hint=hint)
    variant = offered[min(int(voice_traits.timbre * len(offered)), len(offered) - 1)]
    low, high = (_pitch(variant, hz) for hz in _common(variant, register, inside=True))
    pitch = round(low + (high - low) * voice_traits.height) + voice_traits.shade % 5 - 2
    span = variant.range - round(2 * (1 - voice_traits.liveliness)) - voice_traits.shade // 5 % 3
    return Speaker(variant.name, min(max(pitch, round(low)), round(high)), span)


def reaching(variants: Sequence[Variant], register_hz: tuple[float, float]) -> tuple[Variant, ...]:
    """The variants whose lively pitches cover a good part of a register."""
    least_hz = SHARE * (register_hz[1] - register_hz[0])

    def covers(variant: Variant) -> bool:
        low, high = _common(variant, register_hz)
        return high - low >= least_hz

    return tuple(filter(covers, variants))


def _common(variant: Variant, register_hz: tuple[float, float], *, inside: bool = False) -> tuple[float, float]:
    """The intersection of a variant's reach and a register, away from the register's ends."""
    low, high = register_hz
    margin = min(INSIDE * (low + high) / 2, (high - low) / 4) if inside else 0.0
    least, most = variant.reach_hz
    return max(least, low + margin), min(most, high - margin)


def _pitch(variant: Variant, hz: float) -> float:
    """The library's pitch setting at which a variant has this median."""
    return float(np.interp(hz, variant.medians_hz, PITCHES[: len(variant.medians_hz)]))
