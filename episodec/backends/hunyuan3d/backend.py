"""Backend `hunyuan3d`: a portrait to views of it, through a mesh made by Hunyuan3D 2.1 on this machine.

Stage views. Its own Python makes and paints the mesh; the views are rendered here, from the mesh as Gaussians.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical, number_of
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.overrides import Number, Overrides, Whole
from episodec.ownfile import own_file
from episodec.tools.fingerprint import both
from episodec.tools.hub import hub_models, hub_setting
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    now_ns,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
)
from episodec.tools.notes import FIGURE, PORTRAIT
from episodec.tools.params import overrides_of
from episodec.tools.process import run_tool

SYSTEM = "Hunyuan3D 2.1"
LICENCE = (
    "Hunyuan3D 2.1: code and weights under the Tencent Hunyuan 3D 2.1 Community License (file headers say "
    "non-commercial): not licensed in the European Union, the United Kingdom and South Korea, its output included; "
    "above a million monthly users only with a licence of their own"
)

_MODEL = "hunyuan3d-dit-v2-1"
_MODEL_FILES = ("config.yaml", "model.fp16.ckpt")
_PAINTER, _PAINTER_FILES, _EYE = "tencent/Hunyuan3D-2.1", "hunyuan3d-paintpbr-v2-1/**/*", "facebook/dinov2-giant"
_UPSCALER = "RealESRGAN_x4plus.pth"
_CODE = ("hy3dshape/hy3dshape/**/*.py", "hy3dpaint/**/*.py", "hy3dpaint/cfgs/hunyuan-paint-pbr.yaml")
_DRIVER = own_file(__file__, "driver.py")


class Hunyuan3D:
    """Stage views: `portrait.png`, `cameras.rows`; param `take`, optional `overrides`.

    Settings: `python`, `repo`, `checkpoints` (the folder that holds `hunyuan3d-dit-v2-1`), `hub` (the Hugging Face
    cache that holds its painter and DINOv2).
    """

    stages: ClassVar[frozenset[str]] = frozenset({"views"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same GPU model and software.
    notes: ClassVar[Mapping[str, str]] = {**PORTRAIT, **FIGURE}
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "steps": Whole(1, 1000, default=50, meaning="Steps of the shape's sampler."),
        "guidance_scale": Number(0, 20, default=5.0, meaning="How closely the shape follows the portrait."),
        "octree_resolution": Whole(64, 512, default=384, meaning="Side of the grid used to find the surface."),
        "num_chunks": Whole(1000, 200_000, default=8000, meaning="Grid points per batch: memory against speed."),
        "paint_views": Whole(6, 9, default=6, meaning="The number of sides from which the mesh is painted."),
        "paint_resolution": Whole(512, 768, step=256, default=512, unit="pixels", meaning="Side of a painted picture."),
    }

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=2, gpus=1, memory_mib=32_768)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, repo, checkpoints, hub = _installed(settings)
        device(settings, ("cuda",))
        packages = environment(python, "torch", "trimesh")
        code = sources(repo, _CODE)
        model, upscaler = checkpoints / _MODEL, repo / "hy3dpaint" / "ckpt"
        painter, painter_files = hub_models(hub, [_PAINTER], digests, _PAINTER_FILES)
        eye, eye_files = hub_models(hub, [_EYE], digests)
        parts: dict[str, Canonical] = {
            "code": code_digest(repo, code, digests),
            "models": {
                **file_digests(model, _MODEL_FILES, digests),
                **file_digests(upscaler, [_UPSCALER], digests),
            },
            "hub": {**painter, **eye},
        }
        watches = [*map(str, code), *painter_files, *eye_files]
        watches += [str(model / name) for name in _MODEL_FILES] + [str(upscaler / _UPSCALER)]
        return both(packages, Fingerprint(parts, tuple(watches)))

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.figure import figure_of
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait

        numbers = overrides_of(order, self.overrides)
        facts = check_portrait(order.input("portrait.png"))
        figure, notes = figure_of(order, rgba_of(order.input("portrait.png")))
        for note in (*facts.notes, *notes):
            order.note(*note)
        mesh = _mesh(order, figure, numbers)
        _views(order, mesh, figure)


def seed_of(order: WorkOrder) -> int:
    """A seed from the take alone: another portrait gives another mesh in any case."""
    seed_parts: dict[str, Canonical] = {"take": order.params.get("take", 1)}
    return number_of("hunyuan3d-seed/1", seed_parts, 1 << 31)


def _mesh(order: WorkOrder, figure: Any, numbers: Mapping[str, float]) -> Path:
    """The painted mesh's .obj; its material and texture are next to it."""
    from PIL import Image

    python, repo, checkpoints, hub = _installed(order.settings)
    folder, started = run_folder("hunyuan3d"), now_ns()
    Image.fromarray(figure).save(folder / "portrait.png", "PNG")
    request = {
        **numbers,
        "seed": seed_of(order),
        "repo": str(repo),
        "model": str(checkpoints),
        "image": str(folder / "portrait.png"),
        "shape": str(folder / "shape.glb"),
        "painted": str(folder / "painted.obj"),
    }
    (folder / "request.json").write_text(json.dumps(request), "utf-8")
    env = {**tool_environment(repo), "HF_HUB_CACHE": str(hub)}
    run_tool([python, _DRIVER, folder / "request.json"], cwd=folder, env=env)
    for suffix in (".mtl", ".jpg"):
        require_fresh_output(folder / f"painted{suffix}", started, SYSTEM)
    return require_fresh_output(folder / "painted.obj", started, SYSTEM)


def _installed(settings: Settings) -> tuple[Path, Path, Path, Path]:
    """The interpreter, the source tree, the folder of the shape's weights and the Hugging Face cache."""
    python, repo = python_and_repo(settings, SYSTEM)
    checkpoints = path_setting(settings, "checkpoints", f"the folder that holds {_MODEL}", folder=True)
    return python, repo, checkpoints, hub_setting(settings, f"{_PAINTER} and {_EYE}")


def _views(order: WorkOrder, mesh: Path, figure: Any) -> None:
    from episodec.backends.hunyuan3d.painted_obj import read_painted
    from episodec.film.rows import unpack
    from episodec.scenes.views import write_views
    from episodec.splat.surfels import placed, surfels

    height = unpack(order.input("cameras.rows").read_bytes()).size[1]
    scene, _ = surfels(placed([read_painted(mesh, mesh.with_suffix(".jpg"))], figure), height)
    write_views(order, scene)
