"""`episodec new`: write a first series, or one more episode. Existing files are never overwritten."""

import argparse
import os
import re
import shlex
from pathlib import Path

from episodec.cli.options import Context
from episodec.cli.where import series_at
from episodec.errors import ProjectError, UsageError
from episodec.project import tree
from episodec.project.authoring import LANGUAGE_VERSION, has_errors, new_spec
from episodec.project.portraits import characters, has_portrait
from episodec.project.references import leads_out, project_of
from episodec.project.schemas import schema_texts
from episodec.project.tree import LOCAL_FILE
from episodec.series.session import opened
from episodec.text import escape

MODELINE = "# yaml-language-server: $schema="
FIRST = 1
MAX_NUMBER, MAX_TITLE = 999_999, 200  # As the schema has them.

_SERIES = """\
{modeline}

# What every episode shares unless it says otherwise.
episodec: {version}
title: My series
season: s01
character: alpha
language: en
disclosure: Voice and pictures of this series are synthetic.

# The backend of each stage. `espeak` speaks the text (install it with `pip install 'episodec[draft-voice]'`),
# `procedural` makes ambience from the prompt, `relief` makes a scene from the portrait, `file` uses an existing
# video.
profile: draft
profiles:
  draft:
    backends: {{voice: espeak, foley: procedural, scene: relief, video: file}}
    size: [512, 512]
"""

_CHARACTER = """\
{modeline}

# One identity. Put alpha-ref.png, the portrait that all pictures are made from, and ref_alpha.npy, the voice, beside
# this file (`episodec voice-ref encode` makes the voice from a recording). Without a portrait there is only sound.
episodec: {version}
title: Alpha
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "path", nargs="?", metavar="FILE|DIR", help="episodes/074-a-title.episode.yaml, or a folder (default: here)"
    )
    parser.add_argument("--number", type=int, metavar="N", help="the episode's number (default: from the file's name)")
    parser.add_argument("--title", metavar="TEXT", help="the episode's title (default: from the file's name)")
    parser.add_argument("--voice", metavar="WAV", help="a recording, relative to the spec")
    parser.add_argument(
        "--portrait",
        metavar="PICTURE",
        help="a picture of a new series' character; a PNG is copied, a JPEG or WebP is converted",
    )


def run(context: Context) -> int:
    """Write one more episode inside a series; otherwise a new series with its first episode."""
    given = context.options
    path = Path(given.path or ".")
    is_spec = path.name.endswith(tree.SPEC_SUFFIX)
    place = _series_of(path.parent if is_spec else path)
    _check_inside(path, project_of(os.fspath(path)))
    if given.portrait and place is not None:
        hint = "in an existing series, put it at characters/NAME/NAME-ref.png"
        raise UsageError("--portrait is for a new series", hint=hint)
    if place is None:
        folder = path.parent if is_spec else Path(path, "episodes") if path.name != "episodes" else path
        written = _series(folder, given.portrait)
        if given.portrait and Path(given.portrait).read_bytes() != written[-1].read_bytes():
            context.notice(f"{given.portrait} was written as a PNG, upright and in sRGB: {written[-1].name}")
        if given.portrait:
            _tell_flaws(context, written[-1])
        place = tree.locate(os.fspath(written[0].parent))
        assert place is not None
    else:
        written = []
    written += _schemas(Path(os.path.relpath(place.root), "schema"))
    folder = path.parent if is_spec else Path(os.path.relpath(place.folder()))
    number = given.number if given.number is not None else _number_in(path.name) if is_spec else None
    if number is not None and not 0 <= number <= MAX_NUMBER:
        raise UsageError(f"an episode's number is 0 to {MAX_NUMBER}", facts={"number": number})
    if number is None:
        number = _next_number(context, place)
    title = given.title or (_title_in(path.name) if is_spec else "") or f"Episode {number}"
    if not title.isprintable() or not title.strip() or len(title) > MAX_TITLE:
        raise UsageError(f"a title is one line of text of at most {MAX_TITLE} characters", facts={"title": title})
    spec = path if is_spec else folder / f"{number:03}-{_slug(title)}{tree.SPEC_SUFFIX}"
    # The new spec asks only for what exists, and so builds unchanged.
    schema = _schema(spec, "episode")
    is_seen = has_portrait(place)
    text = new_spec(number, title, recording=given.voice, has_picture=is_seen, schema=schema)
    written.append(_create(spec, text.encode()))
    context.screen.answer(map(str, written))
    if not context.screen.quiet:
        context.screen.tell(_next_steps(spec, place, is_seen=is_seen))
    return 0


def _tell_flaws(context: Context, portrait: Path) -> None:
    from episodec.faces.looks import TELLS, flaws_of

    for flaw in flaws_of(portrait):
        context.notice("; ".join(TELLS[flaw]))


def _next_steps(spec: Path, place: tree.Place, *, is_seen: bool) -> list[str]:
    """The lines that tell a newcomer what to do next."""
    root = os.path.relpath(place.root)
    command = "episodec build" if root == "." else f"episodec -C {shlex.quote(root)} build"
    lines = [escape(f"next: write what it says in {spec}, then `{command}`")]
    if not is_seen:
        names = characters(place)
        name = names[0] if len(names) == 1 else "NAME"
        portrait = Path(os.path.relpath(place.folder()), "characters", name, f"{name}-ref.png")
        lines += [
            "note: there will be only sound, because the character has no portrait",
            escape(f"  help: put a picture of a face at {portrait}, and add a `camera` to the spec"),
        ]
    return lines


def _series_of(folder: Path) -> tree.Place | None:
    """The series that a new file here belongs to; the folder need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return series_at(os.fspath(folder))


