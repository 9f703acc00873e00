"""A voice file as Piper's are, tiny and made here: each phoneme is a tone, and lasts as long as its number says."""

import json
from pathlib import Path
from typing import Any

import numpy as np

RATE, HOP = 22_050, 256
SIGNS = "_^$ !',-.:;?"
LETTERS = "abvɡdʒzijklmnoprstufxtsɕʃɨeʌɪɐʊæɛəɹhwŋθðɑɔɒɜᵻyʲːˈˌ̃"


def make_voice(folder: Path, language: str, *, is_measured: bool = True) -> Path:
    """NAME.onnx with its configuration beside it, for espeak-ng's voice of this language.

    Of the phonemes it makes a tone, a frame of `HOP` samples for each of the frames that a phoneme lasts: 2 for a sign,
    5 for a letter, times the scale of lengths. Without `is_measured` it does not count frames by Ceil, as all do.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    names = [*dict.fromkeys(SIGNS + LETTERS)]
    weights = np.array([[2.0 if name in SIGNS else 5.0] for name in names], np.float32)
    tone = (0.4 * np.sin(2 * np.pi * 4 * np.arange(HOP) / HOP)).astype(np.float32)
    constants: dict[str, np.ndarray[Any, Any]] = {
        "weights": weights,
        "one": np.array([1], np.int64),
        "shape": np.array([-1], np.int64),
        "tone": tone[None],
        "flat": np.array([1, 1, 1, -1], np.int64),
        "zero": np.array(0.0, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["weights", "input"], ["by_id"]),  # (1, ids, 1)
        helper.make_node("Gather", ["scales", "one"], ["scale"]),
        helper.make_node("Mul", ["by_id", "scale"], ["long"]),
        helper.make_node("Ceil" if is_measured else "Identity", ["long"], ["frames"]),
        helper.make_node("ReduceSum", ["frames"], ["all"], keepdims=0),
        helper.make_node("Cast", ["all"], ["count"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["count", "shape"], ["counted"]),
        helper.make_node("Concat", ["counted", "one"], ["repeats"], axis=0),
        helper.make_node("Tile", ["tone", "repeats"], ["tiled"]),
        helper.make_node("Reshape", ["tiled", "flat"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "ids"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "samples"])
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "voice", inputs, [output], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / f"{language}.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    configuration = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": language},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": len(names),
        "num_speakers": 1,
        "phoneme_id_map": {name: [number] for number, name in enumerate(names)},
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(configuration), encoding="utf-8")
    return path
