"""The learning rates of a training, by parameter and progress."""

from dataclasses import dataclass

from episodec.splat.training.state import TrainingState


@dataclass(frozen=True, slots=True)
class Rates:
    """Adam's rates for the first step; tuned for schedules of a thousand steps, where 3DGS uses thirty thousand.

    Rates of means scale with the scene's size. Decay is exponential, down to the last factor.
    """

    means: float = 4e-4
    scales: float = 1e-2
    quats: float = 2e-3
    opacities: float = 3e-2
    sh0: float = 5e-3
    rest: float = 5e-4  # Of view-dependent colours.
    planes: float = 2e-2
    network: float = 3e-3
    smooth_space: float = 1e-3
    smooth_time: float = 1e-3
    rigid: float = 0.03
    means_last: float = 0.1
    last: float = 0.1
    setback: float = 0.3  # The factor by which each setback reduces the rates.


def set_rates(state: TrainingState, rates: Rates, size_m: float, share: float) -> None:
    """Set every optimiser's rate; share: the completed share of the fine steps, 0 to 1."""
    factor = rates.setback**state.setbacks
    slower = rates.last**share
    by_name = {
        "means": rates.means * size_m * rates.means_last**share,
        "scales": rates.scales * slower,
        "quats": rates.quats * slower,
        "opacities": rates.opacities * slower,
        "sh0": rates.sh0 * slower,
        "shN": rates.rest * slower,
    }
    for name, adam in state.adams.items():
        if name == "field":
            for group, rate in zip(adam.param_groups, (rates.planes, rates.network), strict=True):
                group["lr"] = rate * slower * factor
        else:
            adam.param_groups[0]["lr"] = by_name[name] * factor