def _series(folder: Path, portrait: str | None) -> list[Path]:
    """Write a series and its character; returns the files written, the portrait last."""
    alpha = folder / "characters" / "alpha"
    picture = None if portrait is None else _picture(Path(portrait))  # Refused before anything is written.
    _check_inside(alpha, os.fspath(folder))
    _check_inside(folder.parent / "schema", os.fspath(folder.parent))
    return [
        _write(folder / tree.SERIES_FILE, _SERIES, "series"),
        _write(alpha / "character.yaml", _CHARACTER, "character"),
        *_ignored(folder.parent / ".gitignore"),
        *([] if picture is None else [_create(alpha / "alpha-ref.png", picture)]),
    ]


def _ignored(path: Path) -> list[Path]:
    """Write .gitignore for dist/ and the machine's settings, unless there is one. cache/ has its own."""
    return [] if path.exists() else [_create(path, f"/dist/\n/{LOCAL_FILE}\n".encode())]


def _picture(path: Path) -> bytes:
    """A usable portrait as a PNG. Raises: BackendError, if it is not usable."""
    from episodec.faces.portrait import as_png, check_portrait

    check_portrait(path)
    return as_png(path)


def _schemas(folder: Path) -> list[Path]:
    """Write the schemas that the first line of every file names, for editors; existing ones are kept."""
    _check_inside(folder, os.fspath(folder.parent))
    missing = {path: text for name, text in schema_texts().items() if not (path := folder / name).exists()}
    return [_create(path, text.encode()) for path, text in missing.items()]


def _write(path: Path, template: str, kind: str) -> Path:
    """Write a new author's file with its schema in the first line."""
    schema = f"{MODELINE}{_schema(path, kind)}"
    return _create(path, template.format(modeline=schema, version=LANGUAGE_VERSION).encode())


def _create(path: Path, content: bytes) -> Path:
    """Write a new file. Raises: ProjectError, if it exists or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ProjectError("the file already exists", facts={"file": path}, hint="choose another name") from error
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise ProjectError("a file cannot be written", facts=facts) from error
    return path


def _check_inside(path: Path, root: str | None) -> None:
    """Raises: ProjectError, if links lead from this root to a place outside it."""
    if root is not None and leads_out(os.fspath(path), root):
        facts = {"path": path, "leads to": os.path.realpath(path)}
        raise ProjectError("a link leads out of the project, so nothing is written there", facts=facts)


def _schema(path: Path, kind: str) -> str:
    """The path of the schema relative to this file's folder: it is in schema/ at the project's root."""
    place = _series_of(path.parent)
    root = place.root if place is not None else os.path.realpath(path.parent.parent)
    return os.path.relpath(Path(root, "schema", f"{kind}.schema.json"), os.path.realpath(path.parent))


def _next_number(context: Context, place: tree.Place) -> int:
    """The number after the last one."""
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


def _slug(title: str) -> str:
    return "-".join(re.findall(r"\w+", title.lower()))[:60] or "episode"
