"""A font of this machine, for pictures that answer a question.

Not where backends can reach it: an artifact is drawn in the font that Pillow brings, or its bytes would hang on the
machine.
"""

from pathlib import Path

FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")
"""Common fonts that have Cyrillic letters too, as Pillow finds them by name on Linux, macOS and Windows."""


def find_font() -> Path | None:
    """A font that has more than Latin letters; None where none of the common ones is installed."""
    from PIL import ImageFont

    for name in FONTS:
        try:
            return Path(str(ImageFont.truetype(name, 12).path))
        except OSError:
            continue
    return None
