"""The portrait that a new series has until its author puts another one there: episodec's Alpha."""

from pathlib import Path

from episodec.errors import ProjectError

NAME = "alpha-ref.png"


def shipped_portrait() -> bytes:
    """Alpha's portrait, a PNG: inside the package in a wheel, among the episodes of a checkout.

    Raises:
        ProjectError: it is missing.
    """
    package = Path(__file__).parent.parent
    for folder in (package / "alpha", package.parent / "episodes" / "characters" / "alpha"):
        if (folder / NAME).is_file():
            return (folder / NAME).read_bytes()
    raise ProjectError(
        "the portrait of episodec's Alpha is missing",
        facts={"package": package},
        hint="reinstall episodec, or name a picture with --portrait",
    )
