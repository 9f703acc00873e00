"""Backend `entry`: an episode's part of the index page. `page.entry` decides about its content."""

import json
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class EntryBackend:
    """Stage entry: params from `stages.telling`; inputs `words.json`, `captions.vtt`, `check.json`, `scene.json` and
    `notes.json`, all optional.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"entry"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.narration import read_narration
        from episodec.page.entry import entry
        from episodec.page.summary import EpisodeSummary, SpokenNarration
        from episodec.scenes.trained import read_fidelity

        narration = read_narration(order.input("words.json")) if "words.json" in order.inputs else SpokenNarration()
        captions = order.input("captions.vtt").read_text(encoding="utf-8") if "captions.vtt" in order.inputs else None
        check = json.loads(order.input("check.json").read_bytes()) if "check.json" in order.inputs else None
        scene = read_fidelity(order.input("scene.json")) if "scene.json" in order.inputs else None
        notes = json.loads(order.input("notes.json").read_bytes()) if "notes.json" in order.inputs else []
        page = entry(EpisodeSummary(order.params, narration, scene), captions, check, notes)
        order.output().write_text(page, encoding="utf-8")
