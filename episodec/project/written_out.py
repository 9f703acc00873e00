"""A project as of a commit, extracted into a temporary folder as far as its episodes need it. The working tree is not
read, and nothing is written outside of the folder.

The tree may be a stranger's. Paths that could lead outside are skipped; links are created last, when nothing more is
written that could go through them, and their targets are checked like those of all links (`references.leads_out`).
"""

import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from episodec.project.characters import portrait_of, tokens_of
from episodec.project.documents import GREATEST_TEXT
from episodec.project.git import Checkout
from episodec.project.git_trees import LINK, SUBMODULE, Entry, contents, entries, sizes
from episodec.project.tree import LOCAL_FILE, SERIES_FILE, SPEC_SUFFIX, YAML_SUFFIXES, Place
from episodec.spec.reader import MAX_BYTES, read
from episodec.spec.series_checks import any_system
from episodec.text import size_text

MOST = 2 << 30  # Bytes that are extracted of one commit: a few bytes in git may be many on disk.
_LONGEST_LINK = 4096
_LONGEST_NAME = 4096
_HOPS = 40


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """An extracted project."""

    place: Place  # Its root is the temporary folder.
    objects: Mapping[str, str]  # Git's objects by path relative to the root, whether or not they were extracted.
    left_out: Mapping[str, str]  # By path: why a file that is named was not extracted.
    mentions: Mapping[str, frozenset[str]]  # By spec, character or series: the files that it may name.


def write_out(checkout: Checkout, commit: str, place: Place, folder: str) -> WrittenOut:
    """Extract the project of this place from a commit: all its specs, characters and series, and the files
    that they name.

    `folder`: an empty folder, which the caller removes.

    Raises:
        ProjectError: git does not have all of it here.
    """
    project = checkout.place_of(place.root)
    source = _Source(checkout, commit, project)
    listed = [one for one in entries(checkout, commit, project) if _is_plain(one.path) and one.path != LOCAL_FILE]
    tree = _Tree(listed, source.texts([one for one in listed if one.mode == LINK], _LONGEST_LINK))
    documents = [tree.files[path] for path in sorted(tree.files) if _is_document(path, place.series)]
    texts = source.texts(documents, MAX_BYTES + 1)
    named = {path: frozenset(_named(tree, path, content)) for path, content in texts.items()}
    lists = [tree.files[path] for path in sorted(set().union(*named.values())) if path.endswith(".json")]
    listing = {path: frozenset(_listed(tree, path, text)) for path, text in source.texts(lists, GREATEST_TEXT).items()}
    mentions = {path: some.union(*(listing.get(one, ()) for one in some)) for path, some in named.items()}
    missing = set().union(*mentions.values()).difference(texts)
    for path, content in texts.items():
        _write(folder, path, [content])
    left_out = _write_files(source, folder, [tree.files[path] for path in sorted(missing)])
    for alike in {one for path in (*texts, *missing) for one in tree.folders_like(path)}:
        os.makedirs(os.path.join(folder, alike), exist_ok=True)
    _write_links(folder, tree.links)
    objects = {path: one.object for path, one in tree.files.items()}
    return WrittenOut(Place(folder, place.series), objects, left_out, mentions)


@dataclass(frozen=True, slots=True)
class _Source:
    """The folder of a commit that is extracted."""

    checkout: Checkout
    commit: str
    place: str

    def sizes(self, some: Iterable[Entry]) -> dict[str, int]:
        """The sizes in bytes, by object."""
        return sizes(self.checkout, self.commit, self.place, list(dict.fromkeys(one.object for one in some)))

    def texts(self, some: Iterable[Entry], most: int) -> dict[str, bytes]:
        """The first `most` bytes of each file, by path."""
        by_object: defaultdict[str, list[str]] = defaultdict(list)
        for entry in some:
            by_object[entry.object].append(entry.path)
        if not by_object:
            return {}
        self.sizes(some)  # Raises an error with a hint if any of it is missing.
        by_path: dict[str, bytes] = {}
        for content in contents(self.checkout, list(by_object)):
            text = b""
            for piece in content.pieces:
                text += piece[: most - len(text)]
            by_path |= dict.fromkeys(by_object[content.object], text)
        return by_path


