"""Formats of scenes and of their training data."""

from pathlib import Path

from episodec.contracts.contract import CheckedFormat, Format
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError


def read_scene(path: Path, _order: WorkOrder) -> None:
    """Check a scene file with finite numbers. It is mapped, not copied."""
    from mmap import ACCESS_READ, mmap

    from episodec.splat.scene_file import decode_scene

    if path.stat().st_size == 0:
        raise BackendError("the scene file is empty")
    with path.open("rb") as file:
        decode_scene(memoryview(mmap(file.fileno(), 0, access=ACCESS_READ)))


def read_points(path: Path, _order: WorkOrder) -> None:
    """Check a .ply of coloured points."""
    from episodec.splat.cloud import read_cloud

    read_cloud(path.read_bytes())


def read_gaussians(path: Path, _order: WorkOrder) -> None:
    """Check a .ply of Gaussians."""
    from episodec.splat.ply import read_ply

    read_ply(path.read_bytes())


def read_tensors(path: Path, _order: WorkOrder) -> None:
    """Check the zip that torch saves tensors in. They are not loaded: that would need torch."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise BackendError("these are not tensors saved by torch", facts={"error": error}) from error
    if not any(name.endswith("/data.pkl") for name in names):
        raise BackendError("these are not tensors saved by torch", facts={"lacks": "data.pkl"})


def read_rig(path: Path, _order: WorkOrder) -> None:
    """Check a rig file: everything that it refers to must exist in it."""
    from episodec.splat.rig.rig_file import decode_rig

    decode_rig(path.read_bytes())


def read_training_set(path: Path, _order: WorkOrder) -> None:
    """Check a dataset: cameras, times, points, and a picture in the size of each camera. Pictures are not decoded."""
    import io

    from PIL import Image

    from episodec.splat.cloud import read_cloud
    from episodec.splat.dataset import CLOUD
    from episodec.splat.dataset_read import read_shots, unzipped

    members = unzipped(path.read_bytes())
    shots = read_shots(members)
    missing = sorted({CLOUD, *shots.files} - members.keys())
    if missing:
        raise BackendError("the dataset lacks files", facts={"missing": ", ".join(missing[:5])})
    read_cloud(members[CLOUD])
    for name in shots.files:
        try:
            with Image.open(io.BytesIO(members[name]), formats=["PNG"]) as image:
                size = image.size
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise BackendError("a picture of the dataset is not a PNG", facts={"file": name, "error": error}) from error
        if size != shots.size:
            facts = {"file": name, "pixels": f"{size[0]}x{size[1]}, not {shots.size[0]}x{shots.size[1]}"}
            raise BackendError("a picture of the dataset differs in size from its camera", facts=facts)


ROWS = Format("rows", "`episodec.film.rows`: camera, lens, scene time and size of each picture; equal rows stored once")
MODEL = Format("mesh", ".glb, or .obj")
MODEL_OF_GAUSSIANS = Format("author's scene", ".ply of 3D Gaussian splatting or SHARP, or a .scene of episodec")
INITIAL = Format("initial points", ".ply of Gaussians or of coloured points")
CHECKPOINT_CLOUD = Format("points of a checkpoint", "point_cloud.ply of a 4DGaussians checkpoint")
CHECKPOINT_FIELD = Format("field of a checkpoint", "deformation.pth of a 4DGaussians checkpoint")

SCENE = CheckedFormat("scene", "version 1 (`episodec.splat.scene_file`), every number finite", read_scene)
RIG = CheckedFormat("rig", "version 1 (`episodec.splat.rig.rig_file`)", read_rig)
POINTS = CheckedFormat("coloured points", ".ply: x y z in metres, red green blue from 0 to 255", read_points)
GAUSSIANS = CheckedFormat("Gaussians", ".ply in the layout of 3D Gaussian splatting", read_gaussians)
TENSORS = CheckedFormat(
    "tensors", "tensors saved by torch, in a zip; names and shapes are those of 4DGaussians", read_tensors
)
TRAINING_SET = CheckedFormat(
    "dataset", "zip in the layout of D-NeRF with `fused.ply` (`episodec.splat.dataset`)", read_training_set
)
