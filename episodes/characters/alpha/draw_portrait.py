"""Draws alpha-ref.png: the canonical portrait of Alpha, a mesh and about 66 000 hairs, with numpy, numba and Pillow.

    python draw_portrait.py [alpha-ref.png] [--pixels 1024] [--yaw 0 15 -15] [--unit jawOpen=0.3] [--marks]

Front-facing, purple hair, athletic jumpsuit, neutral expression, closed mouth; 1024x1024 with an alpha channel. The
character and the light are fixed; --yaw moves the camera around her, positive angles to the picture's right. With
several angles each picture's name ends in its angle. --unit moves the face by units with ARKit's names. --marks writes
the positions of eyes, mouth, nose and chin beside each picture. Nobody's likeness: the mesh is a blend of MakeHuman's
targets, listed in make_upper_body.py; see upper_body.LICENSE.
"""

import argparse
import json
from pathlib import Path

from PIL import Image
from portrait.sitting import boxes, marks, sit
from portrait.view import View


def _unit(text):
    name, _, weight = text.partition("=")
    return name, float(weight)


def main():
    parser = argparse.ArgumentParser(description="Draws the portrait of Alpha.")
    parser.add_argument("picture", nargs="?", type=Path, default=Path("alpha-ref.png"))
    parser.add_argument("--pixels", type=int, default=1024)
    parser.add_argument("--yaw", type=float, nargs="+", default=[0.0], metavar="DEGREES")
    parser.add_argument("--distance", type=float, default=View.distance, metavar="DECIMETRES")
    parser.add_argument("--unit", type=_unit, nargs="+", default=[], metavar="NAME=WEIGHT")
    parser.add_argument("--marks", action="store_true")
    asked = parser.parse_args()
    sitter = sit(dict(asked.unit))
    for yaw in asked.yaw:
        view = View(yaw, asked.pixels, asked.distance)
        name = asked.picture if len(asked.yaw) == 1 else asked.picture.with_stem(f"{asked.picture.stem}{yaw:+g}")
        Image.fromarray(sitter.picture(view)).save(name, optimize=True)
        if asked.marks:
            places = {"marks": marks(sitter.body, view), "boxes": boxes(sitter.body, view)}
            name.with_suffix(".json").write_text(json.dumps(places, indent=1) + "\n")


if __name__ == "__main__":
    main()
