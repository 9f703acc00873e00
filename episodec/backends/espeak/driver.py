"""One utterance through espeak-ng, as a program: an order as JSON on stdin, a line of events and samples on stdout.

Run by its path in a new interpreter for each utterance, never imported: the library keeps state between calls (four
calls in one process gave four different results), and it is GPL-3.0, so it gets its own process. Standard library only.
The order: `library` (a path), `data` (a folder, preferably a short relative path: the library truncates long ones),
`voices` (the first that exists is used), `text`, `rate` (words per minute), `volume`, `pitch` and `range` (0 to 100).
"""

import ctypes
import json
import os
import sys
from typing import Any, ClassVar

RATE = 22_050  # Hz; another answer means that the library found different data.
SEED = 1  # Of the noise in breathy voices.

_SYNCHRONOUS = 2
_PHONEMES_IN_IPA = 0x1 | 0x2
_NO_EXIT = 0x8000
_UTF8 = 1  # Without 0x10, SSML is text; without 0x100, [[phonemes]] are text.
_END, _WORD, _PHONEME = 0, 1, 7  # Kinds of events.
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}


class _EventId(ctypes.Union):
    _fields_: ClassVar[Any] = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_: ClassVar[Any] = (
        ("kind", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("position", ctypes.c_int),  # Characters from the start of the text, from 1.
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def main() -> int:
    """Speak the order on stdin; exit with 3 and a message on stderr if the library refuses."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What the library prints must not come between the samples.
    order = json.load(sys.stdin.buffer)
    try:
        library = ctypes.CDLL(order["library"])
        speech = _speak(library, order)
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"espeak-ng: {error}\n")
        return 3
    head, samples = speech
    answer.write(json.dumps(head).encode() + b"\n" + samples)
    answer.close()
    return 0


def _speak(library: Any, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    data, flags = os.fsencode(order["data"]), _PHONEMES_IN_IPA | _NO_EXIT
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, flags)
    if rate != RATE:
        raise RuntimeError(f"no usable voice data in `{order['data']}` (returned {rate})")
    library.espeak_Info.restype = ctypes.c_char_p
    version = library.espeak_Info(None).decode(errors="replace").split()[0]
    voice = next((name for name in order["voices"] if library.espeak_SetVoiceByName(name.encode()) == 0), None)
    if voice is None:
        raise RuntimeError(f"there is no voice {' or '.join(order['voices'])}")
    for name, number in _PARAMETERS.items():
        if library.espeak_SetParameter(number, order[name], 0) != 0:
            raise RuntimeError(f"the {name} {order[name]} is not accepted")
    samples, events, wrong = bytearray(), [], []

    def take(wave: Any, count: int, event: Any) -> int:
        try:  # An exception must not leave the callback.
            if wave and count > 0:
                samples.extend(ctypes.string_at(wave, 2 * count))
            events.extend(_plain(event))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told below.
            wrong.append(error)
            return 1
        return 0

    callback = _Callback(take)  # Named, so that it lives as long as the library calls it.
    library.espeak_SetSynthCallback(callback)
    # The noise of breathy voices (f2, f3, f5) is drawn by chance, and starting the library seeds it with the time.
    library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
    text = order["text"].encode()
    size, unused = ctypes.c_size_t(len(text) + 1), ctypes.c_uint(0)
    code = library.espeak_Synth(text, size, unused, unused, unused, ctypes.c_uint(_UTF8), None, None)
    code = code or library.espeak_Synchronize()
    if code or wrong:
        raise RuntimeError(f"cannot speak the text: {wrong[0] if wrong else f'code {code}'}")
    return {"version": version, "voice": voice, "events": events}, bytes(samples)


def _plain(event: Any) -> list[list[Any]]:
    """Words as ["w", sample, position, length], phonemes as ["p", sample, name]; the list ends with kind 0."""
    rows: list[list[Any]] = []
    index = 0
    while event[index].kind != _END:
        current = event[index]
        if current.kind == _WORD:
            rows.append(["w", current.sample, current.position, current.length])
        elif current.kind == _PHONEME:
            # Eight bytes that need not end with a zero, and may end within a character.
            name = bytes(current.id.string).split(b"\0")[0].decode("utf-8", "ignore")
            rows.append(["p", current.sample, name])
        index += 1
    return rows


if __name__ == "__main__":
    sys.exit(main())
