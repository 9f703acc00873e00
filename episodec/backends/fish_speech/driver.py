"""Runs inside Fish Speech's own Python, never in ours: keeps both models loaded and answers one JSON line for each.

    python driver.py SPEAK_MODULE CODEC_MODULE CHECKPOINTS CODEC_FILE CODEC_CONFIG DEVICE ANSWER_FD

A request names the files of a reading; the answer is {"ok": true} or {"error": "…"}. It ends with its stdin. It only
calls what the programs' own `main` calls, with the seed set just before, so a warm reading equals a cold one.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


def main() -> None:
    """Load the models, then answer requests until stdin ends."""
    sys.path.pop(0)  # This folder: its files must not hide modules of Fish Speech.
    speak_name, codec_name, checkpoints, codec_file, codec_config, device, answers = sys.argv[1:]
    with os.fdopen(int(answers), "w", encoding="utf-8") as out:
        try:
            models = _Models(speak_name, codec_name, device)
            models.load(Path(checkpoints), codec_file, codec_config)
        except Exception as error:  # noqa: BLE001  # Whatever it is, the other side must be told.
            traceback.print_exc()
            _answer(out, {"error": f"{type(error).__name__}: {error}"})
            return
        _answer(out, {"ok": True})
        for line in sys.stdin:
            try:
                models.read_aloud(json.loads(line))
            except Exception as error:  # noqa: BLE001
                traceback.print_exc()
                _answer(out, {"error": f"{type(error).__name__}: {error}"})
            else:
                _answer(out, {"ok": True})


def _answer(out: Any, answer: "dict[str, Any]") -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


class _Models:
    def __init__(self, speak_name: str, codec_name: str, device: str) -> None:
        self.torch = importlib.import_module("torch")
        self.numpy = importlib.import_module("numpy")
        self.speak = importlib.import_module(speak_name)
        self.codec_module = importlib.import_module(codec_name)
        self.device = device
        self.model: Any = None
        self.decode_one_token: Any = None
        self.codec: Any = None

    def load(self, checkpoints: Path, codec_file: str, codec_config: str) -> None:
        torch = self.torch
        precision = torch.bfloat16
        self.model, self.decode_one_token = self.speak.load_model(checkpoints, self.device, precision, compile=False)
        with torch.device(self.device):
            self.model.setup_caches(
                max_batch_size=1,
                max_seq_len=self.model.config.max_seq_len,
                dtype=next(self.model.parameters()).dtype,
            )
        self.codec = self.codec_module.load_model(codec_config, codec_file, device=self.device)

    def read_aloud(self, request: "dict[str, Any]") -> None:
        torch, numpy = self.torch, self.numpy
        prompt = torch.from_numpy(numpy.load(request["prompt"], allow_pickle=False)).to(self.device)
        torch.manual_seed(request["seed"])
        if torch.cuda.is_available():
            torch.cuda.manual_seed(request["seed"])
        pieces = [
            one.codes
            for one in self.speak.generate_long(
                model=self.model,
                device=self.device,
                decode_one_token=self.decode_one_token,
                text=request["text"],
                num_samples=1,
                max_new_tokens=request["max_new_tokens"],
                top_p=request["top_p"],
                repetition_penalty=request["repetition_penalty"],
                temperature=request["temperature"],
                compile=False,
                iterative_prompt=True,
                chunk_length=request["chunk_length"],
                prompt_text=[request["transcript"]],
                prompt_tokens=[prompt],
            )
            if one.action == "sample"
        ]
        if not pieces:
            raise RuntimeError("nothing was generated")
        codes = torch.cat(pieces, dim=1).cpu().numpy()
        numpy.save(request["codes"], codes)
        self._write_sound(codes, request["sound"])

    def _write_sound(self, codes: Any, path: str) -> None:
        import soundfile

        torch = self.torch
        with torch.no_grad():
            indices = torch.from_numpy(codes).to(self.device).long()
            lengths = torch.tensor([indices.shape[1]], device=self.device)
            sound, _ = self.codec.decode(indices=indices[None], feature_lengths=lengths)
        soundfile.write(path, sound[0, 0].float().cpu().numpy(), self.codec.spec_transform.sample_rate)


if __name__ == "__main__":
    main()
