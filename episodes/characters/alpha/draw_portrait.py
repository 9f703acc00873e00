"""Draws alpha-ref.png: the canonical portrait of Alpha, ray-marched from signed distances and painted, by numpy and Pillow.

    python draw_portrait.py [alpha-ref.png] [pixels]

Front-facing, purple hair, athletic jumpsuit, neutral expression, closed mouth; 1024x1024 with an alpha channel. Nobody's
likeness: every shape is written down below. World units: the head is about one unit high; +x right, +y up, +z to the viewer.
"""

import sys

import numpy as np
from PIL import Image

EYE_X, EYE_Y, MOUTH_Y = 0.158, 0.575, 0.285
STEPS = 96
EYE = np.array([0.0, 0.42, 6.2])  # The camera; it looks along -z.
SPAN = 2.06  # World units that the picture is wide, at z = 0.

SKIN = np.array([0.97, 0.775, 0.685])
SUIT = np.array([0.115, 0.125, 0.165])
PANEL = np.array([0.36, 0.20, 0.62])
TRIM = np.array([0.80, 0.76, 0.92])


def ellipsoid(p, centre, radii):
    q = (p - centre) / radii
    length = np.sqrt((q * q).sum(-1))
    slope = np.sqrt(((q / radii) ** 2).sum(-1))
    return length * (length - 1.0) / np.maximum(slope, 1e-6)


