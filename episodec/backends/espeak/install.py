"""Where espeak-ng's library and its data are installed. Nothing of them is imported."""

from pathlib import Path

from episodec.errors import BackendError

HINT = "pip install 'episodec[draft-voice]'"


def installed_at() -> Path:
    """The folder with the library and its data, found without importing the package.

    Raises:
        BackendError: it is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        facts = {"package": "espeakng-loader"}
        raise BackendError("the draft voice is not installed", facts=facts, hint=HINT)
    return Path(spec.origin).parent
