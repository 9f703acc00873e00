"""The backend `rig`: scenes with and without a face."""

import json
from pathlib import Path

import numpy as np

from episodec.backends.rig import RigBackend
from episodec.faces.heads import fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.relief.body import relief
from episodec.splat.rig.rig_file import decode_rig
from episodec.splat.scene_file import encode_scene
from episodec.splat.white import on_white
from tests.splat.scenes import random_scene
from tests.toys.orders import task

PHOTO = Path(__file__).parents[1] / "faces" / "astronaut.jpg"
OUTPUTS = ("mouth.rig", "face.json")


def test_a_scene_without_a_face_gets_an_empty_rig_and_a_note(tmp_path: Path) -> None:
    files = {"still.scene": [encode_scene(random_scene(300, degree=0))]}
    order = task(tmp_path, "rig", stage="rig", inputs=files, outputs=OUTPUTS).order
    RigBackend().run(order)
    assert decode_rig(order.outputs["mouth.rig"].read_bytes()).is_empty
    assert json.loads(order.outputs["face.json"].read_text()) == {"found": False, "version": 1}
    assert [note.code for note in order.notes] == ["rig-no-face"]


def test_a_smiling_photograph_performs_and_its_open_mouth_is_told(tmp_path: Path) -> None:
    rgba = rgba_of(PHOTO)
    (marks,) = read_landmarks([on_white(rgba)])
    scene = relief(rgba, fitted_head(rgba, marks), slices=1, threads=2).scene
    files = {"still.scene": [encode_scene(scene)]}
    order = task(tmp_path, "rig", stage="rig", inputs=files, outputs=OUTPUTS).order
    RigBackend().run(order)
    rig, face_facts = (
        decode_rig(order.outputs["mouth.rig"].read_bytes()),
        json.loads(order.outputs["face.json"].read_text()),
    )
    assert rig.shows_teeth
    assert face_facts["found"]
    assert face_facts["is_mouth_open"]
    assert face_facts["residual"]["p90"] < 0.02
    assert np.isfinite(face_facts["middle_m"]).all()
    assert [note.code for note in order.notes] == ["rig-mouth-open"]
