"""The configuration file and flags for 4DGaussians' `train.py`. Knows neither settings nor orders.

A file takes precedence over the command line, and options that default to True have no flag for False. So the file sets
every option that has an effect, and inherits nothing. Names and the values of its `lego.py` are from 843d5ac6
(2024-10-27).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LEGO_ITERATIONS = 20_000  # The number of iterations that its schedules are made for.
PARTS = 5  # A stage is kept after every fifth of it: a kill loses no more.


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """The length and the limits of a training."""

    iterations: int
    coarse_iterations: int  # Before that, without movement.
    gaussians: int  # From this many on none are added.
    sh_degree: int
    seed: int


def config_text(training: TrainingOptions) -> str:
    """The file for `--configs`: a Python file of plain values, as mmcv 1 reads it.

    Schedules scale with the run: with 20 000 iterations they are those of `lego.py`.
    """
    groups: dict[str, dict[str, object]] = {
        "ModelParams": {"sh_degree": training.sh_degree, "white_background": True, "eval": True, "extension": ".png"},
        "OptimizationParams": {**_schedule(training), **_LEARNING},
        "ModelHiddenParams": dict(_FIELD),
        "PipelineParams": {"convert_SHs_python": False, "compute_cov3D_python": False, "debug": False},
    }
    groups["ModelParams"] |= {"render_process": False, "add_points": False, "resolution": -1, "data_device": "cuda"}
    blocks = [
        f"{group} = dict(\n" + "".join(f"    {name}={value!r},\n" for name, value in sorted(values.items())) + ")\n"
        for group, values in groups.items()
    ]
    return "\n".join(blocks)


def _schedule(training: TrainingOptions) -> dict[str, object]:
    whole = training.iterations
    return {
        "iterations": whole,
        "coarse_iterations": training.coarse_iterations,
        "position_lr_max_steps": whole,
        "densify_until_iter": whole * 15_000 // LEGO_ITERATIONS,
        "densify_from_iter": min(500, whole // 8),
    }


_LEARNING: dict[str, object] = {
    "position_lr_init": 0.00016,
    "position_lr_final": 0.0000016,
    "position_lr_delay_mult": 0.01,
    "deformation_lr_init": 0.00016,
    "deformation_lr_final": 0.0000016,
    "deformation_lr_delay_mult": 0.01,
    "grid_lr_init": 0.0016,
    "grid_lr_final": 0.000016,
    "feature_lr": 0.0025,
    "opacity_lr": 0.05,
    "scaling_lr": 0.005,
    "rotation_lr": 0.001,
    "percent_dense": 0.01,
    "lambda_dssim": 0,
    "lambda_lpips": 0,
    "opacity_reset_interval": 3000,
    "densification_interval": 100,
    "densify_grad_threshold_coarse": 0.0002,
    "densify_grad_threshold_fine_init": 0.0002,
    "densify_grad_threshold_after": 0.0002,
    "pruning_from_iter": 500,
    "pruning_interval": 8000,
    "opacity_threshold_coarse": 0.005,
    "opacity_threshold_fine_init": 0.005,
    "opacity_threshold_fine_after": 0.005,
    "batch_size": 1,
    "dataloader": False,
    "zerostamp_init": False,
    "custom_sampler": None,
    "add_point": False,
}

_FIELD: dict[str, object] = {
    "net_width": 64,
    "defor_depth": 0,
    "bounds": 1.6,
    "plane_tv_weight": 0.0001,
    "time_smoothness_weight": 0.01,
    "l1_time_planes": 0.0001,
    "kplanes_config": {
        "grid_dimensions": 2,
        "input_coordinate_dim": 4,
        "output_coordinate_dim": 32,
        "resolution": [64, 64, 64, 25],  # Half of the last are used: its times are 0 to 1 in planes of -1 to 1.
    },
    "multires": [1, 2],
    "no_dx": False,
    "no_ds": False,
    "no_dr": False,
    "no_do": True,  # Opacity and colour do not change over time, as in our scenes.
    "no_dshs": True,
    "no_grid": False,
    "empty_voxel": False,
    "static_mlp": False,
    "apply_rotation": False,
}


def checkpoints_at(training: TrainingOptions) -> list[int]:
    """The iterations at which it writes checkpoints, the same in both stages."""
    stages = (training.coarse_iterations, training.iterations)
    checkpoints = {stage * part // PARTS for stage in stages for part in range(1, PARTS)} | {training.coarse_iterations}
    return sorted(checkpoints - {0, training.iterations})


def flags(training: TrainingOptions, port: int, checkpoint: Path | None) -> list[str]:
    """The command line, for a working directory that holds `data`, `config.py` and `out`.

    Paths are relative: it finds the stage of a checkpoint by the words `coarse` and `fine` anywhere in the path.
    """
    return [
        *("-s", "data", "-m", "out", "--expname", "out", "--configs", "config.py"),
        *("--ip", "127.0.0.1", "--port", str(port)),
        *("--save_iterations", str(training.iterations)),
        *("--test_iterations", str(training.iterations)),
        *_listed("--checkpoint_iterations", checkpoints_at(training)),
        *(() if checkpoint is None else ("--start_checkpoint", checkpoint.as_posix())),
    ]


def _listed(name: str, values: Sequence[int]) -> tuple[str, ...]:
    return (name, *map(str, values)) if values else ()
