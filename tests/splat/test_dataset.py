import io
import json
import os
import signal
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.film.exact import quantized
from episodec.film.pose import look_at
from episodec.splat.cloud import Cloud, read_cloud, write_cloud
from episodec.splat.dataset import Shot, write_dataset
from episodec.splat.dataset_read import read_dataset, unzipped
from tests.splat.datasets import LENS, SIZE, camera, little

Members = dict[str, bytes]


def zipped(members: Members) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def as_4dgaussians_reads(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 4) world to camera, OpenCV, as that reader makes it of a transform_matrix: all of the translation negated."""
    inverse = np.linalg.inv(matrix)
    values = np.eye(4)
    values[:3, :3] = np.diag([1, -1, -1]) @ inverse[:3, :3]
    values[:3, 3] = -inverse[:3, 3]
    return values


def test_a_dataset_comes_back_as_it_was() -> None:
    shots, pictures, lens, cloud = little()
    actual = read_dataset(write_dataset(shots, pictures, lens, cloud))
    assert (actual.frames == np.stack(pictures)).all()
    assert (actual.camera_to_world == np.stack([shot.camera_to_world for shot in shots])).all()
    assert actual.intrinsics == LENS
    assert actual.times.tolist() == [shot.time for shot in shots]
    assert actual.splits == tuple(shot.split for shot in shots)
    assert actual.kinds == tuple(shot.kind for shot in shots)
    assert (actual.cloud.means == cloud.means).all()
    assert (actual.cloud.colours == cloud.colours).all()
    assert actual.where("train").tolist() == [0, 1, 2, 3, 4]
    assert actual.where("train", "temporal").tolist() == [3, 4]


def test_the_same_frames_give_the_same_bytes_stored_and_without_a_clock() -> None:
    content = write_dataset(*little())
    assert content == write_dataset(*little())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    assert [member.filename for member in members] == sorted(member.filename for member in members)
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}


def test_the_files_are_those_of_a_d_nerf_dataset() -> None:
    members = unzipped(write_dataset(*little()))
    table = json.loads(members["transforms_test.json"])
    assert table["frames"][0]["file_path"] == "./test/temporal_002"
    assert table["frames"][0]["time"] == 2 / 3
    assert 0.5 * SIZE / np.tan(table["camera_angle_x"] / 2) == pytest.approx(LENS[0])
    assert "test/temporal_002.png" in members
    assert members["fused.ply"].startswith(
        b"ply\nformat binary_little_endian 1.0\nelement vertex 5\nproperty float x\n"
    )


def test_the_loader_that_negates_x_sees_the_right_camera() -> None:
    shots, pictures, lens, cloud = little()
    beside = camera((4, 0, 1), at=(0.3, 0.5, 0))
    shots[0] = replace(shots[0], camera_to_world=beside)
    frames = json.loads(unzipped(write_dataset(shots, pictures, lens, cloud))["transforms_train.json"])["frames"]
    for shot, frame in zip(shots, frames, strict=False):
        truth = np.diag([1, -1, -1, 1]) @ np.linalg.inv(shot.camera_to_world)
        assert np.allclose(as_4dgaussians_reads(np.array(frame["transform_matrix"])), truth, atol=1e-12)
        assert frame["camera_to_world"] == shot.camera_to_world.tolist()
    assert frames[0]["transform_matrix"] != frames[0]["camera_to_world"]
    assert frames[1]["transform_matrix"] == frames[1]["camera_to_world"]


def orbit(around: tuple[float, float, float]) -> list[NDArray[np.float64]]:
    """16 cameras as the frame plan has them, 2.6 m from a point and 5 degrees above it."""
    angles = np.arange(16) * np.pi / 8
    level, up = 2.6 * np.cos(np.radians(5)), np.full(16, 2.6 * np.sin(np.radians(5)))
    target = np.tile(np.array(around, float), (16, 1))
    eyes = target + np.stack([level * np.sin(angles), up, level * np.cos(angles)], axis=1)
    return list(quantized(look_at(quantized(eyes), target)))


def transforms(cameras: list[NDArray[np.float64]]) -> bytes:
    """The file for training of a dataset with these views."""
    shots, pictures, lens, cloud = little()
    shots = [Shot("train", "spatial", i, i / 15, pose) for i, pose in enumerate(cameras)] + [shots[-1]]
    return unzipped(write_dataset(shots, [pictures[0]] * len(shots), lens, cloud))["transforms_train.json"]


def test_an_orbit_around_the_origin_is_written_as_it_is() -> None:
    for frame in json.loads(transforms(orbit((0, 0, 0))))["frames"]:
        assert frame["transform_matrix"] == frame["camera_to_world"]


@pytest.mark.parametrize("around", [(0, 0, 0), (0.3, 0.5, 0), (-2, 1, 40)])
def test_the_loader_that_negates_x_sees_cameras_of_a_frame_plan_to_a_few_quanta(
    around: tuple[float, float, float],
) -> None:
    for frame in json.loads(transforms(orbit(around)))["frames"]:
        truth = np.diag([1, -1, -1, 1]) @ np.linalg.inv(frame["camera_to_world"])
        values = as_4dgaussians_reads(np.array(frame["transform_matrix"]))
        assert np.allclose(values, truth, rtol=0, atol=1e-8 + 3e-9 * np.linalg.norm(around))


_CHILD = """
import hashlib
from tests.splat.test_dataset import orbit, transforms
cameras = [*orbit((0, 0, 0)), *orbit((0.3, 0.5, 0))]
print(hashlib.sha256(transforms(cameras[:16]) + transforms(cameras[16:])).hexdigest())
"""


def test_a_dataset_is_the_same_on_processors_that_add_up_in_another_order() -> None:
    actual = set()
    for core in ("Haswell", "SkylakeX"):
        child, env = [sys.executable, "-c", _CHILD], {**os.environ, "OPENBLAS_CORETYPE": core}
        run = subprocess.run(child, env=env, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
        if core == "SkylakeX" and run.returncode == -signal.SIGILL:
            pytest.skip("this processor lacks AVX-512")
        assert run.returncode == 0, run.stderr
        actual.add(run.stdout)
    assert len(actual) == 1


def test_a_dataset_of_others_is_read_without_our_own_fields() -> None:
    members = unzipped(write_dataset(*little()))
    theirs: Members = {"fused.ply": members["fused.ply"]}
    for split in ("train", "test"):  # Many have no transforms_val.json.
        table = json.loads(members[f"transforms_{split}.json"])
        frames = [
            {
                "file_path": f"./{split}/r_{k:03}",
                "rotation": 0.1,
                "time": f["time"],
                "transform_matrix": f["transform_matrix"],
            }
            for k, f in enumerate(table["frames"])
        ]
        theirs |= {f"{split}/r_{k:03}.png": members[f["file_path"][2:] + ".png"] for k, f in enumerate(table["frames"])}
        angle = {"camera_angle_x": table["camera_angle_x"], "frames": frames}
        theirs[f"transforms_{split}.json"] = json.dumps(angle).encode()
    actual = read_dataset(zipped(theirs))
    assert actual.splits == ("train",) * 5 + ("test",)
    assert set(actual.kinds) == {"temporal"}
    assert actual.intrinsics == pytest.approx(LENS)


def _with_first(members: Members, **fields: object) -> None:
    table = json.loads(members["transforms_train.json"])
    table["frames"][0] |= fields
    members["transforms_train.json"] = json.dumps(table).encode()


def _replaced(members: Members, name: str, old: bytes, new: bytes) -> Members:
    """In all files of this ending."""
    members.update({file: content.replace(old, new) for file, content in members.items() if file.endswith(name)})
    return members


PICTURE, TRAIN, VAL = "train/spatial_001.png", "transforms_train.json", "transforms_val.json"
FRAME = json.dumps({"file_path": "train/spatial_000", "time": 0, "transform_matrix": np.eye(4).tolist()}).encode()
BROKEN: dict[str, tuple[str, Callable[[Members], object]]] = {
    "no test": ("lacks a file", lambda m: m.pop("transforms_test.json")),
    "no cloud": ("no initial points", lambda m: m.pop("fused.ply")),
    "no picture": ("lacks a picture", lambda m: m.pop(PICTURE)),
    "another picture": ("cannot be read", lambda m: m.update({PICTURE: b"no picture"})),
    "half a picture": ("cannot be read", lambda m: m.update({PICTURE: m[PICTURE][:60]})),
    "half a table": ("not valid JSON", lambda m: m.update({VAL: b"{"})),
    "too deep": ("not valid JSON", lambda m: m.update({VAL: b"[" * 100_000})),
    "no text": ("not valid JSON", lambda m: m.update({VAL: b"\xff"})),
    "a list": ("does not hold an object", lambda m: m.update({VAL: b"[]"})),
    "no frames": ("lists no frames", lambda m: m.update({TRAIN: b'{"fl_x": 10, "frames": []}'})),
    "no lens": ("neither `fl_x`", lambda m: _replaced(_replaced(m, VAL, b"fl_x", b"f"), VAL, b"angle", b"a")),
    "two lenses": ("different lenses", lambda m: _replaced(m, VAL, b'"fl_x": 10', b'"fl_x": 11')),
    "wrong size": ("a different size", lambda m: _replaced(m, ".json", b'"w": 8', b'"w": 9')),
    "late": ("time of 0 to 1", lambda m: _with_first(m, time=1.5)),
    "no matrix": ("`transform_matrix`", lambda m: _with_first(m, transform_matrix=None)),
    "ragged matrix": ("time of 0 to 1", lambda m: _with_first(m, camera_to_world=[[1, "a"]])),
    "vast matrix": ("time of 0 to 1", lambda m: _with_first(m, camera_to_world=[[10**400] * 4] * 4)),
    "vast lens": ("neither `fl_x`", lambda m: m.update({TRAIN: b'{"fl_x": 1%0400d, "frames": [%s]}' % (0, FRAME)})),
    "no rotation": ("a rotation and a position", lambda m: _with_first(m, camera_to_world=np.zeros((4, 4)).tolist())),
    "no colours": ("no coloured points", lambda m: _replaced(m, "fused.ply", b"red", b"rad")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_dataset_is_refused_by_what_is_wrong(name: str) -> None:
    sentence, change = BROKEN[name]
    members = unzipped(write_dataset(*little()))
    change(members)
    with pytest.raises(BackendError, match=sentence):
        read_dataset(zipped(members))


@pytest.mark.parametrize("cut", [0, 10, 3000, -1])
def test_a_zip_that_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(BackendError, match="not a valid zip"):
        read_dataset(write_dataset(*little())[:cut])


def test_a_zip_with_a_flipped_bit_is_refused() -> None:
    content = bytearray(write_dataset(*little()))
    content[len(content) // 2] ^= 1
    with pytest.raises(BackendError, match="not a valid zip"):
        read_dataset(bytes(content))


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packed_file_that_is_damaged_is_refused(packing: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        archive.writestr("a", bytes(range(256)) * 4)
    content = bytearray(buffer.getvalue())
    content[31:60] = b"\xff" * 29  # Behind the name of one letter.
    with pytest.raises(BackendError, match="not a valid zip"):
        unzipped(bytes(content))


def test_a_zip_that_would_fill_the_memory_is_refused_before_it_is_unpacked() -> None:
    content = zipped({"a": bytes(1 << 29)})
    assert len(content) < 1 << 20
    tracemalloc.start()
    with pytest.raises(BackendError, match="too large"):
        unzipped(content)
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


def test_what_d_nerf_cannot_say_is_refused() -> None:
    shots, pictures, lens, cloud = little()
    with pytest.raises(BackendError, match="squares of one size"):
        write_dataset(shots, [picture[:4] for picture in pictures], lens, cloud)
    with pytest.raises(BackendError, match="centred lens"):
        write_dataset(shots, pictures, (10, 10, 3, 4), cloud)
    with pytest.raises(BackendError, match="is duplicated"):
        write_dataset([shots[0], *shots[:-1]], pictures, lens, cloud)
    with pytest.raises(BackendError, match="scene time 1"):
        write_dataset(shots[:3], pictures[:3], lens, cloud)


def test_a_cloud_comes_back_and_a_point_that_is_nowhere_is_refused() -> None:
    cloud = little()[3]
    actual = read_cloud(write_cloud(cloud))
    assert (actual.means == cloud.means).all()
    assert (actual.colours == cloud.colours).all()
    with pytest.raises(BackendError, match="not finite"):
        write_cloud(Cloud(np.full((1, 3), np.nan, np.float32), np.zeros((1, 3), np.uint8)))


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header() -> None:
    members = unzipped(write_dataset(*little()))
    name = "train/spatial_000.png"
    head = bytearray(members[name][12:29])
    head[4:12] = struct.pack(">II", 6_000, 6_000)
    members[name] = members[name][:12] + bytes(head) + zlib.crc32(head).to_bytes(4, "big") + members[name][33:]
    with pytest.raises(BackendError, match="too large"):
        read_dataset(zipped(members))
