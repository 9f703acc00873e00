"""Lists of an author's own pictures, in the form of D-NeRF's and Blender's transforms.json."""

import json
import posixpath
from dataclasses import dataclass


class BadList(Exception):
    """An error in a list, as the end of a sentence. Not an EpisodecError: `project` turns it into a diagnostic."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a list, in order."""

    names: tuple[str, ...]  # Relative to the list.
    have_cameras: bool  # All of them or none.


def pictures_of(text: str, *, needs_cameras: bool) -> Pictures:
    """The pictures that a list names in `frames[].file_path`; D-NeRF omits their `.png`.

    Raises:
        BadList: it names none, one twice, or one without a camera where others have one, or it is not such a list.
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadList(f"it is not JSON: {error}") from error
    frames = tree.get("frames") if isinstance(tree, dict) else None
    if not isinstance(frames, list) or not frames:
        raise BadList("it has no list `frames`")
    names: dict[str, str] = {}  # In order, by normalised path: `./a.png` is `a.png`.
    for index, frame in enumerate(frames):
        match frame:
            case {"file_path": str(file_name)} if file_name:
                name = file_name if file_name.lower().endswith(".png") else f"{file_name}.png"
            case _:
                raise BadList(f"`frames[{index}]` has no `file_path`")
        place = posixpath.normpath(name)
        if place in names:
            raise BadList(f"it names {place} twice")
        names[place] = name
    with_camera = sum("transform_matrix" in frame for frame in frames)
    if with_camera < len(frames) and (needs_cameras or with_camera):
        raise BadList(f"{len(frames) - with_camera} of its {len(frames)} pictures have no `transform_matrix`")
    return Pictures(tuple(names.values()), have_cameras=with_camera > 0)
