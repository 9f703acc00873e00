"""The deformation field of 4D Gaussian Splatting (Wu et al. 2024), as stored in its published checkpoints.

Six feature planes per level (HexPlane) are sampled at a Gaussian's canonical position and a time, multiplied, and
mapped by a small network to offsets of means, log scales and quaternions. Two quirks of the published code are kept,
because checkpoints were trained with them: positions are normalised with the axes flipped, and time, 0 to 1, indexes
planes whose range is -1 to 1, so only their later half is used.
"""

import io
import re
import zipfile
from dataclasses import replace

import numpy as np
import torch

from episodec.errors import BackendError
from episodec.splat.scene import Floats, Scene, Slices, checked, columnar, leads_on

PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))  # Of x, y, z, t: the axes of planes 0 to 5.
HEADS = {"pos_deform": 3, "scales_deform": 3, "rotations_deform": 4}
BATCH = 65_536  # Gaussians per batch: features of all would take hundreds of MB.

_NET = "deformation_net"
_LINEAR = re.compile(rf"{_NET}\.feature_out\.(\d+)\.weight")
_PLANE = re.compile(rf"{_NET}\.grid\.grids\.(\d+)\.([0-5])")

State = dict[str, torch.Tensor]


def read_state(content: bytes) -> State:
    """The tensors of a deformation.pth; nothing in the file is executed.

    Raises:
        BackendError: it is not such a file, promises more numbers than it holds, or tensors are missing, have wrong
            shapes or are not finite.
    """
    _check_packing(content)
    try:
        tensors = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # Errors of the zip, the pickle and torch differ.
        facts = {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"}
        raise BackendError("the deformation cannot be read as tensors", facts=facts) from error
    if not isinstance(tensors, dict) or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise BackendError("the deformation is not a dictionary of tensors", facts={"found": type(tensors).__name__})
    _check_there(tensors, len(content))
    state: State = {str(name): tensor.float() for name, tensor in tensors.items()}
    _check(state)
    return state


def _check_packing(content: bytes) -> None:
    """Check that the zip's files are stored uncompressed: compressed ones, and the format before PyTorch 1.6, could
    claim any number of tensors in a few bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except Exception as error:  # BadZipFile, ValueError, struct.error, NotImplementedError: it depends on the file.
        facts = {"error": f"it is not a zip as written by PyTorch 1.6 and later: {error}"}
        raise BackendError("the deformation cannot be read as tensors", facts=facts) from error
    total = sum(member.file_size for member in members)
    if any(member.compress_type != zipfile.ZIP_STORED for member in members) or total > len(content):
        facts = {"unpacked": f"{total} bytes", "file": f"{len(content)} bytes"}
        raise BackendError("the deformation is compressed, which PyTorch does not do", facts=facts)


def _check_there(tensors: dict[str, torch.Tensor], size: int) -> None:
    """Check that each tensor has all its numbers in the file: strides of 0 could claim any size."""
    numbers = 0
    for name, tensor in tensors.items():
        is_plain = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
        asked = tensor.numel() * tensor.element_size()
        if not is_plain or asked > tensor.untyped_storage().nbytes():
            facts = {"name": name, "promised": f"{asked} bytes", "layout": tensor.layout}
            raise BackendError("a tensor of the deformation is larger than its data in the file", facts=facts)
        numbers += asked
    if numbers > size:
        facts = {"promised": f"{numbers} bytes", "file": f"{size} bytes"}
        raise BackendError("the tensors of the deformation are larger than the file", facts=facts)


def _check(state: State) -> None:
    shapes: dict[str, tuple[int | None, ...]] = {
        f"{_NET}.grid.aabb": (2, 3),
        f"{_NET}.feature_out.0.weight": (None, None),
    }
    width = state[f"{_NET}.feature_out.0.weight"].shape[0] if f"{_NET}.feature_out.0.weight" in state else None
    for head, outputs in HEADS.items():
        shapes |= {f"{_NET}.{head}.1.weight": (width, width), f"{_NET}.{head}.3.weight": (outputs, width)}
        shapes |= {f"{_NET}.{head}.1.bias": (width,), f"{_NET}.{head}.3.bias": (outputs,)}
    levels = sorted({int(match[1]) for name in state if (match := _PLANE.fullmatch(name))})
    shapes |= {f"{_NET}.grid.grids.{level}.{plane}": (1, None, None, None) for level in levels for plane in range(6)}
    for name, shape in shapes.items():
        tensor = state.get(name)
        if tensor is None:
            hint = "the file is a 4DGaussians checkpoint's deformation.pth"
            raise BackendError("the deformation lacks a tensor", facts={"name": name}, hint=hint)
        fits = tensor.dim() == len(shape) and all(e in (None, f) for e, f in zip(shape, tensor.shape, strict=True))
        if not fits or not bool(torch.isfinite(tensor).all()):
            facts = {"name": name, "found": tuple(tensor.shape), "expected": shape}
            raise BackendError("a tensor of the deformation has a wrong shape, or is not finite", facts=facts)
    features = sum(state[f"{_NET}.grid.grids.{level}.0"].shape[1] for level in levels)
    if features != state[f"{_NET}.feature_out.0.weight"].shape[1]:
        takes = state[f"{_NET}.feature_out.0.weight"].shape[1]
        facts = {"planes give": f"{features} features", "network takes": f"{takes} features"}
        raise BackendError("the deformation's planes and network do not match", facts=facts)


def deformed(scene: Scene, state: State, slices: int) -> Scene:
    """The scene with its movement sampled: slice k of S is the field at time k / (S - 1)."""
    samples = [_at(scene, state, k / (slices - 1)) for k in range(slices)]
    means, quaternions, log_scales = (np.stack(part) for part in zip(*samples, strict=True))
    return columnar(checked(replace(scene, slices=Slices(means, quaternions, log_scales, leads_on(means)))))


def _at(scene: Scene, state: State, time: float) -> tuple[Floats, Floats, Floats]:
    """Means, quaternions (of length 1) and log scales at a time."""
    parts = (scene.means, scene.log_scales, scene.quaternions)
    means, log_scales, quaternions = (np.array(part, np.float32, order="C") for part in parts)
    with torch.no_grad():
        for start in range(0, scene.count, BATCH):
            piece = slice(start, start + BATCH)
            hidden = _hidden(state, _features(state, torch.from_numpy(means[piece]), time))
            moves = {head: _head(state, head, hidden).numpy() for head in HEADS}
            means[piece] += moves["pos_deform"]
            log_scales[piece] += moves["scales_deform"]
            quaternions[piece] += moves["rotations_deform"]
    lengths = np.linalg.norm(quaternions, axis=1, keepdims=True)
    return means, (quaternions / np.maximum(lengths, 1e-12)).astype(np.float32), log_scales


def _features(state: State, places: torch.Tensor, time: float) -> torch.Tensor:
    """(N, C of all levels): planes multiplied within a level, levels concatenated."""
    greatest, least = state[f"{_NET}.grid.aabb"]  # Row 0 is the maximum, hence the flipped axes.
    normal = (places - greatest) * (2 / (least - greatest)) - 1
    points = torch.cat([normal, torch.full((len(places), 1), time)], dim=1)
    levels = []
    for level in range(sum(f"{_NET}.grid.grids.{n}.0" in state for n in range(99))):
        product = torch.ones(())
        for plane, (a, b) in enumerate(PAIRS):
            grid = points[:, (a, b)].view(1, -1, 1, 2)
            sampled = torch.nn.functional.grid_sample(
                state[f"{_NET}.grid.grids.{level}.{plane}"], grid, "bilinear", "border", align_corners=True
            )
            product = product * sampled[0, :, :, 0].T
        levels.append(product)
    return torch.cat(levels, dim=1)


def _hidden(state: State, features: torch.Tensor) -> torch.Tensor:
    layers = sorted(int(match[1]) for name in state if (match := _LINEAR.fullmatch(name)))
    for number, layer in enumerate(layers):
        features = torch.relu(features) if number else features
        features = _linear(state, f"{_NET}.feature_out.{layer}", features)
    return features


def _head(state: State, head: str, hidden: torch.Tensor) -> torch.Tensor:
    once = _linear(state, f"{_NET}.{head}.1", torch.relu(hidden))
    return _linear(state, f"{_NET}.{head}.3", torch.relu(once))


def _linear(state: State, name: str, values: torch.Tensor) -> torch.Tensor:
    return values @ state[f"{name}.weight"].T + state.get(f"{name}.bias", torch.zeros(()))
