"""`episodec character`: make candidates for a character's portrait, and replace the portrait with one of them."""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from episodec.cli import commands, options
from episodec.cli.options import Context
from episodec.cli.where import series_at
from episodec.digest import digest_bytes
from episodec.errors import BackendError, ProjectError, RejectedSpecs, SettingsError, UsageError
from episodec.project.declared import of_backend
from episodec.project.portraits import (
    Pick,
    PortraitSubject,
    characters,
    default_prompt,
    exchange,
    next_seed,
    owner_of,
    parameters_of,
    portrait_subject,
    prepared,
)
from episodec.project.tree import Place
from episodec.text import escape

BACKENDS = ("flux", "pulid")
MOST = 64  # Candidates in one call.


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    below = parser.add_subparsers(dest="what", metavar="image|pick", required=True)
    text = "make candidates for the portrait in characters/NAME/candidates/, which no build reads"
    image = below.add_parser("image", help=text, description=text[0].upper() + text[1:] + ".")
    commands.common(image)
    image.add_argument("name", metavar="NAME", help="the character")
    image.add_argument("--prompt", metavar="TEXT", help="the prompt (default: the identity in character.yaml)")
    image.add_argument("--count", type=options.whole, default=4, metavar="N", help="number of candidates (default: 4)")
    image.add_argument("--seed", type=int, metavar="S", help="seed of the first one (default: the next unused seed)")
    image.add_argument(
        "--size", dest="side", type=options.whole, metavar="PX", help="side length in pixels (default: 1024)"
    )
    image.add_argument("--steps", type=options.whole, metavar="N", help="sampling steps (default: 28)")
    image.add_argument("--guidance", type=float, metavar="G", help="how closely the prompt is followed")
    image.add_argument("--lora-scale", type=float, metavar="X", help="weight of the LoRA (default: 1)")
    image.add_argument(
        "--refine",
        type=float,
        metavar="STRENGTH",
        help="how strongly to redraw each one (with pulid: the portrait), 0 to 1",
    )
    image.add_argument("--backend", choices=BACKENDS, default="flux", help="the model (default: flux)")
    image.add_argument("--to", metavar="FOLDER", help="write them to this folder")
    text = "replace the portrait with a candidate, after showing what depends on it"
    pick = below.add_parser("pick", help=text, description=text[0].upper() + text[1:] + ".")
    commands.common(pick)
    pick.add_argument("candidate", metavar="CANDIDATE.png", help="the picture")
    pick.add_argument("--character", metavar="NAME", help="the character (default: from the candidate's folder)")
    pick.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    pick.add_argument("--profile", metavar="NAME", help="show what depends on it with this profile of series.yaml")


def run(context: Context) -> int:
    """Make candidates, or pick one, and return the exit code."""
    return _image(context) if context.options.what == "image" else _pick(context)


def _image(context: Context) -> int:
    from episodec.cli.drawing import DRAW, SETTINGS, DrawRequest, licence, words_into
    from episodec.faces.candidates import Candidate
    from episodec.series.session import opened

    given, place, here = context.options, _place("."), os.getcwd()  # noqa: PTH109  # Opening moves to the root.
    if given.count > MOST:
        raise UsageError(f"at most {MOST} candidates can be made in one call", facts={"asked": given.count})
    who = _character(context, place, given.name)
    _check_models(context, place, given.backend)
    prompt = given.prompt if given.prompt is not None else default_prompt(who.identity)
    if prompt is None:
        hint = "pass --prompt, or describe the character in character.yaml: `identity: {hair: purple}`"
        raise UsageError("there is no prompt for this character", facts={"character": who.name}, hint=hint)
    folder = prepared(who) if given.to is None else Path(here, given.to)
    first = next_seed(folder) if given.seed is None else given.seed
    asked = DrawRequest(prompt, tuple(range(first, first + given.count)), folder, given)
    with opened(place, [], context.base, context.notice) as session, words_into(_log(place)) as aloud:

        def tell(candidate: Candidate) -> None:
            line = escape(os.path.relpath(candidate.picture, here)) + ("" if candidate.is_new else "  was there")
            aloud(lambda: context.screen.answer([line]))

        settings = session.project.settings.backends.get(SETTINGS[given.backend], {})
        try:
            candidates = DRAW[given.backend](settings, asked, who, tell, session.digests)
        except SettingsError as error:
            raise of_backend(error, SETTINGS[given.backend]) from error
    sheet = folder / f"sheet_{candidates[0].picture.stem.split('_')[1]}_{first}-{first + given.count - 1}.jpg"
    _draw_sheet(sheet, f"{who.name}: {prompt}", {one.picture: f"seed {one.seed}" for one in candidates}, who)
    context.screen.answer([escape(os.path.relpath(sheet, here))])
    context.notice(licence(given.backend))
    return 0


