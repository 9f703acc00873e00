"""From light to a picture: visible surfaces are shaded, strands are drawn over them, and a film curve gives pixels."""

from dataclasses import dataclass

import numpy as np

from portrait import eyes, skin, suit
from portrait.body import COLLAR, EYES, SKIN, SUIT, TEETH, TONGUE, masks
from portrait.numbers import unit
from portrait.raster import add_strands, draw_strands, draw_triangles, fragments
from portrait.view import SPAN

SAMPLES = 4  # Per pixel, along each axis.
FACE = np.array([0, 6.3, 0.5])  # The direction of the reflected light of strands starts here.
BLOCK = 2  # Samples along each axis that surfaces are shaded for at once.


@dataclass(frozen=True)
class Seen:
    """What is seen of one part: rows of points, normals, texture points, and the light there."""

    points: np.ndarray
    normals: np.ndarray
    texture: np.ndarray
    under: np.ndarray
    ambient: np.ndarray
    lamps: np.ndarray


@dataclass(frozen=True)
class Strands:
    """Hair, brows or lashes: S strands of K knots."""

    knots: np.ndarray  # (S, K, 3)
    width: np.ndarray  # (S, K) decimetres.
    colours: object  # A function of the direction to the camera: (S * K, 3) light.


def tone(light):
    """Light as values of a display, from 0 to 1: a film's curve with a soft shoulder (after Narkowicz, 2015), then sRGB's power.

    Half of it is put on the brightness alone, so that bright skin keeps its colour.
    """
    light = np.clip(light, 0, None) * 0.58
    bright = light @ np.array([0.2126, 0.7152, 0.0722])
    kept = light * (_curve(bright) / np.maximum(bright, 1e-6))[:, None]
    return np.clip(0.5 * _curve(light) + 0.5 * kept, 0, 1) ** (1 / 2.2)


def _curve(x):
    return x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14) * 1.02


def _shaded(part, seen, body, towards, mask):
    if part == SKIN:
        return skin.shaded(seen, body, towards, mask)
    if part in (SUIT, COLLAR):
        return suit.shaded(seen, towards, collar=part == COLLAR)
    if part == EYES:
        return eyes.shaded_balls(seen, body, towards)
    return eyes.shaded_mouth(seen, towards, tongue=part == TONGUE)


def parts(body, view):
    """(pixels, pixels) int8: the visible part of the body, without hair; -1 where there is none."""
    depth, owner = _empty(view.pixels)
    draw_triangles(view.screen(body.points), body.triangles, body.cut, depth, owner)
    return np.where(owner < 0, np.int8(-1), body.triangle_part[owner])


def _empty(size):
    """An empty z-buffer, and its samples' owners."""
    return np.full((size, size), -1e9, np.float32), np.full((size, size), -1, np.int32)


def picture(body, light, strands, view):
    """(pixels, pixels, 4) uint8: colour and alpha, not premultiplied."""
    size = view.pixels * SAMPLES
    depth, owner = _empty(size)
    screen = view.screen(body.points, SAMPLES)
    draw_triangles(screen, body.triangles, body.cut, depth, owner)
    image = np.zeros((view.pixels, view.pixels, 3))
    drawn = []
    for one in strands:
        knots, mine = view.screen(one.knots.reshape(-1, 3), SAMPLES), np.full_like(owner, -1)
        draw_strands(knots, one.width.ravel() * size / SPAN, one.width.shape[1], depth, mine)
        for below in (owner, *(other for _, other in drawn)):  # Covered samples change their owner.
            below[mine != -1] = -1
        drawn.append((knots, mine))
    covered = owner != -1
    _add_surfaces(image, body, light, screen, owner, view)
    for one, (knots, mine) in zip(strands, drawn, strict=True):
        covered |= mine != -1
        add_strands(knots, tone(one.colours(unit(view.eye - FACE))), mine, SAMPLES, image)
    alpha = covered.reshape(view.pixels, SAMPLES, view.pixels, SAMPLES).sum((1, 3))
    colour = image / np.maximum(alpha, 1)[..., None]
    return (np.concatenate([colour, alpha[..., None] / SAMPLES**2], -1) * 255 + 0.5).astype(np.uint8)


def _add_surfaces(image, body, light, screen, owner, view):
    """Add the tones of all samples owned by triangles to the image."""
    values = np.concatenate([body.points, body.normals, skin.under(body, light), light.ambient, light.seen], 1)
    place, part, count, values, texture = fragments(
        screen, body.triangles, body.texture_triangles, body.triangle_part, owner, values, body.texture, BLOCK
    )
    mask, towards = masks(), unit(view.eye - values[:, :3])
    rows = place * BLOCK // SAMPLES
    for one in (SKIN, SUIT, COLLAR, EYES, TEETH, TONGUE):
        mine = part == one
        if mine.any():
            points, normals, under, ambient, lamps = np.split(values[mine], (3, 6, 9, 12), 1)
            seen = Seen(points, unit(normals), texture[mine], under, ambient, lamps)
            colours = tone(_shaded(one, seen, body, towards[mine], mask))
            np.add.at(image, (rows[mine, 0], rows[mine, 1]), colours * count[mine, None])
