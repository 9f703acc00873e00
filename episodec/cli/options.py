"""Options that several commands share, and the request that they make."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from episodec.cli.screen import Screen
from episodec.errors import UsageError
from episodec.project.authoring import Diagnostic, OutputFormat, render
from episodec.project.command_overrides import CommandOverrides
from episodec.series.goals import ActionsGoal, FramesGoal, Goals, Preview
from episodec.series.noop import SeriesState
from episodec.series.request import Request

FORMATS = ("full", "concise", "json", "github")


@dataclass(frozen=True, slots=True)
class Context:
    """The options, environment and screen that a command runs with."""

    options: argparse.Namespace
    base: Request  # The environment, and backends of tests.
    screen: Screen
    series_states: Mapping[str, SeriesState]  # The state of series that were already examined, by folder.
    words: tuple[str, ...]  # The command line, for the run log.

    def request(self, targets: tuple[str, ...] | None = None) -> Request:
        """The request that the options make; `targets` replaces the targets given. Options that the command does not
        have keep their defaults.
        """
        given = vars(self.options)
        small = bool(given.get("preview"))
        asked = CommandOverrides(given.get("profile"), overrides(given.get("backend") or []), preview=small)
        jobs = given.get("jobs")
        return replace(
            self.base,
            targets=tuple(given.get("targets") or ()) if targets is None else targets,
            asked=asked,
            jobs=self.base.jobs if jobs is None else jobs,
            keep_going=bool(given.get("keep_going")),
            force=bool(given.get("always_make")),
            locked=bool(given.get("locked")),
            remake=stages(given.get("remake") or []),
            goals=goals(given.get("only") or [], given.get("frames"), small=small),
        )

    def question(self, targets: tuple[str, ...] | None = None) -> Request:
        """The request of a read-only command, which also works if the cache cannot be written."""
        return replace(self.request(targets), only_reads=True)

    def notice(self, sentence: str) -> None:
        """Show a note on stderr."""
        from episodec.text import text_lines

        self.screen.tell(f"note: {line}" for line in text_lines(sentence))

    def diagnostics(
        self, diagnostics: tuple[Diagnostic, ...], texts: Mapping[str, str], *, answer: bool = False
    ) -> None:
        """Show diagnostics: on stdout if they are the answer, else on stderr."""
        screen, form = self.screen, output_format(self.options)
        if diagnostics or (answer and form == "json"):
            color = screen.out_color if answer else screen.err_color
            screen.write(screen.out if answer else screen.err, render(diagnostics, texts, form, color=color))


def targets(parser: argparse.ArgumentParser) -> None:
    """Add the targets."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a spec, a folder, a number (72), a range (70-75), or either with its season (d13/72); default: all",
    )


def comparison(parser: argparse.ArgumentParser) -> None:
    """Add what is compared, and its targets; `questions.sides.base_and_targets` parts them."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="BASE | TARGET",
        help="a commit to compare the working tree with (default: the last one), BASE..HEAD or BASE...HEAD; "
        "then specs, folders, numbers (72) or ranges (70-75) (default: all)",
    )


def variant(parser: argparse.ArgumentParser) -> None:
    """Add --profile and --backend."""
    parser.add_argument("--profile", metavar="NAME", help="build with this profile of series.yaml")
    parser.add_argument(
        "--backend", metavar="STAGE=NAME", action="append", help="use this backend for a stage (may be repeated)"
    )


def locked(parser: argparse.ArgumentParser) -> None:
    """Add --locked."""
    parser.add_argument(
        "--locked", action="store_true", help="make nothing of adapters: take approved or cached results, or fail"
    )


def remake(parser: argparse.ArgumentParser) -> None:
    """Add --remake."""
    parser.add_argument(
        "--remake",
        metavar="STAGE",
        action="append",
        help="make this stage's results again and replace the old ones (may be repeated)",
    )


def parts(parser: argparse.ArgumentParser) -> None:
    """Add --only, --frames and --preview."""
    parser.add_argument(
        "--only",
        metavar="STAGE",
        action="append",
        help="make only a stage, or one of its actions (voice/3), and what it needs; publish nothing (may be repeated)",
    )
    parser.add_argument(
        "--frames", metavar="A-B", help="make the chunks with these frames of one episode, and a preview of them"
    )
    parser.add_argument(
        "--preview",
        action="store_true",
        help="make a quick film of one episode: a quarter of the pixels, every second frame; publish nothing",
    )


def goals(only: list[str], frames: str | None, *, small: bool = False) -> Goals | None:
    """The parts of the episodes to make; None: whole episodes.

    Raises:
        UsageError: `frames` is not a range, or options that exclude each other are given.
    """
    if only and (frames is not None or small):
        other = "--preview" if small else "--frames"
        raise UsageError(f"--only and {other} exclude each other", hint="leave one of them out")
    if only:
        return ActionsGoal(tuple(name.strip("/") for name in only))
    if frames is None:
        return Preview(None) if small else None
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", frames)
    start = int(match[1]) if match else 0
    end = int(match[2]) if match and match[2] else start + 1
    if not match or end <= start:
        raise UsageError("this is not a range of frames", facts={"given": frames}, hint="--frames 300-330: 300 to 329")
    return Preview(FramesGoal(start, end)) if small else FramesGoal(start, end)


def diagnostics_format(parser: argparse.ArgumentParser) -> None:
    """Add --output-format."""
    parser.add_argument(
        "--output-format", choices=FORMATS, default="full", help="the format of diagnostics (default: full)"
    )


def as_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def output_format(options: argparse.Namespace) -> OutputFormat:
    """The chosen format of diagnostics."""
    chosen: OutputFormat = vars(options).get("output_format") or "full"
    return chosen


def overrides(given: list[str]) -> dict[str, str]:
    """`stage=name` texts as a mapping.

    Raises:
        UsageError: a text has another form, or a stage has two backends.
    """
    by_stage: dict[str, str] = {}
    for text in given:
        stage, sign, name = text.partition("=")
        if not sign or not stage or not name:
            raise UsageError("--backend takes STAGE=NAME", facts={"given": text}, hint="--backend voice=file")
        if by_stage.setdefault(stage, name) != name:
            raise UsageError("two backends are given for one stage", facts={"stage": stage})
    return by_stage


def stages(given: list[str]) -> tuple[str, ...]:
    """The names of stages, checked.

    Raises:
        UsageError: a stage does not exist.
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


def share(text: str) -> float:
    """A share in percent, `1` or `1%`, as a number from 0 to 1."""
    percent = float(text.removesuffix("%"))
    if not 0 < percent <= 100:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100")
    return percent / 100
