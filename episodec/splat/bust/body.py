"""From a portrait and its fitted head to a cloud of Gaussians."""

from dataclasses import replace

import numpy as np

from episodec.face.fit import FittedHead
from episodec.splat.bust.depth import frame_of, head_mesh, layers_of
from episodec.splat.bust.labels import between_lips, labels_of
from episodec.splat.bust.sheets import bust_cloud
from episodec.splat.relief.portrait import SIDE, Portrait
from episodec.splat.relief.surface import SurfaceCloud

BELOW = 0.16  # Of the picture's height: how far a person cropped by the lower edge is extended below it.


def bust(portrait: Portrait, fitted: FittedHead, height: int) -> SurfaceCloud:
    """The cloud of a portrait; `height`: of its file in pixels, in which the head was fitted."""
    led = led_on(portrait)
    frame = frame_of(fitted, height, led.mask.shape[1])
    mesh = head_mesh(fitted, height, led.mask.shape)
    points = fitted.landmarks.points * (SIDE / height)
    labels = labels_of(led, points, mesh.visible.triangle >= 0)
    mouth = between_lips(led.mask.shape, points) if fitted.has_open_mouth else np.zeros(led.mask.shape, np.bool_)
    return bust_cloud(led, layers_of(led, mesh, frame, labels, mouth), labels, mesh, frame)


def led_on(portrait: Portrait) -> Portrait:
    """The portrait extended below by copies of its last row, if the person continues there."""
    if not portrait.mask[-1].any():
        return portrait
    count = round(BELOW * SIDE)
    rows = np.repeat(portrait.rgb[-1:], count, axis=0)
    return replace(
        portrait,
        rgb=np.concatenate([portrait.rgb, rows]),
        mask=np.concatenate([portrait.mask, np.repeat(portrait.mask[-1:], count, axis=0)]),
    )
