"""Parts of fingerprints that several backends need."""

from episodec.engine.backend import Fingerprint
from episodec.extras import installed

DIFFUSERS = ("accelerate", "tokenizers", "transformers")
"""What pipelines of diffusers import by themselves, though diffusers does not say that it needs them."""


def needed(*names: str) -> Fingerprint:
    """The versions of these installed packages by name, and the files that an installation of another would replace.

    For packages that no code of ours imports: another library does, when it is there. What our code imports is found
    by itself (`closure`).

    Raises:
        SettingsError: some are not installed.
    """
    parts: dict[str, str] = {}
    watches: list[str] = []
    for name, found in zip(names, installed(*names), strict=True):
        parts[name] = found.version
        metadata = next((f for f in found.files or () if f.match("*.dist-info/METADATA")), "")
        watches.append(str(found.locate_file(metadata)))
    return Fingerprint(parts, tuple(watches))


def both(one: Fingerprint, other: Fingerprint) -> Fingerprint:
    """Two fingerprints as one."""
    return Fingerprint({**one.parts, **other.parts}, (*one.watches, *other.watches))
