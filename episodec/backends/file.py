"""Backend `file`: an author's recording or ready video, checked against the needs of the episode.

Sound is resampled once, to 48 kHz. Ambience is padded with silence, never cut; a voice keeps its length, which the join
fits, and gets word times; video is checked, decoded once and copied byte for byte.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from episodec.audio.words import Words
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.notes import CLIPPED, ESTIMATED

SILENCE = 1e-4  # -80 dBFS: a voice recording that stays below it is silent.


class FileBackend:
    """Stages voice (mono), foley (stereo) and video; params `frames` and `rate`, for video also `size` or null.

    For voice, `sentences` instead: the written words of each, which replace the words of the word times.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"voice", "foley", "video"})
    deterministic: ClassVar[bool] = True
    lacks_phonemes: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        "ambience-too-short": "A recording of ambience is shorter than its episode: silence follows it.",
        **ESTIMATED,
        "word-times-cut": "Word times extend past the end of the recording and are cut there.",
        "video-damaged": "A ready video cannot be decoded to its end: players show something else there, or stop.",
        "video-not-everywhere": "A ready video has a coding that some browsers do not play, or not as intended.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        match order.stage:
            case "video":
                _check_video(order, _only_input(order, "video"))
                _tell_of_video(order, _only_input(order, "video"))
                shutil.copyfile(_only_input(order, "video"), order.output())
            case "voice":
                _voice(order, _only_input(order, "recording"))
            case _:
                _ambience(order, _only_input(order, "recording"))


def _voice(order: WorkOrder, path: Path) -> None:
    """Write the recording unchanged in length, mono at 48 kHz, 16 bits, and its words as far as they are known."""
    from episodec.audio.wav import clipped_text, read_wav, resample, write_wav
    from episodec.audio.words import write_words

    samples, rate = read_wav(path)
    if abs(samples).max() < SILENCE:
        raise BackendError("the voice recording is silent", facts={"file": path.name})
    samples = resample(samples.mean(axis=1, keepdims=True), rate)  # Downmixed first, so there is less to resample.
    if clipped := write_wav(order.outputs["speech.wav"], samples):
        order.note(*clipped_text(clipped))
    write_words(order.outputs["words.json"], _words(order, len(samples)))


def _words(order: WorkOrder, length: int) -> Words:
    """The words: measured if there are word times, estimated if there is only a text, absent if there is neither. Stage
    `align` replaces estimated times.
    """
    from episodec.audio.vtt import read_timings, timing_notes
    from episodec.audio.words import estimated

    rows = order.params.get("sentences") or ()
    assert isinstance(rows, list | tuple)
    text_words = [(str(word), index) for index, row in enumerate(rows) for word in row]
    timings = order.inputs.get("timings.vtt")
    if timings is None:
        if not text_words:
            return Words(length, "absent")
        spread = estimated([word for word, _ in text_words], 0, length)
        timed = zip(spread, text_words, strict=True)
        return Words(length, "estimated", tuple(replace(one, sentence=index) for one, (_, index) in timed))
    read_words = read_timings(timings[0], length)
    for note in timing_notes(timings[0], length):
        order.note(*note)
    if not text_words:
        return Words(length, "measured", read_words)
    if len(read_words) != len(text_words):
        raise _other_words([one.word for one in read_words], [word for word, _ in text_words])
    pairs = zip(read_words, text_words, strict=True)
    return Words(length, "measured", tuple(replace(one, word=word, sentence=index) for one, (word, index) in pairs))


def _other_words(timed: list[str], text_words: list[str]) -> BackendError:
    """The error that the text of a recording and its word times have different words."""
    bare = [["".join(filter(str.isalnum, word)).lower() for word in words] for words in (timed, text_words)]
    first = next((i for i, (one, other) in enumerate(zip(*bare, strict=False)) if one != other), min(map(len, bare)))
    facts = {
        "word times": f"{len(timed)} words, from word {first + 1}: {' '.join(timed[first : first + 5])}",
        "text": f"{len(text_words)} words, from word {first + 1}: {' '.join(text_words[first : first + 5])}",
    }
    hint = "make `voice.text` match the word times, or leave it out"
    return BackendError("the text of the recording and its word times differ", facts=facts, hint=hint)


