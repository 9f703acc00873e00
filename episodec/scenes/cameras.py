"""The cameras of frames as views of a scene."""

from episodec.film.rows import Rows
from episodec.splat.view import View


def view_of(rows: Rows, row: int) -> View:
    """The camera of a row as a view."""
    fx, fy, cx, cy = rows.intrinsics[row].tolist()
    return View(rows.camera_to_world[row], (fx, fy, cx, cy), rows.size)
