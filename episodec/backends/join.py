"""Backend `join`: the speech of all sentences, placed on the grid of `pacing`, in exactly the frames of the episode.

If the narration is too long, pauses shrink, then each sentence is sped up with its pitch kept, by the smallest step
that fits; if it is shorter, silence follows. Knows no voice: it reads `speech.wav` and `words.json` of any backend.
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

SILENCE = 1e-4  # -80 dBFS: trailing sound of the last speech below it may be cut.

# ffmpeg's atempo is a WSOLA that does not compensate its own delay: its output starts half a window early. Measured on
# 24 onsets of speech at 2 %, 6 % and 8 %: 19.4 ms early, each within 1.5 ms; on periodic tones, within 23 ms.
# (rubberband compensates its delay but smears voices: it lost 6 to 18 % of their amplitude.)
LEAD = 4800  # Samples of silence before the speech, so the window is full when the speech begins.
EARLY = 931

Sound = Any  # (n,) float32, 48 kHz.


@dataclass(frozen=True, slots=True)
class _Speech:
    """One piece of speech and its words."""

    sound: Sound
    words: Any  # audio.words.Words


class JoinBackend:
    """Stage join: params `frames`, `rate`, `fit`, `lead_s`, `pause_s`, `tail_s`, and from the text `marked_s`,
    `marked_after_s`, `paragraphs`, `is_short`; inputs `speech.wav` and `words.json` of the sentences, in order.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"join"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        "pauses-shortened": "The narration is longer than predicted: pauses between its sentences shrink, or end at "
        "any frame instead of on the grid.",
        "voice-sped-up": "The narration is longer than its episode: all of it is sped up.",
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
    """All speech, in order.

    Raises:
        BackendError: a speech breaks the contract of `voice`.
    """
    from episodec.audio.wav import read_wav
    from episodec.audio.words import read_words

    speeches = []
    for sound_path, words_path in zip(order.inputs["speech.wav"], order.inputs["words.json"], strict=True):
        samples, rate = read_wav(sound_path)
        words = read_words(words_path)
        if rate != SAMPLE_RATE or samples.shape[1] != 1 or words.samples != len(samples):
            facts = {"rate": rate, "channels": samples.shape[1], "samples": f"{len(samples)}, {words.samples} promised"}
            raise BackendError("a voice's speech is not mono at 48 kHz, or does not match its words", facts=facts)
        speeches.append(_Speech(samples[:, 0], words))
    return speeches


def _without_silence(speech: _Speech) -> _Speech:
    """Remove silence at the end, but never within a word."""
    sound = _cut(speech.sound, max((word.end for word in speech.words.words), default=0))
    return _Speech(sound, speech.words)


def _placement(order: WorkOrder, speeches: Sequence[_Speech], slot: Slot) -> Placement:
    """Where the sentences are placed, with the smallest change that fits; notes changes that lowering did not predict.

    Raises:
        BackendError: they do not fit; names the sentence at which they overflow and a remedy.
    """
    params: Mapping[str, Any] = order.params
    lengths = [len(speech.sound) for speech in speeches]
    marked_s, paragraphs = params.get("marked_s") or [0] * len(speeches), params.get("paragraphs") or ()
    gaps = [Gap(float(least_s), index in paragraphs) for index, least_s in enumerate(marked_s)]
    after_s, first = float(params.get("marked_after_s") or 0), Help(is_short=bool(params.get("is_short")))
    placement = fitted(lengths, gaps, after_s, slot, first)
    if placement.needed > slot.samples:
        raise _overflow(speeches, placement, slot)
    if placement.help != first:
        _tell(order, placed(lengths, gaps, after_s, slot, first), placement, slot)
    return placement


def _cut(sound: Sound, least: int) -> Sound:
    """Remove silence at the end, but never before sample `least`."""
    import numpy as np

    audible = np.flatnonzero(np.abs(sound) > SILENCE)
    return sound[: max(least, int(audible[-1]) + 1 if len(audible) else 0)]


def _overflow(speeches: Sequence[_Speech], placement: Placement, slot: Slot) -> BackendError:
    """The error that names the sentence at which the narration overflows, and a remedy."""
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


def _tell(order: WorkOrder, before: Placement, placement: Placement, slot: Slot) -> None:
    """Note the changes in `found` beyond `before`, the placement that lowering asked for."""
    over = before.needed - slot.samples
    longer = f"the narration is {over / SAMPLE_RATE:.2f} s longer than the episode"
    facts = {
        "narration_s": round(before.needed / SAMPLE_RATE, 3),
        "episode_s": round(slot.samples / SAMPLE_RATE, 3),
    }
    hint = f"cut a few words, or set `frames: {slot.frames_of(before.needed)}`"
    moved = ["sentences start at any frame"] if placement.help.is_off_grid else []
    if percent := placement.help.stretch_percent:
        done = [f"all of it is sped up by {percent}%", *moved]
        order.note("voice-sped-up", f"{longer}: {' and '.join(done)}", facts=facts, hint=hint)
    else:
        shorter = [f"pauses shrink to {LEAST_PAUSE_S:g} s"] if slot.pause_s > LEAST_PAUSE_S else []
        done = [*shorter, *moved] or ["paragraphs take no longer pause"]
        order.note("pauses-shortened", f"{longer}: {' and '.join(done)}", facts=facts, hint=hint)


def _count(words: int) -> str:
    return f"{words} word{'' if words == 1 else 's'}"


def _faster(sound: Sound, percent: int, length: int, tool: Path) -> Sound:
    """The sound sped up to `length` samples, with its pitch kept."""
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
        stretched = np.fromfile(fast, "<f4")
    first = round(LEAD / ratio) - EARLY
    if len(stretched) < first + length:
        raise BackendError(
            "ffmpeg's atempo returned too little sound", facts={"samples": len(stretched), "needed": length}
        )
    return stretched[first : first + length]


def _words(speeches: Sequence[_Speech], placement: Placement, slot: Slot) -> Any:
    """All words and phonemes at their final times, with sentences numbered consecutively."""
    from episodec.audio.words import SpokenWord, Timing, Words, moved

    spoken_words: list[SpokenWord] = []
    timings: set[Timing] = set()
    sentence = 0
    for speech, start, length in zip(speeches, placement.starts, placement.lengths, strict=True):
        played = _played(speech.words.words, placement.help.stretch_percent, length)
        spoken_words += moved(played, by=start, sentence=sentence)
        sentence += 1 + max((word.sentence for word in played), default=0)
        timings.add(speech.words.timing)
    worst: tuple[Timing, ...] = ("absent", "estimated", "aligned", "measured")
    timing = next(one for one in worst if one in timings)
    return Words(slot.samples, timing, tuple(spoken_words))


def _played(words: Sequence[Any], percent: int, length: int) -> tuple[Any, ...]:
    """The words of a sentence that is sped up to this many samples."""
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