def _check_models(context: Context, place: Place, backend: str) -> None:
    """Check that the model can be called, before anything else is asked for.

    Raises:
        SettingsError: it cannot; it says what to get, how big, under which terms, and which command gets it.
    """
    from episodec.cli.drawing import SETTINGS, licence
    from episodec.project.backend_checks import check_here
    from episodec.project.systems import SYSTEMS
    from episodec.series.session import opened

    name = SETTINGS[backend]
    system = SYSTEMS[name]
    with opened(place, [], context.base, context.notice) as session:
        try:
            check_here(session.project.backends, [name])
        except (SettingsError, BackendError) as error:
            facts = {
                **{key: value for key, value in error.facts.items() if key != "licence"},
                "get": f"{system.get}; about {system.size_gb} GB",
                "memory": system.memory,
                "licence": licence(backend),
                "command": system.command,
            }
            sentence = f"the model for `--backend {backend}` is not set up: {error.sentence}"
            hint = "`episodec doctor --write-local` writes a file of settings to fill in; docs/backends.md says more"
            hint = f"{error.hint}; {hint}" if error.hint else hint
            raise SettingsError(sentence, facts=facts, hint=hint) from error


def _log(place: Place) -> Path:
    """The log for the output of the models' libraries."""
    return Path(place.cache(), "runs", "character-image.log")


def _draw_sheet(path: Path, title: str, labels: Mapping[Path, str], who: PortraitSubject) -> None:
    """Draw the candidates side by side, with the present portrait if it is readable."""
    from episodec.drawings.candidate_sheet import SheetCell, write_sheet

    present = SheetCell(who.portrait, who.portrait.name) if _is_sound(who.portrait) else None
    write_sheet(path, title, [SheetCell(*one) for one in labels.items()], present)


def _is_sound(portrait: Path) -> bool:
    """Whether there is a readable portrait; builds report what is wrong with a damaged one."""
    from episodec.errors import BackendError
    from episodec.faces.portrait import check_portrait

    try:
        check_portrait(portrait)
    except BackendError:
        return False
    return True


def _pick(context: Context) -> int:
    from episodec.faces.portrait import check_portrait, is_png

    given, screen = context.options, context.screen
    candidate = Path(os.path.abspath(given.candidate))  # noqa: PTH100  # A link keeps its name.
    place = _place(os.fspath(candidate.parent), ".")
    who = _character(context, place, given.character or _whose(place, candidate))
    facts = check_portrait(candidate)
    if not is_png(candidate) or who.portrait.suffix.lower() != ".png":
        hint = "convert it to PNG, or name the picture as `portrait` in character.yaml"
        raise ProjectError("the candidate and the portrait must both be PNG files", hint=hint)
    content = candidate.read_bytes()
    pick = Pick(content, parameters_of(candidate, digest_bytes(content)))
    path_text = escape(os.path.relpath(who.portrait))
    if who.portrait.is_file() and who.portrait.read_bytes() == content:
        exchange(who, pick)  # A kill may have left the old one's parameters beside it.
        screen.answer([f"{path_text} already is this picture"])
        return 0
    screen.tell([f"{escape(candidate.name)}: {facts.width} x {facts.height} pixels, {facts.mode}"])
    if facts.note:
        screen.tell([f"note: {facts.note}"])
    if who.portrait.exists():
        screen.tell(_impact(context, who, candidate))
        if not given.yes and not _agreed(context, f"replace {path_text}? [y/N] "):
            screen.tell(["nothing was changed"])
            return 1
    kept = exchange(who, pick)
    screen.answer([f"{path_text} is now {escape(candidate.name)}"])
    if kept is not None:
        screen.answer([f"the old one is kept as {escape(os.path.relpath(kept))}"])
    return 0


def _impact(context: Context, who: PortraitSubject, candidate: Path) -> list[str]:
    """Lines: the drift of the candidate from the portrait, and what depends on the portrait."""
    from episodec.drawings.candidate_sheet import drift_from
    from episodec.questions.impact import impact
    from episodec.report.answers import impact_lines

    far = f"{drift_from(candidate, who.portrait):.1f} from the portrait" if _is_sound(who.portrait) else ""
    request = replace(context.request(), targets=(os.fspath(who.folder),))
    answers = impact(request, [os.fspath(who.portrait)], context.notice)
    return [*([f"drift  {far}"] if far else []), *impact_lines(answers, context.screen.paint())]


def _agreed(context: Context, question: str) -> bool:
    """Whether the user answers yes on the terminal.

    Raises:
        UsageError: stdin is not a terminal.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("replacing the portrait needs a confirmation, but stdin is not a terminal", hint="pass --yes")
    context.screen.write(context.screen.err, question)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _whose(place: Place, candidate: Path) -> str:
    """The owner of the candidates folder; outside of one, the only character of the series."""
    there = characters(place)
    owner = owner_of(candidate)
    if owner is None and len(there) == 1:
        return there[0]
    if owner is None:
        facts = {"there are": ", ".join(there) or "none"}
        raise UsageError("the candidate's character is not known", facts=facts, hint="pass --character NAME")
    return owner


def _character(context: Context, place: Place, name: str) -> PortraitSubject:
    who, diagnostics, texts = portrait_subject(place, name)
    context.diagnostics(tuple(diagnostics), texts)
    if who is None:
        raise RejectedSpecs("character.yaml has errors", facts={"character": name})
    return who


def _place(*folders: str) -> Place:
    """The series of the first of these folders that is in a series or directly above one."""
    for folder in folders:
        place = series_at(folder)
        if place is not None:
            return place
    raise ProjectError("no series found here", hint="`episodec new` creates one")
