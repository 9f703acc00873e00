"""Where espeak-ng's library and its data are installed. Nothing of them is imported."""

from pathlib import Path

from episodec.closure.installed import found_by_workers
from episodec.extras import not_installed


def installed_at() -> Path:
    """The folder with the library and its data, found without importing the package: that of workers, everywhere.

    Raises:
        SettingsError: it is not installed.
    """
    file = found_by_workers("espeakng_loader")
    if file is None:
        raise not_installed(["espeakng-loader"])
    return Path(file).parent
