"""Existing posts as texts, and the specs that are written from them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from episodec.errors import ProjectError
from episodec.project.schemas import language
from episodec.spec import naming
from episodec.spec.existing.recognised import RecognisedPost, recognise
from episodec.spec.existing.specs import Surroundings, form_of, language_of, series_post, spec_of, title_of
from episodec.spec.reader import MAX_BYTES, decode
from episodec.spec.types import Series

_STEM = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)_([A-Za-z0-9][A-Za-z0-9.-]*)_episode(\d+)")
MAX_NUMBER = 999_999


@dataclass(frozen=True, slots=True)
class ExistingPost:
    """The text of a post, and its recognised parts."""

    path: str
    text: str
    parts: RecognisedPost


@dataclass(frozen=True, slots=True)
class SpecOfPost:
    """A spec to be written."""

    number: int
    title: str
    text: str
    path: str  # Of its post.
    remarks: tuple[tuple[int, str], ...]  # A line of the post, and a remark about it.


@dataclass(frozen=True, slots=True)
class PostsIdentity:
    """The names of a new series, taken from its posts."""

    character: str
    season: str
    language: str
    post: str  # The section of series.yaml with the form of its posts; empty if there is none.


def read_posts(paths: Sequence[str]) -> list[ExistingPost]:
    """The posts in these files.

    Raises:
        ProjectError: a file cannot be read or is not text, or two posts have the same number.
    """
    posts = [_read(path) for path in paths]
    by_number: dict[int, str] = {}
    for post in posts:
        number = post.parts.number
        if number is not None and by_number.setdefault(number, post.path) != post.path:
            facts = {"number": number, "posts": f"{by_number[number]}, {post.path}"}
            raise ProjectError("two posts have the same number", facts=facts)
    return posts


def identity_of(posts: Sequence[ExistingPost]) -> PostsIdentity:
    """The character, season and language from the first film name that shows them, and the form of that post."""
    named = ((post, match) for post in posts if post.parts.stem and (match := _STEM.fullmatch(post.parts.stem)))
    post, match = next(named, (posts[0], None))
    tongue = language_of(" ".join(one.text for one in posts))
    if match is None:
        return PostsIdentity("alpha", "s01", tongue, "")
    number = post.parts.number if post.parts.number is not None else int(match[3])
    return PostsIdentity(match[1], match[2], tongue, series_post(form_of(post.parts, number, match[0]), language()))


def specs_of(
    posts: Sequence[ExistingPost], series: Series, taken: Collection[int], schema: str, *, has_picture: bool
) -> list[SpecOfPost]:
    """The specs of these posts. `taken`: the numbers of the season's present episodes.

    Posts without a number get the next numbers after all others, in order.

    Raises:
        ProjectError: an episode of the season has the number of a post.
    """
    for post in posts:
        if post.parts.number in taken:
            facts = {"post": post.path, "number": post.parts.number}
            raise ProjectError("the series already has an episode with this number", facts=facts)
    following = max([*taken, *(post.parts.number or 0 for post in posts)], default=0)
    specs = []
    for post in posts:
        number = post.parts.number
        if number is None:
            following += 1
            number = following
        specs.append(_spec_of(post, number, series, schema, has_picture=has_picture))
    return specs


def _spec_of(post: ExistingPost, number: int, series: Series, schema: str, *, has_picture: bool) -> SpecOfPost:
    name = naming.expand(series.naming, character=series.character or "", season=series.season or "", number=number)
    frames = round(series.seconds * series.rate) if series.seconds else series.frames
    at = Surroundings(number, name, series.language, frames, series.rate, series.post, has_picture, schema)
    text, remarks = spec_of(post.parts, post.text, at, language())
    remarked = tuple((remark.line, remark.text) for remark in remarks)
    return SpecOfPost(number, title_of(post.parts, name), text, post.path, remarked)


def _read(path: str) -> ExistingPost:
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProjectError("the post cannot be read", facts={"file": path, "reason": error.strerror}) from error
    text, diagnostics = decode(content, path)
    if text is None or not text.strip():
        reason = diagnostics[0] if diagnostics else None
        place = f":{reason.span.line}" if reason and reason.span else ""
        facts = {"file": f"{path}{place}", "reason": reason.message if reason else "it is empty"}
        raise ProjectError("the post is not text that a spec can hold", facts=facts)
    return ExistingPost(path, text, recognise(text))
