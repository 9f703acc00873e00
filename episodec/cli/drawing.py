"""Calls the models behind `character image` and redirects the output of their libraries to a log."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from episodec.engine.backend import Digester, Settings
from episodec.errors import UsageError
from episodec.faces.candidates import Candidate
from episodec.project.portraits import PortraitSubject

SETTINGS = {"flux": "flux-img2img", "pulid": "pulid"}
"""Each model, and the backend whose settings on this machine it uses."""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """The candidates to draw and the options given on the command line."""

    prompt: str
    seeds: tuple[int, ...]
    folder: Path
    options: argparse.Namespace

    def given_options(self, *names: str) -> dict[str, object]:
        """Those of the named options that were given, with their values."""
        given = {name: getattr(self.options, name) for name in names}
        return {name: value for name, value in given.items() if value is not None}


Draw = Callable[[Settings, DrawRequest, PortraitSubject, Callable[[Candidate], None], Digester], tuple[Candidate, ...]]


def by_flux(
    settings: Settings, asked: DrawRequest, who: PortraitSubject, tell: Callable[[Candidate], None], digests: Digester
) -> tuple[Candidate, ...]:
    """Draw from the prompt; with `--refine`, redraw each result once."""
    from episodec.backends.flux.portrait import STEPS, FluxRequest, SecondPass, make_candidates

    del who  # Its LoRA knows the character.
    given = asked.options
    again = None if given.refine is None else SecondPass(given.refine, given.steps or STEPS)
    request = FluxRequest(
        asked.prompt,
        asked.seeds,
        guidance_scale=given.guidance,
        lora_scale=given.lora_scale,
        again=again,
        **asked.given_options("side", "steps"),  # type: ignore[arg-type]  # The parser made them whole numbers.
    )
    return make_candidates(settings, request, asked.folder, tell, digests)


def by_pulid(
    settings: Settings, asked: DrawRequest, who: PortraitSubject, tell: Callable[[Candidate], None], digests: Digester
) -> tuple[Candidate, ...]:
    """Draw from the prompt with the portrait's face; with `--refine`, redraw the portrait itself."""
    from episodec.backends.pulid.portrait import PulidRequest, make_candidates
    from episodec.faces.portrait import check_portrait

    given = asked.options
    if given.lora_scale is not None:
        raise UsageError("PuLID does not use a LoRA", hint="leave out --lora-scale, or pass --backend flux")
    check_portrait(who.portrait)
    request = PulidRequest(asked.prompt, asked.seeds, given.side, given.steps, given.guidance, given.refine)
    candidates = make_candidates(settings, request, who.portrait, asked.folder, digests)
    for candidate in candidates:
        tell(candidate)
    return candidates


DRAW: Mapping[str, Draw] = {"flux": by_flux, "pulid": by_pulid}


def licence(backend: str) -> str:
    """The licence terms of a model's pictures."""
    if backend == "pulid":
        from episodec.backends.pulid.install import LICENCE
    else:
        from episodec.backends.flux.checkpoint import LICENCE
    return LICENCE


@contextmanager
def words_into(log: Path) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Redirect stdout and stderr of the process to the log within the block.

    The value of the block is a function that calls its argument with the original stdout and stderr.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = _kept(1), _kept(2)
    with log.open("ab", buffering=0) as file:
        file.truncate(0)

        def put(*streams: int) -> None:
            for text in filter(None, (sys.stdout, sys.stderr)):
                text.flush()
            for number, stream in enumerate(streams, 1):
                os.dup2(stream, number)

        def aloud(speak: Callable[[], object]) -> None:
            put(*kept)
            try:
                speak()
            finally:
                put(file.fileno(), file.fileno())

        put(file.fileno(), file.fileno())
        try:
            yield aloud
        finally:
            put(*kept)
            for stream in kept:
                os.close(stream)


def _kept(stream: int) -> int:
    """A duplicate of a file descriptor, or one of the null device if the process was started without the stream."""
    try:
        return os.dup(stream)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
