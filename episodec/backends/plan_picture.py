"""Backend `plan-picture`: a frame plan as a picture, with the voice if there is one.

It is drawn in the shipped font: with a font of this machine, the same key would give different pictures on other
machines. A sentence with letters that the font lacks is shown as its number.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class PlanPicture:
    """Stage plan-picture: `frames.rows`, and `voice.wav` and `words.json` if there is a narration; params `frames`,
    `rate`, `segments` and `language`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"plan-picture"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.narration import read_narration
        from episodec.audio.wav import read_wav
        from episodec.drawings.plan_labels import plan_labels
        from episodec.drawings.plan_picture import DrawnSentence, PlanTexts, draw_plan
        from episodec.film.plan import plan_of
        from episodec.film.plan_json import read_segment
        from episodec.film.rows import unpack
        from episodec.glyphs import missing_letters
        from episodec.timebase import SAMPLE_RATE

        segments = order.params["segments"]
        assert isinstance(segments, Sequence)
        stretches = tuple(read_segment(one) for one in segments if isinstance(one, Mapping))
        plan = plan_of(unpack(order.input("frames.rows").read_bytes()), order.whole("rate"), stretches)
        sound = read_wav(order.input("voice.wav"))[0] if "voice.wav" in order.inputs else None
        narrated = read_narration(order.input("words.json")).sentences if "words.json" in order.inputs else ()
        sentences = [
            DrawnSentence(
                str(number) if missing_letters(one.text) else one.text, one.start / SAMPLE_RATE, one.end / SAMPLE_RATE
            )
            for number, one in enumerate(narrated, 1)
        ]
        labels = plan_labels(str(order.params["language"]))
        draw_plan(plan, PlanTexts(labels.title, labels, sentences), sound).save(order.output(), "PNG", optimize=True)
