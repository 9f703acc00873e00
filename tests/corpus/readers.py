"""Every reader of files that may be a stranger's, as one kind of function: bytes in, what it answered out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import digest_value
from episodec.engine.key import ActionKey
from episodec.errors import EpisodecError
from episodec.film.track_errors import BadTrack
from episodec.spec.picture_list import BadList

Read = Callable[[bytes, Path], str]
"""Reads a file of this content, an empty folder at hand; gives what it made of it, in a few words."""


class Refused(Exception):
    """The reader's refusal, where it gives one and raises nothing."""


REFUSALS = (EpisodecError, BadTrack, BadList, Refused)


@dataclass(frozen=True, slots=True)
class Reader:
    """How a kind of file is read."""

    read: Read
    suffix: str
    base: str  # The good file that its cases are made from.


def key(name: object) -> ActionKey:
    return ActionKey(digest_value("corpus", str(name)))


def _spec(content: bytes, _: Path) -> str:
    from episodec.spec.diagnostic import has_errors
    from episodec.spec.fit import check_fit
    from episodec.spec.parse import parse_episode
    from episodec.spec.reader import read
    from tests.spec.specs import ALPHA, LANGUAGE, SERIES

    document, actual = read(content, "1.episode.yaml")
    if document is not None and not has_errors(actual):
        episode, more = parse_episode(document, SERIES, LANGUAGE)
        actual = [*actual, *more, *(check_fit(episode, ALPHA, document) if episode else ())]
    messages = "; ".join(f"{one.code} {one.message}" for one in actual)
    if has_errors(actual):
        raise Refused(messages)
    return messages


def _tokens(content: bytes, folder: Path) -> str:
    from episodec.audio.ref_tokens import load_ref_tokens

    return str(load_ref_tokens(_file(content, folder, ".npy")).shape)


def _picture(content: bytes, folder: Path) -> str:
    from episodec.faces.pixels import rgba_of
    from episodec.faces.portrait import check_portrait

    path = _file(content, folder, ".png")
    check_portrait(path)
    return str(rgba_of(path).shape)


def _sound(content: bytes, folder: Path) -> str:
    from episodec.audio.wav import read_wav, sound_form

    path = _file(content, folder, ".wav")
    sound_form(path)
    return str(read_wav(path)[0].shape)


def _timings(content: bytes, folder: Path) -> str:
    from episodec.audio.vtt import read_timings, timing_notes

    path = _file(content, folder, ".vtt")
    words = read_timings(path, 48_000)
    return "; ".join([*(word.word for word in words), *(code for code, _ in timing_notes(path, 48_000))])


def _gaussians(content: bytes, _: Path) -> str:
    from episodec.splat.ply import read_ply

    return f"{read_ply(content).scene.count} Gaussians"


def _mesh(suffix: str) -> Read:
    def read(content: bytes, folder: Path) -> str:
        from episodec.scenes.mesh_file import read_mesh

        return f"{sum(len(part.corners) for part in read_mesh(_file(content, folder, suffix)))} triangles"

    return read


def _deformation(content: bytes, _: Path) -> str:
    from episodec.splat.deformation import read_state

    return f"{len(read_state(content))} tensors"


def _film(content: bytes, folder: Path) -> str:
    from episodec.video.playable import decoded_frames, unplayable
    from episodec.video.probe import probe

    path = _file(content, folder, ".mp4")
    facts = probe(path)
    messages = [f"{facts.frames} frames", f"{decoded_frames(path)} decoded", *unplayable(path)]
    return "; ".join(messages)


def _camera(content: bytes, _: Path) -> str:
    from episodec.film.path_file import read_path

    return f"{len(read_path(content.decode('utf-8', 'replace'), 1.0).fov_y_deg)} poses"


def _list(content: bytes, _: Path) -> str:
    from episodec.spec.picture_list import pictures_of

    return " ".join(pictures_of(content.decode("utf-8", "replace"), needs_cameras=True).names)


def _dataset(content: bytes, _: Path) -> str:
    from episodec.splat.dataset_read import read_dataset

    return f"{len(read_dataset(content).frames)} frames"


def _index(content: bytes, folder: Path) -> str:
    """Looks up, records and looks up again: whatever is in the index, that works."""
    from episodec.engine.cache import Record
    from episodec.store.cache import open_cache
    from episodec.store.layout import open_layout

    layout = open_layout(folder / "cache")
    Path(layout.index).write_bytes(content)
    notices: list[str] = []
    store = open_cache(layout, notices.append)
    actual = len(store.lookup_many(key(n) for n in range(50)))
    record = Record({"out": store.put_bytes(b"new")}, 1.0)
    store.record(key("new"), record)
    if store.lookup(key("new")) != record:
        raise AssertionError("what was recorded is not there")
    store.index.close()
    return f"{actual} records; {len(notices)} notices"


def _manifest(content: bytes, folder: Path) -> str:
    from episodec.publishing.manifest import manifest_claims

    path = folder / "dist/manifest/a.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return json.dumps([claim.path for claim in manifest_claims(folder, "dist")])


def _file(content: bytes, folder: Path, suffix: str) -> Path:
    path = folder / f"hostile{suffix}"
    path.write_bytes(content)
    return path


READERS: Mapping[str, Reader] = {
    "yaml": Reader(_spec, ".episode.yaml", "yaml"),
    "npy": Reader(_tokens, ".npy", "npy"),
    "png": Reader(_picture, ".png", "png"),
    "jpeg": Reader(_picture, ".png", "jpeg"),
    "wav": Reader(_sound, ".wav", "wav"),
    "vtt": Reader(_timings, ".vtt", "vtt"),
    "ply": Reader(_gaussians, ".ply", "ply"),
    "glb": Reader(_mesh(".glb"), ".glb", "glb"),
    "obj": Reader(_mesh(".obj"), ".obj", "obj"),
    "pth": Reader(_deformation, ".pth", "pth"),
    "mp4": Reader(_film, ".mp4", "mp4"),
    "camera": Reader(_camera, ".json", "camera"),
    "transforms": Reader(_list, ".json", "transforms"),
    "zip": Reader(_dataset, ".zip", "zip"),
    "index": Reader(_index, ".db", "index"),
    "manifest": Reader(_manifest, ".json", "manifest"),
}
