"""Options that several commands share, and the request that they make."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from episodec.cli.screen import Screen
from episodec.errors import UsageError
from episodec.project.asked import Asked
from episodec.project.authoring import Diagnostic, OutputFormat, render
from episodec.series.goals import Frames, Goals, Only, Preview
from episodec.series.noop import Standing
from episodec.series.request import Request

FORMATS = ("full", "concise", "json", "github")


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is run with."""

    options: argparse.Namespace
    base: Request  # The environment, and whatever tests bring.
    screen: Screen
    seen: Mapping[str, Standing]  # How series stand that were looked at already, by folder.
    words: tuple[str, ...]  # The command line, for the run log.

    def request(self, targets: tuple[str, ...] | None = None) -> Request:
        """What the options ask for, of these targets in place of the options'; options that a command does not have
        keep their defaults.
        """
        given = vars(self.options)
        small = bool(given.get("preview"))
        asked = Asked(given.get("profile"), overrides(given.get("backend") or []), preview=small)
        jobs = given.get("jobs")
        return replace(
            self.base,
            targets=tuple(given.get("targets") or ()) if targets is None else targets,
            asked=asked,
            jobs=self.base.jobs if jobs is None else jobs,
            keep_going=bool(given.get("keep_going")),
            force=bool(given.get("always_make")),
            remake=stages(given.get("remake") or []),
            goals=goals(given.get("only") or [], given.get("frames"), small=small),
        )

    def question(self, targets: tuple[str, ...] | None = None) -> Request:
        """The same of a command that makes nothing: where the cache cannot be written, it answers all the same."""
        return replace(self.request(targets), only_reads=True)

    def notice(self, sentence: str) -> None:
        """Show a sentence of the store's."""
        from episodec.text import text_lines

        self.screen.tell(f"note: {line}" for line in text_lines(sentence))

    def diagnostics(self, found: tuple[Diagnostic, ...], texts: Mapping[str, str], *, answer: bool = False) -> None:
        """Show diagnostics: on stdout when they are what was asked for, else on stderr."""
        screen, form = self.screen, output_format(self.options)
        if found or (answer and form == "json"):
            color = screen.out_color if answer else screen.err_color
            screen.write(screen.out if answer else screen.err, render(found, texts, form, color=color))


def targets(parser: argparse.ArgumentParser) -> None:
    """Which episodes."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a spec, a folder, a number (72), a range (70-75) or one with its season (d13/72); none: all",
    )


def variant(parser: argparse.ArgumentParser) -> None:
    """Which way of building them."""
    parser.add_argument("--profile", metavar="NAME", help="build with this profile of series.yaml")
    parser.add_argument(
        "--backend", metavar="STAGE=NAME", action="append", help="let this backend do a stage (may be repeated)"
    )


def remake(parser: argparse.ArgumentParser) -> None:
    """Which results are not to be taken from the cache."""
    parser.add_argument(
        "--remake",
        metavar="STAGE",
        action="append",
        help="make this stage's results anew and replace those that are there (may be repeated)",
    )


def parts(parser: argparse.ArgumentParser) -> None:
    """Which part of the episodes."""
    parser.add_argument(
        "--only",
        metavar="STAGE",
        action="append",
        help="a stage, or an action of it (voice/3), and what it needs; nothing is published (may be repeated)",
    )
    parser.add_argument(
        "--frames", metavar="A-B", help="the chunks that hold these frames of one episode, and a preview of them"
    )
    parser.add_argument(
        "--preview",
        action="store_true",
        help="a film of one episode to look at soon: a quarter of the pixels, every second frame; not published",
    )


def goals(only: list[str], frames: str | None, *, small: bool = False) -> Goals | None:
    """What of the episodes is asked for; None: all of them.

    Raises:
        UsageError: the frames are no range, or both are given.
    """
    if only and (frames is not None or small):
        other = "--preview" if small else "--frames"
        raise UsageError(f"--only and {other} ask for two things", hint="ask for one after the other")
    if only:
        return Only(tuple(name.strip("/") for name in only))
    if frames is None:
        return Preview(None) if small else None
    found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", frames)
    start = int(found[1]) if found else 0
    end = int(found[2]) if found and found[2] else start + 1
    if not found or end <= start:
        raise UsageError("these are no frames", facts={"given": frames}, hint="--frames 300-330: 300 to 329")
    return Preview(Frames(start, end)) if small else Frames(start, end)


def diagnostics_format(parser: argparse.ArgumentParser) -> None:
    """How diagnostics are shown."""
    parser.add_argument("--output-format", choices=FORMATS, default="full", help="how diagnostics are shown")


def as_json(parser: argparse.ArgumentParser) -> None:
    """The answer for programs."""
    parser.add_argument("--json", action="store_true", help="the answer as JSON")


def output_format(options: argparse.Namespace) -> OutputFormat:
    """The chosen format of diagnostics."""
    chosen: OutputFormat = vars(options).get("output_format") or "full"
    return chosen


def overrides(given: list[str]) -> dict[str, str]:
    """`stage=name` texts as a mapping.

    Raises:
        UsageError: one is of another form, or a stage is named twice.
    """
    found: dict[str, str] = {}
    for text in given:
        stage, sign, name = text.partition("=")
        if not sign or not stage or not name:
            raise UsageError("a backend is given as STAGE=NAME", facts={"given": text}, hint="--backend voice=file")
        if found.setdefault(stage, name) != name:
            raise UsageError("two backends are given for one stage", facts={"stage": stage})
    return found


def stages(given: list[str]) -> tuple[str, ...]:
    """Names of stages.

    Raises:
        UsageError: there is none of a name.
    """
    from episodec.project.backend_checks import check_stages

    check_stages(given)
    return tuple(given)


def whole(text: str) -> int:
    """A positive whole number, as an argument."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