def capsule(p, a, b, r0, r1=None):
    a, b = np.asarray(a, float), np.asarray(b, float)
    t = np.clip(((p - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
    d = np.sqrt(((p - (a + t[..., None] * (b - a))) ** 2).sum(-1))
    return d - (r0 + t * ((r0 if r1 is None else r1) - r0))


def union(a, b, k):
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def cut(a, b, k):
    """A without b, the edge rounded by k."""
    return -union(-a, b, k)


def mirrored(p):
    return np.concatenate([np.abs(p[..., :1]), p[..., 1:]], -1)


def skin(p):
    m = mirrored(p)
    d = ellipsoid(p, [0, 0.62, 0.0], [0.385, 0.455, 0.42])
    d = union(d, ellipsoid(p, [0, 0.36, 0.085], [0.245, 0.285, 0.285]), 0.16)
    d = union(d, ellipsoid(p, [0, 0.165, 0.235], [0.085, 0.07, 0.085]), 0.12)  # Chin.
    d = union(d, ellipsoid(m, [0.225, 0.44, 0.235], [0.105, 0.095, 0.08]), 0.12)  # Cheeks.
    d = cut(d, ellipsoid(m, [EYE_X, EYE_Y, 0.50], [0.115, 0.070, 0.125]), 0.07)  # Sockets.
    d = union(d, ellipsoid(m, [EYE_X, EYE_Y - 0.002, 0.285], [0.105, 0.078, 0.095]), 0.02)  # Lids over the balls.
    d = union(d, capsule(p, [0, 0.60, 0.385], [0, 0.435, 0.452], 0.026, 0.042), 0.075)  # Nose.
    d = union(d, ellipsoid(m, [0.038, 0.418, 0.408], [0.032, 0.027, 0.036]), 0.035)
    d = union(d, ellipsoid(p, [0, MOUTH_Y + 0.022, 0.352], [0.092, 0.026, 0.040]), 0.035)  # Lips.
    d = union(d, ellipsoid(p, [0, MOUTH_Y - 0.028, 0.346], [0.078, 0.030, 0.042]), 0.030)
    d = cut(d, ellipsoid(p, [0, MOUTH_Y - 0.003, 0.412], [0.095, 0.0040, 0.04]), 0.010)  # The closed mouth.
    d = union(d, capsule(p, [0, 0.28, -0.05], [0, -0.16, -0.03], 0.168, 0.178), 0.07)  # Neck.
    return d


def suit(p):
    m = mirrored(p)
    d = ellipsoid(p, [0, -0.62, -0.02], [0.60, 0.52, 0.30])
    d = union(d, ellipsoid(m, [0.56, -0.42, -0.04], [0.235, 0.215, 0.215]), 0.17)  # Shoulders.
    d = union(d, capsule(m, [0.63, -0.48, -0.04], [0.76, -1.2, 0.0], 0.175, 0.15), 0.07)  # Arms.
    d = union(d, capsule(m, [0.18, -0.18, -0.06], [0.52, -0.34, -0.05], 0.125, 0.13), 0.12)
    d = union(d, ellipsoid(m, [0.24, -0.66, 0.17], [0.225, 0.20, 0.165]), 0.14)
    d = union(d, ellipsoid(p, [0, -1.15, 0.0], [0.50, 0.5, 0.27]), 0.18)
    collar = np.maximum(
        capsule(p, [0, -0.30, -0.02], [0, -0.055, -0.03], 0.232, 0.212),
        -capsule(p, [0, 0.3, 0.0], [0, -0.3, 0.0], 0.186),
    )
    return union(d, np.maximum(collar, p[..., 1] + 0.045 - 0.07 * np.abs(p[..., 0])), 0.035)


def hair(p):
    m = mirrored(p)
    angle = np.arctan2(p[..., 0], p[..., 2] + 0.25)
    wave = 0.0065 * np.sin(angle * 38 + 2.2 * np.sin(p[..., 1] * 4)) + 0.0040 * np.sin(angle * 83 + p[..., 1] * 9)
    cap = ellipsoid(p, [0, 0.70, -0.06], [0.475, 0.475, 0.475])
    fall = ellipsoid(p, [0, 0.28, -0.23], [0.52, 0.80, 0.30])
    d = union(cap, fall, 0.18)
    face = ellipsoid(p, [0.0, 0.40, 0.44], [0.325, 0.475, 0.40])
    d = cut(d, face, 0.05)
    lock = capsule(m, [0.365, 0.70, 0.16], [0.435, 0.18, 0.12], 0.095, 0.105)
    lock = union(lock, capsule(m, [0.435, 0.18, 0.12], [0.455, -0.30, 0.17], 0.105, 0.045), 0.10)
    d = union(d, lock, 0.07)
    # The fringe: strands from a parting left of the middle.
    for x0, x1, y1, r in (
        (-0.06, -0.335, 0.665, 0.085),
        (-0.05, -0.22, 0.765, 0.085),
        (0.0, 0.30, 0.70, 0.088),
        (0.02, 0.375, 0.62, 0.075),
        (-0.02, 0.13, 0.80, 0.085),
    ):
        d = union(d, capsule(p, [x0, 1.06, 0.22], [x1, y1, 0.335 - 0.25 * abs(x1) ** 1.5], r, r * 0.52), 0.06)
    return d + wave


def body(p):
    return np.stack([skin(p), suit(p), hair(p)], -1)


def normals(p, parts):
    h = 0.0012
    rows = [
        body(p + step)[np.arange(len(p)), parts] - body(p - step)[np.arange(len(p)), parts] for step in h * np.eye(3)
    ]
    n = np.stack(rows, -1)
    return n / np.maximum(np.linalg.norm(n, axis=-1, keepdims=True), 1e-9)


def smooth(a, b, x):
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    return a + (b - a) * t[..., None]


def paint_skin(p, n):
    x, y = p[:, 0], p[:, 1]
    colour = np.tile(SKIN, (len(p), 1))
    blush = np.exp(-(((np.abs(x) - 0.225) / 0.10) ** 2 + ((y - 0.43) / 0.075) ** 2))
    colour = mix(colour, np.array([0.93, 0.52, 0.49]), 0.34 * blush)
    colour = mix(colour, np.array([0.90, 0.56, 0.50]), 0.30 * np.exp(-((x / 0.055) ** 2 + ((y - 0.43) / 0.05) ** 2)))
    front = smooth(0.12, 0.22, p[:, 2])
    ax = np.abs(x)
    # Eyes: almond, iris, pupil, lashes.
    u, v = (ax - EYE_X) / 0.094, (y - EYE_Y) / 0.056
    tilt = v - 0.20 * u
    almond = np.maximum(tilt - (0.80 - 0.76 * u * u), -tilt - (0.64 - 0.60 * u * u))
    inside = smooth(0.06, -0.06, almond) * front
    iris_x = (ax - EYE_X) / 0.046
    iris_y = (y - EYE_Y - 0.006) / 0.050
    r = np.sqrt(iris_x**2 + iris_y**2)
    white = mix(np.tile([0.95, 0.94, 0.95], (len(p), 1)), np.array([0.62, 0.58, 0.66]), 0.65 * smooth(0.25, 0.95, tilt))
    ray = 0.5 + 0.5 * np.sin(np.arctan2(iris_y, iris_x) * 23)
    iris = mix(
        np.tile([0.34, 0.20, 0.60], (len(p), 1)),
        np.array([0.66, 0.50, 0.92]),
        np.clip(0.75 * smooth(0.35, 0.9, r) * smooth(0.7, -0.9, iris_y) + 0.16 * ray, 0, 1),
    )
    iris = mix(iris, np.array([0.12, 0.06, 0.22]), smooth(0.80, 1.02, r))
    eye = mix(white, iris, smooth(1.04, 0.96, r))
    eye = mix(eye, np.array([0.03, 0.02, 0.06]), smooth(0.46, 0.38, r))
    spark = np.exp(-(((((x - np.sign(x) * EYE_X) + 0.014) / 0.0105) ** 2 + ((y - EYE_Y - 0.021) / 0.0105) ** 2) ** 2))
    eye = mix(eye, np.array([1.0, 1.0, 1.0]), spark)
    colour = mix(colour, eye, inside)
    upper = np.exp(-(((tilt - (0.85 - 0.76 * u * u)) / 0.15) ** 2)) * smooth(1.22, 0.98, np.abs(u)) * front
    colour = mix(colour, np.array([0.10, 0.05, 0.10]), np.clip(1.15 * upper, 0, 1))
    lower = np.exp(-(((-tilt - (0.66 - 0.62 * u * u)) / 0.09) ** 2)) * smooth(1.1, 0.7, np.abs(u)) * front
    colour = mix(colour, np.array([0.42, 0.22, 0.24]), 0.55 * lower)
    crease = np.exp(-(((tilt - (1.36 - 0.72 * u * u)) / 0.10) ** 2)) * smooth(1.15, 0.6, np.abs(u)) * front
    colour = mix(colour, np.array([0.62, 0.36, 0.34]), 0.50 * crease)
    # Brows.
    bx = (ax - EYE_X - 0.004) / 0.118
    arch = 0.120 + 0.024 * (1 - (bx - 0.10) ** 2)
    thick = 0.0165 * smooth(1.05, -0.3, bx) + 0.004
    brow = smooth(1.3, 0.55, np.abs(y - EYE_Y - arch) / thick) * smooth(1.06, 0.90, np.abs(bx)) * front
    colour = mix(colour, np.array([0.30, 0.16, 0.38]), 0.80 * brow)
    # Lips and nostrils.
    lx = x / 0.112
    bow = MOUTH_Y + 0.002 + 0.040 * (1 - lx**2) * (1 - 0.30 * np.exp(-((x / 0.024) ** 2)))
    low = MOUTH_Y - 0.004 - 0.050 * np.clip(1 - lx**2, 0, 1) ** 0.8
    lips = smooth(0.008, -0.004, np.maximum(y - bow, low - y)) * smooth(1.02, 0.93, np.abs(lx)) * front
    colour = mix(colour, np.array([0.76, 0.36, 0.40]), 0.86 * lips)
    line = (
        np.exp(-(((y - MOUTH_Y + 0.003 - 0.004 * np.cos(lx * 3.1)) / 0.0062) ** 2))
        * smooth(1.05, 0.90, np.abs(lx))
        * front
    )
    colour = mix(colour, np.array([0.46, 0.17, 0.20]), 0.80 * line)
    nostril = np.exp(-(((ax - 0.030) / 0.013) ** 2 + ((y - 0.400) / 0.0085) ** 2)) * smooth(0.30, 0.36, p[:, 2])
    return mix(colour, np.array([0.40, 0.18, 0.17]), 0.75 * nostril), inside, lips


def paint_suit(p):
    x, y = p[:, 0], p[:, 1]
    ax = np.abs(x)
    colour = np.tile(SUIT, (len(p), 1))
    side = smooth(-0.012, 0.012, ax - (0.33 + 0.10 * np.cos((y + 0.62) * 3.0)))
    colour = mix(colour, PANEL, side * smooth(-0.19, -0.23, y))
    seam = np.exp(-(((ax - (0.33 + 0.10 * np.cos((y + 0.62) * 3.0))) / 0.0075) ** 2)) * smooth(-0.19, -0.23, y)
    colour = mix(colour, TRIM, 0.9 * seam)
    zip_ = np.exp(-((x / 0.0085) ** 2)) * smooth(-0.06, -0.10, y)
    teeth = 0.55 + 0.45 * np.sign(np.sin(y * 330))
    colour = mix(colour, TRIM * 0.85, zip_ * np.clip(teeth, 0.35, 1))
    pull = np.exp(-(((x / 0.016) ** 4) + ((y + 0.275) / 0.036) ** 4))
    colour = mix(colour, np.array([0.92, 0.90, 0.98]), pull)
    hem = np.exp(-(((y + 0.105 - 0.07 * ax) / 0.010) ** 2)) * smooth(0.26, 0.22, ax)
    colour = mix(colour, PANEL * 1.25, 0.9 * hem)
    mark = np.abs(np.sqrt((x - 0.235) ** 2 + (y + 0.43) ** 2) - 0.036)
    badge = np.exp(-((mark / 0.0075) ** 2)) + np.exp(
        -(((x - 0.235 - 0.030 - (y + 0.43) * 0.35) / 0.0085) ** 2)
    ) * smooth(0.052, 0.044, np.abs(y + 0.43))
    return mix(colour, TRIM, np.clip(badge, 0, 1) * 0.95)


def paint_hair(p):
    angle = np.arctan2(p[:, 0], p[:, 2] + 0.25)
    flow = angle * 40 + 2.0 * np.sin(p[:, 1] * 4 + angle * 2)
    strand = (
        0.5 + 0.27 * np.sin(flow) + 0.16 * np.sin(flow * 2.7 + p[:, 1] * 13) + 0.10 * np.sin(flow * 6.1 - p[:, 1] * 21)
    )
    deep, bright = np.array([0.20, 0.075, 0.36]), np.array([0.58, 0.31, 0.86])
    colour = mix(np.tile(deep, (len(p), 1)), bright, np.clip(strand, 0, 1))
    return mix(colour, np.array([0.82, 0.45, 0.90]), 0.30 * smooth(0.15, -0.45, p[:, 1]))


def occlusion(p, n):
    dark = np.zeros(len(p))
    for reach, weight in ((0.02, 1.0), (0.055, 0.75), (0.12, 0.5), (0.24, 0.28)):
        dark += weight * np.clip(reach - body(p + n * reach).min(-1), 0, None) / reach
    return np.clip(1 - 0.50 * dark, 0.12, 1)


def shadow(p, light):
    lit = np.ones(len(p))
    t = np.full(len(p), 0.03)
    for _ in range(22):
        d = body(p + light * t[:, None]).min(-1)
        lit = np.minimum(lit, 9 * d / t)
        t = t + np.clip(d, 0.015, 0.12)
    return np.clip(lit, 0, 1)


def unit(v):
    v = np.asarray(v, float)
    return v / np.linalg.norm(v)


def shade(p, part):
    n = normals(p, part)
    view = unit([0, 0, 1])
    colour = np.zeros_like(p)
    gloss = np.zeros(len(p))
    power = np.full(len(p), 24.0)
    for index, paint in enumerate((None, paint_suit, paint_hair)):
        mine = part == index
        if not mine.any():
            continue
        if paint is None:
            colour[mine], eyes, lips = paint_skin(p[mine], n[mine])
            gloss[mine] = 0.10 + 0.55 * eyes + 0.25 * lips
            power[mine] = 22 + 90 * eyes + 20 * lips
        else:
            colour[mine] = paint(p[mine])
            gloss[mine] = 0.30 if index == 1 else 0.0
    key, fill, rim = unit([-0.55, 0.62, 0.75]), unit([0.75, 0.15, 0.60]), unit([0.55, 0.45, -0.85])
    lit = np.clip((n @ key) * 0.88 + 0.12, 0, 1) * (0.46 + 0.54 * shadow(p, key))
    ao = occlusion(p, n)
    red = np.where((part == 0)[:, None], np.array([1.0, 0.86, 0.80]), 1.0)  # Light that has been under the skin.
    glow = (
        colour
        * (
            lit[:, None] * np.array([1.12, 1.04, 0.97])
            + (0.42 * np.clip(n @ fill, 0, 1) + 0.33 * (0.72 + 0.28 * n[:, 1]))[:, None]
            * np.array([0.86, 0.88, 1.06])
            * red
        )
        * (ao[:, None] ** np.where((part == 0)[:, None], np.array([0.50, 0.90, 0.80]), 1.0))
    )
    half = unit(key + view)
    glow += (gloss * np.clip(n @ half, 0, 1) ** power * (0.3 + 0.7 * lit) * ao)[:, None]
    # Hair shines across its strands (Kajiya and Kay).
    strands = part == 2
    if strands.any():
        down = np.tile([0.0, -1.0, 0.0], (strands.sum(), 1))
        tangent = down - (down * n[strands]).sum(-1, keepdims=True) * n[strands]
        tangent /= np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-6)
        across = np.sqrt(np.clip(1 - (tangent @ half) ** 2, 0, 1)) ** 60
        glow[strands] += (0.34 * across * ao[strands])[:, None] * np.array([0.95, 0.78, 1.0])
    edge = np.clip(1 - n @ view, 0, 1) ** 3 * np.clip(n @ rim + 0.45, 0, 1)
    glow += (0.55 * edge * ao)[:, None] * np.array([0.78, 0.66, 1.0])
    return glow


def march(origin, direction):
    """Where rays meet the body: hit, point, part."""
    t = np.full(len(direction), 4.9)
    alive = np.arange(len(direction))
    hit = np.zeros(len(direction), bool)
    for _ in range(STEPS):
        d = body(origin + direction[alive] * t[alive, None]).min(-1)
        done = d < 0.0006
        hit[alive[done]] = True
        t[alive] += np.where(done, 0, d * 0.82)
        alive = alive[~done & (t[alive] < 8.2)]
        if not len(alive):
            break
    p = origin + direction * t[:, None]
    return hit, p


def draw(pixels, samples=2):
    size = pixels * samples
    across = (np.arange(size) + 0.5) / size - 0.5
    x, y = np.meshgrid(across * SPAN, -across * SPAN)
    target = np.stack([x.ravel(), y.ravel() + EYE[1] - 0.145, np.zeros(size * size)], -1)
    picture = np.zeros((size * size, 4))
    for start in range(0, size * size, 1 << 17):
        rays = target[start : start + (1 << 17)] - EYE
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        hit, p = march(EYE, rays)
        if hit.any():
            part = body(p[hit]).argmin(-1)
            rows = np.flatnonzero(hit) + start
            picture[rows, :3] = np.clip(shade(p[hit], part), 0, None)
            picture[rows, 3] = 1
    picture = picture.reshape(pixels, samples, pixels, samples, 4)
    alpha = picture[..., 3].mean((1, 3))
    light = (picture[..., :3] * picture[..., 3:]).sum((1, 3)) / np.maximum(picture[..., 3:].sum((1, 3)), 1e-9)
    light = light * (1 + light / 2.9**2) / (1 + light * 0.32)  # A gentle shoulder, so that highlights do not burn.
    colour = np.clip(light, 0, 1) ** (1 / 1.12)
    colour = np.where(alpha[..., None] > 0, colour, np.array([0.93, 0.92, 0.95]))
    return Image.fromarray((np.concatenate([colour, alpha[..., None]], -1) * 255 + 0.5).astype(np.uint8), "RGBA")


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "alpha-ref.png"
    draw(int(sys.argv[2]) if len(sys.argv) > 2 else 1024).save(name, optimize=True)
