"""Backend `plan-picture`: a frame plan as a picture, with the voice if there is one.

Sentences are shown as numbers, in Pillow's own font: with a font of this machine that covers a language's letters, the
same key would give different pictures on other machines.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class PlanPicture:
    """Stage plan-picture: `frames.rows`, and `voice.wav` and `words.json` if there is a narration; params `frames`,
    `rate` and `segments`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"plan-picture"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.narration import read_narration
        from episodec.audio.wav import read_wav
        from episodec.drawings.plan_picture import DrawnSentence, draw_plan
        from episodec.film.plan import plan_of
        from episodec.film.plan_json import read_segment
        from episodec.film.rows import unpack
        from episodec.timebase import SAMPLE_RATE

        segments = order.params["segments"]
        assert isinstance(segments, Sequence)
        stretches = tuple(read_segment(one) for one in segments if isinstance(one, Mapping))
        plan = plan_of(unpack(order.input("frames.rows").read_bytes()), order.whole("rate"), stretches)
        sound = read_wav(order.input("voice.wav"))[0] if "voice.wav" in order.inputs else None
        narrated = read_narration(order.input("words.json")).sentences if "words.json" in order.inputs else ()
        sentences = [
            DrawnSentence(str(number), one.start / SAMPLE_RATE, one.end / SAMPLE_RATE)
            for number, one in enumerate(narrated, 1)
        ]
        draw_plan(plan, "Frame plan", sound, sentences).save(order.output(), "PNG", optimize=True)
