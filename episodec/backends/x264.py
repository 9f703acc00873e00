"""Backend `x264`: a lossless chunk to H.264, by one thread, so that many chunks are encoded at once."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides
from episodec.tools import ffmpeg
from episodec.tools.params import overrides_of
from episodec.video.quality import ENCODING, Quality


class X264:
    """Stage encode: `frames.mkv`, or whatever video PyAV decodes; params `frames`, `rate`, `size`."""

    stages: ClassVar[frozenset[str]] = frozenset({"encode"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = ENCODING

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.video.frames import frames_of
        from episodec.video.x264 import Form, encode_chunk

        size = order.params["size"]
        assert isinstance(size, list | tuple)
        quality = Quality(**overrides_of(order, self.overrides))
        width, height = (int(str(one)) for one in size)
        form = Form(width, height, order.whole("rate"))
        source = frames_of(order.input("frames.mkv"))
        count = encode_chunk(source, form, order.output(), ffmpeg.program(order.settings), quality)
        if count != order.whole("frames"):
            facts = {"wanted": order.params["frames"], "found": count}
            raise BackendError("the chunk has another number of frames", facts=facts)
