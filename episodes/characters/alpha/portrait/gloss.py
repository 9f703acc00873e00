"""Highlights of smooth surfaces: the lamps mirrored by facets (GGX; Walter and others, 2007), and the dome's sheen."""

import numpy as np

from portrait.light import LAMPS
from portrait.numbers import unit


def mirrored(normals, towards, seen, roughness, reflectance):
    """(N, 3): reflections of the lamps `towards` the camera; `seen` (N, 4) is the visible share of each lamp."""
    facing = np.clip((normals * towards).sum(1), 0.05, 1)
    total = np.zeros((len(normals), 3))
    for k, lamp in enumerate(LAMPS):
        half = unit(lamp.towards + towards)
        lit = np.clip(normals @ lamp.towards, 0, 1)
        fresnel = reflectance + (1 - reflectance) * (1 - np.clip((half * towards).sum(1), 0, 1)) ** 5
        square = roughness**4
        facets = square / (np.pi * (np.clip((normals * half).sum(1), 0, 1) ** 2 * (square - 1) + 1) ** 2)
        strength = facets * fresnel * lit**1.3 / (4 * np.maximum(lit, 0.08) * facing + 0.05) * seen[:, k]
        total += strength[:, None] * lamp.colour
    return total


def sheen(normals, towards, ambient, reflectance):
    """(N, 3): the dome's contribution at grazing angles."""
    facing = np.clip((normals * towards).sum(1), 0.05, 1)
    return (reflectance + (1 - reflectance) * (1 - facing) ** 5)[:, None] * ambient
