"""A training between two steps: all that the next step hangs on, as a value of bytes and back.

Gaussians lie in tensors named as gsplat names them, with an Adam each, so that its strategies can change both.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from episodec.errors import BackendError
from episodec.splat.scene import Scene, columnar
from episodec.splat.training.field import Field, field_of

VERSION = 1

Tensors = dict[str, torch.Tensor]


@dataclass(slots=True, eq=False)
class State:
    """A training after some of its steps.

    Attributes:
        splats: means, scales (logarithms), quats (wxyz), opacities (logits), sh0 and, above degree 0, shN.
        moves: what moves them.
        adams: an optimiser for each of the splats' tensors, and `field` for all of the field's.
        gradients, seen: (N,), of growth: summed gradients of places in the picture, and in how many they were seen.
        nearest: (N, K) int32, each one's neighbours when it was last looked at; empty when there are others now.
        history: of each step its loss, PSNR in dB and number of Gaussians.
        steps: how many are done.
        setbacks: how often it went back to an earlier step, because a number was no longer finite.
    """

    splats: Tensors
    moves: Field
    adams: dict[str, torch.optim.Adam]
    gradients: torch.Tensor
    seen: torch.Tensor
    nearest: torch.Tensor
    history: list[tuple[float, float, int]] = field(default_factory=list)
    steps: int = 0
    setbacks: int = 0

    @property
    def count(self) -> int:
        """How many Gaussians there are."""
        return len(self.splats["means"])

    def is_finite(self) -> bool:
        """Whether every number that is learned is one."""
        parts = [*self.splats.values(), *self.moves.trained()]
        return all(bool(torch.isfinite(part.detach().sum())) for part in parts)

    def scene(self) -> Scene:
        """The Gaussians standing still."""
        parts = {name: tensor.detach().cpu() for name, tensor in self.splats.items()}
        harmonics = torch.cat([parts["sh0"], parts["shN"]], dim=1) if "shN" in parts else parts["sh0"]
        columns = (parts["means"], parts["quats"], parts["scales"], parts["opacities"], harmonics)
        means, turns, sizes, logits, colours = (np.array(column.numpy(), np.float32) for column in columns)
        return columnar(Scene(means, turns, sizes, logits, colours))


def begun(scene: Scene, moves: Field, device: str = "cpu") -> State:
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


def _with_adams(splats: Tensors, moves: Field, beside: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> State:
    splats = {name: torch.nn.Parameter(tensor) for name, tensor in splats.items()}
    # Rates are set before each step; the tiny epsilon is 3DGS's: gradients of far Gaussians are tiny, too.
    adams = {name: torch.optim.Adam([tensor], lr=0.0, eps=1e-15, fused=True) for name, tensor in splats.items()}
    groups = [{"params": moves.planes}, {"params": [moves.network[name] for name in sorted(moves.network)]}]
    adams["field"] = torch.optim.Adam(groups, lr=0.0, eps=1e-15, fused=True)
    return State(splats, moves, adams, *beside)


def copied(state: State) -> State:
    """The same state in memory of its own: what follows from it is bit for bit what follows from the original."""
    return _with_content(_content(state))


def encode(state: State) -> bytes:
    """The state's bytes."""
    content = _content(state)
    content["history"] = torch.tensor(state.history, dtype=torch.float64).view(-1, 3)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _content(state: State) -> dict[str, Any]:
    """All of a state by name; some tensors are the state's own."""
    adams = {name: [dict(adam.state.get(one, {})) for one in _params(adam)] for name, adam in state.adams.items()}
    return {
        "version": VERSION,
        "splats": {name: tensor.detach() for name, tensor in state.splats.items()},
        "field": state.moves.state(),
        "adams": adams,
        "gradients": state.gradients,
        "seen": state.seen,
        "nearest": state.nearest,
        "history": state.history,
        "steps": state.steps,
        "setbacks": state.setbacks,
    }


def decode(content: bytes, device: str = "cpu") -> State:
    """The state of these bytes: what follows from it is bit for bit what followed from the original.

    Raises:
        BackendError: they are none, or of another version.
    """
    try:
        return _decoded(torch.load(io.BytesIO(content), map_location=device, weights_only=True))
    except Exception as error:  # A zip, a pickle and torch each have their own ways to fail.
        facts = {"error": f"{type(error).__name__}: {error}"}
        raise BackendError("what an interrupted training left cannot be read", facts=facts) from error


def _decoded(found: dict[str, Any]) -> State:
    if found["version"] != VERSION:
        raise ValueError(f"it is of version {found['version']}, not {VERSION}")
    history = [(loss, psnr_db, int(count)) for loss, psnr_db, count in found["history"].tolist()]
    return _with_content(found | {"history": history})


def _with_content(found: dict[str, Any]) -> State:
    # Copies lie where torch aligns them: sums of the same numbers at other addresses may differ.
    state = _with_adams(
        {name: tensor.clone() for name, tensor in found["splats"].items()},
        field_of(found["field"]),
        (found["gradients"].clone(), found["seen"].clone(), found["nearest"].clone()),
    )
    for name, adam in state.adams.items():
        for one, kept in zip(_params(adam), found["adams"][name], strict=True):
            if kept:
                adam.state[one] = {part: tensor.clone() for part, tensor in kept.items()}
    state.history = list(found["history"])
    state.steps, state.setbacks = found["steps"], found["setbacks"]
    return state


def _params(adam: torch.optim.Adam) -> list[torch.Tensor]:
    return [one for group in adam.param_groups for one in group["params"]]


def rearranged(state: State, kept: torch.Tensor, added: Tensors) -> None:
    """Leave only the kept Gaussians, (K,) indices, and put the added ones, tensors by name, behind them.

    The added ones begin without momentum. What growth had gathered is forgotten.
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


def forget(state: State) -> None:
    """After Gaussians came or went: what was known of each one is void."""
    state.gradients, state.seen = (torch.zeros(state.count, device=state.splats["means"].device) for _ in range(2))
    state.nearest = state.nearest[:0]
