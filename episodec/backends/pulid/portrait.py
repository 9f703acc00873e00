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
class Wanted:
    """A request: one candidate per seed. Numbers that are None are PuLID's defaults."""

    prompt: str
    seeds: tuple[int, ...]
    side: int | None = None  # pixels
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None  # Above 0, up to 1: how much of the portrait is redrawn; None: drawn from noise.


def make_candidates(
    settings: Settings, wanted: Wanted, portrait: Path, folder: Path, digests: Digester
) -> tuple[Candidate, ...]:
    """The candidates in the order of their seeds. All missing ones are made in one run of PuLID.

    settings: those of `pulid` on this machine. portrait: a checked one. The program's output goes to our stdout.

    Raises:
        SettingsError: the settings name no PuLID.
        BackendError: the request is impossible, the portrait shows no face, PuLID failed, or an existing candidate has
            been changed.
    """
    found = pulid(settings)
    check_words(wanted.seeds, wanted.prompt)
    if wanted.strength == 0:
        raise BackendError("the strength of a second pass must be above 0, up to 1", facts={"strength": 0})
    numbers = _numbers(wanted)
    said: dict[str, Canonical] = {
        "format": FORMAT,
        "prompt": wanted.prompt,
        **numbers,
        "strength": wanted.strength,
        "portrait": digest_bytes(portrait.read_bytes()),
        "model": MODEL,
        **identity(found, digests).parts,
    }
    candidates = named(folder, said, wanted.seeds)
    missing = [one for one in candidates if not is_whole(one)]
    made = _made(found, wanted, portrait, numbers, [one.seed for one in missing]) if missing else {}
    return tuple(keep(one, said, made[one.seed]) if one.seed in made else one for one in candidates)


def _numbers(wanted: Wanted) -> dict[str, float]:
    """All parameters of PuLID for a request."""
    names = {"side": wanted.side, "steps": wanted.steps, "guidance": wanted.guidance, "strength": wanted.strength}
    said = {name: value for name, value in names.items() if value is not None}
    return {name: checked(name, said.get(name, one.default), one, SYSTEM) for name, one in NUMBERS.items()}


def _made(
    found: Pulid, wanted: Wanted, portrait: Path, numbers: dict[str, float], seeds: list[int]
) -> dict[int, bytes]:
    """PNGs by seed."""
    from episodec.faces.conform import save_picture
    from episodec.faces.framing import resized
    from episodec.faces.pixels import rgba_of
    from episodec.splat.white import on_white

    seen = on_white(rgba_of(portrait))
    with temporary_folder() as folder:
        face, start = folder / portrait.name, None
        save_picture(face, seen)
        if wanted.strength is not None:
            if seen.shape[0] != seen.shape[1]:
                facts = {"portrait": f"{seen.shape[1]}x{seen.shape[0]}"}
                raise BackendError("only a square portrait can be redrawn", facts=facts, hint="leave out --refine")
            start = folder / "start.png"
            save_picture(start, resized(seen, int(numbers["side"])))
        drawings = [Drawing(seed, folder / f"{seed}.png", start) for seed in seeds]
        draw(found, face, drawings, numbers, (wanted.prompt, ""))
        return {one.seed: one.to.read_bytes() for one in drawings}
