"""Backend `performance`: the motion of the face in each frame, from the narration's words and the film's cameras."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class PerformanceBackend:
    """Stage performance: `frames.rows` and, in an episode with a voice, `words.json`, to `performance.json` and the
    rows of each chunk. Params `frames`, `rate`, `chunk_frames`, `face` (a point in the world in metres, or null),
    `seed`, `mouth`, `brows`, `head`, `breath`, `blinks`, `gaze`, `expressions` and `words`; `rests`, where another
    stage draws the lips of some frames.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"performance"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "mouth-rests": "The voice gives no phonemes for its words: the mouth rests.",
        "sounds-unknown": "No shape of the mouth is known for some sounds.",
        "expressions-left-out": "The voice's words differ from the text: its marks cannot be placed and are left out.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.film.rows import unpack
        from episodec.performance.parts import contents
        from episodec.performance.perform import FilmedFrames, Style, perform
        from episodec.tools.rests import rests_of

        rows = unpack(order.input("frames.rows").read_bytes())
        face: Any = order.params["face"]
        middle = None if face is None else (float(face[0]), float(face[1]), float(face[2]))
        cameras = rows.camera_to_world[:, :3, 3][rows.order]
        filmed = FilmedFrames(order.whole("frames"), order.whole("rate"), cameras, middle)
        style = Style(
            seed=str(order.params["seed"]),
            **{name: order.number(name) for name in ("mouth", "brows", "head", "breath")},
            blinks=bool(order.params["blinks"]),
            gaze=bool(order.params["gaze"]),
        )
        words = _words(order)
        track = perform(words, _marks(order, words), filmed, style)
        for name, content in contents(track, filmed.rate, order.whole("chunk_frames"), rests_of(order)):
            order.outputs[name].write_bytes(content)


def _words(order: WorkOrder) -> list[Any]:
    """The words of the narration in seconds; notes what is unknown about them."""
    if "words.json" not in order.inputs:
        return []
    from itertools import pairwise

    from episodec.audio.words import read_words
    from episodec.performance.mouth import unknown_sounds
    from episodec.performance.spoken import SoundedWord, SpeechSound
    from episodec.timebase import SAMPLE_RATE

    spoken = read_words(order.input("words.json")).words
    lasts = [one.sentence != after.sentence for one, after in pairwise(spoken)] + [True]
    spoken_words = [
        SoundedWord(
            one.word,
            one.start / SAMPLE_RATE,
            one.end / SAMPLE_RATE,
            is_last,
            tuple(SpeechSound(x.name, x.start / SAMPLE_RATE, x.end / SAMPLE_RATE) for x in one.phonemes),
        )
        for one, is_last in zip(spoken, lasts, strict=False)
    ]
    if not any(word.sounds for word in spoken_words):
        sentence = "the voice gives no phonemes for its words: the mouth rests"
        order.note("mouth-rests", sentence, hint="use a voice with phonemes, or a capture: `performance: {file: …}`")
    if names := unknown_sounds(spoken_words):
        sentence = f"no shape of the mouth is known for the sounds {' '.join(names[:20])}"
        order.note("sounds-unknown", sentence, facts={"sounds": " ".join(names)})
    return spoken_words


def _marks(order: WorkOrder, words: Sequence[Any]) -> list[Any]:
    """The marks for expressions, each starting with the word after it."""
    from episodec.performance.spoken import Mark

    marks: Any = order.params["expressions"]
    if marks and len(words) != order.params["words"]:
        sentence = "the voice's words differ from the text: its marks for expressions are left out"
        order.note("expressions-left-out", sentence, facts={"text": order.params["words"], "voice": len(words)})
        return []
    starts = [word.start_s for word in words] + [words[-1].end_s if words else 0.0]
    return [Mark(starts[place], name) for place, name in marks]
