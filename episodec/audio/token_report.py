"""A report on a file of reference voice tokens: as text, and as a picture of its codes over time."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.audio.ref_tokens import CODEBOOKS, CODES, Tokens, load_ref_tokens

CODEC_RATE = 44_100  # Hz.
TOKENS_PER_S = CODEC_RATE / 2048  # 21.533
CODEC_CODES = 1000  # The codec has 8, 5, 5 and 5 levels, so no code exceeds 999.
ADVISED_S = (10, 30)  # By Fish Speech's README; it accepts at most 90.
MAX_S = 90

WAV_HEADER = 44  # bytes


@dataclass(frozen=True, slots=True)
class TokenReport:
    """Facts about reference tokens."""

    file: str
    shape: tuple[int, int]
    dtype: str  # As stored in the file.
    seconds: float
    codes: tuple[int, ...]  # The number of distinct codes in each row.
    least: int
    most: int
    file_bytes: int
    wav_bytes: int  # Size of a 16-bit mono wav at 44.1 kHz of the same length.
    remarks: tuple[str, ...] = ()

    @property
    def times_smaller(self) -> float:
        """The size of the wav divided by the size of the file."""
        return self.wav_bytes / self.file_bytes


def examine(path: Path) -> tuple[TokenReport, Tokens]:
    """The report on a file, and its tokens.

    Raises:
        BackendError: the file holds no valid reference tokens.
    """
    tokens = load_ref_tokens(path)
    count = tokens.shape[1]
    report = TokenReport(
        file=path.name,
        shape=(CODEBOOKS, count),
        dtype=_dtype(path),
        seconds=count / TOKENS_PER_S,
        codes=tuple(len(np.unique(row)) for row in tokens),
        least=int(tokens.min()),
        most=int(tokens.max()),
        file_bytes=path.stat().st_size,
        wav_bytes=WAV_HEADER + count * 2048 * 2,
        remarks=tuple(_remarks(tokens)),
    )
    return report, tokens


def in_words(report: TokenReport) -> list[tuple[str, str]]:
    """The report as pairs of label and text, one per line."""
    used = f"{min(report.codes)} to {max(report.codes)} distinct codes a row, {report.least} to {report.most}"
    sizes = f"{report.file_bytes:,} bytes; a 16-bit wav of the same length has {report.wav_bytes:,}".replace(",", " ")
    verdict = "; ".join(report.remarks) or "suitable for Fish Speech 1.5"
    return [
        ("file", report.file),
        ("shape", f"{report.shape[0]} codebooks, {report.shape[1]} tokens each, {report.dtype}"),
        ("length", f"{report.seconds:.2f} s at {TOKENS_PER_S:.3f} tokens a second"),
        ("codes", used),
        ("size", f"{sizes} ({report.times_smaller:.0f} times as large)"),
        ("valid", verdict),
    ]


def picture(tokens: Tokens, title: str = "") -> bytes:
    """A PNG: time to the right, one band per codebook, each token coloured by its code."""
    from PIL import Image, ImageDraw, ImageFont

    left, top, right, bottom, band, gap = 84, 40, 96, 56, 36, 4
    columns = tokens.shape[1]
    width = min(1600, max(640, columns * 3))
    height = CODEBOOKS * (band + gap) - gap
    image = Image.new("RGB", (left + width + right, top + height + bottom), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    colours = _colours()
    at = np.arange(width) * columns // width  # The token under each pixel.
    for row in range(CODEBOOKS):
        pixels = np.repeat(colours[tokens[row, at]][None], band, axis=0)  # (band, width, 3)
        image.paste(Image.fromarray(pixels), (left, top + row * (band + gap)))
        middle = top + row * (band + gap) + band // 2
        draw.text((left - 10, middle), f"{row}", fill="black", font=font, anchor="rm")
    draw.text((left - 10, top - 18), "codebook", fill="black", font=font, anchor="ra")
    draw.text((left + 60, top - 18), title or "Reference voice tokens", fill="black", font=font)
    _time_axis(draw, font, (left, top + height, width), columns / TOKENS_PER_S)
    scale = Image.fromarray(np.repeat(colours[np.linspace(CODES - 1, 0, height).astype(int)][:, None], 14, axis=1))
    image.paste(scale, (left + width + 24, top))
    for code in (0, 250, 500, 750, 1000):
        y = top + round((height - 1) * (1 - code / (CODES - 1)))
        draw.line([(left + width + 38, y), (left + width + 42, y)], fill="black")
        draw.text((left + width + 46, y), f"{code}", fill="black", font=font, anchor="lm")
    draw.text((left + width + 24, top - 18), "code", fill="black", font=font)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _time_axis(draw: "object", font: "object", box: Sequence[int], seconds: float) -> None:
    left, base, width = box
    step = next(one for one in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120) if seconds / one <= 14)
    line, text = draw.line, draw.text  # type: ignore[attr-defined]  # An ImageDraw, which is imported where it is used.
    line([(left, base + 6), (left + width, base + 6)], fill="black")
    for index in range(int(seconds / step) + 1):
        x = left + round(index * step / seconds * width)
        line([(x, base + 6), (x, base + 11)], fill="black")
        text((x, base + 14), f"{index * step:g}", fill="black", font=font, anchor="ma")
    text((left + width // 2, base + 34), "seconds", fill="black", font=font, anchor="ma")


def _colours() -> NDArray[np.uint8]:
    """(1024, 3): dark blue through green to yellow with evenly increasing lightness, so it also reads in greyscale."""
    stops = np.array([[48, 18, 80], [50, 90, 150], [35, 150, 140], [110, 205, 90], [250, 230, 60]], np.float64)
    at = np.linspace(0, len(stops) - 1, CODES)
    return np.stack([np.interp(at, np.arange(len(stops)), stops[:, one]) for one in range(3)], axis=1).astype(np.uint8)


def _remarks(tokens: Tokens) -> list[str]:
    seconds = tokens.shape[1] / TOKENS_PER_S
    remarks = []
    if tokens.max() >= CODEC_CODES:
        remarks.append(f"code {tokens.max()}: Fish Speech 1.5's codec only has 0 to {CODEC_CODES - 1}")
    if seconds > MAX_S:
        remarks.append(f"longer than the {MAX_S} s that Fish Speech accepts")
    elif not ADVISED_S[0] <= seconds <= ADVISED_S[1]:
        remarks.append(f"usable; {ADVISED_S[0]} to {ADVISED_S[1]} s are recommended")
    if len(np.unique(tokens, axis=1).T) < max(2, tokens.shape[1] // 20):
        remarks.append("nearly always the same tokens: silence, or not a recording of speech")
    return remarks


def _dtype(path: Path) -> str:
    with path.open("rb") as file:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        return str(read[np.lib.format.read_magic(file)[0]](file)[2])
