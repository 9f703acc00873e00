"""The installation of PuLID for FLUX on this machine: its files, its parameters, and runs that draw pictures of a
person with a given face. Does not know the purpose of the pictures.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Number, Overrides, Whole
from episodec.ownfile import own_file
from episodec.tools.fingerprint import both
from episodec.tools.hub import hub_models, hub_setting
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    now_ns,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
    yes_or_no,
)
from episodec.tools.process import run_tool

SYSTEM = "PuLID"
LICENCE = (
    "PuLID for FLUX: code Apache-2.0; its weights work on FLUX.1 [dev], whose licence applies (non-commercial without "
    "another agreement); the face recognition models antelopev2 are for non-commercial research only"
)
MEMORY_MIB = 65_536  # The model, T5 and the face encoders, before they move to the GPU.
MODEL = "v0.9.1"

NUMBERS: Overrides = {
    "side": Whole(256, 1536, step=16, default=1024, unit="pixels", meaning="Side of the square picture."),
    "steps": Whole(1, 100, default=28, otherwise="`steps` of `scene.refine`, else 28", meaning="Steps of the sampler."),
    "strength": Number(
        0,
        1,
        default=0.35,
        otherwise="`strength` of `scene.refine`",
        meaning="0 leaves a picture unchanged, 1 redraws it completely.",
    ),
    "start_step": Whole(
        0, 10, default=4, meaning="The step from which the face is applied: 4 for photos, 0 or 1 for drawings."
    ),
    "id_weight": Number(0, 3, default=1.0, meaning="The weight of the portrait's face."),
    "guidance": Number(1, 10, default=4.0, meaning="How closely the prompt is followed."),
    "true_cfg": Number(
        1, 10, default=1.0, meaning="Guidance against a negative prompt, which doubles the work of each step."
    ),
    "max_sequence_length": Whole(
        128, 512, step=128, default=128, unit="tokens", meaning="The length of the prompt that is read."
    ),
}
"""The parameters of PuLID."""

_HUB = ("QuanSun/EVA-CLIP", "xlabs-ai/xflux_text_encoders", "openai/clip-vit-large-patch14")
_HUB_FP8 = "XLabs-AI/flux-dev-fp8"
_WHOLE, _SMALL = "flux1-dev.safetensors", "flux-dev-fp8.safetensors"
_CODE = ("app_flux.py", "flux/**/*.py", "pulid/**/*.py", "eva_clip/**/*.py")
_FACES, _FACE_WEIGHTS = "antelopev2", "lib*/python3*/*-packages/facexlib/weights/*.pth"
_DRIVER = own_file(__file__, "driver.py")
_NO_FACE = "exit code 3"  # Of the driver.


@dataclass(frozen=True, slots=True)
class Pulid:
    """An installation."""

    python: Path
    repo: Path
    models: Path  # Its folder `models`.
    hub: Path
    offload: bool
    is_small: bool  # Whether weights are in 8 bits.


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture to make: its seed, its path, and the square picture to start from, if any."""

    seed: int
    to: Path
    start: Path | None = None


def pulid(settings: Settings) -> Pulid:
    """The installation that the settings name.

    Raises:
        SettingsError: one is missing or wrong.
    """
    device(settings, ("cuda",))
    python, repo = python_and_repo(settings, SYSTEM)
    models = path_setting(settings, "checkpoints", f"the folder that {SYSTEM} calls `models`", folder=True)
    if (models / _FACES / _FACES).is_dir():
        facts = {"folder": models / _FACES, "holds": _FACES}
        raise SettingsError("the face models are one folder too deep", facts=facts, hint="move them up")
    return Pulid(
        python,
        repo,
        models,
        hub_setting(settings, ", ".join(_HUB)),
        yes_or_no(settings, "offload"),
        yes_or_no(settings, "fp8"),
    )


def identity(install: Pulid, digests: Digester) -> Fingerprint:
    """The parts of the fingerprint that decide its pictures.

    Raises:
        SettingsError: one of its files is missing.
    """
    packages = environment(install.python, "torch")
    code = sources(install.repo, _CODE)
    names = [_SMALL if install.is_small else _WHOLE, "ae.safetensors", f"pulid_flux_{MODEL}.safetensors"]
    names += [path.relative_to(install.models).as_posix() for path in sorted((install.models / _FACES).glob("*.onnx"))]
    weights = sorted(install.python.parent.parent.glob(_FACE_WEIGHTS))
    if not weights or len(names) < 4:
        facts = {"missing": "facexlib/weights/*.pth" if not weights else f"models/{_FACES}/*.onnx"}
        hint = f"builds never download: start {SYSTEM} once beforehand"
        raise SettingsError(f"{SYSTEM}'s face models are missing", facts=facts, hint=hint)
    hub, hub_files = hub_models(install.hub, (*_HUB, _HUB_FP8) if install.is_small else _HUB, digests)
    faces = {path.name: digests.of(str(path)) for path in weights}
    parts: dict[str, Canonical] = {
        "code": code_digest(install.repo, code, digests),
        "models": {**file_digests(install.models, names, digests), **faces},
        "hub": hub,
        "offload": install.offload,
    }
    files = (*map(str, code), *(str(install.models / name) for name in names), *map(str, weights))
    return both(packages, Fingerprint(parts, (*files, *hub_files)))


def draw(
    install: Pulid, face: Path, drawings: Sequence[Drawing], numbers: Mapping[str, float], words: tuple[str, str]
) -> None:
    """Make the pictures: squares, RGB. face: an opaque picture; words: the prompt and the negative prompt.

    Raises:
        BackendError: the picture shows no face, or PuLID failed.
    """
    folder, started = run_folder("pulid"), now_ns()
    (folder / "models").symlink_to(install.models)  # Its paths are relative.
    pictures = [
        {"seed": one.seed, "to": str(one.to), "from": None if one.start is None else str(one.start)} for one in drawings
    ]
    request = {
        **numbers,
        "face": str(face),
        "pictures": pictures,
        "prompt": words[0],
        "negative_prompt": words[1],
        "offload": install.offload,
        "fp8": install.is_small,
        "version": MODEL,
    }
    (folder / "request.json").write_text(json.dumps(request), "utf-8")
    env = {**tool_environment(install.repo), "HF_HUB_CACHE": str(install.hub)}
    try:
        run_tool([install.python, _DRIVER, folder / "request.json"], cwd=folder, env=env)
    except BackendError as error:
        if error.facts.get("ended") != _NO_FACE:
            raise
        done = sum(one.to.is_file() for one in drawings)
        facts = {"portrait": face.name, "at frame": drawings[min(done, len(drawings) - 1)].to.name}
        hint = "a portrait needs a whole face that looks at the camera; `flux-img2img` does without one"
        raise BackendError(f"{SYSTEM} finds no face in the portrait", facts=facts, hint=hint) from error
    for drawing in drawings:
        try:
            _check_size(require_fresh_output(drawing.to, started, SYSTEM), int(numbers["side"]))
        except BackendError:
            drawing.to.unlink(missing_ok=True)  # Another attempt would take it for finished.
            raise


def _check_size(path: Path, side: int) -> None:
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.load()
            size = image.size
    except (OSError, SyntaxError, ValueError) as error:
        facts = {"file": path.name, "error": error}
        raise BackendError(f"{SYSTEM} did not make a valid picture", facts=facts) from error
    if size != (side, side):
        facts = {"file": path.name, "found": f"{size[0]}x{size[1]}", "wanted": f"{side}x{side}"}
        raise BackendError(f"{SYSTEM} made a picture of the wrong size", facts=facts)
