"""The draft backends of views, motion and dataset: what they make, and what they refuse."""

import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.dnerf import Dnerf
from episodec.backends.images import Images
from episodec.backends.mesh import Mesh
from episodec.backends.relief import Relief
from episodec.backends.scene_check import SceneCheck
from episodec.backends.sway import Sway
from episodec.backends.video import VideoBackend
from episodec.contracts.hold import hold
from episodec.engine.backend import Backend, WorkOrder
from episodec.errors import BackendError
from episodec.film.camera import shots
from episodec.film.moves import CameraSegment, Orbit
from episodec.film.rows import unpack
from episodec.film.still_rows import still_rows
from episodec.scenes.mesh_file import read_mesh
from episodec.splat.cloud import Cloud, read_cloud, write_cloud
from episodec.splat.dataset_read import read_dataset
from episodec.splat.scene_file import encode_scene
from episodec.video.probe import probe
from tests.splat.portraits import drawn, png
from tests.splat.scenes import random_scene
from tests.toys.orders import task
from tests.video.videos import video

SIZE = 48
ORBIT = Orbit((0.0, 0.0, 0.0), 2.6, 0.0, 0.0, 360.0, 35.0, "linear")
FRONT = Orbit((0.0, 0.0, 0.0), 2.6, 0.0, 0.0, 0.0, 35.0, "linear")


def rows(count: int, move: Orbit = ORBIT) -> bytes:
    """Of so many cameras around, or of so many moments from in front."""
    poses = shots(CameraSegment(count, move), range(count)).camera_to_world
    times = [0.5] * count if move is ORBIT else [k / (count - 1) for k in range(count)]
    return still_rows((SIZE, SIZE), poses, 35.0, times)


def run_order(root: Path, backend: Backend, stage: str, inputs: dict[str, list[bytes]], **params: Any) -> WorkOrder:
    (literal,) = inputs.get("cameras.rows", [b""])
    count = len(unpack(literal).order) if literal else 0
    stem, extra = ("view", "cloud.ply") if stage == "views" else ("frame", "motion.json")
    names = [*(f"{stem}_{k:03}.png" for k in range(count)), extra] if count else ["dataset.zip"]
    clock = {"frames": count} if stage == "motion" else {}
    order = task(root, "toy", stage=stage, inputs=inputs, outputs=tuple(names), params=clock | params).order
    backend.run(order)
    hold(order)
    return order


def pictures(order: WorkOrder) -> list[NDArray[np.uint8]]:
    return [np.asarray(Image.open(path)) for name, path in order.outputs.items() if name.endswith(".png")]


def flat(width: int = SIZE, height: int = SIZE, colour: tuple[int, ...] = (200, 40, 40, 255)) -> bytes:
    return png(np.full((height, width, 4), colour, np.uint8))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> WorkOrder:
    """Four views of the drawn portrait's relief, the first from in front."""
    inputs = {"portrait.png": [png(drawn())], "cameras.rows": [rows(4)]}
    return run_order(tmp_path_factory.mktemp("around"), Relief(), "views", inputs, take=1)


def test_the_relief_is_seen_from_around_without_a_background(around: WorkOrder) -> None:
    front, side, back, _ = pictures(around)
    assert front.shape == (SIZE, SIZE, 4)
    portrait = np.asarray(Image.fromarray(drawn()).resize((SIZE, SIZE), Image.Resampling.BOX)).astype(int)
    inside = (portrait[..., 3] == 255) & (front[..., 3] > 250)
    assert inside.sum() > 400
    assert np.abs(front[inside].astype(int) - portrait[inside])[..., :3].mean() < 8
    assert (front[..., 3] == 0).sum() > 400
    assert (side[..., 3] > 128).sum() < (front[..., 3] > 128).sum()
    assert (back[..., 3] > 128).sum() == pytest.approx((front[..., 3] > 128).sum(), rel=0.1)
    cloud = read_cloud(around.outputs["cloud.ply"].read_bytes())
    assert 20_000 < len(cloud.means) <= 41_000


def test_idle_motion_is_a_loop_with_its_rest_in_the_middle(tmp_path: Path, around: WorkOrder) -> None:
    inputs = {"portrait.png": [png(drawn())], "cameras.rows": [rows(5, FRONT)]}
    order = run_order(tmp_path, Sway(), "motion", inputs)
    frames = [frame.astype(int) for frame in pictures(order)]
    rest = pictures(around)[0]
    apart = [np.abs(frame - rest).mean() for frame in frames]
    assert apart[2] < 0.05 < min(apart[:2] + apart[3:])
    note = json.loads(order.outputs["motion.json"].read_text())
    assert note["source"] == {"size": [SIZE, SIZE], "fps": None, "frames": 5}
    assert note["frames"][1] == {"source_frame": 1, "scene_time": 0.25}