def _ambience(order: WorkOrder, path: Path) -> None:
    """Write exactly `frames` frames of stereo at 48 kHz, 16 bits."""
    from episodec.audio.wav import clipped_text, padded, read_wav, resample, write_wav

    samples, rate = read_wav(path)
    if samples.shape[1] > 2:
        facts = {"file": path.name, "channels": samples.shape[1]}
        raise BackendError("the recording has more than two channels", facts=facts, hint="mix it down to stereo")
    samples = resample(samples.repeat(2 // samples.shape[1], axis=1), rate)
    frames, length = order.whole("frames"), samples_per_frame(order.whole("rate"))
    if len(samples) > frames * length:
        over = (len(samples) - frames * length) / SAMPLE_RATE
        facts = {"file": path.name, "recording": f"{len(samples) / SAMPLE_RATE:.3f} s", "frames": frames}
        hint = f"cut the recording, or set `frames: {-(-len(samples) // length)}`"
        raise BackendError(f"the recording is {over:.3f} s longer than the episode", facts=facts, hint=hint)
    short = frames * length - len(samples)
    if short >= length:  # Less than a frame is due to rounding.
        sentence = f"the recording is {short / SAMPLE_RATE:.2f} s shorter than the episode: silence follows it"
        order.note("ambience-too-short", sentence, facts={"short_s": round(short / SAMPLE_RATE, 3)})
    if clipped := write_wav(order.output(), padded(samples, frames * length)):
        order.note(*clipped_text(clipped))


def _check_video(order: WorkOrder, path: Path) -> None:
    """Refuse a video that does not match the episode; it is never converted."""
    from episodec.video.probe import probe

    video = probe(path)
    frames, rate, size = order.whole("frames"), order.whole("rate"), order.params.get("size")
    if "mp4" not in video.container.split(","):
        facts, hint = {"file": path.name, "container": video.container}, "ffmpeg -i VIDEO -c copy VIDEO.mp4"
        raise BackendError("the video is not in an MP4 container", facts=facts, hint=hint)
    if video.frames != frames:
        hint = f"cut or extend it, or set `frames: {video.frames}`"
        facts = {"file": path.name, "episode": f"{frames} frames", "video": f"{video.frames} frames"}
        raise BackendError("the video differs in length from the episode", facts=facts, hint=hint)
    if video.rate != rate or not video.is_constant:
        kind = "constant" if video.is_constant else "variable"
        facts = {"file": path.name, "episode": f"{rate} a second", "video": f"{float(video.rate):g} a second, {kind}"}
        raise BackendError("the video differs in frame rate from the episode", facts=facts)
    if isinstance(size, list | tuple) and list(size) != [video.width, video.height]:
        expected = "x".join(map(str, size))
        facts = {"file": path.name, "episode": expected, "video": f"{video.width}x{video.height}"}
        raise BackendError("the video differs in size from the episode", facts=facts)


def _tell_of_video(order: WorkOrder, path: Path) -> None:
    """Note problems of a video that is copied unchanged."""
    from episodec.video.playable import decoded_frames, unplayable

    reasons = list(unplayable(path))
    if reasons:
        sentence = f"some browsers cannot play this: the video {', and '.join(reasons)}"
        order.note("video-not-everywhere", sentence, hint="ffmpeg -i VIDEO -c:v libx264 -pix_fmt yuv420p OTHER.mp4")
    frames, decoded = order.whole("frames"), decoded_frames(path)
    if decoded < frames:
        sentence = f"the video cannot be decoded completely: {decoded} of {frames} frames are intact"
        order.note("video-damaged", sentence, hint="export it again")


def _only_input(order: WorkOrder, name: str) -> Path:
    """The single file whose role is `name` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == name for path in paths]
    if len(matches) != 1:
        hint = f"give `{order.stage}: {{file: …}}`, or choose a backend that makes it"
        raise BackendError(f"the backend `file` needs one {name}", facts={"found": len(matches)}, hint=hint)
    return matches[0]
