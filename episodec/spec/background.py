"""What the schema cannot say of a background: it is of colours or a picture, and said once."""

from collections.abc import Iterator

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.types import Background, Episode


def check_background(background: Background | None, document: Document) -> Iterator[Diagnostic]:
    """A background that somebody says is of colours or a picture, one of the two."""
    if background is None:
        return
    path = document.path
    if background.file and background.colours:
        message, hint = "`colours` would be ignored: `file` is seen instead", "remove one of the two"
        yield diagnose("E247", message, path, document.key_span("background", "colours"), hint=hint)
    elif not background.file and not background.colours:
        message, hint = "a background of nothing: neither colours nor a picture", "add `colours` or `file`"
        yield diagnose("E247", message, path, document.key_span("background"), hint=hint)


def check_background_of_episode(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """What is behind the character is said once."""
    yield from check_background(episode.background, document)
    if episode.background is not None and episode.scene.background is not None:
        message, hint = "`scene.background` would be ignored: `background` says more", "remove one of the two"
        yield diagnose("E247", message, document.path, document.key_span("scene", "background"), hint=hint)
