"""Backend `x264`: encodes a lossless chunk to H.264 and draws burnt-in captions on it. It uses one thread, since many
chunks are encoded in parallel.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides
from episodec.tools import ffmpeg
from episodec.tools.params import overrides_of
from episodec.video.frames import Frame
from episodec.video.quality import ENCODING, Quality


class X264:
    """Stage encode: `frames.mkv`, or any video that PyAV decodes, with `overlay.json` if captions are burnt in; params
    `frames`, `rate`, `size`. Or a single `frame.png`, number `frame` of that overlay, to the same frame with captions.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"encode"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = ENCODING

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.video.frames import frames_of
        from episodec.video.x264 import FrameForm, encode_chunk

        if "frame.png" in order.outputs:
            _draw_still(order)
            return
        size = order.params["size"]
        assert isinstance(size, list | tuple)
        quality = Quality(**overrides_of(order, self.overrides))
        width, height = (int(str(one)) for one in size)
        form = FrameForm(width, height, order.whole("rate"))
        source = frames_of(order.input("frames.mkv"))
        if "overlay.json" in order.inputs:
            source = _overlaid(source, order.input("overlay.json"), order.whole("frames"))
        count = encode_chunk(source, form, order.output(), ffmpeg.program(order.settings), quality)
        if count != order.whole("frames"):
            facts = {"wanted": order.params["frames"], "found": count}
            raise BackendError("the chunk has the wrong number of frames", facts=facts)


def _draw_still(order: WorkOrder) -> None:
    """Write the single frame with its captions, not encoded."""
    from PIL import Image

    from episodec.video.frames import picture_of

    number = order.params["frame"]
    assert isinstance(number, int)
    frames = [picture_of(order.input("frame.png"))] * order.whole("frames")
    drawn = list(_overlaid(iter(frames), order.input("overlay.json"), len(frames)))
    Image.fromarray(drawn[number]).save(order.output(), "PNG")


def _overlaid(source: Iterator[Frame], path: Path, frames: int) -> Iterator[Frame]:
    from episodec.drawings.overlay import overlaid, read_overlay

    try:
        overlays = read_overlay(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BackendError("cannot read the overlay", facts={"error": error}) from error
    if len(overlays) != frames:
        raise BackendError("the overlay belongs to another chunk", facts={"wanted": frames, "found": len(overlays)})
    return overlaid(source, overlays)
