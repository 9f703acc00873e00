"""The deformation field during training: HexPlane and its network, with the names and layout of 4DGaussians' files.

Its results equal what `splat.deformation` reads from its file, quirks of the published code included: axes are flipped,
and time, 0 to 1, indexes planes that range from -1 to 1, so of 2 R - 1 rows only the last R are used. Files written
here therefore mean the same to 4DGaussians. In memory, planes have their channels innermost.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from episodec.splat.deformation import HEADS, PAIRS, State
from episodec.splat.rasterise import Threads
from episodec.splat.training.bridge import plane_features
from episodec.splat.training.plane_kernels import LANES
from episodec.splat.training.settings import FieldSize

_NET = "deformation_net"
# Other contents of a 4DGaussians checkpoint, unused in rendering, but required by its reader.
_UNUSED_HEADS = {"opacity_deform": 1, "shs_deform": 48}
_FREQUENCIES = {"time_poc": 4, "pos_poc": 10, "rotation_scaling_poc": 2, "opacity_poc": 2}
_TIMENET = {"timenet.0": (64, 9), "timenet.2": (32, 64)}
_AT_ONCE = 4096  # Gaussians per batch of the network on a CPU: larger batches exceed its caches.

Moved = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Means (N, 3), quaternions (N, 4) of any length, log scales (N, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class DeformationField:
    """The deformation field.

    Attributes:
        planes: six per level, (rows, columns, C) float32: rows along the second axis of `PAIRS`, columns along the
            first.
        network: weights and biases, by their names in the file.
        unused: the file's other tensors, the box (`aabb`) included.
    """

    planes: list[torch.Tensor]
    network: dict[str, torch.Tensor]
    unused: State

    def trained(self) -> list[torch.Tensor]:
        """Everything trained, in a fixed order."""
        return [*self.planes, *(self.network[name] for name in sorted(self.network))]

    def to(self, device: str) -> "DeformationField":
        """The same field in a device's memory."""
        parts = (self.network, self.unused)
        network, unused = ({name: one.detach().to(device) for name, one in part.items()} for part in parts)
        return _split([plane.detach().to(device) for plane in self.planes], network, unused)

    def moved(self, still: Moved, time: float, pool: Threads | None = None) -> Moved:
        """Canonical Gaussians deformed to a time of 0 to 1."""
        features = self._features(still[0], time, pool)
        some = torch.split(features, _AT_ONCE) if features.is_cpu else (features,)
        means, quaternions, log_scales = (torch.cat(parts) for parts in zip(*map(self._moves, some), strict=True))
        return still[0] + means, still[1] + quaternions, still[2] + log_scales

    def roughness(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The roughness of the planes in space and in time: mean squares over the rows in use."""
        space = time = self.planes[0].new_zeros(())
        for number, plane in enumerate(self.planes):
            _, second = PAIRS[number % 6]
            if second == 3:
                rows = plane[plane.shape[0] // 2 :]
                time = time + (rows[2:] - 2 * rows[1:-1] + rows[:-2]).square().mean()
                space = space + (rows[:, 1:] - rows[:, :-1]).square().mean()
            else:
                for axis in (0, 1):
                    space = space + plane.diff(dim=axis).square().mean()
        return space, time

    def state(self) -> State:
        """The tensors of a deformation.pth."""
        planes = {
            _plane_name(number): plane.detach().permute(2, 0, 1)[None].contiguous()
            for number, plane in enumerate(self.planes)
        }
        network = {name: tensor.detach().clone() for name, tensor in self.network.items()}
        return self.unused | planes | network

    def _features(self, means: torch.Tensor, time: float, pool: Threads | None) -> torch.Tensor:
        """(N, C of all levels): features of these means at a time."""
        greatest, least = self.unused[f"{_NET}.grid.aabb"]
        # Detached: the gradient by the place is small, and would cost half as much again.
        places = (means.detach() - greatest) * (2 / (least - greatest)) - 1
        if means.is_cpu and all(plane.shape[2] % LANES == 0 for plane in self.planes):
            return plane_features(self.planes, places, time, pool)
        return features(self.planes, places.clamp(-1, 1), time)

    def _moves(self, features: torch.Tensor) -> Moved:
        """The offsets of the canonical Gaussians with these features."""
        hidden = self._hidden(features)
        heads = (self._head(head, hidden) for head in ("pos_deform", "rotations_deform", "scales_deform"))
        means, quaternions, log_scales = heads
        return means, quaternions, log_scales

    def _hidden(self, values: torch.Tensor) -> torch.Tensor:
        for number in range(99):
            name = f"{_NET}.feature_out.{2 * number}"
            if f"{name}.weight" not in self.network:
                break
            values = self._linear(name, torch.relu(values) if number else values)
        return torch.relu(values)

    def _head(self, head: str, hidden: torch.Tensor) -> torch.Tensor:
        return self._linear(f"{_NET}.{head}.3", torch.relu(self._linear(f"{_NET}.{head}.1", hidden)))

    def _linear(self, name: str, values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(values, self.network[f"{name}.weight"], self.network[f"{name}.bias"])


def new_field(least: torch.Tensor, most: torch.Tensor, size: FieldSize, seed: int) -> DeformationField:
    """A field over a box that is initially zero.

    Initialised for short schedules: spatial planes are uniform over 0.5 to 1.5 and temporal ones nearly 1, so that
    their product is not tiny (4DGaussians starts with 0.1 to 0.5, and learns no motion in 750 steps; measured).
    """
    random = torch.Generator().manual_seed(seed)
    planes = []
    for number in range(6 * size.levels):
        second = PAIRS[number % 6][1]
        side = size.side << (number // 6)
        rows = 2 * size.time_nodes - 1 if second == 3 else side
        plane = torch.rand(rows, side, size.channels, generator=random) + 0.5
        if second == 3:
            plane = 1 + 0.05 * torch.randn(rows, side, size.channels, generator=random)
        planes.append(plane)
    shapes = {"feature_out.0": (size.width, size.channels * size.levels)}
    for head, outputs in (HEADS | _UNUSED_HEADS).items():
        shapes |= {f"{head}.1": (size.width, size.width), f"{head}.3": (outputs, size.width)}
    network = {}
    for name, (outputs, inputs) in shapes.items():
        bound = (6 / (inputs + outputs)) ** 0.5  # Xavier's.
        weight = (torch.rand(outputs, inputs, generator=random) * 2 - 1) * bound
        network[f"{_NET}.{name}.weight"] = torch.zeros(outputs, inputs) if name.endswith(".3") else weight
        network[f"{_NET}.{name}.bias"] = torch.zeros(outputs)
    unused = {name: 2.0 ** torch.arange(count) for name, count in _FREQUENCIES.items()}
    for name, shape in _TIMENET.items():
        unused |= {f"{name}.weight": torch.zeros(shape), f"{name}.bias": torch.zeros(shape[0])}
    unused[f"{_NET}.grid.aabb"] = torch.stack([most, least]).float()
    return _split(planes, network, unused)


def field_of(state: Mapping[str, torch.Tensor]) -> DeformationField:
    """The field of a deformation.pth, validated by `deformation.read_state`; it can be trained further."""
    names = [_plane_name(number) for number in range(6 * 99) if _plane_name(number) in state]
    planes = [state[name][0].permute(1, 2, 0).contiguous().clone() for name in names]
    rest = {name: tensor.clone() for name, tensor in state.items() if name not in names}
    network = {name: rest.pop(name) for name in list(rest) if name.startswith(f"{_NET}.") and "grid" not in name}
    for name in [name for name in network if name.endswith(".weight")]:
        bias = name.removesuffix("weight") + "bias"
        network.setdefault(bias, torch.zeros(len(network[name])))
    return _split(planes, network, rest)


def _split(planes: list[torch.Tensor], network: dict[str, torch.Tensor], unused: State) -> DeformationField:
    """The field with tensors that no picture depends on set apart."""
    idle = [name for name in network if name.startswith(tuple(f"{_NET}.{head}." for head in _UNUSED_HEADS))]
    unused = unused | {name: network.pop(name) for name in idle}
    for tensor in (*planes, *network.values()):
        tensor.requires_grad_(True)  # noqa: FBT003  # Torch's own signature.
    return DeformationField(planes, network, unused)


def write_state(state: State) -> bytes:
    """A deformation.pth, reproducible."""
    buffer = io.BytesIO()
    torch.save({name: state[name].contiguous() for name in sorted(state)}, buffer)
    return buffer.getvalue()


def features(planes: list[torch.Tensor], places: torch.Tensor, time: float) -> torch.Tensor:
    """The same as `bridge.plane_features` in plain torch: the readable twin, for other devices and channel counts."""
    levels = []
    for level in range(len(planes) // 6):
        product = None
        for number, (first, second) in enumerate(PAIRS):
            plane, x = planes[6 * level + number], places[:, first]
            plane_features = _line(_row(plane, time), x) if second == 3 else _sampled(plane, x, places[:, second])
            product = plane_features if product is None else product * plane_features
        assert product is not None
        levels.append(product)
    return torch.cat(levels, dim=1)


def _row(plane: torch.Tensor, time: float) -> torch.Tensor:
    """(columns, C) of a temporal plane; time 0 to 1 is its later half."""
    place = min(max((time + 1) / 2, 0.0), 1.0) * (plane.shape[0] - 1)
    low = min(int(place), plane.shape[0] - 2)
    return plane[low] * (1 - (place - low)) + plane[low + 1] * (place - low)


def _line(row: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    low, share = _node(x, row.shape[0])
    return row[low] * (1 - share) + row[low + 1] * share


def _sampled(plane: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(N, C): bilinear, x along columns and y along rows, with the outermost nodes at -1 and 1."""
    (left, across), (top, down) = _node(x, plane.shape[1]), _node(y, plane.shape[0])
    flat, corner = plane.flatten(0, 1), top * plane.shape[1] + left
    upper = flat[corner] * (1 - across) + flat[corner + 1] * across
    below = corner + plane.shape[1]
    return upper * (1 - down) + (flat[below] * (1 - across) + flat[below + 1] * across) * down


def _node(x: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The node before a position of -1 to 1, (N,), and the fraction of the way to the next, (N, 1)."""
    place = (x + 1) * (0.5 * (count - 1))
    low = place.long().clamp(0, count - 2)
    return low, (place - low)[:, None]


def _plane_name(number: int) -> str:
    return f"{_NET}.grid.grids.{number // 6}.{number % 6}"
