"""Pictures that are artifacts are drawn in the shipped font or in Pillow's: those of the machine change no byte."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageFont

DRAW = """\
import sys
from pathlib import Path
import numpy as np
from episodec.digest import digest_bytes
from episodec.film.moves import CameraSegment, Loop, Still, TimeSegment
from episodec.film.plan import frame_plan
from episodec.drawings.chart import draw_chart
from episodec.drawings.fidelity_picture import write_fidelity
from episodec.video.measure import measure
from episodec.drawings.plan_picture import PlanTexts, draw_plan
from episodec.drawings.training_chart import ChartCurve, draw_training
from episodec.questions.font import find_font

frame, move = np.zeros((8, 8, 3), np.uint8), Still((0.0, 0.0, 2.6), (0.0, 0.0, 0.0), 35.0)
write_fidelity(Path("scene.png"), "24 Gaussians", [("test temporal", "33.1 dB", frame, frame)], [frame] * 10)
draw_training("Training", "24 Gaussians", [ChartCurve("loss", [1, 2], [0.2, 0.1])], 1, Path("training.png"))
plan = frame_plan([CameraSegment(30, move)], [TimeSegment(30, Loop(24))], (64, 64), 30)
draw_plan(plan, PlanTexts("Frame plan")).save("plan.png")
draw_chart(measure(iter([frame] * 3), {}), (), 30, Path("check.png"))
assert (find_font() is not None) == (sys.argv[1] == "a font")
draw_plan(plan, PlanTexts("Frame plan"), font=find_font()).save("asked.png")
"""
ARTIFACTS = ("scene.png", "training.png", "plan.png", "check.png")


def wide_font() -> bytes:
    """Pillow's own font with letters half as large again, which it has under the name of a common one."""
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, io.BytesIO)
    content = bytearray(font.path.getvalue())
    tables = int.from_bytes(content[4:6])
    records = [content[12 + 16 * place : 28 + 16 * place] for place in range(tables)]
    (head,) = [int.from_bytes(one[8:12]) for one in records if one[:4] == b"head"]
    units = int.from_bytes(content[head + 18 : head + 20])
    content[head + 18 : head + 20] = (units * 2 // 3).to_bytes(2)  # To the em (OpenType 1.9, `head`).
    return bytes(content)


@pytest.mark.skipif(sys.platform != "linux", reason="where fonts lie can be said on Linux only")
def test_the_fonts_of_the_machine_change_no_artifact(tmp_path: Path) -> None:
    drawn: dict[str, dict[str, bytes]] = {}
    for machine in ("no font", "a font"):
        data, out = tmp_path / machine / "share", tmp_path / machine / "out"
        out.mkdir(parents=True)
        if machine == "a font":
            (data / "fonts").mkdir(parents=True)
            (data / "fonts/DejaVuSans.ttf").write_bytes(wide_font())
        places = {"XDG_DATA_HOME": str(data), "XDG_DATA_DIRS": str(data), "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", DRAW, machine], cwd=out, env={**os.environ, **places}, check=True)
        drawn[machine] = {path.name: path.read_bytes() for path in out.iterdir()}
    assert {name for name in drawn["a font"] if drawn["a font"][name] != drawn["no font"][name]} == {"asked.png"}
    assert drawn["a font"].keys() == {*ARTIFACTS, "asked.png"}
