"""How much is spent on an encoded picture, and what an episode may say of it. Light: brings no numpy."""

from dataclasses import dataclass

from episodec.overrides import Choice, Number, Overrides

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


@dataclass(frozen=True, slots=True)
class Quality:
    """How much is spent on a picture: x264's constant rate factor (above 0, up to 51) and its preset."""

    crf: float
    preset: str


STANDARD = Quality(18.0, "veryfast")

ENCODING: Overrides = {
    "crf": Number(
        0,
        51,
        default=STANDARD.crf,
        above=True,
        meaning="x264's constant rate factor: the less, the better the picture and the larger the file.",
    ),
    "preset": Choice(PRESETS, default=STANDARD.preset, meaning="x264's preset: the slower, the smaller the file."),
}
"""What encoding backends declare."""
