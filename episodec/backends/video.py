"""Backend `video`: an author's own video of the character as its motion."""

from pathlib import Path
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class VideoBackend:
    """Stage motion: evenly spread frames of `video.*`, including its first and its last; no overrides.

    `motion.json` maps scene times to frames of the video. Frames are square and opaque.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"motion"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import numpy as np

        from episodec.faces.conform import save_picture, squared
        from episodec.film.rows import unpack
        from episodec.scenes.motion import motion_note, spread
        from episodec.video.frames import some_frames_of
        from episodec.video.probe import probe

        rows = unpack(order.input("cameras.rows").read_bytes())
        video, count = _video(order), len(rows.order)
        facts = probe(video)
        if facts.frames < count:
            counts = {"frames": facts.frames, "wanted": f"{count} or more"}
            raise BackendError("the video has too few frames for the motion", facts=counts)
        taken = spread(facts.frames, count)
        places = {frame: place for place, frame in enumerate(taken)}
        for frame, picture in some_frames_of(video, places):
            opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
            name = f"frame {frame} of the video"
            square = squared(np.concatenate([picture, opaque], axis=2), rows.size[0], name)
            save_picture(order.outputs[f"frame_{places.pop(frame):03}.png"], square)
        if places:
            raise BackendError("the video ends before its declared frames", facts={"missing": sorted(places)})
        note = motion_note((facts.width, facts.height), float(facts.rate), facts.frames, taken)
        order.outputs["motion.json"].write_text(note, encoding="utf-8")


def _video(order: WorkOrder) -> Path:
    """The single file whose role is `video` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "video" for path in paths]
    if len(matches) != 1:
        raise BackendError("the backend `video` needs one video", facts={"found": len(matches)})
    return matches[0]
