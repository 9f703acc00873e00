# ruff: noqa: T201  # The interface and the manners of other people's programs.
"""Stands in for Wan 2.2's `generate.py`: its flags, sizes, files and silences, no model.

Its clip is the picture, which grows darker from its first frame to its last.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageEnhance
from plain import failure, note  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.

TASKS = {"i2v-A14B": (16, 81, "Wan2.1_VAE.pth"), "ti2v-5B": (24, 121, "Wan2.2_VAE.pth")}
SIZES = {
    ("i2v-A14B", "1280*720"): (960, 960),
    ("i2v-A14B", "720*1280"): (960, 960),
    ("i2v-A14B", "832*480"): (624, 624),
    ("ti2v-5B", "1280*704"): (960, 928),
}


def truth(text: str) -> bool:
    if text.lower() not in {"yes", "true", "no", "false"}:
        raise argparse.ArgumentTypeError("Boolean value expected (True/False)")
    return text.lower() in {"yes", "true"}


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", default="t2v-A14B", choices=["t2v-A14B", *TASKS, "animate-14B", "s2v-14B"])
    parser.add_argument("--size", default="1280*720")
    parser.add_argument("--frame_num", type=int)
    parser.add_argument("--ckpt_dir")
    parser.add_argument("--offload_model", type=truth)
    parser.add_argument("--t5_cpu", action="store_true")
    parser.add_argument("--convert_model_dtype", action="store_true")
    parser.add_argument("--save_file")
    parser.add_argument("--prompt")
    parser.add_argument("--base_seed", type=int, default=-1)
    parser.add_argument("--image")
    parser.add_argument("--sample_solver", default="unipc", choices=["unipc", "dpm++"])
    parser.add_argument("--sample_steps", type=int)
    parser.add_argument("--sample_shift", type=float)
    parser.add_argument("--sample_guide_scale", type=float)
    parser.add_argument("--use_prompt_extend", action="store_true")
    asked = parser.parse_args()
    assert asked.ckpt_dir is not None, "Please specify the checkpoint directory."
    assert (asked.task, asked.size) in SIZES, f"Unsupport size {asked.size} for task {asked.task}"
    return asked


def main() -> None:
    asked = flags()
    rate, default, codec = TASKS[asked.task]
    frames = default if asked.frame_num is None else asked.frame_num
    for name in ("models_t5_umt5-xxl-enc-bf16.pth", codec):
        Path(asked.ckpt_dir, name).read_bytes()
    with Image.open(asked.image) as image:
        picture = image.convert("RGB")
    corner, size = picture.getpixel((0, 0)), picture.size
    note(f"wan {json.dumps({**vars(asked), 'corner': corner, 'picture': size})}")
    if failure() == "exit 1":
        raise RuntimeError("CUDA out of memory")
    if frames % 4 != 1:
        raise RuntimeError(f"shape '[1, {frames // 4}, 4, 60, 60]' is invalid for input")
    wide, high = SIZES[asked.task, asked.size]
    if asked.task == "ti2v-5B":
        side = max(wide, high)
        scaled = picture.resize((side, side))
        visible = scaled.crop(((side - wide) // 2, (side - high) // 2, (side + wide) // 2, (side + high) // 2))
    else:
        visible = picture.resize((wide, high), Image.Resampling.BICUBIC)
    if failure() == "wrong size":
        visible = visible.resize((832, 480))
    try:
        save_video(visible, frames, rate, asked.save_file)
    except Exception as error:  # noqa: BLE001  # As it does: whatever it is, it is a line in the log.
        print(f"save_video failed, error: {error}")
    print("Finished.")


def save_video(picture: Image.Image, frames: int, rate: int, path: str) -> None:
    match failure():
        case "no file":
            raise OSError("No space left on device")
        case "empty file":
            Path(path).write_bytes(b"")
            return
        case "too few":
            frames -= 4
        case "wrong rate":
            rate = 30
        case _:
            pass
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    wide, high = picture.size
    form = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{wide}x{high}", "-r", str(rate), "-i", "-"]
    coding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "18", "-preset", "ultrafast"]
    shades = [1 - (0 if failure() == "still" else 0.5) * k / (frames - 1) for k in range(frames)]
    content = b"".join(ImageEnhance.Brightness(picture).enhance(shade).tobytes() for shade in shades)
    subprocess.run([ffmpeg, "-v", "error", *form, *coding, "-y", path], input=content, check=True)
    if failure() == "cut short":
        Path(path).write_bytes(Path(path).read_bytes()[:-2000])
    if failure() == "old file":
        os.utime(path, (1, 1))


if __name__ == "__main__":
    main()
