"""Reads and writes takes files: the approved results of a spec, or of a character, one a line.

    episodes/takes/072-alpha.takes.yaml     of episodes/072-alpha.episode.yaml
    episodes/takes/alpha.takes.yaml of results that a character's episodes share: scenes, motion

Each line stands for itself, so git's own `union` driver merges two branches. Bytes that are kept in git lie beside them
in `files/`, under their digests.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from episodec.digest import ALGORITHM, Digest, is_digest
from episodec.engine.takes import ApprovedTake, LockedOutput
from episodec.project.documents import ParsedFile, read_document
from episodec.project.tree import SPEC_SUFFIX, TAKES_SUFFIX, takes_of
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.stages.authored import authored
from episodec.store.trace_log import ABSENT

__all__ = ["authored", "file_of", "read_takes", "takes_of_character", "takes_paths", "takes_text"]

HEAD = "# Approved takes, one a line, written by `episodec takes`; git merges them with `merge=union`.\nepisodec: 1\n"
GREATEST_LABEL = 400  # Characters.

_FIELDS = ("label", "for", "asked", "backend", "under", "outputs")
_DIGESTS = ("for", "asked", "under")
_HEX = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Texts that need no quotes in YAML's flow style and are not numbers in any YAML version.
_PLAIN = re.compile(r"[^\W\d][\w./@+-]*")
_VALUES = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})  # In any case of letters.


def takes_of_character(series: str, character: str) -> str:
    """The path of a character's takes file, relative to the root."""
    return str(PurePosixPath(series, "takes", character + TAKES_SUFFIX))


def file_of(series: str, digest: Digest) -> str:
    """The path of bytes that are kept in git, relative to the root."""
    return str(PurePosixPath(series, "takes", "files", digest.rpartition(":")[2]))


def read_takes(root: str, path: str) -> tuple[ParsedFile, list[ApprovedTake], list[Diagnostic]]:
    """The locks of a takes file; none, and the digest ABSENT, if there is no such file."""
    if not os.path.lexists(os.path.join(root, path)):
        return ParsedFile(path, None, (), ABSENT, ""), [], []
    reading = read_document(root, path)
    diagnostics = list(reading.diagnostics)
    if reading.document is None:
        return reading, [], diagnostics
    locks: list[ApprovedTake] = []
    seen: dict[Digest, tuple[int, int]] = {}  # The row of the first lock for the same, and its place in `locks`.
    rows = reading.document.tree.get("takes", [])
    if not isinstance(rows, list):
        return reading, [], [*diagnostics, _wrong(reading.document, ("takes",), "`takes` is not a list")]
    for place, row in enumerate(rows):
        lock = _lock(row)
        if isinstance(lock, str):
            diagnostics.append(_wrong(reading.document, ("takes", place), lock))
            continue
        first, index = seen.setdefault(lock.take_key, (place, len(locks)))
        if first == place:
            locks.append(lock)
        elif _contents(locks[index]) != _contents(lock):
            diagnostics.append(_twice(reading.document, place, first))
            locks.append(lock)
        elif any(one.sha256 for one in lock.outputs.values()):
            locks[index] = lock
    return reading, locks, diagnostics


def takes_text(locks: Iterable[ApprovedTake]) -> str:
    """The text of a takes file with these locks, sorted by label."""
    rows = sorted({_line(lock) for lock in locks})
    return HEAD + "takes:\n" + "".join(f"- {row}\n" for row in rows) if rows else HEAD + "takes: []\n"


def spec_of(path: str) -> str:
    """The spec that a takes file belongs to, by its name; that of a character has no such spec."""
    takes = PurePosixPath(path)
    return str(takes.parent.parent / (takes.name.removesuffix(TAKES_SUFFIX) + SPEC_SUFFIX))


def takes_paths(spec: str, series: str, character: str) -> tuple[str, str]:
    """The paths of the two takes files that an episode reads: its own, and its character's."""
    return takes_of(spec), takes_of_character(series, character)


