"""The settings of this machine: the paths of installed systems and their checkpoints, its GPUs. Never in git, never in
a key.

There are two files, and the project's own takes precedence: `episodec.local.yaml` at the project's root, and
`episodec/local.yaml` in the user's configuration folder. A file that git tracks is refused: a stranger's pull request
must not name commands to run. One that names backends or a cache in a folder without git must be accepted once
(`accepted.py`): it may have come in an archive.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from episodec.errors import SettingsError
from episodec.project.accepted import is_accepted
from episodec.project.git import tracked
from episodec.project.schemas import language
from episodec.project.tree import LOCAL_FILE, cache_elsewhere, user_settings
from episodec.remote.settings import MAIN, SharedCacheSettings, checked_settings
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.document import Document
from episodec.spec.parse import conform
from episodec.spec.reader import read


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """The settings of this machine. Values of `backends` are text, which their backends parse."""

    backends: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gpus: tuple[int, ...] = ()
    memory_mib: int | None = None
    jobs: int | None = None
    shared_cache: SharedCacheSettings | None = None
    trusted_caches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # Public keys by URL.


_OF_USER = ("shared_cache", "trusted_caches")  # Settings that only the user's own file may have.


def settings_files(root: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The paths of the project's file and the user's; either may be missing."""
    return os.path.join(root, LOCAL_FILE), user_settings(environment)


def read_settings(root: str, environment: Mapping[str, str]) -> tuple[LocalSettings, list[Diagnostic], dict[str, str]]:
    """The settings, their diagnostics, and the texts that were read, by path."""
    problems: list[Diagnostic] = []
    texts: dict[str, str] = {}
    trees: list[Mapping[str, object]] = []
    project_file, user_file = settings_files(root, environment)
    for path in (user_file, project_file):  # The later one takes precedence, setting by setting.
        display_path = LOCAL_FILE if path == project_file else path
        try:
            with open(path, "rb") as file:
                content = file.read()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            problems.append(diagnose("P506", f"the settings cannot be read: {error.strerror}", display_path))
            continue
        refusal = _tracked(root) if path == project_file else None
        if refusal is not None:
            problems.append(refusal)
            continue
        texts[display_path] = content.decode("utf-8", "replace")
        document, diagnostics = read(content, display_path)
        if document is not None and not has_errors(diagnostics):
            document, diagnostics = conform(document, "local", language())
            if document is not None and "cache" in document.tree:
                diagnostics = [*diagnostics, *_check_cache(document, root, is_users=path == user_file)]
            if document is not None:
                diagnostics = [*diagnostics, *_check_shared(document, user_file, is_users=path == user_file)]
                document = None if has_errors(diagnostics) else document
            if document is not None and path == project_file and {"backends", "cache"} & document.tree.keys():
                refused = not is_accepted(path, content, environment)
                diagnostics = [*diagnostics, *([_unaccepted()] if refused else [])]
                document = None if refused else document
            trees += [] if document is None else [document.tree]
        problems += diagnostics
    return _merged(trees), problems, texts


def _unaccepted() -> Diagnostic:
    """The diagnostic for a file that names programs or a cache and has not been accepted on this machine."""
    sentence = "these settings name programs or a cache, and have not been accepted on this machine"
    way_out = "read the file, then `episodec doctor --accept-settings`"
    hint = f"without git, they may have come in an archive: {way_out}"
    return diagnose("P508", sentence, LOCAL_FILE, hint=hint)


def _check_cache(document: Document, root: str, *, is_users: bool) -> Iterator[Diagnostic]:
    """Check that the cache is set in the project's file, on a plain line that `tree` can find without parsing YAML."""
    span = document.key_span("cache")
    if is_users:
        sentence = "a cache belongs to one project, and these settings apply to all"
        yield diagnose("P506", sentence, document.path, span, hint=f"write it into {LOCAL_FILE} at the project's root")
    elif document.tree["cache"] != cache_elsewhere(root):
        sentence = "the setting `cache` is not on a plain line"
        yield diagnose(
            "P506", sentence, document.path, span, hint="a line of its own, without quotes: cache: /a/folder"
        )


def _check_shared(document: Document, user_file: str, *, is_users: bool) -> Iterator[Diagnostic]:
    """Check the settings of shared caches: in the user's own file, with keys that fit."""
    for name in _OF_USER:
        if name in document.tree and not is_users:
            sentence, hint = (
                f"`{name}` belongs in your own settings, outside of all checkouts",
                f"write it to {user_file}",
            )
            yield diagnose("P506", sentence, document.path, document.key_span(name), hint=hint)
    try:
        _shared_cache(document.tree)
    except SettingsError as error:
        facts = "".join(f" ({name}: {value})" for name, value in error.facts.items() if name != "url")
        span = document.key_span("shared_cache")
        yield diagnose("P506", f"{error.sentence}{facts}", document.path, span, hint=error.hint)


def _shared_cache(tree: Mapping[str, Any]) -> SharedCacheSettings | None:
    """The shared cache in a file. Raises: SettingsError, if its settings do not fit together."""
    section = tree.get("shared_cache")
    if not isinstance(section, Mapping):
        return None
    return checked_settings(
        SharedCacheSettings(
            section["url"],
            tuple(section.get("trust", ())),
            tuple(section.get("read", (MAIN,))),
            section.get("write"),
            section.get("key"),
            {name: str(value) for name, value in section.get("credentials", {}).items()},
        )
    )


def _merged(trees: Sequence[Mapping[str, object]]) -> LocalSettings:
    backends: dict[str, dict[str, str]] = {}
    merged: dict[str, object] = {}
    for tree in trees:
        merged.update(tree)
        named = tree.get("backends", {})
        for name, values in named.items() if isinstance(named, Mapping) else ():
            backends.setdefault(name, {}).update({key: str(value) for key, value in values.items()})
    gpus = merged.get("gpus")
    return LocalSettings(
        backends=backends,
        gpus=tuple(int(gpu) for gpu in gpus) if isinstance(gpus, list | tuple) else (),
        memory_mib=_whole(merged.get("memory_mib")),
        jobs=_whole(merged.get("jobs")),
        shared_cache=_shared_cache(merged),
        trusted_caches=_trusted(merged.get("trusted_caches")),
    )


def _trusted(value: object) -> dict[str, tuple[str, ...]]:
    return {url: tuple(keys) for url, keys in value.items()} if isinstance(value, Mapping) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _tracked(root: str) -> Diagnostic | None:
    """The diagnostic if git tracks the project's settings file, or cannot tell."""
    answer = tracked(root, LOCAL_FILE)
    if answer.files:
        hint = f"git rm --cached {LOCAL_FILE}, and name it in .gitignore"
        return diagnose("P501", "git tracks the settings of this machine, so they are refused", LOCAL_FILE, hint=hint)
    if answer.error is None:
        return None
    sentence = f"git cannot tell whether it tracks the settings of this machine, so they are refused: {answer.error}"
    return diagnose("P501", sentence, LOCAL_FILE, hint="make `git ls-files` work in this folder")
