"""Backend `post`: the text published with an episode, as Markdown. `page.post` decides about its content."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class Post:
    """Stage post: params from `stages.telling`; inputs `words.json` if there is a narration, and `scene.json` if there
    is a trained scene.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"post"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.narration import read_narration
        from episodec.page.post import post
        from episodec.page.summary import EpisodeSummary, SpokenNarration
        from episodec.scenes.trained import read_fidelity

        narration = read_narration(order.input("words.json")) if "words.json" in order.inputs else SpokenNarration()
        scene = read_fidelity(order.input("scene.json")) if "scene.json" in order.inputs else None
        order.output().write_text(post(EpisodeSummary(order.params, narration, scene)), encoding="utf-8")
