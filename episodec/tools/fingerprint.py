"""Parts of fingerprints that several backends need: versions of installed packages, without importing them."""

from collections.abc import Mapping
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.protocols import Fingerprint
from episodec.extras import installed

RASTERISER = 1
"""`splat.rasterise.VERSION`, a test holds the two together: importing that module brings numba."""


def package_versions(*names: str) -> Fingerprint:
    """The versions of these installed packages by name, and the files that an installation of another would replace.

    Raises:
        SettingsError: some are not installed.
    """
    parts: dict[str, Canonical] = {}
    watches: list[str] = []
    for name, found in zip(names, installed(*names), strict=True):
        parts[name] = found.version
        metadata = next((f for f in found.files or () if f.match("*.dist-info/METADATA")), "")
        watches.append(str(Path(str(found.locate_file(metadata)))))
    return Fingerprint(parts, tuple(watches))


def rasteriser() -> Fingerprint:
    """What pictures of our own rasteriser hang on, besides a scene and its view."""
    return with_parts(package_versions("llvmlite", "numba", "numpy"), {"rasteriser": RASTERISER})


def with_parts(fingerprint: Fingerprint, parts: Mapping[str, Canonical]) -> Fingerprint:
    """The fingerprint with more parts."""
    return Fingerprint({**fingerprint.parts, **parts}, fingerprint.watches)


def both(one: Fingerprint, other: Fingerprint) -> Fingerprint:
    """Two fingerprints as one."""
    return Fingerprint({**one.parts, **other.parts}, (*one.watches, *other.watches))
