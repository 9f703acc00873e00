"""Candidates of a character's portrait, drawn by PuLID for FLUX: new pictures of the person in the present one."""

from dataclasses import dataclass
from pathlib import Path

from episodec.backends.pulid.install import MODEL, NUMBERS, SYSTEM, Drawing, Pulid, draw, identity, pulid
from episodec.digest import Canonical, digest_bytes
from episodec.engine.backend import Digester, Settings
from episodec.errors import BackendError
from episodec.faces.candidates import FORMAT, Candidate, check_words, is_whole, keep, named
from episodec.tools.installed import temporary_folder
from episodec.tools.params import checked


@dataclass(frozen=True, slots=True)
class PulidRequest:
    """A request: one candidate per seed. Numbers that are None are PuLID's defaults."""

    prompt: str
    seeds: tuple[int, ...]
    side: int | None = None  # pixels
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None  # Above 0, up to 1: how much of the portrait is redrawn; None: drawn from noise.


def make_candidates(
    settings: Settings, request: PulidRequest, portrait: Path, folder: Path, digests: Digester
) -> tuple[Candidate, ...]:
    """The candidates in the order of their seeds. All missing ones are made in one run of PuLID.

    settings: those of `pulid` on this machine. portrait: a checked one. The program's output goes to our stdout.

    Raises:
        SettingsError: the settings name no PuLID.
        BackendError: the request is impossible, the portrait shows no face, PuLID failed, or an existing candidate has
            been changed.
    """
    install = pulid(settings)
    check_words(request.seeds, request.prompt)
    if request.strength == 0:
        raise BackendError("the strength of a second pass must be above 0, up to 1", facts={"strength": 0})
    numbers = _numbers(request)
    parameters: dict[str, Canonical] = {
        "format": FORMAT,
        "prompt": request.prompt,
        **numbers,
        "strength": request.strength,
        "portrait": digest_bytes(portrait.read_bytes()),
        "model": MODEL,
        **identity(install, digests).parts,
    }
    candidates = named(folder, parameters, request.seeds)
    missing = [one for one in candidates if not is_whole(one)]
    drawn = _draw_missing(install, request, portrait, numbers, [one.seed for one in missing]) if missing else {}
    return tuple(keep(one, parameters, drawn[one.seed]) if one.seed in drawn else one for one in candidates)


def _numbers(request: PulidRequest) -> dict[str, float]:
    """All parameters of PuLID for a request."""
    names = {"side": request.side, "steps": request.steps, "guidance": request.guidance, "strength": request.strength}
    given = {name: value for name, value in names.items() if value is not None}
    return {name: checked(name, given.get(name, one.default), one, SYSTEM) for name, one in NUMBERS.items()}


def _draw_missing(
    install: Pulid, request: PulidRequest, portrait: Path, numbers: dict[str, float], seeds: list[int]
) -> dict[int, bytes]:
    """PNGs by seed."""
    from episodec.faces.conform import save_picture
    from episodec.faces.framing import resized
    from episodec.faces.pixels import rgba_of
    from episodec.splat.white import on_white

    face_rgb = on_white(rgba_of(portrait))
    with temporary_folder() as folder:
        face, start = folder / portrait.name, None
        save_picture(face, face_rgb)
        if request.strength is not None:
            if face_rgb.shape[0] != face_rgb.shape[1]:
                facts = {"portrait": f"{face_rgb.shape[1]}x{face_rgb.shape[0]}"}
                raise BackendError("only a square portrait can be redrawn", facts=facts, hint="leave out --refine")
            start = folder / "start.png"
            save_picture(start, resized(face_rgb, int(numbers["side"])))
        drawings = [Drawing(seed, folder / f"{seed}.png", start) for seed in seeds]
        draw(install, face, drawings, numbers, (request.prompt, ""))
        return {one.seed: one.to.read_bytes() for one in drawings}
