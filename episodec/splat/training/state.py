"""The state of a training between two steps: everything the next step depends on, convertible to bytes and back.

Gaussians are in tensors named as in gsplat, with an Adam each, so that its strategies can change both.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from episodec.errors import BackendError
from episodec.splat.scene import Scene, columnar
from episodec.splat.training.field import DeformationField, field_of

VERSION = 1

Tensors = dict[str, torch.Tensor]


@dataclass(slots=True, eq=False)
class TrainingState:
    """A training after some of its steps.

    Attributes:
        splats: means, scales (logarithms), quats (wxyz), opacities (logits), sh0 and, above degree 0, shN.
        moves: the deformation field.
        adams: an optimiser for each of the splats' tensors, and `field` for all of the field's.
        gradients, seen: (N,), for densification: summed gradients of means2d, and the number of pictures they were
            visible in.
        nearest: (N, K) int32, neighbours when last computed; empty after the Gaussians changed.
        history: of each step its loss, PSNR in dB and number of Gaussians.
        steps: the number of completed steps.
        setbacks: how often an earlier state was restored because a number was no longer finite.
    """

    splats: Tensors
    moves: DeformationField
    adams: dict[str, torch.optim.Adam]
    gradients: torch.Tensor
    seen_counts: torch.Tensor
    nearest: torch.Tensor
    history: list[tuple[float, float, int]] = field(default_factory=list)
    steps: int = 0
    setbacks: int = 0

    @property
    def count(self) -> int:
        """The number of Gaussians."""
        return len(self.splats["means"])

    def is_finite(self) -> bool:
        """Whether all trained numbers are finite."""
        parts = [*self.splats.values(), *self.moves.trained()]
        return all(bool(torch.isfinite(part.detach().sum())) for part in parts)

    def scene(self) -> Scene:
        """The static Gaussians."""
        parts = {name: tensor.detach().cpu() for name, tensor in self.splats.items()}
        harmonics = torch.cat([parts["sh0"], parts["shN"]], dim=1) if "shN" in parts else parts["sh0"]
        columns = (parts["means"], parts["quats"], parts["scales"], parts["opacities"], harmonics)
        means, turns, sizes, logits, colours = (np.array(column.numpy(), np.float32) for column in columns)
        return columnar(Scene(means, turns, sizes, logits, colours))


def begun(scene: Scene, moves: DeformationField, device: str = "cpu") -> TrainingState:
    """The state before the first step."""
    columns: dict[str, Any] = {
        "means": scene.means,
        "scales": scene.log_scales,
        "quats": scene.quaternions,
        "opacities": scene.opacity_logits,
        "sh0": scene.harmonics[:, :1],
    }
    if scene.degree:
        columns["shN"] = scene.harmonics[:, 1:]
    splats = {name: torch.tensor(np.ascontiguousarray(column), device=device) for name, column in columns.items()}
    nothing = torch.zeros(scene.count, device=device)
    return _with_adams(splats, moves, (nothing, nothing.clone(), torch.empty((0, 1), dtype=torch.int32, device=device)))


def _with_adams(
    splats: Tensors, moves: DeformationField, beside: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
) -> TrainingState:
    splats = {name: torch.nn.Parameter(tensor) for name, tensor in splats.items()}
    # Rates are set before each step; the tiny epsilon is 3DGS's: gradients of distant Gaussians are also tiny.
    adams = {name: torch.optim.Adam([tensor], lr=0.0, eps=1e-15, fused=True) for name, tensor in splats.items()}
    groups = [{"params": moves.planes}, {"params": [moves.network[name] for name in sorted(moves.network)]}]
    adams["field"] = torch.optim.Adam(groups, lr=0.0, eps=1e-15, fused=True)
    return TrainingState(splats, moves, adams, *beside)


def copied(state: TrainingState) -> TrainingState:
    """A copy of the state: results that follow from it are bit for bit those of the original."""
    return _with_content(_content(state))


def encode(state: TrainingState) -> bytes:
    """The state's bytes."""
    content = _content(state)
    content["history"] = torch.tensor(state.history, dtype=torch.float64).view(-1, 3)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _content(state: TrainingState) -> dict[str, Any]:
    """All of a state by name; some tensors are shared with it."""
    adams = {name: [dict(adam.state.get(one, {})) for one in _params(adam)] for name, adam in state.adams.items()}
    return {
        "version": VERSION,
        "splats": {name: tensor.detach() for name, tensor in state.splats.items()},
        "field": state.moves.state(),
        "adams": adams,
        "gradients": state.gradients,
        "seen": state.seen_counts,
        "nearest": state.nearest,
        "history": state.history,
        "steps": state.steps,
        "setbacks": state.setbacks,
    }


def decode(content: bytes, device: str = "cpu") -> TrainingState:
    """The state of these bytes: results that follow from it are bit for bit those of the original.

    Raises:
        BackendError: they are not a state, or have another version.
    """
    try:
        return _decoded(torch.load(io.BytesIO(content), map_location=device, weights_only=True))
    except Exception as error:  # Errors of the zip, the pickle and torch differ.
        facts = {"error": f"{type(error).__name__}: {error}"}
        raise BackendError("the checkpoint of an interrupted training cannot be read", facts=facts) from error


def _decoded(tree: dict[str, Any]) -> TrainingState:
    if tree["version"] != VERSION:
        raise ValueError(f"it has version {tree['version']}, not {VERSION}")
    history = [(loss, psnr_db, int(count)) for loss, psnr_db, count in tree["history"].tolist()]
    return _with_content(tree | {"history": history})


def _with_content(tree: dict[str, Any]) -> TrainingState:
    # Copies are aligned by torch: sums of the same numbers at other addresses may differ.
    state = _with_adams(
        {name: tensor.clone() for name, tensor in tree["splats"].items()},
        field_of(tree["field"]),
        (tree["gradients"].clone(), tree["seen"].clone(), tree["nearest"].clone()),
    )
    for name, adam in state.adams.items():
        for parameter, kept in zip(_params(adam), tree["adams"][name], strict=True):
            if kept:
                adam.state[parameter] = {part: tensor.clone() for part, tensor in kept.items()}
    state.history = list(tree["history"])
    state.steps, state.setbacks = tree["steps"], tree["setbacks"]
    return state


def _params(adam: torch.optim.Adam) -> list[torch.Tensor]:
    return [one for group in adam.param_groups for one in group["params"]]


def rearranged(state: TrainingState, kept: torch.Tensor, added: Tensors) -> None:
    """Keep only the Gaussians with (K,) indices, and append the added ones, tensors by name.

    The added ones start without momentum. Densification statistics are reset.
    """

    def changed(tensor: torch.Tensor, more: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        rest = tensor.detach()[kept]
        return torch.cat([rest, more(rest)])

    count = len(added["means"])
    for name, old in state.splats.items():
        new = torch.nn.Parameter(changed(old, lambda _, name=name: added[name]))  # type: ignore[misc]
        adam = state.adams[name]
        moments = adam.state.pop(old, {})
        adam.param_groups[0]["params"] = [new]
        if moments:
            adam.state[new] = {
                part: tensor if part == "step" else changed(tensor, lambda rest: rest.new_zeros(count, *rest.shape[1:]))
                for part, tensor in moments.items()
            }
        state.splats[name] = new
    forget(state)


def forget(state: TrainingState) -> None:
    """Reset the statistics of single Gaussians, after some were added or removed."""
    state.gradients, state.seen_counts = (
        torch.zeros(state.count, device=state.splats["means"].device) for _ in range(2)
    )
    state.nearest = state.nearest[:0]
