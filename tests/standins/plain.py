"""Shared parts of the stand-ins, on the standard library alone: .npy and .wav files, notes of calls, failures.

The environment variable STANDIN says how a stand-in shall fail, STANDIN_LOG where it notes its calls.
"""

import json
import math
import os
import random
import struct
import sys
import wave
from pathlib import Path


def failure() -> str:
    return os.environ.get("STANDIN", "")


def note(program: str) -> None:
    names = ("PYTHONPATH", "HF_HUB_OFFLINE", "HF_HUB_CACHE", "PATH")
    messages = {
        "program": program,
        "argv": sys.argv[1:],
        "cwd": str(Path.cwd()),
        "env": {n: os.environ.get(n) for n in names},
    }
    if "STANDIN_LOG" in os.environ:
        with Path(os.environ["STANDIN_LOG"]).open("a") as file:
            file.write(json.dumps(messages) + "\n")


def save_codes(path: Path, rows: list[list[int]], kind: str = "<i4") -> None:
    head = repr({"descr": kind, "fortran_order": False, "shape": (len(rows), len(rows[0]))})
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    letter = {"<i4": "i", "<f4": "f"}[kind]
    content = b"".join(struct.pack(f"<{len(row)}{letter}", *row) for row in rows)
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + content)


def load_codes(path: Path) -> list[list[int]]:
    content = path.read_bytes()
    assert content[:8] == b"\x93NUMPY\x01\x00", "not an .npy file"
    size = struct.unpack("<H", content[8:10])[0]
    head = eval(content[10 : 10 + size])  # Its own programs load it with numpy, which asks for no more.
    assert head["descr"] == "<i4", f"expected int32 codes, got {head['descr']}"
    assert not head["fortran_order"]
    rows, columns = head["shape"]
    values = struct.unpack(f"<{rows * columns}i", content[10 + size :])
    return [list(values[row * columns : (row + 1) * columns]) for row in range(rows)]


def codes_for(text: str, seed: int) -> list[list[int]]:
    """As many columns as the text takes at 12 letters a second."""
    columns = max(4, round(sum(map(str.isalnum, text)) / 12 * 21.533))
    drawn = random.Random(f"{seed} {text}")
    return [[drawn.randrange(1000) for _ in range(columns)] for _ in range(8)]


def save_tone(path: Path, samples: int, rate: int, loudness: float = 0.3, channels: int = 1) -> None:
    period = rate // math.gcd(rate, 220)  # Samples after which all of it comes again.
    values = [round(32767 * loudness * math.sin(n * 2 * math.pi * 220 / rate)) for n in range(min(samples, period))]
    cycle = b"".join(struct.pack("<h", value) * channels for value in values)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((cycle * -(-samples // period))[: 2 * channels * samples])
