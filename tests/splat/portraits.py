"""Portraits drawn for tests: a person-like outline with something to see on it."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def drawn(width: int = 300, height: int = 300, *, has_alpha: bool = True) -> NDArray[np.uint8]:
    """(h, w, 4) uint8: an oval over shoulders, soft stripes, on green."""
    y, x = np.mgrid[:height, :width] / height
    x = x - 0.5 * width / height
    person = ((x / 0.16) ** 2 + ((y - 0.35) / 0.22) ** 2 < 1) | ((x / 0.42) ** 2 + ((y - 1.02) / 0.45) ** 2 < 1)
    waves = [0.55 + 0.3 * np.sin(40 * x + 3 * c) * np.cos(31 * y + c) for c in range(3)]
    colours = np.where(person[..., None], np.stack(waves, axis=2), [0.1, 0.7, 0.2])
    alpha = person if has_alpha else np.ones_like(person)
    rgba = np.concatenate([colours, alpha[..., None]], axis=2) * 255
    values: NDArray[np.uint8] = np.rint(cv2.GaussianBlur(rgba, (0, 0), 0.6)).astype(np.uint8)
    return values


def png(rgba: NDArray[np.uint8], mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgba).convert(mode).save(file, "PNG")
    return file.getvalue()
