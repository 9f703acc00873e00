"""Backend `concat`: joins encoded chunks to one picture by copying their packets."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class Concat:
    """Stage picture: the chunks under `chunk.mp4`, in order; params `frames` and `rate`."""

    stages: ClassVar[frozenset[str]] = frozenset({"picture"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.video.probe import probe
        from episodec.video.splice import is_even, splice

        frames, rate = order.whole("frames"), order.whole("rate")
        splice(order.inputs["chunk.mp4"], rate, order.output())
        video, evenly = probe(order.output()), is_even(order.output(), rate)
        if video.frames != frames or video.rate != rate or video.start_s != 0 or not evenly:
            facts = {
                "wanted": f"{frames} frames, {rate} a second, evenly, from 0",
                "found": f"{video.frames} frames, {video.rate} a second, {'' if evenly else 'un'}evenly, "
                f"from {video.start_s} s",
            }
            raise BackendError("the joined picture does not have the episode's frames", facts=facts)
