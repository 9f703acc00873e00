"""Backend `rasterise`: the frames of a chunk from a Gaussian scene, by our own rasteriser, straight into x264; or one
frame as it is before that.
"""

from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides
from episodec.tools import ffmpeg
from episodec.tools.params import overrides_of
from episodec.video.frames import Frame
from episodec.video.quality import ENCODING, Quality


class Rasterise:
    """Stage render: `still.scene` and `frames.rows` to `chunk.mp4`, to `frames.mkv` where a later stage changes them,
    or the only row's frame to `frame.png`.

    The scene is read once a worker. Frame k never hangs on frame k - 1: each is a function of the scene and its row.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"render"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = ENCODING

    def __init__(self) -> None:
        self._scene: tuple[str, Any] | None = None  # A `Scene`, whose module brings numpy.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.background import background_of
        from episodec.film.rows import unpack
        from episodec.scenes.cameras import view_of
        from episodec.splat.rasterise import render
        from episodec.video.x264 import Form, encode_chunk, encode_lossless

        rows = unpack(order.input("frames.rows").read_bytes())
        scene = self._read(order.input("still.scene"))
        background = background_of(order, rows.size)
        pictures: dict[int, Frame] = {}  # Of this chunk; equal rows are rendered once.

        def frame(row: int) -> Frame:
            if row not in pictures:
                time, period = float(rows.scene_time[row]), int(rows.period[row])
                pictures[row] = render(scene, view_of(rows, row), time=time, period=period, background=background)
            return pictures[row]

        if "frame.png" in order.outputs:
            _write_png(frame(int(rows.order[0])), order.output())
            return
        quality = Quality(**overrides_of(order, self.overrides))
        form = Form(*rows.size, order.whole("rate"))
        frames = (frame(int(row)) for row in rows.order)
        program = ffmpeg.program(order.settings)
        if "frames.mkv" in order.outputs:
            count = encode_lossless(frames, form, order.output(), program)
        else:
            count = encode_chunk(frames, form, order.output(), program, quality)
        if count != order.whole("frames"):
            facts = {"wanted": order.params["frames"], "found": count}
            raise BackendError("the chunk has another number of frames", facts=facts)

    def _read(self, path: Path) -> Any:
        """The scene in this file, kept: a worker renders many chunks of one scene."""
        from episodec.splat.scene import columnar
        from episodec.splat.scene_file import decode_scene

        name = str(path.resolve())  # The blob, which is named by its digest.
        if self._scene is None or self._scene[0] != name:
            self._scene = name, columnar(decode_scene(path.read_bytes()))
        return self._scene[1]


def _write_png(frame: Frame, path: Path) -> None:
    """The very values of the frame."""
    from PIL import Image

    Image.fromarray(frame).save(path, "PNG")
