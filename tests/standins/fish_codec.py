# ruff: noqa: ARG001  # The interface and the manners of other people's programs.
"""Stands in for Fish Speech 1.5's codec program, and for its module: the same flags, files and failures, no model."""

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from plain import codes_for, failure, load_codes, note, save_codes, save_tone  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.

AUDIO = {".mp3", ".wav", ".flac", ".ogg", ".m4a", ".wma", ".aac", ".aiff", ".aif", ".aifc"}


def main() -> None:
    note("codec")
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--input-path", "-i", type=Path, default="test.wav")
    parser.add_argument("--output-path", "-o", type=Path, default="fake.wav")
    parser.add_argument("--config-name", default="firefly_gan_vq")
    parser.add_argument("--checkpoint-path", type=Path, default="checkpoints/firefly.pth")
    parser.add_argument("--device", "-d", default="cuda")
    asked = parser.parse_args()
    if not asked.input_path.exists():
        parser.error("Path does not exist.")
    asked.checkpoint_path.read_bytes()
    if asked.input_path.suffix in AUDIO:
        rows = codes_for("a" * 120, 0)
        if failure() != "no codes":
            save_codes(asked.output_path.with_suffix(".npy"), rows)
    elif asked.input_path.suffix == ".npy":
        rows = load_codes(asked.input_path)
        assert all(code < 1000 for row in rows for code in row), "index is out of bounds"
    else:
        raise ValueError(f"Unknown input type: {asked.input_path}")
    samples = len(rows[0]) * 2048
    match failure():
        case "no sound":
            return
        case "silent":
            save_tone(asked.output_path, samples, 44_100, loudness=0)
        case "wrong rate":
            save_tone(asked.output_path, samples, 24_000)
        case "cut short":
            save_tone(asked.output_path, samples - 2048, 44_100)
        case _:
            save_tone(asked.output_path, samples, 44_100)


class Codec:
    spec_transform = SimpleNamespace(sample_rate=44_100)

    def decode(self, *, indices: Any, feature_lengths: Any) -> tuple[Any, Any]:
        import torch

        assert tuple(indices.shape[:2]) == (1, 8)
        length = int(feature_lengths[0]) * 2048
        return 0.3 * torch.sin(torch.arange(length) / 30)[None, None], None


def load_model(config_name: str, checkpoint_path: str, device: str = "cuda") -> Codec:
    assert config_name == "firefly_gan_vq"
    Path(checkpoint_path).read_bytes()
    return Codec()


if __name__ == "__main__":
    main()
