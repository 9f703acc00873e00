"""Good files of every kind that we read, small ones, from which the corpus makes hostile ones."""

import io
import json
import math
import os
import tempfile
import wave
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.spec.specs import EPISODE

Base = Callable[[], bytes]


def episode() -> bytes:
    return f"{EPISODE}frames: 60\n".encode()


def tokens() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(80, dtype=np.int32).reshape(8, 10))
    return file.getvalue()


def picture(kind: str = "PNG", mode: str = "RGB") -> bytes:
    from PIL import Image

    ramp = np.add.outer(np.arange(96), np.arange(96)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.stack([ramp, ramp.T, ramp[::-1]], axis=-1)).convert(mode).save(file, kind)
    return file.getvalue()


def sound(kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    import soundfile

    file = io.BytesIO()
    samples = (0.5 * np.sin(np.arange(4410) / 10)).astype(np.float32)
    soundfile.write(file, samples, 44_100, subtype=subtype, format=kind)
    return file.getvalue()


def plain_wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 44_100, 0, "NONE", ""))
        writer.writeframes(bytes(8820))
    return file.getvalue()


def timings() -> bytes:
    return b"WEBVTT\n\n00:00.100 --> 00:00.400\nOne\n\n00:00.500 --> 00:00.900\ntwo\n"


def gaussians() -> bytes:
    from episodec.splat.ply import write_ply
    from tests.splat.scenes import random_scene

    return write_ply(random_scene(20, degree=0))


def gaussians_as_text() -> bytes:
    names = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2"]
    names += [f"rot_{n}" for n in range(4)]
    head = ["ply", "format ascii 1.0", "element vertex 1", *(f"property float {name}" for name in names), "end_header"]
    return "\n".join([*head, "0 0 0 0.1 0.2 0.3 1 -3 -3 -3 1 0 0 0", ""]).encode()


def glb(tree: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    pieces = ((b"JSON", text), (b"BIN\0", binary))
    body = b"".join(len(piece).to_bytes(4, "little") + kind + piece for kind, piece in pieces)
    return b"glTF" + (2).to_bytes(4, "little") + (12 + len(body)).to_bytes(4, "little") + body


def mesh() -> bytes:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    uvs, order = np.array([[0, 0], [1, 0], [0, 1]], "<f4").tobytes(), np.array([0, 1, 2], "<u2").tobytes() + bytes(2)
    texture = picture()
    lengths = [len(corners), len(uvs), len(order), len(texture)]
    starts = np.cumsum([0, *lengths]).tolist()
    views = [{"buffer": 0, "byteOffset": a, "byteLength": n} for a, n in zip(starts, lengths, strict=False)]
    attributes = {"POSITION": 0, "TEXCOORD_0": 1}
    tree = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 2, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}],
        "images": [{"bufferView": 3, "mimeType": "image/png"}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": starts[-1]}],
    }
    return glb(tree, corners + uvs + order + texture)


def mesh_as_text() -> bytes:
    return b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def _saved(tensors: object, **options: bool) -> bytes:
    import torch

    file = io.BytesIO()
    torch.save(tensors, file, **options)
    return file.getvalue()


def _state(**others: object) -> dict[str, object]:
    from tests.splat.test_deformation import state

    return {**state(), **{f"deformation_net.{name.replace('__', '.')}": value for name, value in others.items()}}


def deformation() -> bytes:
    return _saved(_state())


