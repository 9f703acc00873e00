"""Burnt-in captions: phrases of a narration drawn onto frames, with the spoken word in another colour.

The text of each frame is decided first, as a value stored as JSON (`FrameOverlay`), and drawn later, chunk by chunk.
The font is bundled and has no hints, so the same value gives the same pixels on every machine with the same Pillow.

    {"overlay": 1, "frames": 30, "shown": [
      {"frame": 0, "lines": [["Hello", "there"]], "word": 1, "font_px": 72, "middle_px": 1536},
      {"frame": 12, "lines": []}]}

`frame` counts from the start of the chunk; each entry holds until the next one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.ownfile import own_file

WIDTH = 0.9  # The greatest width, as a fraction of the frame's, with the outline.
LOW, HIGH = (0.70, 0.90), (0.10, 0.30)  # The bands for lines, in heights of the frame from its top.
_LINE = 1.22  # From one line to the next, in font sizes.
_OUTLINE = 0.09  # In font sizes.
_SMALLEST = 0.3  # Of the font size: the limit to which a word wider than a line is shrunk.
_PLAIN, _SPOKEN, _EDGE = (255, 255, 255), (255, 214, 10), (0, 0, 0)

Block = tuple[int, int, NDArray[np.uint8]]
"""Left, top, and (h, w, 4) sRGB with straight alpha."""


@dataclass(frozen=True, slots=True)
class FrameOverlay:
    """The text on a frame."""

    lines: tuple[tuple[str, ...], ...] = ()
    word: int | None = None  # The index of the spoken word.
    font_px: int = 0
    middle_px: int = 0  # The middle of the lines, from the top.


NOTHING = FrameOverlay()


def font_px(size: tuple[int, int]) -> int:
    """The font size for frames of this width and height: two lines of about 24 letters across a portrait frame."""
    return max(4, round(min(size[0] / 15, size[1] / 14)))


def line_share(text: str, size: tuple[int, int]) -> float:
    """The width of a text, in lines."""
    large = font_px(size)
    return float(_font(large).getlength(text)) / _room(size, large)


def fitted_px(lines: Sequence[Sequence[str]], size: tuple[int, int]) -> int:
    """The font size at which these lines fit the frame's width: the usual one, except for words longer than a line."""
    large = font_px(size)
    widest = max(line_share(" ".join(line), size) for line in lines)
    return large if widest <= 1 else max(1, int(large / widest))


def pieces_of(word: str, size: tuple[int, int]) -> list[str]:
    """The pieces of a word, cut only if it would be drawn too small to read."""
    most = max(1, int(len(word) / max(1.0, line_share(word, size) * _SMALLEST)))
    return [word[at : at + most] for at in range(0, len(word), most)]


def write_overlay(overlays: Sequence[FrameOverlay]) -> str:
    """The texts of a chunk's frames as JSON; equal overlays give equal bytes."""
    rows = []
    for frame, overlay in enumerate(overlays):
        if frame and overlay == overlays[frame - 1]:
            continue
        row: dict[str, object] = {"frame": frame} | (asdict(overlay) if overlay.lines else {"lines": []})
        rows.append(json.dumps(row, ensure_ascii=False))
    body = ",".join(f"\n  {row}" for row in rows)
    return f'{{"overlay": 1, "frames": {len(overlays)}, "shown": [{body}]}}\n'


def read_overlay(text: str) -> tuple[FrameOverlay, ...]:
    """The text on each frame.

    Raises:
        ValueError: the text is not a valid overlay.
    """
    tree: Any = json.loads(text)
    if not isinstance(tree, dict) or tree.get("overlay") != 1 or not isinstance(tree.get("shown"), list):
        raise ValueError("not an overlay of version 1")
    overlays: list[FrameOverlay] = []
    try:
        for row, following in zip(tree["shown"], [*tree["shown"], None][1:], strict=True):
            end = tree["frames"] if following is None else following["frame"]
            if len(overlays) != row["frame"] or not row["frame"] < end <= tree["frames"] <= 1 << 20:
                raise ValueError("its frames are out of order")
            overlays += [_overlay_of(row)] * (end - row["frame"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a valid overlay: {error}") from error
    if len(overlays) != tree["frames"]:
        raise ValueError("its frames are out of order")
    return tuple(overlays)


def _overlay_of(row: Mapping[str, Any]) -> FrameOverlay:
    if not row["lines"]:
        return NOTHING
    lines = tuple(tuple(str(word) for word in line) for line in row["lines"])
    word = None if row["word"] is None else int(row["word"])
    return FrameOverlay(lines, word, int(row["font_px"]), int(row["middle_px"]))


def overlaid(frames: Iterable[NDArray[np.uint8]], overlays: Sequence[FrameOverlay]) -> Iterator[NDArray[np.uint8]]:
    """The frames, (h, w, 3) each, with their texts. A frame without text is passed on unchanged.

    Raises:
        ValueError: there are more or fewer frames than the overlay has.
    """
    for frame, overlay in zip(frames, overlays, strict=True):
        yield frame if not overlay.lines else _pasted(frame, *_block(overlay, frame.shape[1]))


def _pasted(frame: NDArray[np.uint8], left: int, top: int, block: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The block composited over the frame, cropped to it."""
    height, width = frame.shape[:2]
    y0, y1 = max(0, top), min(height, top + block.shape[0])
    x0, x1 = max(0, left), min(width, left + block.shape[1])
    if y0 >= y1 or x0 >= x1:
        return frame
    part = block[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.uint32)
    drawn = frame.copy()
    below = drawn[y0:y1, x0:x1].astype(np.uint32)
    alpha = part[..., 3:]
    drawn[y0:y1, x0:x1] = (part[..., :3] * alpha + below * (255 - alpha) + 127) // 255
    return drawn


@lru_cache(maxsize=8)
def _block(overlay: FrameOverlay, width: int) -> Block:
    """The drawn lines of a frame of this width."""
    from PIL import Image, ImageDraw

    font, edge = _font(overlay.font_px), _edge(overlay.font_px)
    step, margin = round(_LINE * overlay.font_px), 2 * edge + overlay.font_px // 2
    height = step * len(overlay.lines) + 2 * margin
    image = Image.new("RGBA", (width, height), (*_EDGE, 0))
    draw = ImageDraw.Draw(image)
    places = []
    for row, line in enumerate(overlay.lines):
        left = round((width - font.getlength(" ".join(line))) / 2)
        baseline = margin + row * step + round(0.9 * overlay.font_px)
        for at in range(len(line)):
            before = " ".join(line[:at]) + " " * (at > 0)
            places.append((left + round(font.getlength(before)), baseline, line[at]))
    for x, y, text in places:  # All outlines first, so none covers another word's letters.
        draw.text((x, y), text, font=font, fill=_EDGE, anchor="ls", stroke_width=edge, stroke_fill=_EDGE)
    for number, (x, y, text) in enumerate(places):
        draw.text((x, y), text, font=font, fill=_SPOKEN if number == overlay.word else _PLAIN, anchor="ls")
    top = overlay.middle_px - height // 2
    return 0, top, np.asarray(image, np.uint8)


def _room(size: tuple[int, int], large: int) -> float:
    """The greatest width of a line without its outline."""
    return max(1.0, WIDTH * size[0] - 2 * _edge(large))


def _edge(large: int) -> int:
    return max(1, round(_OUTLINE * large))


@lru_cache(maxsize=32)
def _font(large: int) -> Any:
    from PIL import ImageFont

    path = own_file(__file__, "caption_font.ttf")
    return ImageFont.truetype(str(path), large, layout_engine=ImageFont.Layout.BASIC)
