"""Backend `procedural`: draft ambience from a seeded synthesizer that interprets the single words of a prompt."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import samples_per_frame


class Procedural:
    """Stage foley: `foley.wav`, and `foley.json` with the words that were used and those that were not."""

    stages: ClassVar[frozenset[str]] = frozenset({"foley"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import json

        from episodec.audio.wav import write_wav
        from episodec.sound.ambience import make_ambience
        from episodec.sound.loudness import integrated
        from episodec.sound.prompt import listen

        prompt, take = order.params.get("prompt"), order.params["take"]
        if not isinstance(prompt, str) or not prompt:
            raise BackendError("the backend `procedural` needs a prompt", hint="give `foley: {prompt: …}`")
        assert isinstance(take, int)
        understood = listen(prompt)
        if understood.unknown:
            print("unknown words:", ", ".join(understood.unknown))  # noqa: T201  # Into the action's log.
        sound, played = make_ambience(understood, take, order.whole("frames") * samples_per_frame(order.whole("rate")))
        write_wav(order.outputs["foley.wav"], sound)
        loudness = integrated(sound)
        report = {
            "matched": list(understood.known),
            "unmatched": list(understood.unknown),
            "loudness_lufs": None if loudness is None else round(loudness, 2),
            "sounds": [
                {"sound": one.sound, "level_db": round(one.level_db, 1), "starts": list(one.starts)} for one in played
            ],
        }
        text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True)
        order.outputs["foley.json"].write_text(text + "\n", encoding="utf-8")
