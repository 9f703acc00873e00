# ruff: noqa: T201, C901, PLR0912  # The interface and the manners of other people's programs.
"""Stands in for 4DGaussians' `train.py`: its flags, files, words and failures, no GPU and no model.

Its own configuration reader is here, too: a file beats the command line, and True settings have flags that change
nothing. Gaussians are the dataset's points, whose colours hang a little on all its pictures; the field that it writes
is a file beside it. Half way through the fine stage it says who it is in a file `hold` beside it, if
there is one, and waits until it is gone.
"""

import json
import os
import random
import runpy
import shutil
import socket
import struct
import sys
import time
import zlib
from argparse import ArgumentParser, Namespace
from pathlib import Path

import torch
from plain import failure, note  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.
from scene.gaussian_model import GaussianModel  # type: ignore[import-not-found]
from utils.general_utils import safe_state  # type: ignore[import-not-found]

GROUPS = ("OptimizationParams", "ModelHiddenParams", "ModelParams", "PipelineParams")
FIELDS: dict[str, dict[str, object]] = {
    "ModelParams": {
        "sh_degree": 3,
        "white_background": True,
        "data_device": "cuda",
        "eval": True,
        "render_process": False,
        "add_points": False,
        "extension": ".png",
        "llffhold": 8,
        "resolution": -1,
    },
    "PipelineParams": {"convert_SHs_python": False, "compute_cov3D_python": False, "debug": False},
    "OptimizationParams": {"iterations": 30_000, "coarse_iterations": 3000, "position_lr_max_steps": 20_000}
    | {f"{name}_lr_{part}": 1e-3 for name in ("position", "deformation", "grid") for part in ("init", "final")}
    | {"position_lr_delay_mult": 0.01, "deformation_lr_delay_mult": 0.01, "percent_dense": 0.01}
    | {f"{name}_lr": 1e-3 for name in ("feature", "opacity", "scaling", "rotation")}
    | {"lambda_dssim": 0, "lambda_lpips": 0, "opacity_reset_interval": 3000, "densification_interval": 100}
    | {"densify_from_iter": 500, "densify_until_iter": 15_000, "pruning_from_iter": 500, "pruning_interval": 100}
    | {f"densify_grad_threshold_{name}": 2e-4 for name in ("coarse", "fine_init", "after")}
    | {f"opacity_threshold_{name}": 5e-3 for name in ("coarse", "fine_init", "fine_after")}
    | {"batch_size": 1, "dataloader": False, "zerostamp_init": False, "custom_sampler": None, "add_point": False},
    "ModelHiddenParams": {"net_width": 64, "defor_depth": 1, "bounds": 1.6, "plane_tv_weight": 1e-4}
    | {"time_smoothness_weight": 0.01, "l1_time_planes": 1e-4, "kplanes_config": {}, "multires": [1, 2, 4, 8]}
    | {f"no_{name}": name in ("do", "dshs") for name in ("dx", "ds", "dr", "do", "dshs", "grid")}
    | {"empty_voxel": False, "static_mlp": False, "apply_rotation": False},
}


def flags() -> Namespace:
    parser = ArgumentParser(allow_abbrev=False)
    parser.add_argument("--source_path", "-s", default="")
    parser.add_argument("--model_path", "-m", default="")
    parser.add_argument("--ip", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6009)
    parser.add_argument("--test_iterations", nargs="+", type=int, default=[3000, 7000, 14_000])
    parser.add_argument("--save_iterations", nargs="+", type=int, default=[14_000, 20_000, 30_000])
    parser.add_argument("--checkpoint_iterations", nargs="+", type=int, default=[])
    parser.add_argument("--start_checkpoint")
    parser.add_argument("--expname", default="")
    parser.add_argument("--configs", default="")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    config = runpy.run_path(args.configs)
    for group in GROUPS:
        for name, value in FIELDS[group].items():
            setattr(args, name, value)
        unknown = set(config[group]) - set(FIELDS[group])
        assert not unknown, f"no such setting: {unknown}"
        for name, value in config[group].items():
            setattr(args, name, value)
    return args


def main() -> None:
    note("4dgaussians")
    args = flags()
    args.save_iterations.append(30_000)
    print("Optimizing " + args.model_path)
    safe_state(args.quiet)
    note(f"drew {random.random()}")
    listener = socket.socket()
    listener.bind((args.ip, args.port))
    out = Path(args.model_path)
    out.mkdir(parents=True, exist_ok=True)
    (out / "cfg_args").write_text(str(args))
    if failure() == "exit 1":
        raise RuntimeError("CUDA out of memory")
    model = GaussianModel(points_of(Path(args.source_path)))
    checkpoint = args.start_checkpoint
    for stage, last in (("coarse", args.coarse_iterations), ("fine", args.iterations)):
        if checkpoint and stage == "coarse" and stage not in checkpoint:
            print("start from fine stage, skip coarse stage.")
            continue
        first = 0
        if checkpoint and stage in checkpoint:
            (_, first) = torch.load(checkpoint)
        learn(args, model, stage, first, last, out)
    print("\nTraining complete.")


