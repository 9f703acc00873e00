"""Backend `join`: the speech of all sentences, placed on the grid of `pacing`, in exactly the frames of the episode.

A narration that is too long gets shorter pauses, then each sentence is played faster by itself, its pitch kept, by as
few steps as fit; a shorter one is followed by silence. Knows no voice: it reads `speech.wav` and `words.json` of
whoever spoke.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.pacing import LEAST_PAUSE_S, STRETCHES_PERCENT, Gap, Help, Placement, Slot, fitted, placed, played_samples
from episodec.timebase import SAMPLE_RATE
from episodec.tools.ffmpeg import QUIET, fingerprint, program
from episodec.tools.notes import CLIPPED

SILENCE = 1e-4  # -80 dBFS: what is below it at the end of the last speech need not be heard.

# ffmpeg's atempo is a WSOLA without amends for its own delay: what it gives starts half a window early. Measured on 24
# onsets of speech at 2 %, 6 % and 8 %: 19.4 ms early, each within 1.5 ms; on tones, which repeat themselves, within
# 23 ms. (rubberband keeps time by itself, but smears voices: it lost 6 to 18 % of their amplitude.)
LEAD = 4800  # Samples of silence before the speech, so that the window is full when it begins.
EARLY = 931

Sound = Any  # (n,) float32, 48 kHz.


@dataclass(frozen=True, slots=True)
class _Speech:
    """What was spoken in one go."""

    sound: Sound
    words: Any  # audio.words.Words


class JoinBackend:
    """Stage join: params `frames`, `rate`, `fit`, `lead_s`, `pause_s`, `tail_s`, and of this text `marked_s`,
    `marked_after_s`, `paragraphs`, `is_short`; `speech.wav`, `words.json` of the sentences in order.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"join"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        "pauses-shortened": "The narration is longer than was predicted, so that pauses between its sentences shrink, "
        "or end at any frame and no longer on the grid.",
        "voice-sped-up": "The narration is longer than its episode, so that all of it is played faster.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        import numpy as np

        from episodec.audio.wav import clipped_text, write_wav
        from episodec.audio.words import write_words

        slot, speeches = _slot(order.params), _speeches(order)
        speeches[-1] = _without_silence(speeches[-1])
        placement = _placement(order, speeches, slot)
        tool = program(order.settings)
        voice = np.zeros(slot.samples, np.float32)
        for speech, start, length in zip(speeches, placement.starts, placement.lengths, strict=True):
            sound = _faster(speech.sound, placement.help.stretch_percent, length, tool)
            voice[start : start + length] = sound
        if clipped := write_wav(order.outputs["voice.wav"], voice[:, None]):
            order.note(*clipped_text(clipped))
        write_words(order.outputs["words.json"], _words(speeches, placement, slot))


def _slot(params: Mapping[str, Any]) -> Slot:
    return Slot(
        int(params["frames"]),
        int(params["rate"]),
        float(params.get("lead_s", 0)),
        float(params.get("tail_s", 0)),
        float(params.get("pause_s", 0)),
        can_help=params.get("fit", "stretch") == "stretch",
    )


def _speeches(order: WorkOrder) -> list[_Speech]:
    """All that was spoken, in order.

    Raises:
        BackendError: a speech is not what a voice promises.
    """
    from episodec.audio.wav import read_wav
    from episodec.audio.words import read_words

    found = []
    for sound_path, words_path in zip(order.inputs["speech.wav"], order.inputs["words.json"], strict=True):
        samples, rate = read_wav(sound_path)
        words = read_words(words_path)
        if rate != SAMPLE_RATE or samples.shape[1] != 1 or words.samples != len(samples):
            facts = {"rate": rate, "channels": samples.shape[1], "samples": f"{len(samples)}, {words.samples} promised"}
            raise BackendError("a voice gave speech that is not mono at 48 kHz with its words", facts=facts)
        found.append(_Speech(samples[:, 0], words))
    return found


def _without_silence(speech: _Speech) -> _Speech:
    """Without the silence at its end, but never cut within a word."""
    sound = _cut(speech.sound, max((word.end for word in speech.words.words), default=0))
    return _Speech(sound, speech.words)


def _placement(order: WorkOrder, speeches: Sequence[_Speech], slot: Slot) -> Placement:
    """Where the sentences lie, with as little help as fits; what help lowering did not foresee is told.

    Raises:
        BackendError: they do not fit, with the sentence where they overflow and what would help.
    """
    params: Mapping[str, Any] = order.params
    lengths = [len(speech.sound) for speech in speeches]
    marked_s, paragraphs = params.get("marked_s") or [0] * len(speeches), params.get("paragraphs") or ()
    gaps = [Gap(float(least_s), index in paragraphs) for index, least_s in enumerate(marked_s)]
    after_s, first = float(params.get("marked_after_s") or 0), Help(is_short=bool(params.get("is_short")))
    found = fitted(lengths, gaps, after_s, slot, first)
    if found.needed > slot.samples:
        raise _overflow(speeches, found, slot)
    if found.help != first:
        _tell(order, placed(lengths, gaps, after_s, slot, first), found, slot)
    return found


