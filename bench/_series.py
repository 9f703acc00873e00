"""Makes a series as an author would: series.yaml, a character with portrait and voice tokens, specs of some 2 KB."""

import random
import struct
import zlib
from pathlib import Path

SERIES = """\
# yaml-language-server: $schema=../schema/series.schema.json
episodec: 1
title: Alpha reads the notebooks
season: d13
character: alpha
language: ru
disclosure: Voice and pictures in this episode are synthetic.
mix:
  ambience_db: -20
lexicon:
  Алексинск: Ал+ексинск
profiles:
  draft:
    backends:
{backends}
    size: [512, 512]
"""

CHARACTER = """\
# yaml-language-server: $schema=../../../schema/character.schema.json
episodec: 1
title: Alpha
voice:
  transcript: The reference voice reads one calm sentence.
identity:
  hair: dark, to the shoulders
  outfit: grey coat
"""

# At 15 letters a second three of these and a pause between them stay below 30 seconds.
_SENTENCES = (
    "Вечером он открыл тетрадь и долго смотрел на первую строку, будто она написана чужой рукой",
    "Снег лёг раньше срока, и дорога к мельнице исчезла под ним за одну короткую ночь",
    "Она сказала, что письма не горят, если их читать вслух хотя бы раз в году",
    "На столе остались карандаш, два яблока и карта, где не было ни одного города",
    "Поезд стоял так долго, что пассажиры успели познакомиться, поссориться и помириться",
    "The clock in the hall had been wrong for years, and nobody wanted it mended",
    "Никто не помнил, кто первым посадил эти липы, но каждый знал, под какой из них прятался",
    "He counted the steps twice and each time the last one turned out to be missing",
)
_TAGS = ("дневник", "зима", "письма", "notebooks", "short reading", "город", "поезд", "липы", "вечер")
_PLACES = ("a wooden house", "an empty station", "a winter road", "a library at night", "a river under ice")
_SOUNDS = ("slow clock", "wind in the chimney", "distant bells", "turning pages", "steps on snow", "low fire")

_SPEC = """\
# yaml-language-server: $schema=../schema/episode.schema.json

# Episode {number} of the notebooks.
episodec: 1
number: {number}
title: "Тетрадь {number}: {title}"
description: |
  {description}
tags: [{tags}]

voice:
{recording}  text: |
    {text}
  pause_s: 0.4

foley:
  {foley}

mix:
  ambience_db: -{ambience}.5
  duck:
    depth_db: 9
    attack_ms: 90
    release_ms: 420
loudness:
  target_lufs: -16
  true_peak_dbtp: -1.5
lexicon:
  Тетрадь: т+етрадь
  alpha: +альфа
"""


def make_series(root: Path, count: int, *, recorded: bool) -> list[str]:
    """The specs' paths below `root`, in order. `recorded`: voice, Foley and picture are files of the author's."""
    folder = root / "episodes"
    identity = folder / "characters" / "alpha"
    identity.mkdir(parents=True)
    backends = "      {}: {}\n"
    table = "".join(backends.format(stage, "file" if recorded else "copy") for stage in ("voice", "foley", "video"))
    (folder / "series.yaml").write_text(SERIES.format(backends=table.rstrip()))
    (identity / "character.yaml").write_text(CHARACTER)
    (identity / "alpha-ref.png").write_bytes(_png(96))
    (identity / "ref_alpha.npy").write_bytes(_npy(430))
    if recorded:
        (folder / "recordings").mkdir()
    return [_make_spec(folder, number, recorded=recorded) for number in range(1, count + 1)]


def spec_text(number: int, *, recorded: bool, edits: int = 0) -> str:
    """The spec of an episode; another `edits` is another first sentence."""
    chance = random.Random(number)
    sentences = chance.sample(_SENTENCES, 4)
    output = [f"{sentences[0]}, в {1800 + number % 200 + edits}-м.", f"{sentences[1]}.", f"{sentences[2]}."]
    about = chance.sample(_SENTENCES, 6)
    words = " and ".join(chance.sample(_SOUNDS, 2))
    prompt = f"{words} in {chance.choice(_PLACES)}, take of episode {number}, no voices, no music"
    text = _SPEC.format(
        number=number,
        title=sentences[3][:40].rstrip(" ,"),
        description="\n  ".join(f"{one}." for one in about),
        tags=", ".join(chance.sample(_TAGS, 4)),
        recording=f"  file: recordings/{number:05}_voice.wav\n" if recorded else "",
        text="\n    ".join(output),
        foley=f"file: recordings/{number:05}_foley.wav" if recorded else f"prompt: {prompt}",
        ambience=chance.randrange(14, 24),
    )
    return text + (f"video:\n  file: recordings/{number:05}.mp4\n" if recorded else "")


def spec_path(number: int) -> str:
    """Where the spec of an episode lies, relative to the root."""
    return f"episodes/{number:05}-notebook.episode.yaml"


def _make_spec(folder: Path, number: int, *, recorded: bool) -> str:
    path = spec_path(number)
    (folder.parent / path).write_text(spec_text(number, recorded=recorded))
    if recorded:  # Small: what is measured is reading specs, not digesting media.
        for name in ("_voice.wav", "_foley.wav", ".mp4"):
            (folder / "recordings" / f"{number:05}{name}").write_bytes(b"recording %d %s" % (number, name.encode()))
    return path


def _png(side: int) -> bytes:
    """A grey square."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = b"".join(b"\0" + bytes((row % 256,)) * side for row in range(side))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _npy(columns: int) -> bytes:
    """Tokens (8, columns), int32."""
    header = f"{{'descr': '<i4', 'fortran_order': False, 'shape': (8, {columns}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    codes = struct.pack(f"<{8 * columns}i", *(place * 37 % 1000 for place in range(8 * columns)))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + codes
