"""Where espeak-ng's library and its data are installed. Nothing of them is imported."""

from pathlib import Path

from episodec.extras import not_installed


def installed_at() -> Path:
    """The folder with the library and its data, found without importing the package.

    Raises:
        SettingsError: it is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        raise not_installed(["espeakng-loader"])
    return Path(spec.origin).parent
