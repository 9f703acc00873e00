# ruff: noqa: PTH110, PTH118, PTH119, PTH120, PTH122, PTH123, FBT001, FBT002  # The manners of other people's programs.
"""Stands in for Hunyuan3D 2.1's `hy3dpaint/textureGenPipeline.py`: its files, its silences, no model.

The painted mesh is a box twice as high as wide, the portrait on its front, grey elsewhere.
"""

import json
import os

import bpy  # type: ignore[import-not-found]  # noqa: F401  # Blender's: imported, and used for .glb alone.
from PIL import Image
from plain import failure, note  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.


class Hunyuan3DPaintConfig:
    def __init__(self, max_num_view: int, resolution: int) -> None:
        self.max_selected_view_num, self.resolution = max_num_view, resolution
        self.multiview_cfg_path = "cfgs/hunyuan-paint-pbr.yaml"
        self.custom_pipeline = "hunyuanpaintpbr"
        self.realesrgan_ckpt_path = "ckpt/RealESRGAN_x4plus.pth"


class Hunyuan3DPaintPipeline:
    def __init__(self, config: Hunyuan3DPaintConfig) -> None:
        self.config = config
        for path in (config.multiview_cfg_path, config.realesrgan_ckpt_path, config.custom_pipeline):
            assert os.path.exists(path), path

    def __call__(
        self,
        mesh_path: str,
        image_path: object,
        output_mesh_path: str,
        use_remesh: bool = True,
        save_glb: bool = True,
    ) -> str:
        if not isinstance(image_path, str):
            raise UnboundLocalError("local variable 'image_prompt' referenced before assignment")
        with open(mesh_path, encoding="utf-8") as file:
            messages = json.load(file)
        messages |= {"views": self.config.max_selected_view_num, "resolution": self.config.resolution}
        note(f"paint {json.dumps({**messages, 'glb': save_glb})}")
        if use_remesh:
            with open(os.path.join(os.path.dirname(mesh_path), "white_mesh_remesh.obj"), "w", encoding="utf-8") as file:
                file.write("# simplified\n")
        if failure() == "no file":
            return output_mesh_path
        write(output_mesh_path, image_path)
        return output_mesh_path


def write(path: str, image_path: str) -> None:
    base = os.path.splitext(path)[0]
    name = os.path.basename(base)
    text = "" if failure() == "empty file" else obj(name)
    if failure() == "cut short":
        text = text[: len(text) // 2]
    if failure() == "not a number":
        text = text.replace("v -1.000000", "v nan", 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    if failure() == "old file":
        os.utime(path, (1, 1))
    with open(f"{base}.mtl", "w", encoding="utf-8") as file:
        file.write(f"newmtl Material\nKd 0.8 0.8 0.8\nd 1.0\nillum 2\nmap_Kd {name}.jpg\nmap_Pm {name}_metallic.jpg\n")
    if failure() == "no texture":
        return
    sheet = Image.new("RGB", (256, 128), (128, 128, 128))
    with Image.open(image_path) as image:
        visible = image.convert("RGBA").crop(image.getchannel("A").getbbox()).convert("RGB").resize((128, 128))
    sheet.paste(visible, (0, 0))
    sheet.save(f"{base}.jpg", quality=95)
    sheet.save(f"{base}_metallic.jpg")
    sheet.save(f"{base}_roughness.jpg")


def obj(name: str) -> str:
    """A box of -1 to 1, -2 to 2, -0.5 to 0.5; its front has the left half of the texture."""
    places = [(x, y, z) for z in (0.5, -0.5) for y in (-2, 2) for x in (-1, 1)]
    corners = [(0, 0), (0.5, 0), (0, 1), (0.5, 1), (0.75, 0.5)]
    lines = [f"mtllib {name}.mtl", f"o {name}"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in places]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in corners] + ["s 0", "usemtl Material"]
    lines += ["f 1/1 2/2 4/4", "f 1/1 4/4 3/3"]
    for a, b, c, d in ((6, 5, 7, 8), (5, 1, 3, 7), (2, 6, 8, 4), (3, 4, 8, 7), (5, 6, 2, 1)):
        lines += [f"f {a}/5 {b}/5 {c}/5", f"f {a}/5 {c}/5 {d}/5"]
    return "\n".join(lines) + "\n"