class _Tree:
    """The paths in a commit's folder, and the targets of its links."""

    def __init__(self, listed: Iterable[Entry], links: Mapping[str, bytes]) -> None:
        self.files = {one.path: one for one in listed if one.mode not in (LINK, SUBMODULE)}
        self.links = {path: os.fsdecode(leads) for path, leads in links.items()}
        self._alike: defaultdict[str, set[str]] = defaultdict(set)
        self._folders: defaultdict[str, set[str]] = defaultdict(set)
        for first in listed:
            self._alike[any_system(first.path)].add(first.path)
            parts = first.path.split("/")[: None if first.mode == SUBMODULE else -1]
            for end in range(1, len(parts) + 1):
                folder = "/".join(parts[:end])
                self._folders[any_system(folder)].add(folder)

    def named(self, base: str, text: str) -> set[str]:
        """The files that a text in a folder may name. Names that other systems take for equal all count."""
        if not text or len(text) > _LONGEST_NAME or "\0" in text or text.startswith("/"):
            return set()
        path = self._reached(os.path.join(base, text))
        if path is None:
            return set()
        return {
            one for name in (path, f"{path}.dvc") for one in self._alike.get(any_system(name), ()) if one in self.files
        }

    def folders_like(self, path: str) -> Iterator[str]:
        """The folders on the way to a path, and those whose names other systems take for equal."""
        parts = path.split("/")
        for end in range(1, len(parts)):
            yield from self._folders.get(any_system("/".join(parts[:end])), ())

    def _reached(self, path: str) -> str | None:
        """The end of a path once links are followed; None: outside, or nowhere."""
        for _ in range(_HOPS):
            path = os.path.normpath(path)
            if path.startswith(("/", "../")) or path == "..":
                return None
            parts = path.split("/")
            heads = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
            link = next((head for head in heads if head in self.links), None)
            if link is None:
                return path
            path = os.path.join(os.path.dirname(link), self.links[link], path[len(link) + 1 :])
        return None


def _is_plain(path: str) -> bool:
    """Whether a tree's path stays below it and is not part of a repository. git never writes other paths, but a tree
    written by another program may contain them.
    """
    parts = path.split("/")
    return "\0" not in path and not any(part.lower() in ("", ".", "..", ".git", "git~1") for part in parts)


def _is_document(path: str, series: str) -> bool:
    """Whether a file belongs to the language, or is a misnamed one of this series."""
    name = os.path.basename(path)
    if name.endswith(SPEC_SUFFIX) or name in (SERIES_FILE, "character.yaml"):
        return not path.startswith(("cache/", "dist/"))
    return path.startswith(f"{series}/" if series else "") and os.path.splitext(name.lower())[1] in YAML_SUFFIXES


def _named(tree: _Tree, path: str, content: bytes) -> set[str]:
    """The files that a document may name: every text in it is looked up."""
    base, name = os.path.split(path)
    document, _ = read(content, path)
    paths: set[str] = set()
    for text in _texts(document.tree if document is not None else None):
        paths |= tree.named(base, text)
    if name == "character.yaml":
        own = os.path.basename(base)
        paths |= tree.named(base, portrait_of(own)) | tree.named(base, tokens_of(own))
    return paths


def _listed(tree: _Tree, path: str, content: bytes) -> set[str]:
    """The pictures that a list may name."""
    base = os.path.dirname(path)
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):  # The reader of the list reports it.
        values = None
    claims: set[str] = set()
    for text in _texts(values):
        claims |= tree.named(base, text) | tree.named(base, f"{text}.png")
    return claims


def _texts(value: object) -> Iterator[str]:
    todo = [value]
    while todo:
        match todo.pop():
            case str() as text:
                yield text
            case Mapping() as mapping:
                todo += mapping.values()
            case list() | tuple() as values:
                todo += values
            case _:
                pass


def _write_files(source: _Source, folder: str, files: Collection[Entry]) -> dict[str, str]:
    """Write files, smallest first; those that were left out, with reasons."""
    known = source.sizes(files) if files else {}
    left_out: dict[str, str] = {}
    by_object: defaultdict[str, list[str]] = defaultdict(list)
    total = 0
    for file in sorted(files, key=lambda one: known[one.object]):
        total += known[file.object]
        if total > MOST:
            left_out[file.path] = f"it has {size_text(known[file.object])}, more than is extracted from git"
        else:
            by_object[file.object].append(file.path)
    for content in contents(source.checkout, list(by_object)) if by_object else ():
        first, *others = by_object[content.object]
        _write(folder, first, content.pieces)
        for path in others:
            with open(os.path.join(folder, first), "rb") as copied:
                _write(folder, path, iter(lambda: copied.read(1 << 20), b""))
    return left_out


def _write(folder: str, path: str, pieces: Iterable[bytes]) -> None:
    """Create a file. There are no links yet. If the path exists, it has the same name as another on this system, or is
    twice in the tree: the first one stays.
    """
    full = os.path.join(folder, path)
    try:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        number = os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except (FileExistsError, NotADirectoryError):
        return
    with os.fdopen(number, "wb") as file:
        for piece in pieces:
            file.write(piece)


def _write_links(folder: str, links: Mapping[str, str]) -> None:
    """Create the links, outer ones first; none is created through another link."""
    written: set[str] = set()
    for path in sorted(links):
        parts = any_system(path).split("/")
        if (
            any("/".join(parts[:end]) in written for end in range(1, len(parts)))
            or "\0" in links[path]
            or not links[path]
        ):
            continue
        full = os.path.join(folder, path)
        try:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            os.symlink(links[path], full)
            written.add(any_system(path))
        except (FileExistsError, NotADirectoryError):
            continue
