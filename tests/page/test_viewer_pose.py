"""The viewer's arithmetic of a pose, in JavaScript, gives what `splat/rig/pose.py` gives, within the pack's steps."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from episodec.film.rows import unpack
from episodec.page.viewer import page
from episodec.scenes.packed_film import face_arrays, face_names, film_arrays
from episodec.scenes.performing import rig_row
from episodec.splat.pack.container import encode_pack
from episodec.splat.pack.rig import pack_rig
from episodec.splat.pack.scene import pack_scene
from episodec.splat.rig.pose import posed
from tests.page.test_viewer_in_a_browser import COUNT, FRAMES, circling_rows, moving_face, moving_scene
from tests.splat.rig.rigs import little_rig

SCRIPTS = [str(Path(page.__file__).with_name(f"{name}.js")) for name in ("reader", "pose")]
POSES = """
const fs = require("fs");
const [pack, frames, ...scripts] = process.argv.slice(1);
const text = scripts.map((name) => fs.readFileSync(name, "utf8")).join("\\n");
const { readPack, Poser } = new Function(`${text}; return { readPack, Poser };`)();
readPack(fs.readFileSync(pack)).then((read) => {
  const { head, arrays } = read;
  const poser = new Poser(read);
  const column = (name, frame) => Array.from({ length: arrays[name].length / frames }, (_, k) => arrays[name][k * frames + frame]);
  const named = (names, values) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
  for (let frame = 0; frame < frames; frame++) {
    const weights = named(head.film.shapes, column("film.weights", frame).map((weight) => weight / 255));
    poser.pose(arrays["film.places"][frame], { weights, drive: named(head.film.drives, column("film.drives", frame)) });
    console.log(JSON.stringify([Array.from(poser.places), Array.from(poser.looks)]));
  }
});
"""  # noqa: E501 - JavaScript.


def test_every_frame_is_posed_as_for_the_film(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js is installed; the page's tests compare pictures")
    scene, rig, rows, track = (
        moving_scene(),
        replace(little_rig(4), count=COUNT),
        unpack(circling_rows()),
        moving_face(),
    )
    packed = pack_scene(scene, rig.body.index)
    rig_head, rig_arrays = pack_rig(rig, packed.order)
    head = {"scene": packed.head, "rig": rig_head, "film": dict(face_names())}
    arrays = {**packed.arrays, **rig_arrays, **film_arrays(rows, scene), **face_arrays(track, rig)}
    (tmp_path / "pack").write_bytes(encode_pack(head, arrays))
    command = [node, "-e", POSES, str(tmp_path / "pack"), str(FRAMES), *SCRIPTS]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == FRAMES
    for frame, line in enumerate(lines):
        places, looks = (np.array(each).reshape(-1, 4) for each in json.loads(line))
        row = int(rows.order[frame])
        time, period = float(rows.scene_time[row]), int(rows.period[row])
        expected = posed(scene, rig, rig_row(track, frame), time=time, period=period)
        np.testing.assert_allclose(places[:COUNT, :3], expected.means[packed.order], atol=2e-4, err_msg=str(frame))
        opacities = 1 / (1 + np.exp(-expected.opacity_logits))
        bound, parts = looks[:3], looks[3:]
        still = 1 / (1 + np.exp(-scene.opacity_logits[packed.order[:3]]))
        np.testing.assert_allclose(bound[:, 1] * still, opacities[packed.order[:3]], atol=1e-3)
        if len(expected.means) == COUNT:
            assert not parts[:, 3].any()
            continue
        np.testing.assert_allclose(places[COUNT:, :3], expected.means[COUNT:], atol=2e-4, err_msg=str(frame))
        np.testing.assert_allclose(places[COUNT:, 3], expected.log_scales[COUNT:, 0], atol=1e-4)
        np.testing.assert_allclose(parts[:, 3], opacities[COUNT:], atol=1e-3)
        np.testing.assert_allclose(parts[:, :3], expected.harmonics[COUNT:, 0] * 0.28209479 + 0.5, atol=1e-4)
