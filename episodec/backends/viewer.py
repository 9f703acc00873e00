"""Backend `viewer`: an episode as a page on which it plays in its scene; `page.viewer` decides about its content."""

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder

FLAT = "viewer-flat-colours"


class ViewerBackend:
    """Stage viewer: `still.scene`, `frames.rows` and, where there are such, `mouth.rig` with `performance.rows`,
    `audio.m4a`, `captions.vtt`, `background.*` and `scene.json`, to `viewer.html`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"viewer"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        FLAT: "The scene's colours depend on the direction of view; in the viewer they do not.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({"zlib": zlib.ZLIB_RUNTIME_VERSION})  # Another one may pack differently.

    def run(self, order: WorkOrder) -> None:
        from episodec.film.rows import unpack
        from episodec.page.summary import EpisodeSummary
        from episodec.page.viewer.page import ViewerContent, viewer_page
        from episodec.scenes.trained import read_fidelity
        from episodec.splat.pack.container import encode_pack
        from episodec.splat.scene_file import decode_scene

        rows = unpack(order.input("frames.rows").read_bytes())
        scene = decode_scene(order.input("still.scene").read_bytes())
        if scene.degree:
            order.note(FLAT, "the viewer shows the same colours from all sides, while highlights move in the film")
        rig = _rig(order)
        head, arrays = _packed(order, rows, scene, rig)
        fidelity = read_fidelity(order.input("scene.json")) if "scene.json" in order.inputs else None
        slices = 1 if scene.slices is None else len(scene.slices.means)
        content = ViewerContent(
            summary=EpisodeSummary(order.params, scene=fidelity),
            pack=encode_pack(head, arrays),
            size=rows.size,
            gaussians=scene.count,
            slices=slices,
            moved=0 if rig is None else len(rig.body.index) + len(rig.parts.means),
            sound=_bytes(order, "audio.m4a"),
        )
        order.output().write_text(viewer_page(content), encoding="utf-8")


def _packed(order: WorkOrder, rows: Any, scene: Any, rig: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The head and the arrays of the pack."""
    import numpy as np

    from episodec.drawings.background import background_of
    from episodec.performance.track import unpack, whole
    from episodec.scenes.packed_film import face_arrays, face_names, film_arrays, ground_array, ground_size
    from episodec.splat.pack.rig import pack_rig
    from episodec.splat.pack.scene import pack_scene

    packed = pack_scene(scene, np.zeros(0, int) if rig is None else rig.body.index)
    film = {"rate": order.whole("rate"), "frames": len(rows.order), "size": list(rows.size), "captions": _cues(order)}
    head: dict[str, Any] = {"scene": packed.head, "film": film}
    is_picture = any(role.startswith("background.") for role in order.inputs)
    ground = background_of(order, ground_size(rows.size, is_picture=is_picture))
    arrays = {**packed.arrays, **film_arrays(rows, scene), "film.ground": ground_array(ground, is_picture=is_picture)}
    if rig is not None:
        head["rig"], rig_arrays = pack_rig(rig, packed.order)
        film |= face_names()
        track = whole([unpack(path.read_bytes()) for path in order.inputs["performance.rows"]])
        arrays |= {**rig_arrays, **face_arrays(track, rig)}
    return head, arrays


def _rig(order: WorkOrder) -> Any:
    """The rig; None if nothing in the scene performs."""
    from episodec.splat.rig.rig_file import decode_rig

    if "mouth.rig" not in order.inputs:
        return None
    rig = decode_rig(order.input("mouth.rig").read_bytes())
    return None if rig.is_empty else rig


def _cues(order: WorkOrder) -> list[list[Any]]:
    """Start and end in seconds, and the text, of each caption."""
    from episodec.audio.webvtt import blocks, spans
    from episodec.timebase import SAMPLE_RATE

    content = _bytes(order, "captions.vtt")
    cues = [] if content is None else blocks(content)
    return [
        [cue.start / SAMPLE_RATE, cue.end / SAMPLE_RATE, "".join(text for _, text in spans("\n".join(cue.lines)))]
        for cue in cues
    ]


def _bytes(order: WorkOrder, role: str) -> bytes | None:
    paths: tuple[Path, ...] = order.inputs.get(role, ())
    return paths[0].read_bytes() if paths else None
