"""The quality of an encoded picture, and how an episode sets it. Light: does not import numpy."""

from dataclasses import dataclass

from episodec.overrides import Choice, Number, Overrides

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


@dataclass(frozen=True, slots=True)
class Quality:
    """Encoder settings: x264's constant rate factor (above 0, up to 51) and its preset."""

    crf: float
    preset: str


STANDARD = Quality(18.0, "veryfast")

ENCODING: Overrides = {
    "crf": Number(
        0,
        51,
        default=STANDARD.crf,
        above=True,
        meaning="x264's constant rate factor: lower values give a better picture and a larger file.",
    ),
    "preset": Choice(PRESETS, default=STANDARD.preset, meaning="x264's preset: slower ones give a smaller file."),
}
"""The overrides of encoding backends."""