@pytest.mark.parametrize("stage", ["views", "motion"])
def test_an_authors_pictures_are_taken_in_their_order_and_brought_to_size(tmp_path: Path, stage: str) -> None:
    images = [flat(60, 60, (10 * k, 0, 0, 255)) for k in range(3)]
    order = run_order(tmp_path, Images(), stage, {"image.png": images, "cameras.rows": [rows(3)]})
    assert [int(picture[0, 0, 0]) for picture in pictures(order)] == [0, 10, 20]
    assert pictures(order)[0].shape == (SIZE, SIZE, 4)


def test_what_all_silhouettes_hold_is_where_the_cloud_lies(tmp_path: Path) -> None:
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
    disc = np.zeros((SIZE, SIZE, 4), np.uint8)
    disc[x**2 + y**2 < 12**2] = (0, 200, 0, 255)  # A ball of a quarter of the picture's height around the origin.
    inputs = {"image.png": [png(disc)] * 8, "cameras.rows": [rows(8)]}
    cloud = read_cloud(run_order(tmp_path, Images(), "views", inputs).outputs["cloud.ply"].read_bytes())
    distances = np.linalg.norm(cloud.means, axis=1)
    radius = 2.6 * np.tan(np.radians(17.5)) / 2
    assert np.median(distances) == pytest.approx(radius, rel=0.15)
    assert distances.max() < 1.6 * radius
    assert (cloud.colours == (0, 200, 0)).all()


def test_colours_of_what_is_transparent_do_not_bleed_when_a_picture_is_made_smaller(tmp_path: Path) -> None:
    half = np.full((96, 96, 4), (255, 0, 0, 255), np.uint8)
    half[:, 47:] = (0, 255, 0, 0)
    order = run_order(tmp_path, Images(), "motion", {"image.png": [png(half)] * 2, "cameras.rows": [rows(2)]})
    visible = pictures(order)[0]
    assert (visible[visible[..., 3] > 20][:, 1] < 8).all()


def test_pictures_that_do_not_fit_are_refused_with_what_would(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="not square") as refused:
        run_order(tmp_path, Images(), "views", {"image.png": [flat(), flat(64, 48)], "cameras.rows": [rows(2)]})
    assert refused.value.facts == {"picture": "number 2", "found": "64x48"}
    assert "48x48" in str(refused.value.hint)
    with pytest.raises(BackendError, match="the numbers of pictures and cameras differ"):
        run_order(tmp_path / "few", Images(), "views", {"image.png": [flat()], "cameras.rows": [rows(2)]})
    with pytest.raises(BackendError, match="cannot be read"):
        run_order(tmp_path / "odd", Images(), "views", {"image.png": [b"GIF89a"], "cameras.rows": [rows(1)]})


def test_a_video_is_spread_over_scene_time_from_its_first_frame_to_its_last(tmp_path: Path) -> None:
    content = video(tmp_path / "one.mp4", frames=31, size="64x64").read_bytes()
    inputs = {"video.mp4": [content], "cameras.rows": [rows(7, FRONT)]}
    order = run_order(tmp_path, VideoBackend(), "motion", inputs)
    note = json.loads(order.outputs["motion.json"].read_text())
    assert [one["source_frame"] for one in note["frames"]] == [0, 5, 10, 15, 20, 25, 30]
    assert note["frames"][-1]["scene_time"] == 1
    assert note["source"]["size"] == [64, 64]
    assert note["source"]["frames"] == 31
    assert len(pictures(order)) == 7
    assert all(int(picture[..., 3].min()) == 255 for picture in pictures(order))


@pytest.mark.parametrize(("size", "frames", "sentence"), [("64x48", 9, "not square"), ("64x64", 6, "too few frames")])
def test_a_video_that_does_not_fit_is_refused(tmp_path: Path, size: str, frames: int, sentence: str) -> None:
    content = video(tmp_path / "one.mp4", frames=frames, size=size).read_bytes()
    with pytest.raises(BackendError, match=sentence):
        run_order(tmp_path, VideoBackend(), "motion", {"video.mp4": [content], "cameras.rows": [rows(7, FRONT)]})


