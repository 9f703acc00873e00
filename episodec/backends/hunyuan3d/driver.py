"""Runs inside Hunyuan3D 2.1's own Python (3.10), never in ours: a picture to a painted mesh.

    python driver.py REQUEST.json

The request names files and numbers. A shape is made, its model released, and the shape painted: both models together
need 29 GB. Of the painter's files only the .obj with its material and textures counts; Blender makes its .glb, which
may be missing without an error.
"""

import gc
import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any


def main() -> None:
    """Make the shape, then paint it."""
    sys.path.pop(0)  # This folder: its files must not hide modules of Hunyuan3D.
    asked = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    repo = Path(asked["repo"])
    sys.path[:0] = [str(repo / "hy3dshape"), str(repo / "hy3dpaint")]
    _mend_torchvision()
    sys.modules.setdefault(
        "bpy", types.ModuleType("bpy")
    )  # Blender, which its painter imports to write a .glb; no .glb is written.
    _make_shape(asked)
    _paint(asked, repo)


def _mend_torchvision() -> None:
    """Apply the fix of its own demo: newer torchvision lacks a module that its upscaler imports."""
    try:
        fix = importlib.import_module("torchvision_fix")
    except ImportError:
        return
    fix.apply_fix()


def _make_shape(asked: "dict[str, Any]") -> None:
    torch: Any = importlib.import_module("torch")
    image: Any = importlib.import_module("PIL.Image")
    pipelines: Any = importlib.import_module("hy3dshape.pipelines")
    pipeline = pipelines.Hunyuan3DDiTFlowMatchingPipeline.from_pretrained(
        asked["model"],  # Absolute: it joins the path to a folder of its own.
        device="cuda",
        dtype=torch.float16,
        use_safetensors=False,
        variant="fp16",
        subfolder="hunyuan3d-dit-v2-1",
    )
    with image.open(asked["image"]) as picture:
        mesh = pipeline(
            image=picture.convert("RGBA"),  # With an alpha channel: the background remover is never called.
            num_inference_steps=asked["steps"],
            guidance_scale=asked["guidance_scale"],
            generator=torch.Generator().manual_seed(asked["seed"]),
            box_v=1.01,
            octree_resolution=asked["octree_resolution"],
            mc_level=0.0,
            mc_algo=None,
            num_chunks=asked["num_chunks"],
            output_type="trimesh",
        )[0]
    if mesh is None or not len(mesh.faces):
        sys.exit("the generated shape has no surface")
    mesh.export(asked["shape"])
    del pipeline
    gc.collect()
    torch.cuda.empty_cache()


def _paint(asked: "dict[str, Any]", repo: Path) -> None:
    generation: Any = importlib.import_module("textureGenPipeline")
    config = generation.Hunyuan3DPaintConfig(asked["paint_views"], asked["paint_resolution"])
    paint = repo / "hy3dpaint"
    config.realesrgan_ckpt_path = str(paint / "ckpt" / "RealESRGAN_x4plus.pth")
    config.multiview_cfg_path = str(paint / "cfgs" / "hunyuan-paint-pbr.yaml")
    config.custom_pipeline = str(paint / "hunyuanpaintpbr")
    generation.Hunyuan3DPaintPipeline(config)(
        mesh_path=asked["shape"],
        image_path=asked["image"],  # A str: of a Path it would make nothing.
        output_mesh_path=asked["painted"],  # Ends in .obj: text of that form is written whatever the name says.
        use_remesh=True,
        save_glb=False,
    )


if __name__ == "__main__":
    main()
