"""Backend `stills`: poster, contact sheet and animated preview, from the frames of the picture."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.tools.params import overrides_of


class StillsBackend:
    """Stage stills: `picture.mp4`; params `frames` and `rate`."""

    stages: ClassVar[frozenset[str]] = frozenset({"stills"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = {
        "poster_frame": Whole(
            0,
            1_000_000,
            below="frames",
            otherwise="the frame with the most detail among some evenly spread ones",
            meaning="The frame shown by the poster; the first is 0.",
        ),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.sheet import StillsSelection as Taken
        from episodec.drawings.sheet import write_poster, write_preview, write_sheet
        from episodec.video.frames import some_frames_of
        from episodec.video.probe import probe

        poster_frame = overrides_of(order, self.overrides)["poster_frame"]
        taken = Taken(order.whole("frames"), order.whole("rate"), poster_frame)
        if (frame_count := probe(order.input("picture.mp4")).frames) != taken.frames:
            facts = {"wanted": taken.frames, "found": frame_count}
            raise BackendError("the picture differs in length from the episode", facts=facts)
        taken.take(some_frames_of(order.input("picture.mp4"), taken.needed_frames()))
        write_poster(taken, order.outputs["poster.jpg"])
        write_sheet(taken, order.outputs["contact.png"])
        write_preview(taken, order.outputs["preview.webp"])
