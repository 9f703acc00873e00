"""Input and output of backends of stage refine: square frames in order, and their drift from the portrait."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.faces.conform import save_picture
from episodec.faces.drift import MEASURE, drift
from episodec.faces.framing import default_box, framed, off_white, opaque, resized
from episodec.faces.pixels import rgba_of

Pixels = NDArray[np.uint8]


def frames_of(order: WorkOrder) -> list[Pixels]:
    """The frames to refine, (s, s, 4) each.

    Raises:
        BackendError: there are none, they are not square, or their number differs from the outputs'.
    """
    frames = [rgba_of(path) for path in order.inputs.get("frame.png", ())]
    names = {frame_name(number) for number in range(len(frames))} | {"drift.json"}
    sizes = {frame.shape[:2] for frame in frames}
    if set(order.outputs) != names or len(sizes) != 1 or any(high != wide for high, wide in sizes):
        listed = ", ".join(f"{wide}x{high}" for high, wide in sorted(sizes)) or "none"
        facts = {"frames": len(frames), "sizes": listed, "outputs": len(order.outputs)}
        raise BackendError("frames to refine must be squares of one size, one for each output", facts=facts)
    return frames


def frame_name(number: int) -> str:
    """The name of a frame in the order's outputs."""
    return f"frame_{number:03}.png"


def laid_back(drawn: Pixels, frame: Pixels) -> Pixels:
    """A redrawn picture on white, (n, n, 3), with the size and the alpha of its original frame."""
    return off_white(resized(drawn, frame.shape[0]), frame[..., 3])


def write_refined(order: WorkOrder, frames: Sequence[Pixels], refined: Sequence[Pixels]) -> None:
    """Write every frame, and `drift.json`: each frame's drift from the portrait before and after, and the mean."""
    portrait = rgba_of(order.input("portrait.png"))
    box = default_box(portrait.shape[1], portrait.shape[0])
    target = opaque(framed(portrait, box, frames[0].shape[0]))
    drifts = [
        {"before": drift(frame, target), "after": drift(one, target)}
        for frame, one in zip(frames, refined, strict=True)
    ]
    mean = {when: round(sum(each[when] for each in drifts) / len(drifts), 3) for when in ("before", "after")}
    if mean["after"] > mean["before"]:
        sentence = f"the frames drifted away from the portrait: {mean['after']} > {mean['before']}"
        order.note("frames-unlike-portrait", sentence, facts=mean, hint="try another take, seed or strength")
    for number, picture in enumerate(refined):
        save_picture(order.outputs[frame_name(number)], picture)
    content = {"format": "episodec drift 1", "measure": MEASURE, "mean": mean, "frames": drifts}
    order.outputs["drift.json"].write_text(json.dumps(content, indent=2) + "\n", "utf-8")