def ball(kind: str) -> bytes:
    """A ball of radius 3 somewhere, whose side in front is red and whose upper half is brighter."""
    mesh = trimesh.creation.uv_sphere(radius=3, count=[24, 24])
    unit = mesh.vertices / 3
    if kind == "textured":
        uv = np.stack([np.arctan2(unit[:, 0], unit[:, 2]) / (2 * np.pi) + 0.5, np.arcsin(unit[:, 1]) / np.pi + 0.5], 1)
        texture = np.full((64, 128, 3), (0, 0, 100), np.uint8)
        texture[:32, :, 2] = 250
        texture[:, 54:74] = (255, 0, 0)
        material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(texture))
        mesh.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    else:
        colours = np.full((len(unit), 4), (0, 0, 100, 255), np.uint8)
        colours[unit[:, 1] > 0, 2] = 250
        colours[unit[:, 2] > 0.9] = (255, 0, 0, 255)
        mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=colours)
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=trimesh.transformations.translation_matrix([5, 6, 7]))
    content = scene.export(file_type="glb") if kind == "textured" else scene.to_mesh().export(file_type="obj")
    return content if isinstance(content, bytes) else content.encode()


@pytest.mark.parametrize(("kind", "role"), [("textured", "model.glb"), ("coloured", "model.obj")])
def test_a_mesh_is_seen_from_around_in_its_colours_as_high_as_the_portrait(
    tmp_path: Path, kind: str, role: str
) -> None:
    inputs = {"portrait.png": [png(drawn())], role: [ball(kind)], "cameras.rows": [rows(4)]}
    order = run_order(tmp_path, Mesh(), "views", inputs)
    front, left, back, _ = pictures(order)
    middle = slice(SIZE // 2 - 2, SIZE // 2 + 2)
    assert (front[middle, middle].reshape(-1, 4).mean(axis=0) - (255, 0, 0, 255)).max() < 12
    assert back[middle, SIZE // 2 + 8, 0].mean() < 12
    assert left[SIZE // 4, middle, 2].mean() > 200
    assert left[3 * SIZE // 4, middle, 2].mean() < 130
    values = np.flatnonzero((front[..., 3] > 128).any(axis=1))
    expected = np.flatnonzero((drawn(SIZE, SIZE)[..., 3] > 128).any(axis=1))
    assert abs(values[0] - expected[0]) <= 3
    cloud = read_cloud(order.outputs["cloud.ply"].read_bytes())
    assert np.abs(cloud.means[:, 2].max() + cloud.means[:, 2].min()) < 0.1


@pytest.mark.parametrize(
    ("role", "content", "sentence"),
    [
        ("model.glb", b"glTF nonsense", "is not a .glb"),
        ("model.obj", b"v 0 0 0\nv 1 0 0\n", "no triangles"),
        ("model.obj", b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "other files"),
        ("model.obj", b" mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "other files"),
        ("model.glb", b"", "is not a .glb"),
        ("model.obj", b"v 0 0 0\nv 1 0 0\nv 0 0 1\nf 1 2 3\n", "no height"),
        ("model.obj", b"v 0 0 0\nv 0 1 0\nv 0 2 0\nf 1 2 3\n", "no surface"),
    ],
)
def test_what_is_no_mesh_is_refused(tmp_path: Path, role: str, content: bytes, sentence: str) -> None:
    inputs = {"portrait.png": [png(drawn())], role: [content], "cameras.rows": [rows(1)]}
    with pytest.raises(BackendError, match=sentence):
        run_order(tmp_path, Mesh(), "views", inputs)


def test_a_glb_whose_texture_lies_beside_it_is_refused(tmp_path: Path) -> None:
    mesh = trimesh.creation.box()
    mesh.visual = trimesh.visual.TextureVisuals(
        uv=np.zeros((8, 2)), material=trimesh.visual.material.PBRMaterial(baseColorTexture=Image.new("RGB", (2, 2)))
    )
    whole = mesh.export(file_type="glb")
    length = int.from_bytes(whole[12:16], "little")
    tree = json.loads(whole[20 : 20 + length])
    tree["images"] = [{"uri": "../red.png"}]
    text = json.dumps(tree, separators=(",", ":")).encode().ljust(length)
    assert len(text) == length
    inputs = {"portrait.png": [png(drawn())], "model.glb": [whole], "cameras.rows": [rows(1)]}
    (tmp_path / "whole.glb").write_bytes(whole)
    assert len(read_mesh(tmp_path / "whole.glb")) == 1
    inputs["model.glb"] = [whole[:20] + text + whole[20 + length :]]
    with pytest.raises(BackendError, match="refers to other files"):
        run_order(tmp_path / "parted", Mesh(), "views", inputs)


def dataset(root: Path, changed: dict[str, list[bytes]] | None = None, **params: Any) -> WorkOrder:
    cloud = Cloud(np.random.default_rng(1).normal(0, 0.2, (90, 3)).astype(np.float32), np.zeros((90, 3), np.uint8))
    inputs = {
        "view.png": [flat(colour=(k, 0, 0, 255)) for k in range(3)],
        "frame.png": [flat(colour=(0, k, 0, 255)) for k in range(6)],
        "views.rows": [rows(3)],
        "motion.rows": [rows(6, FRONT)],
        "cloud.ply": [write_cloud(cloud)],
    }
    return run_order(root, Dnerf(), "dataset", inputs | (changed or {}), **{"val": 2, "test": 4, **params})


def test_a_dataset_holds_views_and_motion_and_keeps_two_frames_back(tmp_path: Path) -> None:
    actual = read_dataset(dataset(tmp_path).output().read_bytes())
    assert actual.splits == ("train",) * 7 + ("val", "test")
    assert actual.kinds == ("spatial",) * 3 + ("temporal",) * 6
    assert actual.frames[:, 0, 0, :2].tolist() == [[0, 0], [1, 0], [2, 0], *([0, k] for k in (0, 1, 3, 5, 2, 4))]
    assert actual.times.tolist() == [0.5] * 3 + [0, 0.2, 0.6, 1, 0.4, 0.8]
    assert np.allclose(actual.camera_to_world[3:, :3, 3], [0, 0, 2.6])


def test_a_dataset_holds_every_clip_and_holds_frames_of_the_first_back(tmp_path: Path) -> None:
    clips = {
        "frame.png": [flat(colour=(0, k, 0, 255)) for k in range(8)],
        "motion.rows": [rows(5, FRONT), rows(3, FRONT)],
    }
    actual = read_dataset(dataset(tmp_path, clips, test=3).output().read_bytes())
    assert actual.kinds == ("spatial",) * 3 + ("temporal",) * 8
    assert actual.times.tolist() == [0.5] * 3 + [0, 0.25, 1, 0, 0.5, 1, 0.5, 0.75]


def test_a_scene_is_held_against_its_dataset(tmp_path: Path) -> None:
    content = dataset(tmp_path / "made").output().read_bytes()
    inputs = {"still.scene": [encode_scene(random_scene(60))], "dataset.zip": [content]}
    outputs = ("scene.json", "scene.png", "scene.mp4")
    film = {"frames": 40, "rate": 30}
    order = task(tmp_path, "toy", stage="scene-check", params=film, inputs=inputs, outputs=outputs).order
    SceneCheck().run(order)
    tree = json.loads(order.outputs["scene.json"].read_text())
    assert tree["gaussians"] == 60
    assert tree["psnr_db"].keys() == {"train", "val", "test"}
    assert len(tree["frames"]) == 9
    assert tree["orbit"]["frame_difference"] > 0
    assert Image.open(io.BytesIO(order.outputs["scene.png"].read_bytes())).size[0] > 1000
    filmed = probe(order.outputs["scene.mp4"])
    assert (filmed.frames, filmed.rate) == (40, Fraction(30))


@pytest.mark.parametrize(
    ("pictures_given", "texts"),
    [
        ([flat()] * 2, ["pictures-opaque"]),
        ([flat(colour=(9, 9, 9, 0))] * 2, ["silhouettes-unused"]),
    ],
)
def test_pictures_without_a_body_in_common_are_told(
    tmp_path: Path, pictures_given: list[bytes], texts: list[str]
) -> None:
    order = run_order(tmp_path, Images(), "views", {"image.png": pictures_given, "cameras.rows": [rows(2)]})
    assert [note.code for note in order.notes] == texts


@pytest.mark.parametrize("stage", ["views", "motion"])
def test_what_a_portrait_lacks_is_told(tmp_path: Path, stage: str) -> None:
    backend: Backend = Relief() if stage == "views" else Sway()
    grey = Image.fromarray(drawn(150, 300, has_alpha=False)).convert("L")  # Narrow: a relief costs by its width.
    grey.save(tmp_path / "grey.png")
    inputs = {"portrait.png": [(tmp_path / "grey.png").read_bytes()], "cameras.rows": [rows(2, FRONT)]}
    order = run_order(tmp_path, backend, stage, inputs)
    assert [note.code for note in order.notes] == ["portrait-reduced", "face-not-found", "portrait-cut-out"]
    points = [[75.0, 100.0] for _ in range(468)]
    for number, x, y in ((33, 55, 90), (133, 70, 90), (362, 80, 90), (263, 95, 90), (168, 75, 90), (1, 75, 110)):
        points[number] = [x, y]
    points[152] = [75, 150]
    inputs["landmarks.json"] = [json.dumps(points).encode()]
    order = run_order(tmp_path / "marked", backend, stage, inputs)
    assert [note.code for note in order.notes] == ["portrait-reduced", "portrait-cut-out"]
