"""A first spec for an author to change: what `episodec new` writes."""

from episodec.spec.format import MODELINE, write_text
from episodec.spec.types import LANGUAGE_VERSION

_SPEC = """\
{modeline} $schema={schema}

# The version of the spec language.
episodec: {version}
number: {number}
{season}title: {title}
# What the page and the file's metadata say.
description: ""
tags: []
{character}
# What is spoken: one sentence a line. `episodec validate` says whether it fits.
voice:
  text: |
    {text}

# What is heard behind the voice. No other episode has the same.
foley:
  prompt: quiet room of episode {number}, soft page turning

# The camera's way: the frames of the segments add up to the episode's.
camera:
  - move: orbit
    frames: {frames}
    radius: 2.6
    from_deg: -15
    to_deg: 15
    ease: smooth

# Which moment of the scene each frame shows.
time:
  - map: loop
    frames: {frames}
    period: 24

# More fields: language, disclosure, frames, rate, size, scene, video, mix, loudness, checks, lexicon, backends,
# allow, overrides. An editor that knows the modeline above offers and explains them.
"""


def scaffold(
    number: int,
    title: str,
    *,
    season: str | None = None,
    character: str | None = None,
    frames: int = 900,
    schema: str = "../schema/episode.schema.json",
) -> str:
    """A complete spec in canonical form; season and character only where they differ from the series'."""
    return _SPEC.format(
        modeline=MODELINE,
        schema=schema,
        version=LANGUAGE_VERSION,
        number=number,
        season=f"season: {write_text(season)}\n" if season else "",
        title=write_text(title),
        character=f"character: {write_text(character)}\n" if character else "",
        text=f"This is episode {number}.",
        frames=frames,
    )
