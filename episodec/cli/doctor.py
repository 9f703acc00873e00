"""`episodec doctor`: whether this machine can build, and how to fix what is wrong."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.errors import ProjectError
from episodec.project.accepted import accept
from episodec.project.settings import settings_files
from episodec.project.systems import settings_text
from episodec.questions.doctor import Finding, doctor
from episodec.report import stream
from episodec.report.paint import Paint
from episodec.series.session import opened, places
from episodec.text import escape, table

_STYLES = {"ok": "32", "note": "33", "wrong": "31"}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "exit codes: 0 the profile can be built, 1 something is wrong; problems of other profiles only noted"
    )
    parser.add_argument(
        "--profile", metavar="NAME", help="check this profile of series.yaml instead of the default one"
    )
    options.as_json(parser)
    meaning = "trust episodec.local.yaml, which may name programs to run, in a folder without git"
    parser.add_argument("--accept-settings", action="store_true", help=meaning)
    meaning = "write an episodec.local.yaml to fill in, with what the series' profiles need; never over an existing one"
    parser.add_argument("--write-local", action="store_true", help=meaning)


def run(context: Context) -> int:
    """Show the findings; the exit code is 1 if something is wrong."""
    if context.options.accept_settings:
        _accept(context)
    if context.options.write_local:
        return _write_local(context)
    findings = doctor(context.request(), context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("doctor", findings))
    else:
        screen.answer(table(row for one in findings for row in _rows(one, screen.paint())))
    return int(any(one.verdict == "wrong" for one in findings))


def _accept(context: Context) -> None:
    for place, _ in places(()):
        file = settings_files(place.root, context.base.environment)[0]
        kept = accept(file, context.base.environment)
        context.notice(f"{file} is accepted as it is now; this is noted in {kept}")


def _write_local(context: Context) -> int:
    """Write the settings to fill in of each series here, unless there is a file.

    Raises:
        ProjectError: there is one; nothing is written.
    """
    for place, _ in places(()):
        path = settings_files(place.root, context.base.environment)[0]
        with opened(place, [], context.question(), context.notice) as session:
            licences = session.systems()
        try:
            with open(path, "x", encoding="utf-8") as file:  # noqa: PTH123 - the path may have any bytes.
                file.write(settings_text(licences))
        except FileExistsError:
            hint = "`episodec doctor` says what it lacks; move it away to have a new one written"
            raise ProjectError("there already is a file of settings", facts={"file": path}, hint=hint) from None
        except OSError as error:
            raise ProjectError("cannot write the settings", facts={"file": path, "reason": error.strerror}) from error
        context.screen.answer([f"wrote {escape(path)}: {', '.join(licences) or 'no profile needs settings'}"])
    return 0


def _rows(finding: Finding, paint: Paint) -> list[list[str]]:
    rows = [[paint(f"{finding.verdict:<5}", _STYLES[finding.verdict]), escape(finding.what), escape(finding.sentence)]]
    return [*rows, ["", "", f"help: {escape(finding.hint)}"]] if finding.hint else rows
