"""The pairs of episodes in two versions of a series: by file, else by number or name, else by their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from episodec.project.loaded import LoadedEpisode

_ALIKE = 0.6  # The least similarity of the words of two episodes that are paired.


@dataclass(frozen=True, slots=True)
class Pair:
    """An episode before and after; None if it does not exist."""

    before: LoadedEpisode | None
    after: LoadedEpisode | None
    how: Literal["added", "deleted", "renamed", "changed"]  # Changed: the spec has the same path.


def paired(before: Mapping[str, LoadedEpisode], after: Mapping[str, LoadedEpisode]) -> list[Pair]:
    """Pair the episodes of both versions by spec; each appears once."""
    pairs = [Pair(before[spec], after[spec], "changed") for spec in after if spec in before]
    gone = [one for spec, one in before.items() if spec not in after]
    for new in (one for spec, one in after.items() if spec not in before):
        old = max(gone, key=lambda one: _likeness(one, new), default=None)
        if old is not None and _likeness(old, new) >= _ALIKE:
            gone.remove(old)
            pairs.append(Pair(old, new, "renamed"))
        else:
            pairs.append(Pair(None, new, "added"))
    return pairs + [Pair(old, None, "deleted") for old in gone]


def _likeness(old: LoadedEpisode, new: LoadedEpisode) -> float:
    """The likelihood that two episodes are the same: 2 for an equal number or name; otherwise the similarity of their
    words, 0 to 1.
    """
    if old.prefix == new.prefix or old.episode.name == new.episode.name:
        return 2.0
    matcher = SequenceMatcher(None, _words(old), _words(new), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


def _words(episode: LoadedEpisode) -> list[str]:
    voice = episode.episode.voice
    return f"{episode.episode.title} {voice.text or '' if voice else ''}".split()