def points_of(folder: Path) -> list[tuple[float, ...]]:
    """The parts of the dataset that it reads: both tables, all their pictures, and `fused.ply`."""
    observed = 0
    for name in ("train", "test"):
        for frame in json.loads((folder / f"transforms_{name}.json").read_text())["frames"]:
            observed = zlib.crc32((folder / (frame["file_path"] + ".png")).read_bytes(), observed)
            assert len(frame["transform_matrix"]) == 4
    content = (folder / "fused.ply").read_bytes()
    head, _, body = content.partition(b"end_header\n")
    count = int(head.partition(b"element vertex ")[2].split()[0])
    rows = [struct.unpack_from("<6f3B", body, 27 * row) for row in range(count)]
    learnt = 0.01 * observed / 2**32
    return [(*row[:3], *(part / 255 + learnt for part in row[6:])) for row in rows]


def learn(args: Namespace, model: GaussianModel, stage: str, first: int, last: int, out: Path) -> None:
    total = last - first
    print(f"Training progress:   0%|          | 0/{total} [00:00<?, ?it/s]", file=sys.stderr)
    for iteration in range(first + 1, last + 1):
        if failure() == "diverges" and iteration == 30:
            print("loss is nan,end training, reexecv program now.")
            os.execv(sys.executable, [sys.executable, *sys.argv])
        if failure() == "restarts silently" and iteration == 30:
            os.execv(sys.executable, [sys.executable, *sys.argv])
        if failure() == "killed" and stage == "fine" and iteration == args.iterations // 2 + 1:
            os.kill(os.getpid(), 9)
        hold = Path(__file__).with_name("hold")
        if stage == "fine" and iteration == last // 2 + 1 and hold.exists():
            hold.write_text(str(os.getpid()))
            while hold.exists():
                time.sleep(0.02)
        if iteration % 10 == 0:
            output = f"Loss={1 / (iteration + 2):.7f}, psnr={20 + iteration / 100:.2f}, point={len(model.get_xyz)}"
            share = 100 * (iteration - first) // max(1, total)
            for done in (iteration - 10, iteration):  # The bar is shown before it moves, and after it.
                left = f"{max(0, done - first)}/{total} [00:01<00:02, 26.10it/s, {output}]"
                print(f"Training progress: {share:3}%|███       | {left}", end="\r", file=sys.stderr)
        if args.densify_from_iter < iteration < args.densify_until_iter and iteration % 10 == 0:
            model.densify(0, 0, 0, 0, 5, 5, str(out), iteration, stage)
        if iteration in args.test_iterations:
            for name in ("test", "train"):
                print(f"\n[ITER {iteration}] Evaluating {name}: L1 0.01 PSNR {27.5 if name == 'test' else 29.25}")
        if iteration in args.save_iterations:
            print(f"\n[ITER {iteration}] Saving Gaussians")
            name = f"coarse_iteration_{iteration}" if stage == "coarse" else f"iteration_{iteration}"
            save(model, args.sh_degree, out / "point_cloud" / name)
        if iteration in args.checkpoint_iterations:
            torch.save((captured(), iteration), out / f"chkpnt_{stage}_{iteration}.pth")


def save(model: GaussianModel, degree: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rest = 3 * ((degree + 1) ** 2 - 1)
    names = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"] + [f"f_rest_{i}" for i in range(rest)]
    names += ["opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(model.get_xyz)}"]
    head += [f"property float {one}" for one in names] + ["end_header", ""]
    row = struct.Struct(f"<{len(names)}f")
    shape = (2, -3, -3, -3, 1, 0, 0, 0)
    body = b"".join(
        row.pack(*p[:3], 0, 0, 0, *((c - 0.5) / 0.2820948 for c in p[3:]), *[0.0] * rest, *shape) for p in model.get_xyz
    )
    match failure():
        case "no file":
            return
        case "cut short":
            body = body[:-1]
        case "empty field":
            (folder / "deformation.pth").write_bytes(b"")
        case _:
            pass
    (folder / "point_cloud.ply").write_bytes("\n".join(head).encode() + body)
    if failure() != "empty field":
        shutil.copy(Path(__file__).with_name("field.pth"), folder / "deformation.pth")
    if failure() == "old file":
        os.utime(folder / "point_cloud.ply", (1, 1))


def captured() -> tuple[object, ...]:
    """The part of its model's state that is not a tensor: `spatial_lr_scale`, which numpy computed."""
    import numpy as np

    return (np.float64(1.5),)


if __name__ == "__main__":
    main()
