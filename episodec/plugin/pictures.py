"""The public API for backends whose stages make pictures of the character: `views`, `motion`, `refine`. As stable as
`episodec.plugin`. It imports numpy: import it inside `run`.

- Pictures: `check_portrait` rejects a picture that cannot be a portrait; `rgba_of` reads a picture as viewers show it;
  `save_picture` writes one.
- Cameras: `read_rows` reads the `Rows` of cameras.rows, one camera per requested picture.
- Companions of pictures: `write_cloud` encodes a `Cloud` of points as cloud.ply, for views; `motion_note` is the text
  of motion.json.
- Refining: `frames_of` reads the frames of an order; `laid_back` converts a drawn picture to the form of its frame;
  `write_refined` writes all of them and drift.json.
"""

from episodec.faces.conform import save_picture
from episodec.faces.framing import read_rows
from episodec.faces.pixels import rgba_of
from episodec.faces.portrait import check_portrait
from episodec.faces.refining import frames_of, laid_back, write_refined
from episodec.film.rows import Rows
from episodec.scenes.motion import motion_note
from episodec.splat.cloud import Cloud, write_cloud

__all__ = [
    "Cloud",
    "Rows",
    "check_portrait",
    "frames_of",
    "laid_back",
    "motion_note",
    "read_rows",
    "rgba_of",
    "save_picture",
    "write_cloud",
    "write_refined",
]
