"""Backend `stills`: poster, contact sheet and animated preview, from the frames of the picture."""

from collections.abc import Mapping
from typing import ClassVar

from episodec.engine.protocols import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class Stills:
    """Stage stills: `picture.mp4`; params `frames` and `rate`; override `poster_frame`."""

    stages: ClassVar[frozenset[str]] = frozenset({"stills"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.sheet import Stills as Taken
        from episodec.drawings.sheet import write_poster, write_preview, write_sheet
        from episodec.video.frames import some_frames_of
        from episodec.video.probe import probe

        taken = Taken(order.whole("frames"), order.whole("rate"), _poster_frame(order))
        if (found := probe(order.input("picture.mp4")).frames) != taken.frames:
            facts = {"wanted": taken.frames, "found": found}
            raise BackendError("the picture has another number of frames than the episode", facts=facts)
        taken.take(some_frames_of(order.input("picture.mp4"), taken.wanted()))
        write_poster(taken, order.outputs["poster.jpg"])
        write_sheet(taken, order.outputs["contact.png"])
        write_preview(taken, order.outputs["preview.webp"])


def _poster_frame(order: WorkOrder) -> int | None:
    """The frame that the episode asks for in its `overrides`."""
    overrides = order.params.get("overrides", {})
    assert isinstance(overrides, Mapping)
    unknown = set(overrides) - {"poster_frame"}
    if unknown:
        name = min(unknown)
        raise BackendError("an override of the stills means nothing", facts={"name": name}, hint="poster_frame")
    asked = overrides.get("poster_frame")
    if asked is None:
        return None
    if not isinstance(asked, int) or not 0 <= asked < order.whole("frames"):
        facts: dict[str, object] = {"poster_frame": asked, "frames": f"0 to {order.whole('frames') - 1}"}
        raise BackendError("the poster's frame is none of the episode's", facts=facts)
    return asked
