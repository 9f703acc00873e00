"""Reads the language's JSON Schema files, which editors also read."""

import json
from functools import cache
from pathlib import Path

from episodec.errors import ProjectError
from episodec.spec.schema import KINDS, Language


def schema_folder() -> Path:
    """The folder of the schema files: inside the package in a wheel, beside the package in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "schema", package.parent / "schema"):
        if (folder / "episode.schema.json").is_file():
            return folder
    raise ProjectError(
        "the schema files of episodec are missing", facts={"package": package}, hint="reinstall episodec"
    )


def schema_texts() -> dict[str, str]:
    """The schema files by name, as editors read them."""
    names = [f"{kind}.schema.json" for kind in KINDS]
    return {name: (schema_folder() / name).read_text(encoding="utf-8") for name in names}


@cache
def language() -> Language:
    """The language as defined by the schema files; read once per process."""
    folder = schema_folder()
    return Language({kind: json.loads((folder / f"{kind}.schema.json").read_bytes()) for kind in KINDS})
