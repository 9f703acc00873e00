"""Backend `rasterise`: renders the frames of a chunk from a Gaussian scene directly into x264, or one frame as a PNG,
with our own rasteriser.
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

RIG, PERFORMED = "mouth.rig", "performance.rows"


class Rasterise:
    """Stage render: `still.scene` and `frames.rows` to `chunk.mp4`, to `frames.mkv` if a later stage changes them,
    or to `frame.png` for a single row. If a face performs, also `mouth.rig` and `performance.rows`, one row per frame;
    for a single frame, the param `frame` is the index of its row.

    Scene and rig are read once per worker. Frame k never depends on frame k - 1, only on the scene and its rows.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"render"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = ENCODING

    def __init__(self) -> None:
        self._scene: tuple[str, Any] | None = None  # A `Scene`; its module needs numpy.
        self._rig: tuple[str, Any] | None = None

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.background import background_of
        from episodec.film.rows import unpack
        from episodec.performance.track import pack
        from episodec.scenes.cameras import view_of
        from episodec.scenes.performing import rig_row
        from episodec.splat.rasterise import render
        from episodec.splat.rig.pose import posed
        from episodec.video.x264 import FrameForm, encode_chunk, encode_lossless

        rows = unpack(order.input("frames.rows").read_bytes())
        scene = self._read(order.input("still.scene"))
        background = background_of(order, rows.size)
        rig, faces = self._read_rig(order), _faces(order)
        pictures: dict[tuple[int, bytes], Frame] = {}  # Of this chunk; equal rows with equal faces are rendered once.

        def frame(place: int) -> Frame:
            row, face = int(rows.order[place]), faces[place] if faces else None
            key = row, pack(face) if face else b""
            if key not in pictures:
                time, period = float(rows.scene_time[row]), int(rows.period[row])
                posed_scene = posed(scene, rig, rig_row(face, 0), time=time, period=period) if face else scene
                pictures[key] = render(posed_scene, view_of(rows, row), time=time, period=period, background=background)
            return pictures[key]

        if "frame.png" in order.outputs:
            _write_png(frame(0), order.output())
            return
        quality = Quality(**overrides_of(order, self.overrides))
        form = FrameForm(*rows.size, order.whole("rate"))
        frames = map(frame, range(len(rows.order)))
        program = ffmpeg.program(order.settings)
        if "frames.mkv" in order.outputs:
            count = encode_lossless(frames, form, order.output(), program)
        else:
            count = encode_chunk(frames, form, order.output(), program, quality)
        if count != order.whole("frames"):
            facts = {"wanted": order.params["frames"], "found": count}
            raise BackendError("the chunk has the wrong number of frames", facts=facts)

    def _read(self, path: Path) -> Any:
        """The scene in this file, cached: a worker renders many chunks of one scene."""
        from episodec.splat.scene import columnar
        from episodec.splat.scene_file import decode_scene

        name = str(path.resolve())  # The blob, whose name is its digest.
        if self._scene is None or self._scene[0] != name:
            self._scene = name, columnar(decode_scene(path.read_bytes()))
        return self._scene[1]

    def _read_rig(self, order: WorkOrder) -> Any:
        """The order's rig, cached like the scene; None if no face performs."""
        from episodec.splat.rig.rig_file import decode_rig

        if RIG not in order.inputs:
            return None
        path = order.input(RIG)
        name = str(path.resolve())
        if self._rig is None or self._rig[0] != name:
            self._rig = name, decode_rig(path.read_bytes())
        return self._rig[1]


def _faces(order: WorkOrder) -> list[Any]:
    """The performance of each frame, a track of one; empty if no face performs."""
    from episodec.performance.track import unpack

    if PERFORMED not in order.inputs:
        return []
    track = unpack(order.input(PERFORMED).read_bytes())
    step = order.whole("step") if "step" in order.params else 1
    places = [int(order.number("frame"))] if "frame" in order.params else range(len(track))
    if len(places) != order.whole("frames"):
        facts = {"frames": order.whole("frames"), "rows of the performance": len(track)}
        raise BackendError("the performance differs in length from the chunk", facts=facts)
    return [track.part(place, place + 1) for place in (each // step * step for each in places)]


def _write_png(frame: Frame, path: Path) -> None:
    """Write the frame's exact values."""
    from PIL import Image

    Image.fromarray(frame).save(path, "PNG")
