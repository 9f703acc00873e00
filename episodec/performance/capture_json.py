"""Captures in JSON: Audio2Face's export, episodec's performance.json, and a list of MediaPipe results."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from episodec.performance.captures import BadCapture, Capture, of_frames, read_csv
from episodec.performance.channels import HEAD


def read_capture(name: str, text: str, rate: int | None) -> Capture:
    """The capture in a file of this name, .csv or .json. `rate`: frames a second, used if the file does not say.

    Raises:
        BadCapture: it is not a valid capture.
    """
    text = text.removeprefix("\ufeff")
    if name.lower().endswith(".json"):
        return _read_json(text, rate)
    return read_csv(text, rate)


def _read_json(text: str, rate: int | None) -> Capture:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "line 1"
        raise BadCapture("this is not valid JSON", place) from error
    if isinstance(tree, Mapping) and "weightMat" in tree:
        return _audio2face(tree, rate)
    if isinstance(tree, list):
        return of_frames([_mediapipe(one, number) for number, one in enumerate(tree)], rate)
    hint = "expected `facsNames` and `weightMat` (Audio2Face), or a list of MediaPipe results"
    raise BadCapture("the JSON is not a capture of a face", "line 1", hint)


def _audio2face(tree: Mapping[str, Any], rate: int | None) -> Capture:
    names, rows, fps = tree.get("facsNames"), tree["weightMat"], tree.get("exportFps")
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise BadCapture("this is not a list of names", "facsNames")
    if len(set(names)) != len(names):
        raise BadCapture("two channels have the same name", "facsNames")
    if not isinstance(rows, list):
        raise BadCapture("this is not a list of frames", "weightMat")
    if isinstance(fps, bool) or not isinstance(fps, int | float | None) or (fps is not None and not 1 <= fps <= 1000):
        raise BadCapture(f"`{str(fps)[:40]}` is not a frame rate", "exportFps")
    for name, count in (("numFrames", len(rows)), ("numPoses", len(names))):
        if name in tree and tree[name] != count:
            raise BadCapture(f"it says {str(tree[name])[:20]} and has {count}", name)
    turns = _turns(tree, len(rows))
    frames: list[Mapping[str, object]] = []
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            length = len(row) if isinstance(row, list) else "no"
            raise BadCapture(f"a frame has {length} weights for {len(names)} names", f"weightMat, frame {number}")
        frames.append({**dict(zip(names, row, strict=True)), **(turns[number] if turns else {})})
    return of_frames(frames, rate if fps is None else fps)


def _turns(tree: Mapping[str, Any], frames: int) -> Sequence[Mapping[str, object]]:
    """The head's angles, in episodec's own files; nothing for others."""
    if "head" not in tree:
        return ()
    rows = tree["head"]
    if tree.get("headNames") != list(HEAD) or not isinstance(rows, list) or len(rows) != frames:
        raise BadCapture(f"these are not angles of {frames} frames by {', '.join(HEAD)}", "head")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(HEAD):
            raise BadCapture("a frame has a wrong number of angles", f"head, frame {number}")
    return [dict(zip(HEAD, row, strict=True)) for row in rows]


def _mediapipe(tree: Any, number: int) -> Mapping[str, object]:
    """The weights in a result of MediaPipe's FaceLandmarker, or a plain mapping of names to weights."""
    shapes = tree.get("faceBlendshapes", tree.get("face_blendshapes")) if isinstance(tree, Mapping) else None
    if shapes is None:
        if isinstance(tree, Mapping):
            return tree
        raise BadCapture("this is not a MediaPipe result", f"frame {number}")
    first = shapes[0] if isinstance(shapes, list) and shapes else None
    categories = first.get("categories") if isinstance(first, Mapping) else first
    if not isinstance(categories, list):
        raise BadCapture("this frame has no face", f"frame {number}")
    weights: dict[str, object] = {}
    for category in categories:
        name = category.get("categoryName", category.get("category_name")) if isinstance(category, Mapping) else None
        if not isinstance(name, str) or name in weights:
            raise BadCapture("a category has no name, or a repeated one", f"frame {number}")
        weights[name] = category.get("score")
    return weights
