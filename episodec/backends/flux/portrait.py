"""Candidates of a character's portrait, drawn by FLUX from words, with a LoRA that knows the character."""

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
class Again:
    """A second step: the picture is made again from itself, which takes off some of what went wrong at first."""

    strength: float = 0.3  # Above 0, up to 1: how much of it is given up.
    steps: int = STEPS  # Of which only the last share of `strength` is walked.
    prompt: str | None = None  # As at first where there is none.


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: one candidate a seed, each a square of `side` pixels."""

    prompt: str
    seeds: tuple[int, ...]
    side: int = SIDE
    steps: int = STEPS
    guidance_scale: float | None = None  # GUIDANCE where the model takes any.
    lora_scale: float | None = None  # LORA_SCALE where the settings name a LoRA.
    again: Again | None = None


def make_candidates(
    settings: Settings, wanted: Wanted, folder: Path, tell: Callable[[Candidate], None], digests: Digester
) -> tuple[Candidate, ...]:
    """The candidates in the order of their seeds; `tell` hears of each as soon as it is there.

    settings: what this machine says of `flux-img2img`: `checkpoint`, `device`, `offload`, `lora`. Names in the folder,
    which is made, follow from all that a picture hangs on: what is there whole is kept.

    Raises:
        SettingsError: the extra `models` is not installed, or the settings name no FLUX that can be loaded.
        BackendError: what is asked for is impossible, what comes out is no picture, or a candidate of that name was
            changed since.
    """
    packages: dict[str, Canonical] = {
        name: one.version for name, one in zip(PACKAGES, installed(*PACKAGES), strict=True)
    }
    model = flux_model(settings)
    _check(model, wanted)
    said = {**_said(model, wanted, digests), "packages": packages}
    flux: Flux | None = None
    found: list[Candidate] = []
    for one in named(folder, said, wanted.seeds):
        if is_whole(one):
            found.append(one)
        else:
            flux = flux or Flux(model, _scale(wanted))
            found.append(keep(one, said, _png(_drawn(flux, wanted, one.seed))))
        tell(found[-1])
    return tuple(found)


def _check(model: FluxModel, wanted: Wanted) -> None:
    again = [wanted.again.prompt] if wanted.again and wanted.again.prompt is not None else []
    check_words(wanted.seeds, wanted.prompt, *again)
    asked = {"guidance_scale": wanted.guidance_scale, "lora_scale": wanted.lora_scale}
    checked_asked(model, {**asked, "steps": wanted.steps}, (wanted.side,))
    if wanted.again:
        checked_asked(model, {**asked, "steps": wanted.again.steps}, ())
        if not 0 < wanted.again.strength <= 1:
            strength = {"strength": wanted.again.strength}
            raise BackendError("the strength of a second step must be above 0, up to 1", facts=strength)


def _said(model: FluxModel, wanted: Wanted, digests: Digester) -> dict[str, Canonical]:
    """All that pictures hang on but for their seeds and the libraries."""
    again: dict[str, Canonical] | None = None
    if wanted.again:
        prompt = wanted.prompt if wanted.again.prompt is None else wanted.again.prompt
        again = {"strength": float(wanted.again.strength), "steps": wanted.again.steps, "prompt": prompt}
    return {
        "format": FORMAT,
        "prompt": wanted.prompt,
        "side": wanted.side,
        "steps": wanted.steps,
        "guidance_scale": _guidance(wanted) if model.takes_guidance else None,
        "lora_scale": _scale(wanted) if model.lora else None,
        "again": again,
        **identity(model, digests).parts,
    }


def _drawn(flux: Flux, wanted: Wanted, seed: int) -> Pixels:
    guidance = _guidance(wanted)
    picture = flux.draw(wanted.prompt, seed, wanted.side, wanted.steps, guidance)
    if (again := wanted.again) is None:
        return picture
    prompt = wanted.prompt if again.prompt is None else again.prompt
    more = {"num_inference_steps": again.steps, "guidance_scale": guidance}
    return flux.redraw(picture, prompt, seed, strength=again.strength, **more)


def _guidance(wanted: Wanted) -> float:
    return GUIDANCE if wanted.guidance_scale is None else float(wanted.guidance_scale)


def _scale(wanted: Wanted) -> float:
    return LORA_SCALE if wanted.lora_scale is None else float(wanted.lora_scale)


def _png(picture: Pixels) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()