class _Code:
    """The code that would run if the file were unpickled whole."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("ran",)


def _changed_deformations() -> dict[str, Base]:
    import torch

    first = torch.zeros(1)
    grid = "grid__grids__0__0"
    return {
        "pth of one number": lambda: _saved(_state(**{grid: first.expand(1, 3, 90_000, 90_000)})),
        "pth of one number, whole": lambda: _saved(
            _state(**{grid: torch.as_strided(first, (1, 3, 9, 9), (0, 0, 0, 0))})
        ),
        "pth without storage": lambda: _saved(_state(**{grid: torch.zeros(1, 3, 5, 4, device="meta")})),
        "sparse pth": lambda: _saved(_state(**{grid: torch.zeros(1, 3, 5, 4).to_sparse()})),
        "pth of integers": lambda: _saved(_state(**{grid: torch.zeros(1, 3, 5, 4, dtype=torch.int8)})),
        "pth with nan": lambda: _saved(_state(**{grid: torch.full((1, 3, 5, 4), math.nan)})),
        "pth of another shape": lambda: _saved(_state(**{grid: torch.zeros(3, 5, 4)})),
        "pth of many names": lambda: _saved({**_state(), **{f"{n}": torch.zeros(1) for n in range(20_000)}}),
        "pth of one storage": lambda: _saved({**_state(), **dict.fromkeys(map(str, range(99)), torch.zeros(9000))}),
        "pth before 1.6": lambda: _saved(_state(), _use_new_zipfile_serialization=False),
        "pth with code": lambda: _saved({**_state(), "x": _Code()}),
        "pth of a list": lambda: _saved([first]),
        "pth of texts": lambda: _saved({"a": "b"}),
        "pth of one tensor": lambda: _saved(first),
        "empty pth": lambda: _saved({}),
        "packed pth": lambda: repacked(deformation()),
    }


def repacked(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as plain, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
    return file.getvalue()


def film(*more: str, frames: int = 10, suffix: str = ".mp4") -> bytes:
    from tests.video.videos import video

    with tempfile.TemporaryDirectory() as folder:
        return video(Path(folder, f"a{suffix}"), "-bitexact", *more, frames=frames).read_bytes()


def camera_path() -> bytes:
    pose = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2.6, 0, 0, 0, 1]
    return json.dumps({"camera_path": [{"camera_to_world": pose, "fov": 35.0}] * 2, "keyframes": []}).encode()


def transforms() -> bytes:
    pose = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 2.6], [0, 0, 0, 1]]
    frames = [{"file_path": f"./r_{n}.png", "time": n / 2, "transform_matrix": pose} for n in range(3)]
    return json.dumps({"camera_angle_x": 0.6, "frames": frames}).encode()


def dataset() -> bytes:
    from episodec.splat.dataset import write_dataset
    from tests.splat.datasets import little

    return write_dataset(*little())


def index() -> bytes:
    from episodec.engine.cache import Record
    from episodec.store.cache import open_cache
    from episodec.store.layout import open_layout
    from tests.corpus.readers import key

    with tempfile.TemporaryDirectory() as folder:
        layout = open_layout(folder)
        store = open_cache(layout)
        record = Record({"out": store.put_bytes(b"content")}, 1.0)
        with store.batch():
            for n in range(50):
                store.record(key(n), record)
        store.index.close()
        return Path(layout.index).read_bytes()


def manifest() -> bytes:
    digest = f"xxh3-128:{'ab' * 16}"
    listed = {"video/a.mp4": {"digest": digest, "size": 3}}
    return json.dumps({"manifest": 1, "name": "a", "spec": "episodes/1.episode.yaml", "deliverables": listed}).encode()


BASES: dict[str, Base] = {
    "yaml": episode,
    "npy": tokens,
    "png": picture,
    "grey png": lambda: picture(mode="L"),
    "jpeg": lambda: picture("JPEG"),
    "gif": lambda: picture("GIF"),
    "wav": sound,
    "plain wav": plain_wav,
    **{name: partial(sound, name.upper()) for name in ("aiff", "rf64", "w64", "caf", "au", "flac", "voc")},
    "ogg": lambda: sound("OGG", "VORBIS"),
    "mp3": lambda: sound("MP3", "MPEG_LAYER_III"),
    "vtt": timings,
    "ply": gaussians,
    "ascii ply": gaussians_as_text,
    "glb": mesh,
    "obj": mesh_as_text,
    "pth": deformation,
    "mp4": film,
    "mkv": lambda: film(suffix=".mkv"),
    "camera": camera_path,
    "transforms": transforms,
    "zip": dataset,
    "index": index,
    "manifest": manifest,
}


@cache
def base(name: str) -> bytes:
    """The bytes of a good file, or of one that only a library makes so."""
    return (BASES[name] if name in BASES else _changed_deformations()[name])()
