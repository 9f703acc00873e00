"""Backend `join`: the speech of each sentence, with pauses between, held to exactly the frames of the episode.

A narration that is longer is played faster as a whole, its pitch kept, by as little as fits; a shorter one is followed
by silence. Knows no voice: it reads `speech.wav` and `words.json` of whoever spoke.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.ffmpeg import QUIET, fingerprint, program
from episodec.tools.notes import CLIPPED

STRETCH = 1.08  # How much faster a narration may be played; `spec.fit` predicts with the same number.
SILENCE = 1e-4  # -80 dBFS: what is below it at the end of the last speech need not be heard.

# ffmpeg's atempo is a WSOLA without amends for its own delay: what it gives starts half a window early. Measured on 24
# onsets of speech at 2 %, 6 % and 8 %: 19.4 ms early, each within 1.5 ms; on tones, which repeat themselves, within
# 15 ms. (rubberband keeps time by itself, but smears voices: it lost 6 to 18 % of their amplitude.)
LEAD = 4800  # Samples of silence before the speech, so that the window is full when it begins.
EARLY = 931

Sound = Any  # (n,) float32, 48 kHz.


class JoinBackend:
    """Stage join: params `frames`, `rate`, `fit`, `pause_s`; `speech.wav`, `words.json` of the sentences in order."""

    stages: ClassVar[frozenset[str]] = frozenset({"join"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        "voice-sped-up": "The narration is longer than its episode, so that all of it is played faster.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import clipped_text, write_wav
        from episodec.audio.words import write_words

        slot = _slot(order.params)
        sound, words = _joined(order)
        if len(sound) > slot.samples:
            sound = _cut(sound, max((word.end for word in words.words), default=0))
        ratio = _ratio(len(sound), words, slot)
        if ratio > 1:
            _tell_faster(order, len(sound), ratio, slot)
        fitted = _padded(
            _faster(sound, ratio, slot.samples, program(order.settings)) if ratio > 1 else sound, slot.samples
        )
        if clipped := write_wav(order.outputs["voice.wav"], fitted[:, None]):
            order.note(*clipped_text(clipped))
        write_words(order.outputs["words.json"], _scaled(words, ratio, slot.samples))


@dataclass(frozen=True, slots=True)
class _Slot:
    """What the narration must fit into."""

    frames: int
    frame: int  # Samples.
    stretch: float  # How much faster it may be played.

    @property
    def samples(self) -> int:
        return self.frames * self.frame


def _slot(params: Mapping[str, Any]) -> _Slot:
    stretch = STRETCH if params.get("fit", "stretch") == "stretch" else 1.0
    return _Slot(int(params["frames"]), samples_per_frame(int(params["rate"])), stretch)


def _joined(order: WorkOrder) -> tuple[Sound, Any]:
    """All sentences one after the other, with pauses; their words counted on.

    Raises:
        BackendError: a speech is not what a voice promises.
    """
    import numpy as np

    from episodec.audio.wav import read_wav
    from episodec.audio.words import SpokenWord, Timing, Words, moved, read_words

    params: Mapping[str, Any] = order.params
    pause = round(float(params.get("pause_s", 0)) * SAMPLE_RATE)
    parts: list[Sound] = []
    spoken: list[SpokenWord] = []
    timings: set[Timing] = set()
    at, sentence = 0, 0
    for sound_path, words_path in zip(order.inputs["speech.wav"], order.inputs["words.json"], strict=True):
        samples, rate = read_wav(sound_path)
        words = read_words(words_path)
        if rate != SAMPLE_RATE or samples.shape[1] != 1 or words.samples != len(samples):
            facts = {"rate": rate, "channels": samples.shape[1], "samples": f"{len(samples)}, {words.samples} promised"}
            raise BackendError("a voice gave speech that is not mono at 48 kHz with its words", facts=facts)
        if parts:
            parts.append(np.zeros(pause, np.float32))
            at += pause
        spoken += moved(words.words, by=at, sentence=sentence)
        parts.append(samples[:, 0])
        at += len(samples)
        sentence += 1 + max((word.sentence for word in words.words), default=0)
        timings.add(words.timing)
    worst: tuple[Timing, ...] = ("absent", "estimated", "measured")
    timing = next(one for one in worst if one in timings)
    return np.concatenate(parts), Words(at, timing, tuple(spoken))


def _cut(sound: Sound, least: int) -> Sound:
    """Without the silence at its end, but never within a word."""
    import numpy as np

    heard = np.flatnonzero(np.abs(sound) > SILENCE)
    return sound[: max(least, int(heard[-1]) + 1 if len(heard) else 0)]


def _ratio(length: int, words: Any, slot: _Slot) -> float:
    """How much faster the narration is played: 1 where it fits as it is.

    Raises:
        BackendError: it does not fit, with the sentence where it overflows and what would help.
    """
    if length <= slot.samples * slot.stretch:
        return max(1.0, length / slot.samples)
    limit = int(slot.samples * slot.stretch)
    over_s = (length - limit) / SAMPLE_RATE
    late = [word for word in words.words if word.end > limit]
    at = late[0].sentence if late else 0
    sentence = " ".join(word.word for word in words.words if word.sentence == at)
    percent = f" even {slot.stretch - 1:.0%} faster" if slot.stretch > 1 else ""
    facts = {
        "overflows": f"at sentence {at + 1}: «{sentence[:100]}»" if late else f"at {limit / SAMPLE_RATE:.2f} s",
        "too long": f"{over_s:.2f} s" + (f", about {_count(len(late))}" if late else ""),
        "narration": f"{length / SAMPLE_RATE:.2f} s",
        "episode": f"{slot.frames} frames, {slot.samples / SAMPLE_RATE:g} s",
    }
    frames = -(-int(length / slot.stretch) // slot.frame)
    hint = (f"cut about {_count(len(late))}" if late else "cut the recording") + f", or set `frames: {frames}`"
    raise BackendError(f"the narration is {over_s:.2f} s longer than the episode{percent}", facts=facts, hint=hint)


def _tell_faster(order: WorkOrder, length: int, ratio: float, slot: _Slot) -> None:
    """`length`: samples of the narration as it was spoken."""
    over_s, frames = (length - slot.samples) / SAMPLE_RATE, -(-length // slot.frame)
    sentence = f"the narration is {over_s:.2f} s longer than the episode: all of it is played {ratio - 1:.1%} faster"
    facts = {"narration_s": round(length / SAMPLE_RATE, 3), "episode_s": round(slot.samples / SAMPLE_RATE, 3)}
    order.note("voice-sped-up", sentence, facts=facts, hint=f"cut a few words, or set `frames: {frames}`")


def _count(words: int) -> str:
    return f"{words} word{'' if words == 1 else 's'}"


def _faster(sound: Sound, ratio: float, length: int, tool: Path) -> Sound:
    """The sound in `length` samples, its pitch kept."""
    import tempfile

    import numpy as np

    from episodec.tools.process import run_tool

    lead, tail = np.zeros(LEAD, np.float32), np.zeros(2 * LEAD, np.float32)
    form = ("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1")
    with tempfile.TemporaryDirectory() as folder:
        slow, fast = Path(folder, "slow.f32"), Path(folder, "fast.f32")
        slow.write_bytes(np.concatenate([lead, sound, tail]).astype("<f4").tobytes())
        tempo = ("-af", f"atempo={ratio:.9f}", "-filter_threads", "1")
        run_tool([tool, *QUIET, *form, "-i", slow, *tempo, *form, "-y", fast])
        made = np.fromfile(fast, "<f4")
    first = round(LEAD / ratio) - EARLY
    if len(made) < first + length:
        raise BackendError("ffmpeg's atempo gave too little sound", facts={"samples": len(made), "needed": length})
    return made[first : first + length]


def _padded(sound: Sound, length: int) -> Sound:
    import numpy as np

    return np.concatenate([sound, np.zeros(length - len(sound), np.float32)])


def _scaled(words: Any, ratio: float, length: int) -> Any:
    """Words and phonemes as they sound when all is played faster."""
    from episodec.audio.words import Phoneme, SpokenWord, Words

    def at(sample: int) -> int:
        return min(round(sample / ratio), length)

    found: Sequence[SpokenWord] = [
        SpokenWord(
            one.word,
            at(one.start),
            at(one.end),
            one.sentence,
            tuple(Phoneme(sound.name, at(sound.start), at(sound.end)) for sound in one.phonemes),
        )
        for one in words.words
    ]
    return Words(length, words.timing, tuple(found))
