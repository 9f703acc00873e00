"""Finds the installed library and data of espeak-ng. Imports nothing of them."""

from pathlib import Path

from episodec.closure.installed import found_by_workers
from episodec.extras import not_installed


def installed_at() -> Path:
    """The folder with the library and its data, as workers would find it; the package is not imported.

    Raises:
        SettingsError: it is not installed.
    """
    file = found_by_workers("espeakng_loader")
    if file is None:
        raise not_installed(["espeakng-loader"])
    return Path(file).parent


def voices_in(home: Path) -> frozenset[str]:
    """The names by which the library finds voices, in lower case: file names, and language tags in the files."""
    languages = set()
    for path in (home / "espeak-ng-data" / "lang").rglob("*"):
        if path.is_file():
            languages.add(path.name.lower())
            lines = (line.split() for line in path.read_text("utf-8", "replace").splitlines())
            languages.update(words[1].lower() for words in lines if len(words) > 1 and words[0] == "language")
    return frozenset(languages)
