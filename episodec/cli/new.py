"""`episodec new`: write a first series, one more episode, or episodes from existing posts. Existing files are never
overwritten.
"""

import argparse
import os
import re
import shlex
from pathlib import Path

from episodec.cli import new_from
from episodec.cli.first_series import Identity, check_inside, create, schema_from, write_schemas, write_series
from episodec.cli.options import Context
from episodec.cli.where import series_at
from episodec.errors import ProjectError, UsageError
from episodec.project import tree
from episodec.project.authoring import has_errors, new_spec
from episodec.project.portraits import characters, has_portrait
from episodec.project.references import project_of
from episodec.series.session import opened
from episodec.text import escape

FIRST = 1
MAX_NUMBER, MAX_TITLE = 999_999, 200  # The limits in the schema.


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "path", nargs="?", metavar="FILE|DIR", help="episodes/074-a-title.episode.yaml, or a folder (default: here)"
    )
    parser.add_argument("--number", type=int, metavar="N", help="the episode's number (default: from the file's name)")
    parser.add_argument("--title", metavar="TEXT", help="the episode's title (default: from the file's name)")
    parser.add_argument("--voice", metavar="WAV", help="a recording, relative to the spec")
    parser.add_argument(
        "--from",
        dest="posts",
        nargs="+",
        metavar="POST",
        help="existing posts as text: an episode is written for each, and for a new series the form of its posts",
    )
    parser.add_argument(
        "--portrait",
        metavar="PICTURE",
        help="a picture of a new series' character; a PNG is copied, a JPEG or WebP is converted (default: Alpha)",
    )


def run(context: Context) -> int:
    """Write episodes inside a series; otherwise a new series with them."""
    given = context.options
    path = Path(given.path or ".")
    is_spec = path.name.endswith(tree.SPEC_SUFFIX)
    place = _series_of(path.parent if is_spec else path)
    check_inside(path, project_of(os.fspath(path)))
    if given.portrait and place is not None:
        hint = "in an existing series, put it at characters/NAME/NAME-ref.png"
        raise UsageError("--portrait is for a new series", hint=hint)
    if given.posts:
        new_from.check_options(given, is_spec=is_spec)
    posts = new_from.read_posts(given.posts or ())
    folder = path.parent if is_spec else Path(path, "episodes") if path.name != "episodes" else path
    written: list[Path] = []
    if place is None:
        picture = (
            None if given.portrait is None else _picture(Path(given.portrait))
        )  # Refused before anything is written.
        written = write_series(folder, new_from.series_identity(posts) if posts else Identity(), picture)
        _tell_portrait(context, given.portrait, written)
        place = tree.locate(os.fspath(written[0].parent))
        assert place is not None
    written += write_schemas(Path(os.path.relpath(place.root), "schema"))
    specs = new_from.write(context, posts, place) if posts else [_one_more(context, path, place, is_spec=is_spec)]
    context.screen.answer(map(str, (*written, *specs)))
    if not context.screen.quiet:
        context.screen.tell(_next_steps(specs, place, of_posts=bool(posts)))
    return 0


def _one_more(context: Context, path: Path, place: tree.Place, *, is_spec: bool) -> Path:
    """Write a spec for the author to change; returns its path."""
    given = context.options
    folder = path.parent if is_spec else Path(os.path.relpath(place.folder()))
    number = given.number if given.number is not None else _number_in(path.name) if is_spec else None
    if number is not None and not 0 <= number <= MAX_NUMBER:
        raise UsageError(f"an episode's number is 0 to {MAX_NUMBER}", facts={"number": number})
    if number is None:
        number = _next_number(context, place)
    title = given.title or (_title_in(path.name) if is_spec else "") or f"Episode {number}"
    if not title.isprintable() or not title.strip() or len(title) > MAX_TITLE:
        raise UsageError(f"a title is one line of text of at most {MAX_TITLE} characters", facts={"title": title})
    spec = path if is_spec else folder / new_from.file_name(number, title)
    # The new spec only uses what exists, so it builds unchanged.
    schema = schema_from(spec.parent, place.root, "episode")
    text = new_spec(number, title, recording=given.voice, has_picture=has_portrait(place), schema=schema)
    return create(spec, text.encode())


def _tell_portrait(context: Context, portrait: str | None, written: list[Path]) -> None:
    """Report where the portrait is from, and its flaws."""
    from episodec.faces.looks import TELLS, flaws_of

    (kept,) = (path for path in written if path.suffix == ".png")
    if portrait is None:
        context.notice(f"no --portrait is given: {kept} is episodec's Alpha, until you put a picture of a face there")
        return
    if Path(portrait).read_bytes() != kept.read_bytes():
        context.notice(f"{portrait} was written as a PNG, upright and in sRGB: {kept.name}")
    for flaw in flaws_of(kept):
        context.notice("; ".join(TELLS[flaw]))


def _next_steps(specs: list[Path], place: tree.Place, *, of_posts: bool) -> list[str]:
    """The lines that tell a newcomer what to do next; specs of posts have their narration already."""
    root = os.path.relpath(place.root)
    command = "episodec" if root == "." else f"episodec -C {shlex.quote(root)}"
    if of_posts:
        what = specs[0] if len(specs) == 1 else "the specs"
        lines = [escape(f"next: look through {what}, `{command} validate`, then `{command} build`")]
    else:
        lines = [escape(f"next: write the narration in {specs[0]}, then `{command} build`")]
    if not has_portrait(place):
        names = characters(place)
        name = names[0] if len(names) == 1 else "NAME"
        portrait = Path(os.path.relpath(place.folder()), "characters", name, f"{name}-ref.png")
        lines += [
            "note: there will be only sound, because the character has no portrait",
            escape(f"  help: put a picture of a face at {portrait}, and add a `camera` to the spec"),
        ]
    return lines


def _series_of(folder: Path) -> tree.Place | None:
    """The series that a new file here belongs to; its folder need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return series_at(os.fspath(folder))


def _picture(path: Path) -> bytes:
    """A usable portrait as a PNG. Raises: BackendError, if it is not usable."""
    from episodec.faces.portrait import as_png, check_portrait

    check_portrait(path)
    return as_png(path)


def _next_number(context: Context, place: tree.Place) -> int:
    """The number after the highest one in the series."""
    with opened(place, [], context.base, context.notice) as session:
        if session.project.series is None or has_errors(session.project.diagnostics):
            raise ProjectError("series.yaml has errors", hint="`episodec validate` shows them; or pass --number")
        numbers = session.project.numbers(session.specs)
    return max((number for _, number in numbers.values()), default=FIRST - 1) + 1


def _number_in(name: str) -> int | None:
    match = re.match(r"\d+", name)
    return int(match[0]) if match else None


def _title_in(name: str) -> str:
    words = re.sub(r"^\d+[-_. ]*", "", name.removesuffix(tree.SPEC_SUFFIX))
    text = re.sub(r"[-_ ]+", " ", words).strip()
    return text[:1].upper() + text[1:]
