"""Checks of a background that the schema cannot express: colours or a picture, given once."""

from collections.abc import Iterator

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.types import Episode
from episodec.spec.types_of_picture import Background


def check_background(background: Background | None, document: Document) -> Iterator[Diagnostic]:
    """Check that a background has either colours or a picture."""
    if background is None:
        return
    path = document.path
    if background.file and background.colours:
        message, hint = "`colours` would be ignored: `file` takes precedence", "remove one of the two"
        yield diagnose("E247", message, path, document.key_span("background", "colours"), hint=hint)
    elif not background.file and not background.colours:
        message, hint = "the background has neither colours nor a picture", "add `colours` or `file`"
        yield diagnose("E247", message, path, document.key_span("background"), hint=hint)


def check_background_of_episode(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check the background and that it is given only once."""
    yield from check_background(episode.background, document)
    if episode.background is not None and episode.scene.background is not None:
        message, hint = "`scene.background` would be ignored: `background` takes precedence", "remove one of the two"
        yield diagnose("E247", message, document.path, document.key_span("scene", "background"), hint=hint)
