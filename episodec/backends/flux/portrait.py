"""Candidates of a character's portrait, drawn by FLUX from a prompt, with a LoRA of the character."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from episodec.backends.flux.checkpoint import PACKAGES, Flux, FluxModel, checked_asked, flux_model, identity
from episodec.digest import Canonical
from episodec.engine.backend import Digester, Settings
from episodec.errors import BackendError
from episodec.extras import installed
from episodec.faces.candidates import FORMAT, Candidate, check_words, is_whole, keep, named
from episodec.tools.diffusion import Pixels

SIDE = 1024  # pixels: what FLUX was trained for.
STEPS = 28
GUIDANCE = 3.5
LORA_SCALE = 1.0


@dataclass(frozen=True, slots=True)
class SecondPass:
    """A second pass: the picture is redrawn from itself, which removes some defects of the first."""

    strength: float = 0.3  # Above 0, up to 1: the amount of change.
    steps: int = STEPS  # Only the last share of `strength` is run.
    prompt: str | None = None  # None: that of the first pass.


@dataclass(frozen=True, slots=True)
class FluxRequest:
    """A request: one candidate per seed, each a square of `side` pixels."""

    prompt: str
    seeds: tuple[int, ...]
    side: int = SIDE
    steps: int = STEPS
    guidance_scale: float | None = None  # GUIDANCE where the model takes any.
    lora_scale: float | None = None  # LORA_SCALE where the settings name a LoRA.
    again: SecondPass | None = None


def make_candidates(
    settings: Settings, request: FluxRequest, folder: Path, tell: Callable[[Candidate], None], digests: Digester
) -> tuple[Candidate, ...]:
    """The candidates in the order of their seeds; `tell` is called for each as soon as it exists.

    settings: those of `flux-img2img` on this machine: `checkpoint`, `device`, `offload`, `lora`. The folder is created;
    file names in it depend on everything that decides a picture, and complete files are kept.

    Raises:
        SettingsError: the extra `models` is not installed, or the settings name no loadable FLUX.
        BackendError: the request is impossible, a result is not a valid picture, or an existing candidate has been
            changed.
    """
    packages: dict[str, Canonical] = {
        name: one.version for name, one in zip(PACKAGES, installed(*PACKAGES), strict=True)
    }
    model = flux_model(settings)
    _check(model, request)
    parameters = {**_parameters(model, request, digests), "packages": packages}
    flux: Flux | None = None
    candidates: list[Candidate] = []
    for candidate in named(folder, parameters, request.seeds):
        if is_whole(candidate):
            candidates.append(candidate)
        else:
            flux = flux or Flux(model, _scale(request))
            candidates.append(keep(candidate, parameters, _png(_drawn(flux, request, candidate.seed))))
        tell(candidates[-1])
    return tuple(candidates)


def _check(model: FluxModel, request: FluxRequest) -> None:
    again = [request.again.prompt] if request.again and request.again.prompt is not None else []
    check_words(request.seeds, request.prompt, *again)
    asked = {"guidance_scale": request.guidance_scale, "lora_scale": request.lora_scale}
    checked_asked(model, {**asked, "steps": request.steps}, (request.side,))
    if request.again:
        checked_asked(model, {**asked, "steps": request.again.steps}, ())
        if not 0 < request.again.strength <= 1:
            strength = {"strength": request.again.strength}
            raise BackendError("the strength of a second pass must be above 0, up to 1", facts=strength)


def _parameters(model: FluxModel, request: FluxRequest, digests: Digester) -> dict[str, Canonical]:
    """Everything that decides pictures, except seeds and library versions."""
    again: dict[str, Canonical] | None = None
    if request.again:
        prompt = request.prompt if request.again.prompt is None else request.again.prompt
        again = {"strength": float(request.again.strength), "steps": request.again.steps, "prompt": prompt}
    return {
        "format": FORMAT,
        "prompt": request.prompt,
        "side": request.side,
        "steps": request.steps,
        "guidance_scale": _guidance(request) if model.takes_guidance else None,
        "lora_scale": _scale(request) if model.lora else None,
        "again": again,
        **identity(model, digests).parts,
    }


def _drawn(flux: Flux, request: FluxRequest, seed: int) -> Pixels:
    guidance = _guidance(request)
    picture = flux.draw(request.prompt, seed, request.side, request.steps, guidance)
    if (again := request.again) is None:
        return picture
    prompt = request.prompt if again.prompt is None else again.prompt
    more = {"num_inference_steps": again.steps, "guidance_scale": guidance}
    return flux.redraw(picture, prompt, seed, strength=again.strength, **more)


def _guidance(request: FluxRequest) -> float:
    return GUIDANCE if request.guidance_scale is None else float(request.guidance_scale)


def _scale(request: FluxRequest) -> float:
    return LORA_SCALE if request.lora_scale is None else float(request.lora_scale)


def _png(picture: Pixels) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()
