"""Two episodes of a character whose scene is learned by a real training of seconds; all else is real and small, too."""

from pathlib import Path

from episodec.backends import BUILTIN
from tests.builds.studio import Studio
from tests.splat.portraits import drawn, png

BACKENDS = {**BUILTIN, "learn": "tests.toys.trainers:Learner"}

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {size: [48, 48], backends: {voice: espeak, views: relief, motion: sway, train: learn}}
"""

CHARACTER = """\
episodec: 1
title: Alpha
scene:
  kind: hybrid
  views: {count: 4}
  motion: {prompt: She smiles., frames: 8}
  training: {size: 48, gaussians: 600, iterations: 200, coarse_iterations: 80, val: 4, test: 6, seed: SEED}
"""

EPISODE = """\
episodec: 1
number: NUMBER
title: Episode NUMBER
frames: 60
voice: {text: TEXT}
camera:
  - {move: orbit, frames: 60}
"""


def start(root: Path) -> Studio:
    """The series, as `edited` leaves it in round 0."""
    studio = Studio(root, BACKENDS, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/alpha-ref.png", png(drawn(96, 96)))
    edited(studio, seed=0, take=0)
    return studio


def edited(studio: Studio, *, seed: int, take: int) -> None:
    """Another training, and other words, of one length: every narration fits its episode."""
    studio.write("episodes/characters/alpha/character.yaml", CHARACTER.replace("SEED", str(seed)))
    for number in (1, 2):
        text = EPISODE.replace("NUMBER", str(number)).replace("TEXT", f"Take {_word(take)}.")
        studio.write(f"episodes/{number:03}.episode.yaml", text)


def _word(number: int) -> str:
    """A word of two syllables, another one for each number below 900."""
    return "".join("bdkmnt"[part // 5] + "aeiou"[part % 5] for part in divmod(number, 30))
