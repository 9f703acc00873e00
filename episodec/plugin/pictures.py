"""For backends of other packages whose stages make pictures of the character: `views`, `motion`, `refine`. The promise
of `episodec.plugin` holds here, too. It brings numpy: import it inside `run`.

- Pictures: `check_portrait` refuses what is no portrait; `rgba_of` reads a picture as viewers show it, `save_picture`
  writes one.
- Cameras: `read_rows` gives the `Rows` of cameras.rows, a camera for each picture that is wanted.
- What goes with the pictures: `write_cloud` gives the bytes of cloud.ply, the `Cloud` of points that goes with views;
  `motion_note` gives the text of motion.json.
- Refining: `frames_of` reads the frames of an order, `laid_back` brings a drawn picture to the form of its frame,
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
