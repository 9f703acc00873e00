"""Specs of a megabyte, each made to be expensive: their construction, and their diagnostics with places.

Read by the tests, which compare the diagnostics, and by bench/limits.py, which measures time and memory.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.spec.specs import EPISODE

MEGABYTE = 1 << 20
LINE = EPISODE.count("\n") + 1  # The first line after what every spec says.


@dataclass(frozen=True, slots=True)
class Hostile:
    """A spec and the first diagnostic of it; no code: it is accepted."""

    text: Callable[[int], str]  # From the bytes that it may have, where it is made of many equal things.
    code: str | None
    place: tuple[int, int] | None = None  # Line and column.


def _many(unit: Callable[[int], str], head: str, tail: str = "") -> Callable[[int], str]:
    """As many of these as fit into so many bytes."""

    def text(most: int) -> str:
        size = len(f"{EPISODE}{head}{tail}".encode())
        built: list[str] = []
        while (size := size + len((first := unit(len(built))).encode())) <= most:
            built.append(first)
        return f"{EPISODE}{head}{''.join(built)}{tail}"

    return text


def _title(text: str) -> str:
    return EPISODE.replace("A single source of truth", text)


HOSTILE = {
    # Nesting and references.
    "a bomb of aliases": Hostile(
        lambda _: EPISODE + "x: &a [1, 1]\n" + "".join(f"x{n}: &b{n} [*a, *a]\n" for n in range(9)), "Y009", (LINE, 4)
    ),
    "many aliases": Hostile(_many(lambda _: "- *a\n", "k: &a 1\nx:\n"), "Y009", (LINE, 4)),
    "a long anchor": Hostile(lambda _: f"{EPISODE}x: &{'a' * 1_000_000} 1\n", "Y009", (LINE, 4)),
    "a long tag": Hostile(lambda _: f"{EPISODE}x: !{'a' * 1_000_000} 1\n", "Y010", (LINE, 4)),
    "brackets nested deeply": Hostile(lambda _: f"{EPISODE}x: {'[' * 1_000_000}", "Y007", (LINE, 35)),
    "braces nested deeply": Hostile(lambda _: f"{EPISODE}x: {'{a: ' * 250_000}", "Y007", (LINE, 128)),
    "lines nested deeply": Hostile(
        lambda _: EPISODE + "".join(f"{' ' * n}a:\n" for n in range(1400)), "Y007", (LINE + 32, 33)
    ),
    "dashes nested deeply": Hostile(lambda _: f"{EPISODE}x:\n  {'- ' * 500_000}", "Y007", (LINE + 1, 65)),
    # Keys.
    "a long key": Hostile(lambda _: f"{EPISODE}{'k' * 1_000_000}: 1\n", "Y006", (LINE, 1_000_001)),
    "a long key after a question mark": Hostile(lambda _: f"{EPISODE}? {'k' * 1_000_000}\n: 1\n", "S101", (LINE, 3)),
    "many keys": Hostile(_many(lambda n: f"k{n}: 1\n", ""), "Y002", (LINE + 99_996, 9)),
    "one key again and again": Hostile(_many(lambda _: "k: 1\n", ""), "Y008", (LINE + 1, 1)),
    "many stages": Hostile(_many(lambda n: f"  s{n}: x\n", "backends:\n"), "E210", (LINE + 1, 3)),
    # Values.
    "many values in brackets": Hostile(_many(lambda _: "1,", "tags: [", "]\n"), "Y002", (LINE, 399_990)),
    "many values on lines": Hostile(_many(lambda _: "- x\n", "tags:\n"), "Y002", (LINE + 199_992, 3)),
    "many segments": Hostile(
        _many(lambda _: "- {move: orbit, frames: 1}\n", "frames: 900\ncamera:\n"), "S106", (LINE + 2, 1)
    ),
    "many misspelt segments": Hostile(
        _many(lambda _: "- {mov: orbit, frames: 100}\n", "camera:\n"), "S106", (LINE + 1, 1)
    ),
    "many codes": Hostile(_many(lambda _: "- E207\n", "allow:\n"), "S106", (LINE + 1, 1)),
    "a large lexicon": Hostile(_many(lambda n: f"  w{n}: v{n}\n", "voice: {text: w7}\nlexicon:\n"), None),
    # Numbers.
    "a number of a million digits": Hostile(lambda _: f"{EPISODE}frames: {'9' * 1_000_000}\n", "Y013", (LINE, 9)),
    "a fraction of a million digits": Hostile(lambda _: f"{EPISODE}frames: 1.{'9' * 1_000_000}\n", "Y013", (LINE, 9)),
    "an exponent of a million digits": Hostile(lambda _: f"{EPISODE}frames: 1e{'9' * 1_000_000}\n", "Y013", (LINE, 9)),
    "a hexadecimal number": Hostile(lambda _: f"{EPISODE}frames: 0x{'f' * 1_000_000}\n", "Y013", (LINE, 9)),
    "many long numbers": Hostile(_many(lambda _: f"{'9' * 300},", "x: [", "]\n"), "Y013", (LINE, 5)),
    # Texts.
    "a long line": Hostile(lambda _: _title("x" * 1_000_000), "S106", (3, 8)),
    "a long text of lines": Hostile(
        lambda _: f"{EPISODE}description: >\n{' a' * 2}\n" + " a\n" * 340_000, "S106", None
    ),
    "a text of marks": Hostile(lambda _: _title("a" + "\u0301\u0316" * 250_000), "Y015", (3, 9)),
    "a text of escaped marks": Hostile(lambda _: _title('"a' + "\\u0301\\u0316" * 85_000 + '"'), "Y015", (3, 8)),
    "a text that unfolds": Hostile(
        lambda _: EPISODE + "foley: {prompt: " + "\ufdfa" * 340_000 + "}\n", "S106", (LINE, 17)
    ),
    "many escaped control characters": Hostile(_many(lambda _: '- "\\x01"\n', "x:\n"), "Y003", (LINE + 1, 3)),
    "many characters that reorder": Hostile(lambda _: EPISODE + "x: " + "\u202e" * 340_000, "Y004", (LINE, 4)),
    "a quote that is not closed": Hostile(lambda _: f'{EPISODE}x: "' + "a\n " * 330_000, "Y006", (LINE + 329_999, 3)),
    "colons": Hostile(lambda _: f"{EPISODE}x: {'a: ' * 330_000}", "Y006", (LINE, 5)),
    # What the schema's patterns are asked about.
    "a path of folders": Hostile(lambda _: f"{EPISODE}video: {{file: {'a/' * 500_000}x.mp4}}\n", "S106", (LINE, 15)),
    "a path that climbs": Hostile(lambda _: f"{EPISODE}video: {{file: {'../' * 340_000}x.mp4}}\n", "S106", (LINE, 15)),
    "a season of dashes": Hostile(lambda _: f"{EPISODE}season: {'s-' * 500_000}!\n", "S106", (LINE, 9)),
    "a language of parts": Hostile(lambda _: f"{EPISODE}language: {'en-' * 330_000}!\n", "S106", (LINE, 11)),
    "a character of dashes": Hostile(lambda _: f"{EPISODE}character: {'a-_' * 330_000}!\n", "S106", (LINE, 12)),
}
