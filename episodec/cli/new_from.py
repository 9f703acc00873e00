"""`episodec new --from`: existing posts become specs, and their common form becomes that of a new series."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from episodec.cli.first_series import Identity, create, schema_from
from episodec.cli.options import Context
from episodec.errors import ProjectError, UsageError
from episodec.project import tree
from episodec.project.authoring import has_errors
from episodec.project.existing_posts import ExistingPost, SpecOfPost, identity_of, read_posts, specs_of
from episodec.project.portraits import has_portrait
from episodec.series.session import opened

__all__ = ["check_options", "file_name", "read_posts", "series_identity", "write"]


def check_options(given: argparse.Namespace, *, is_spec: bool) -> None:
    """Raises: UsageError, if an option applies to a single spec."""
    wrong = [name for name in ("number", "title", "voice") if getattr(given, name) is not None]
    if wrong or is_spec:
        what = f"--{wrong[0]}" if wrong else "the name of a spec"
        raise UsageError(f"--from takes number, title and voice from the posts, not from {what}", hint="leave it out")


def series_identity(posts: Sequence[ExistingPost]) -> Identity:
    """The names of a new series, taken from its posts."""
    identity = identity_of(posts)
    title = identity.character[:1].upper() + identity.character[1:]
    post = {"post": identity.post} if identity.post else {}
    return Identity(title, identity.season, identity.character, identity.language, **post)


def write(context: Context, posts: Sequence[ExistingPost], place: tree.Place) -> list[Path]:
    """Write the specs of these posts, and report unrecognised lines; returns their paths.

    Raises: ProjectError: a number or a file exists already, and none is written.
    """
    folder = Path(os.path.relpath(place.folder()))
    specs = _specs(context, posts, place, schema_from(folder, place.root, "episode"))
    paths = [folder / file_name(spec.number, spec.title) for spec in specs]
    for path in paths:
        if os.path.lexists(path):
            raise ProjectError("the file already exists", facts={"file": path}, hint="move it away")
    for path, spec in zip(paths, specs, strict=True):
        create(path, spec.text.encode())
        for line, text in spec.remarks:
            context.notice(f"{spec.path}:{line}: {text}")
    return paths


def _specs(context: Context, posts: Sequence[ExistingPost], place: tree.Place, schema: str) -> list[SpecOfPost]:
    with opened(place, [], context.base, context.notice) as session:
        series = session.project.series
        if series is None or has_errors(session.project.diagnostics):
            raise ProjectError("series.yaml has errors", hint="`episodec validate` shows them")
        numbers = session.project.numbers(session.specs)
        taken = {number for season, number in numbers.values() if season == (series.season or "")}
        return specs_of(posts, series, taken, schema, has_picture=has_portrait(place))


def file_name(number: int, title: str) -> str:
    """The name of a new spec: `072-a-title.episode.yaml`."""
    slug = "-".join(re.findall(r"\w+", title.lower()))[:60] or "episode"
    return f"{number:03}-{slug}{tree.SPEC_SUFFIX}"