def _cut(sound: Sound, least: int) -> Sound:
    """Without the silence at its end, but never within a word."""
    import numpy as np

    heard = np.flatnonzero(np.abs(sound) > SILENCE)
    return sound[: max(least, int(heard[-1]) + 1 if len(heard) else 0)]


def _overflow(speeches: Sequence[_Speech], placement: Placement, slot: Slot) -> BackendError:
    """With the sentence where the narration overflows, and what would help."""
    limit = slot.samples - (placement.needed - placement.end)
    over_s = (placement.needed - slot.samples) / SAMPLE_RATE
    words = _words(speeches, placement, slot).words
    late = [word for word in words if word.end > limit]
    at = late[0].sentence if late else 0
    sentence = " ".join(word.word for word in words if word.sentence == at)
    most = STRETCHES_PERCENT[-1] if slot.can_help else 0
    facts = {
        "overflows": f"at sentence {at + 1}: «{sentence[:100]}»" if late else f"at {limit / SAMPLE_RATE:.2f} s",
        "too long": f"{over_s:.2f} s" + (f", about {_count(len(late))}" if late else ""),
        "narration": f"{placement.needed / SAMPLE_RATE:.2f} s",
        "episode": f"{slot.frames} frames, {slot.samples / SAMPLE_RATE:g} s",
    }
    hint = f"cut about {_count(len(late))}" if late else "cut the recording"
    hint += f", or set `frames: {slot.frames_of(placement.needed)}`"
    percent = f" even {most}% faster" if most else ""
    return BackendError(f"the narration is {over_s:.2f} s longer than the episode{percent}", facts=facts, hint=hint)


def _tell(order: WorkOrder, before: Placement, found: Placement, slot: Slot) -> None:
    """Tell the help that `found` has more than `before`, which is the placement that lowering asked for."""
    over = before.needed - slot.samples
    longer = f"the narration is {over / SAMPLE_RATE:.2f} s longer than the episode"
    facts = {
        "narration_s": round(before.needed / SAMPLE_RATE, 3),
        "episode_s": round(slot.samples / SAMPLE_RATE, 3),
    }
    hint = f"cut a few words, or set `frames: {slot.frames_of(before.needed)}`"
    moved = ["sentences start at any frame"] if found.help.is_off_grid else []
    if percent := found.help.stretch_percent:
        done = [f"all of it is played {percent}% faster", *moved]
        order.note("voice-sped-up", f"{longer}: {' and '.join(done)}", facts=facts, hint=hint)
    else:
        shorter = [f"pauses shrink to {LEAST_PAUSE_S:g} s"] if slot.pause_s > LEAST_PAUSE_S else []
        done = [*shorter, *moved] or ["paragraphs take no longer pause"]
        order.note("pauses-shortened", f"{longer}: {' and '.join(done)}", facts=facts, hint=hint)


def _count(words: int) -> str:
    return f"{words} word{'' if words == 1 else 's'}"


def _faster(sound: Sound, percent: int, length: int, tool: Path) -> Sound:
    """The sound in `length` samples, its pitch kept."""
    import tempfile

    import numpy as np

    from episodec.tools.process import run_tool

    if percent == 0:
        return sound
    ratio = (100 + percent) / 100
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


def _words(speeches: Sequence[_Speech], placement: Placement, slot: Slot) -> Any:
    """All words and phonemes as they sound, sentences counted through."""
    from episodec.audio.words import SpokenWord, Timing, Words, moved

    found: list[SpokenWord] = []
    timings: set[Timing] = set()
    sentence = 0
    for speech, start, length in zip(speeches, placement.starts, placement.lengths, strict=True):
        played = _played(speech.words.words, placement.help.stretch_percent, length)
        found += moved(played, by=start, sentence=sentence)
        sentence += 1 + max((word.sentence for word in played), default=0)
        timings.add(speech.words.timing)
    worst: tuple[Timing, ...] = ("absent", "estimated", "aligned", "measured")
    timing = next(one for one in worst if one in timings)
    return Words(slot.samples, timing, tuple(found))


def _played(words: Sequence[Any], percent: int, length: int) -> tuple[Any, ...]:
    """Words as they sound when their sentence is played faster, in so many samples."""
    from episodec.audio.words import Phoneme, SpokenWord

    def at(sample: int) -> int:
        return min(played_samples(sample, percent), length)

    return tuple(
        SpokenWord(
            one.word,
            at(one.start),
            at(one.end),
            one.sentence,
            tuple(Phoneme(sound.name, at(sound.start), at(sound.end)) for sound in one.phonemes),
        )
        for one in words
    )
