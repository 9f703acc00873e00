"""Parts of fingerprints that several backends share."""

from episodec.engine.backend import Fingerprint
from episodec.extras import installed

DIFFUSERS = ("accelerate", "tokenizers", "transformers")
"""Packages that diffusers pipelines import although diffusers does not declare them as dependencies."""


def needed(*names: str) -> Fingerprint:
    """The versions of these installed packages by name, and the files that installing another version would replace.

    For packages that only other libraries import, and only if they are there. The imports of our own code are found
    automatically (`closure`).

    Raises:
        SettingsError: a package is not installed.
    """
    parts: dict[str, str] = {}
    watches: list[str] = []
    for name, distribution in zip(names, installed(*names), strict=True):
        parts[name] = distribution.version
        metadata = next((f for f in distribution.files or () if f.match("*.dist-info/METADATA")), "")
        watches.append(str(distribution.locate_file(metadata)))
    return Fingerprint(parts, tuple(watches))


def both(fingerprint: Fingerprint, other: Fingerprint) -> Fingerprint:
    """The union of two fingerprints."""
    return Fingerprint({**fingerprint.parts, **other.parts}, (*fingerprint.watches, *other.watches))
