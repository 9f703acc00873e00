"""`episodec review`: a page with two versions of a series side by side.

Films that are not in the cache are not built, except the earlier version's with `--build-base`.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from episodec.cli import at, build, options, results
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.page.review import review_page
from episodec.project.authoring import has_errors
from episodec.publishing.review_folder import FOLDER, write_review
from episodec.questions.review import SeriesReview, review
from episodec.questions.sides import base_and_targets
from episodec.report import stream
from episodec.report.review_page import review_lines, review_output
from episodec.series.session import places
from episodec.store.borrowed import borrowed
from episodec.store.cache import open_cache
from episodec.store.layout import open_layout

PAGE = "index.html"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.comparison(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="use N processors (default: all)")
    parser.add_argument(
        "--build-base",
        action="store_true",
        help="build the films of BASE that are not in the cache; it is not published",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", help=f"the folder of the page (default: {FOLDER}/, beside dist/)"
    )
    options.as_json(parser)
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Write the page and print its path; the exit code is 1 if the later version has errors or BASE cannot be built."""
    asked = context.options
    base, targets = base_and_targets(asked.targets)
    request = context.question(targets)
    (place, _), *others = places(request.targets)
    if others:
        raise UsageError("a page shows a single series", hint="name one, or change to its folder with -C")
    (series_review,) = review(request, base)
    code = 0
    if asked.build_base and series_review.unbuilt()[0]:
        code = _build_base(context, series_review)
        (series_review,) = review(request, base)
    context.diagnostics(series_review.diff.diagnostics, series_review.diff.texts)
    folder = Path(asked.output or Path(place.root, FOLDER))
    _write(series_review, folder)
    if asked.json:
        context.screen.write(
            context.screen.out, stream.answer("review", {"page": str(folder / PAGE), "series": series_review})
        )
    else:
        page = results.from_here(str(folder / PAGE))
        context.screen.answer(
            [*review_lines(series_review), *results.lines([page], has_links=context.screen.has_links)]
        )
    return code or int(has_errors(series_review.diff.diagnostics))


def _build_base(context: Context, series_review: SeriesReview) -> int:
    """Build the films of the earlier version that the cache lacks; the exit code of that build."""
    (place, _), *_ = places((series_review.diff.root,))
    specs, _ = series_review.unbuilt()
    with TemporaryDirectory(dir=open_layout(place.cache()).incoming, prefix="base-") as scratch:
        mute = argparse.Namespace(**{**vars(context.options), "json": False})  # The answer is a single object.
        outcomes = at.built_at(
            replace(context, options=mute),
            context.request(),
            place,
            series_review.diff.base,
            str(Path(scratch, "films")),
            lambda inside: tuple(str(Path(inside, spec)) for spec in specs),
        )
    return build.exit_code(outcomes)


def _write(series_review: SeriesReview, folder: Path) -> None:
    page = review_output(series_review)
    with borrowed(series_review.cache) as layout:
        store = open_cache(layout)
        try:
            write_review(folder, {PAGE: review_page(page.page)}, page.files, store.blobs)
        finally:
            store.index.close()
