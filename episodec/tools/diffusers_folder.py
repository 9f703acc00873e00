"""A diffusers pipeline in a folder: its files, their digests and its JSON. Does not import diffusers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from episodec.digest import Canonical
from episodec.engine.backend import Digester
from episodec.errors import SettingsError
from episodec.tools.installed import check_fetched

INDEX = "model_index.json"
_SUFFIXES = {".json", ".safetensors", ".model", ".txt"}  # Weights, configuration and tokenizer vocabularies.


def pipeline_class(folder: Path, *expected: str) -> str:
    """The class of the pipeline in the folder, one of `wanted`.

    Raises:
        SettingsError: it is another class, or the folder does not say.
    """
    class_name = read_json(folder / INDEX).get("_class_name")
    if class_name not in expected:
        facts = {"folder": folder, "found": class_name, "wanted": " or ".join(expected)}
        raise SettingsError("this checkpoint belongs to another pipeline", facts=facts)
    return str(class_name)


def model_files(folder: Path) -> list[Path]:
    """Every file that the pipeline loads, in a fixed order.

    Raises:
        SettingsError: the folder does not hold a pipeline with weights in safetensors.
    """
    if not (folder / INDEX).is_file():
        hint = "give the folder of a whole pipeline, as `save_pretrained` or a full download writes it"
        raise SettingsError(
            "this folder is not a diffusers pipeline", facts={"folder": folder, "lacks": INDEX}, hint=hint
        )
    components = [name for name, value in read_json(folder / INDEX).items() if _is_component(value)]
    paths = [folder / INDEX]
    for name in sorted(components):
        files = sorted(path for path in (folder / name).glob("*") if path.suffix in _SUFFIXES and path.is_file())
        if not files:
            facts = {"folder": folder, "lacks": name}
            raise SettingsError("a diffusers pipeline lacks a component", facts=facts, hint="is the download complete?")
        paths += files
    if not any(path.suffix == ".safetensors" for path in paths):
        hint = "only weights in safetensors are loaded: other formats can run code"
        raise SettingsError("a diffusers pipeline has no safetensors weights", facts={"folder": folder}, hint=hint)
    for path in paths:
        check_fetched(path)
    return paths


def model_digests(folder: Path, files: list[Path], digests: Digester) -> dict[str, Canonical]:
    """Digests by path inside the folder."""
    return {path.relative_to(folder).as_posix(): digests.of(str(path)) for path in files}


def read_json(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file.

    Raises:
        SettingsError: the file cannot be read, or is not a JSON object.
    """
    try:
        tree = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError("cannot read a file of a pipeline", facts={"file": path, "error": error}) from error
    if not isinstance(tree, dict):
        raise SettingsError("a file of a pipeline is not a JSON object", facts={"file": path})
    return tree


def _is_component(value: object) -> bool:
    """Whether this is [library, class]; [null, null] marks a component that is left out."""
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