def _line(lock: ApprovedTake) -> str:
    outputs = ", ".join(f"{_word(name)}: {_output(one)}" for name, one in sorted(lock.outputs.items()))
    fields = (
        f"label: {_word(lock.label)}, for: {_hex(lock.take_key)}, asked: {_hex(lock.asked)}, "
        f"backend: {_word(lock.backend)}, under: {_hex(lock.made_under)}"
    )
    return f"{{{fields}, outputs: {{{outputs}}}}}"


def _output(output: LockedOutput) -> str:
    parts = [_hex(output.digest), str(output.size), *([f"'{output.sha256}'"] if output.sha256 else [])]
    return f"[{', '.join(parts)}]"


def _hex(digest: Digest) -> str:
    return f"'{digest.rpartition(':')[2]}'"  # In quotes: some are numbers to YAML.


def _word(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _VALUES:
        return text
    return "'" + text.replace("'", "''") + "'"


def _lock(row: object) -> ApprovedTake | str:
    """The lock in a row, or its error."""
    if (wrong := _misshapen(row)) is not None:
        return wrong
    fields: Any = row
    parsed = dict(_outputs(fields["outputs"]))
    outputs = {name: one for name, one in parsed.items() if one is not None}
    if len(outputs) != len(parsed):
        return "an output is a list of a digest, a size in bytes and perhaps a sha256"
    take, asked, under = (Digest(f"{ALGORITHM}:{fields[name]}") for name in _DIGESTS)
    return ApprovedTake(fields["label"], take, asked, fields["backend"], under, outputs)


def _misshapen(row: object) -> str | None:
    """The error in the fields of a row, if any."""
    if not isinstance(row, Mapping):
        return "a take is a mapping"
    wrong = [f"a take has no `{name}`" for name in _FIELDS if name not in row]
    wrong += [f"a take has no field `{str(name)[:40]}`" for name in row if name not in _FIELDS]
    if wrong:
        return wrong[0]
    texts = [row["label"], row["backend"]]
    if not all(isinstance(text, str) and len(text) <= GREATEST_LABEL for text in texts):
        return "`label` and `backend` are texts"
    if None in [_digest(row[name]) for name in _DIGESTS]:
        return "`for`, `asked` and `under` are digests: 32 hexadecimal digits"
    return None if isinstance(row["outputs"], Mapping) and row["outputs"] else "`outputs` is a mapping of names"


def _outputs(outputs: Mapping[object, object]) -> Iterator[tuple[str, LockedOutput | None]]:
    for name, row in outputs.items():
        if not isinstance(name, str) or not isinstance(row, list) or len(row) not in (2, 3):
            yield str(name), None
            continue
        digest, size, sha256 = _digest(row[0]), row[1], row[2] if len(row) == 3 else None
        is_size = isinstance(size, int) and not isinstance(size, bool) and size >= 0
        is_sha256 = sha256 is None or (isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None)
        is_whole = digest is not None and is_size and is_sha256
        yield name, LockedOutput(Digest(str(digest)), int(str(size)), sha256) if is_whole else None


def _digest(value: object) -> Digest | None:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        return None
    digest = f"{ALGORITHM}:{value}"
    return Digest(digest) if is_digest(digest) else None


def _contents(lock: ApprovedTake) -> dict[str, tuple[Digest, int]]:
    """What a lock approves. Two branches may approve the same bytes under two labels, or one with a shared cache."""
    return {name: (one.digest, one.size) for name, one in lock.outputs.items()}


def _wrong(document: Document, place: tuple[str | int, ...], sentence: str) -> Diagnostic:
    hint = "`episodec takes lock` writes these lines; restore the line from git, or remove it"
    return diagnose("F430", sentence, document.path, document.span(*place), hint=hint)


def _twice(document: Document, place: int, first: int) -> Diagnostic:
    span = document.span("takes", first)
    where = f" in line {span.line}" if span else ""
    sentence = f"another take is approved for the same words{where}: a merge kept both"
    hint = "listen to both, and remove one line"
    return diagnose("F431", sentence, document.path, document.span("takes", place), hint=hint)
