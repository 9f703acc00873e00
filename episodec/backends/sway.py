"""Backend `sway`: the idle motion of a body made from the portrait, on the CPU and without a model.

Stage motion: `portrait.png` and `cameras.rows` to one picture per slice of a seamless loop, without a background. The
body is at rest in the middle of scene time, the pose that the views show.
"""

from collections.abc import Mapping
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.tools.notes import FACE


class Sway:
    """Stage motion, from the character's portrait."""

    stages: ClassVar[frozenset[str]] = frozenset({"motion"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = FACE

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import cv2

        from episodec.faces.conform import save_picture
        from episodec.faces.heads import head_of
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait
        from episodec.film.rows import unpack
        from episodec.scenes.cameras import view_of
        from episodec.scenes.motion import motion_note
        from episodec.splat.cutout import cut_out, finer_than
        from episodec.splat.relief.body import relief
        from episodec.splat.scene import at

        portrait = order.input("portrait.png")
        facts = check_portrait(portrait)
        rows = unpack(order.input("cameras.rows").read_bytes())
        count = len(rows.order)
        cv2.setNumThreads(order.cpus)
        # Half a loop ahead: breath and sway are at rest at scene time 0.5, (count - 1) / 2 slices in.
        lead = count - (count - 1) / 2
        rgba = rgba_of(portrait)
        body = relief(rgba, head_of(order, rgba), slices=count, threads=order.cpus, lead=lead)
        for sway_note in (*facts.notes, *body.notes):
            order.note(*sway_note)
        finer = finer_than(rows.size[1])
        for place, row in enumerate(rows.order):
            still = at(body.scene, float(rows.scene_time[row]))
            picture = cut_out(still, view_of(rows, int(row)), threads=order.cpus, finer=finer)
            save_picture(order.outputs[f"frame_{place:03}.png"], picture)
        note = motion_note(rows.size, None, count, range(count))
        order.outputs["motion.json"].write_text(note, encoding="utf-8")
