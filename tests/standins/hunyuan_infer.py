# ruff: noqa: T201  # The interface and the manners of other people's programs.
"""Stands in for HunyuanVideo-Foley's `infer.py`: the same flags, files, built-in seed and failures, no model.

Run by the seed driver it is imported as `infer`, and finds itself in the tree that PYTHONPATH names.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path

from plain import failure, note, save_tone  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.

SEEDS: list[int] = []


def set_manual_seed(global_seed: int) -> None:
    SEEDS.append(global_seed)
    random.seed(global_seed)


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model_path", required=True)
    parser.add_argument("--config_path")
    parser.add_argument("--model_size", choices=["xl", "xxl"], default="xxl")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--csv_path")
    group.add_argument("--single_video")
    parser.add_argument("--single_prompt")
    parser.add_argument("--neg_prompt")
    parser.add_argument("--output_dir", required=True)
    parser.add_argument("--guidance_scale", type=float, default=4.5)
    parser.add_argument("--num_inference_steps", type=int, default=50)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    parser.add_argument("--gpu_id", type=int, default=0)
    parser.add_argument("--enable_offload", action="store_true")
    parser.add_argument("--skip_existing", action="store_true")
    parser.add_argument("--log_level", choices=["DEBUG", "INFO", "WARNING", "ERROR"], default="INFO")
    asked = parser.parse_args()
    if asked.single_video and not asked.single_prompt:
        parser.error("--single_prompt is required when using --single_video")
    return asked


def main() -> None:
    set_manual_seed(1)
    asked = flags()
    sys.argv.append(f"seed {SEEDS[-1]}")
    note("hunyuan")
    config = asked.config_path or f"configs/hunyuanvideo-foley-{asked.model_size}.yaml"
    for path in (asked.model_path, config, asked.single_video):
        if not Path(path).exists():
            print("not found:", path)
            sys.exit(1)
    Path(asked.output_dir).mkdir(exist_ok=True)
    frames = frame_count(asked.single_video)
    stem = Path(asked.single_video).stem
    out = Path(asked.output_dir, f"{stem}_generated.wav")
    match failure():
        case "no file":
            return
        case "exit 1":
            raise RuntimeError("CUDA out of memory")
        case "empty file":
            out.write_bytes(b"")
            return
        case _:
            pass
    rate = 44_100 if failure() == "wrong rate" else 48_000
    seconds = min(frames, 15 * 25) / 25 / (2 if failure() == "cut short" else 1)
    loudness = 0.0 if failure() == "silent" else 0.1 + random.random() / 4
    save_tone(out, round(seconds * rate), rate, loudness)
    merged = Path(asked.output_dir, f"{stem}_with_audio.mp4")
    command = ["ffmpeg", "-v", "error", "-i", asked.single_video, "-i", str(out), "-c:v", "copy", "-c:a", "aac"]
    subprocess.run([*command, "-y", str(merged)], check=True)


def frame_count(path: str) -> int:
    """By ffmpeg, since this program's environment has no more than the standard library."""
    command = ["ffmpeg", "-i", path, "-f", "framemd5", "-"]
    process = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.rsplit(",", 1)[1] for line in process.splitlines() if line and not line.startswith("#")]
    assert len(set(rows)) == 1, "the clip is not constant"
    assert len(rows) >= 16, "the clip is too short"
    return len(rows)


if __name__ == "__main__":
    main()
