"""A font of this machine, for pictures that answer a question.

Out of reach of backends: artifacts are drawn in Pillow's own font, because their bytes must not depend on the machine.
"""

from pathlib import Path

FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")
"""Common fonts with Cyrillic letters, which Pillow finds by name on Linux, macOS and Windows."""


def find_font() -> Path | None:
    """A font with Cyrillic letters; None if none of the common ones is installed."""
    from PIL import ImageFont

    for name in FONTS:
        try:
            return Path(str(ImageFont.truetype(name, 12).path))
        except OSError:
            continue
    return None
