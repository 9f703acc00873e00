"""`episodec gc`: frees disk space; what the present specs need is always kept."""

import argparse
import os
import re
from dataclasses import replace

from episodec.cli import options
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.kernel_files import kernels_folder
from episodec.project import tree
from episodec.questions.pins import pinned
from episodec.report import stream
from episodec.store.cache import open_cache
from episodec.store.gc import Report, collect
from episodec.store.kernels import collect_kernels
from episodec.store.layout import open_layout
from episodec.text import count_text, size_text

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--max-size", type=size, metavar="SIZE", help="evict least recently used results down to 20G")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would be removed")
    options.as_json(parser)
    parser.epilog = (
        "without --max-size only leftovers are removed: unfinished copies, damaged files, old scratch folders, "
        "compiled kernels that no installation uses"
    )


def run(context: Context) -> int:
    """Collect garbage in every cache here and in the user's compiled kernels."""
    here = tree.locate(".")
    places = [here] if here is not None else tree.locate_below(".")
    if not places:
        raise UsageError("no series found here", hint="change to one with -C")
    roots = {place.root: place for place in places}
    dry_run = context.options.dry_run
    for number, place in enumerate(roots.values()):
        keys, locked = pinned(place, context.request(), context.notice)
        cache = open_cache(open_layout(place.cache()), context.notice)
        try:
            report = collect(cache, keys, context.options.max_size, dry_run=dry_run, locked=locked)
        finally:
            cache.index.close()
        if number == 0:  # Kernels belong to the user, not to a series.
            kernels = kernels_folder(os.environ)
            report = replace(report, kernel_bytes=collect_kernels(kernels, dry_run=dry_run))
        if context.options.json:
            context.screen.write(context.screen.out, stream.answer("gc", report))
        else:
            context.screen.answer(_lines(report, context.options.max_size, dry_run=dry_run))
    return 0


def size(text: str) -> int:
    """`20G`, `500 MB`, `1.5 GiB` in bytes."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 500M or 20G")
    number, unit, binary = match.groups()
    power = "kmgt".index(unit.lower()) + 1 if unit else 0
    return round(float(number) * (1024**power if binary else _UNITS[unit.lower()]))


def _lines(report: Report, limit: int | None, *, dry_run: bool) -> list[str]:
    word = "would be removed" if dry_run else "removed"
    lines = [
        f"{count_text(report.records, 'result')} {word}: {size_text(report.evicted_bytes)}",
        f"leftovers {word}: {size_text(report.leftover_bytes)}",
        f"compiled kernels of no installation {word}: {size_text(report.kernel_bytes)}",
        f"kept: {size_text(report.kept_bytes)}, of which the present specs need {size_text(report.pinned_bytes)}",
    ]
    if limit is not None and report.kept_bytes > limit:
        lines.append(f"more than {size_text(limit)} is kept, because the present specs need it")
    return lines
