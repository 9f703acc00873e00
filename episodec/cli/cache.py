"""`episodec cache`: lists, fills, reads, thins and verifies the shared cache, and removes everything made from one
file.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from episodec.cli import commands, options
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.project import tree
from episodec.project.settings import read_settings
from episodec.remote.settings import SharedCacheSettings, environment_cache
from episodec.series.session import opened
from episodec.text import count_text, size_text, table

KEY_FILE = "~/.config/episodec/cache.key"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    below = parser.add_subparsers(dest="what", metavar="ls|push|pull|gc|keygen|verify|du|forget", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        added = below.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        commands.common(added)
        return added

    listing = command("ls", "list the results in the shared cache")
    listing.add_argument("--namespace", metavar="NAME", help="list only this namespace")
    for name, text in (("push", "write results of this machine"), ("pull", "fetch results with their contents")):
        moving = command(name, text)
        options.targets(moving)
        options.variant(moving)
    thinning = command("gc", "remove old results from the namespace that this machine writes")
    thinning.add_argument("--older-than", type=options.whole, required=True, metavar="DAYS", help="keep younger ones")
    thinning.add_argument("-n", "--dry-run", action="store_true", help="only show what would be removed")
    making = command("keygen", "make a key to sign results with")
    making.add_argument("file", nargs="?", default=KEY_FILE, metavar="FILE", help=f"the file (default: {KEY_FILE})")
    checking = command("verify", "check signatures, and that contents are there")
    checking.add_argument("--bytes", action="store_true", help="read every content and compare its digest")
    command("du", "show how much is in the shared cache")
    text = "remove everything that was made from a portrait, a recording or a voice"
    forgetting = command("forget", text)
    forgetting.add_argument("file", metavar="FILE", help="the file; it stays where it is")
    forgetting.add_argument("-n", "--dry-run", action="store_true", help="only show what would be removed")
    options.variant(forgetting)


def run(context: Context) -> int:
    """Run the subcommand and return the exit code."""
    ways: dict[str, Callable[[Context], int]] = {
        "ls": _list,
        "push": _push,
        "pull": _pull,
        "gc": _thin,
        "keygen": _keygen,
        "verify": _verify,
        "du": _usage,
        "forget": _forget,
    }
    from episodec.extras import lacks, not_installed

    if absent := lacks("cache"):
        raise not_installed(absent)
    return ways[context.options.what](context)


def _keygen(context: Context) -> int:
    from episodec.remote.signing import new_key, write_secret

    path = Path(context.options.file).expanduser()
    public, secret = new_key()
    try:
        write_secret(path, secret)
    except FileExistsError:
        raise UsageError("the file exists, and may be the only copy of a key", facts={"file": path}) from None
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise UsageError("the key cannot be written", facts=facts) from error
    context.screen.answer(
        [
            public,
            f"the secret key is in {path}: name it as `key` where results are signed, and keep it there",
            "the public key above is what others list under `trust`",
        ]
    )
    return 0


def _list(context: Context) -> int:
    from episodec.remote.objects import open_objects
    from episodec.remote.upkeep import records_of
    from episodec.report.shared import record_rows

    settings = _settings(context)
    records = records_of(open_objects(settings, writes=False), settings.trust, context.options.namespace)
    rows = []
    for listed in records:
        parts = {} if listed.record is None else listed.record.parts
        by = "" if listed.record is None else listed.record.by[:16]
        stage, backend = (str(parts.get(name, "?")) for name in ("stage", "backend"))
        rows.append((listed.namespace, stage, backend, by, listed.size(), listed.changed_at, listed.fault))
    context.screen.answer([*record_rows(rows), f"{count_text(len(records), 'result')} in {settings.url}"])
    return 0


def _usage(context: Context) -> int:
    from episodec.remote.objects import open_objects
    from episodec.remote.upkeep import usage

    settings = _settings(context)
    rows = usage(open_objects(settings, writes=False))
    total = sum(one.record_bytes + one.content_bytes for one in rows)
    lines = table(
        [
            one.namespace,
            count_text(one.records, "result"),
            count_text(one.contents, "content"),
            size_text(one.content_bytes),
        ]
        for one in rows
    )
    context.screen.answer([*lines, f"{size_text(total)} in {settings.url}"])
    return 0


def _verify(context: Context) -> int:
    from episodec.remote.objects import open_objects
    from episodec.remote.upkeep import faults, records_of

    settings = _settings(context)
    objects = open_objects(settings, writes=False)
    records = records_of(objects, settings.trust)
    wrong = faults(objects, records, with_bytes=context.options.bytes)
    lines = [f"{one.path}: {one.fault}" for one in wrong]
    context.screen.answer(
        [*lines, f"{count_text(len(records), 'result')} checked, {len(wrong)} not trusted or incomplete"]
    )
    return int(bool(wrong))


def _thin(context: Context) -> int:
    from episodec.remote.objects import open_objects
    from episodec.remote.upkeep import thin

    settings, dry_run = _settings(context), context.options.dry_run
    if settings.write is None:
        raise UsageError("this machine does not write to a shared cache", facts={"url": settings.url})
    age, now = timedelta(days=context.options.older_than), datetime.now(UTC)
    removal = thin(open_objects(settings, writes=True), settings.write, settings.trust, age, now=now, dry_run=dry_run)
    word = "would be removed" if dry_run else "removed"
    contents = f"{count_text(len(removal.contents), 'content')}, {size_text(removal.size())}"
    context.screen.answer(
        [f"{count_text(len(removal.records), 'result')} and {contents} {word} from `{settings.write}`"]
    )
    return 0


def _push(context: Context) -> int:
    from episodec.building.transfers import push
    from episodec.report.shared import pushed_lines

    transfers = push(context.request(), context.notice)
    context.screen.answer(pushed_lines(transfers))
    return int(any(one.totals is not None and one.totals.written.errors for one in transfers))


def _pull(context: Context) -> int:
    from episodec.building.transfers import pull
    from episodec.report.shared import pulled_lines

    context.screen.answer(pulled_lines(pull(context.request(), context.notice)))
    return 0


def _forget(context: Context) -> int:
    from episodec.questions.forgetting import forget
    from episodec.report.shared import forgotten_lines

    request, dry_run = context.request(()), context.options.dry_run
    answer = forget(request, context.options.file, context.notice, dry_run=dry_run)
    context.screen.answer(forgotten_lines(answer, dry_run=dry_run))
    return 0


def _settings(context: Context) -> SharedCacheSettings:
    """The shared cache of the series here, or of the user's settings.

    Raises:
        UsageError: there is none.
    """
    here = tree.locate(".") or next(iter(tree.locate_below(".")), None)
    if here is not None:
        with opened(here, [here.folder()], replace(context.request(()), only_reads=True), context.notice) as session:
            settings = None if session.shared is None else session.shared.settings
    else:
        own, diagnostics, texts = read_settings(os.getcwd(), context.base.environment)  # noqa: PTH109
        context.diagnostics(tuple(diagnostics), texts)
        settings = environment_cache(context.base.environment) or own.shared_cache
    if settings is None:
        hint = "set `shared_cache` in your own settings: docs/shared-cache.md"
        raise UsageError("there is no shared cache", hint=hint)
    return settings
