# ruff: noqa: ARG001, C901, FBT001, FBT002, PLR0912, PLR0913, PT018, T201  # The interface and the manners of other people's programs.
"""Stands in for Fish Speech 1.5's program and module from text to tokens: its flags, files and failures, no model.

Which layout it is, its own name tells: tools/llama/generate.py (1.5.0), fish_speech/models/…/inference.py (1.5.1).
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from plain import codes_for, failure, note, save_codes  # type: ignore[import-not-found]  # It lies in the tree's root, which PYTHONPATH names.

HAS_OUTPUT_DIR = Path(__file__).name == "inference.py"


def existing(text: str) -> Path:
    if not Path(text).exists():
        raise argparse.ArgumentTypeError(f"Path '{text}' does not exist.")
    return Path(text)


def flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--text", default="你说的对")
    parser.add_argument("--prompt-text", action="append", default=[])
    parser.add_argument("--prompt-tokens", action="append", default=[], type=existing)
    parser.add_argument("--num-samples", type=int, default=1)
    parser.add_argument("--max-new-tokens", type=int, default=0)
    parser.add_argument("--top-p", type=float, default=0.7)
    parser.add_argument("--repetition-penalty", type=float, default=1.2)
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--checkpoint-path", type=existing, default="checkpoints/fish-speech-1.5")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=False)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--half", action=argparse.BooleanOptionalAction, default=False)
    parser.add_argument("--iterative-prompt", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--chunk-length", type=int, default=100)
    if HAS_OUTPUT_DIR:
        parser.add_argument("--output-dir", type=Path, default="temp")
    return parser


def main() -> None:
    note("speak")
    asked = flags().parse_args()
    out = asked.output_dir if HAS_OUTPUT_DIR else Path()
    out.mkdir(exist_ok=True)
    if len(asked.prompt_text) != len(asked.prompt_tokens):
        raise ValueError("Number of prompt text and prompt tokens should be the same")
    assert 0 < asked.top_p <= 1 and 0 < asked.repetition_penalty < 2 and 0 < asked.temperature < 2
    for name in ("model.pth", "config.json", "tokenizer.tiktoken"):
        (asked.checkpoint_path / name).read_bytes()
    rows = codes_for(asked.text, asked.seed)
    match failure():
        case "exit 1":
            raise RuntimeError("CUDA out of memory")
        case "no file":
            return
        case "wrong folder":
            out = asked.checkpoint_path
        case "empty file":
            (out / "codes_0.npy").write_bytes(b"")
            return
        case "old file":
            save_codes(out / "codes_0.npy", rows)
            os.utime(out / "codes_0.npy", (1, 1))
            return
        case "no tokens":
            rows = [[] for _ in range(8)]
        case "seven rows":
            rows = rows[:7]
        case "beyond the codec":
            rows[3][2] = 1020
        case "floats":
            save_codes(out / "codes_0.npy", rows, "<f4")
            return
        case "endless":
            rows = [row * 40 for row in rows]
        case "breathless":
            rows = [row[:1] for row in rows]
        case _:
            pass
    for index in range(2 if failure() == "two readings" else asked.num_samples):
        save_codes(out / f"codes_{index}.npy", rows)


# The module, as the warm driver uses it.


@dataclass
class Answer:
    action: str
    codes: Any = None


class Model:
    config = SimpleNamespace(max_seq_len=64)

    def parameters(self) -> Iterator[Any]:
        import torch

        yield torch.zeros(1)

    def setup_caches(self, *, max_batch_size: int, max_seq_len: int, dtype: Any) -> None:
        assert (max_batch_size, max_seq_len) == (1, 64)


def load_model(checkpoint_path: Path, device: str, precision: Any, compile: bool = False) -> tuple[Model, object]:  # noqa: A002
    note("load")
    if failure() == "no load":
        raise RuntimeError("CUDA out of memory")
    (checkpoint_path / "model.pth").read_bytes()
    return Model(), object()


def generate_long(
    *, model: Model, device: str, decode_one_token: object, text: str, num_samples: int, max_new_tokens: int,
    top_p: float, repetition_penalty: float, temperature: float, compile: bool, iterative_prompt: bool,  # noqa: A002
    chunk_length: int, prompt_text: list[str], prompt_tokens: list[Any],
) -> Iterator[Answer]:  # fmt: skip
    import torch

    print("generating", text)
    if failure() == "dies":
        os._exit(3)
    if failure() == "raises":
        raise RuntimeError("CUDA out of memory")
    if failure() != "no tokens":
        yield Answer("sample", torch.tensor(codes_for(text, torch.initial_seed()), dtype=torch.int))
    yield Answer("next")


if __name__ == "__main__":
    main()
