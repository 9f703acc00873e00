"""A moment of a film as it was built: the sentence spoken, the segments of the tracks, and the chunk with the frame.

Read from the film's manifest, and from results of its actions that are in the cache.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.audio.words import SpokenWord, read_words
from episodec.digest import Digest, is_digest
from episodec.engine.action import ActionId
from episodec.errors import EpisodecError, UsageError
from episodec.series.goals import PREVIEW, SMALL
from episodec.series.session import Session
from episodec.timebase import SAMPLE_RATE, AtFrame, Moment, frame_at, frames_text, sample_range

_CHUNK = re.compile(r"[^/]+/(?:(?P<film>\d+x\d+|preview)/)?(?:render|encode)/(?P<start>\d+)-(?P<end>\d+)")
_AGAIN = "build it again: a film built by an older episodec has no lines"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a track: a sentence, a camera move or a time map."""

    track: str  # "voice", "camera" or "time".
    index: int  # From 0.
    name: str  # The text of a sentence, or the kind of a camera move or time map.
    frames: tuple[int, int] | None  # Half-open; None: unknown.


@dataclass(frozen=True, slots=True)
class FilmMoment:
    """The picture and sound of a film at a moment."""

    film: str  # Relative to the root.
    frame: int  # Of the whole film, also in a preview of a part.
    frames: int  # Of the whole film, or up to a preview's end.
    rate: int
    scene_time: float | None  # 0 to 1; None: it has no plan.
    sentence: Segment | None  # None: nothing is said.
    word: str | None  # The word spoken.
    between: tuple[int, int] | None  # In a pause: the sentences before and after, counted from 1; 0: none.
    segments: tuple[Segment, ...]  # Camera and time segments.


@dataclass(frozen=True, slots=True)
class Behind:
    """An action behind a moment, as the film was built with it."""

    id: ActionId
    stage: str
    backend: str
    key: str
    made_at_s: float | None  # Seconds since 1970; None: no longer in the cache.
    seconds: float | None


class Manifest:
    """The manifest of an episode's films, and access to its results that are still in the cache."""

    def __init__(self, session: Session, film: str | None, folder: str, tree: Mapping[str, Any]) -> None:
        """folder: where its files are, relative to the root."""
        self._session = session
        self._tree = tree
        self._rows = dict(tree.get("actions") or {})
        source = tree.get("source")
        if not isinstance(source, Mapping) or not tree.get("rate"):
            raise UsageError("the film's manifest does not say which lines it was built from", hint=_AGAIN)
        self.blob = str(source["blob"])
        self.lines: Mapping[str, Sequence[Sequence[int]]] = source["lines"]
        self.rate, self.frames = int(tree["rate"]), int(tree["frames"])
        self.start_frame = int(tree.get("start_frame", 0))  # Of a preview: the film's frame at which it begins.
        self.film = film or f"{folder}/video/{tree['name']}.mp4"
        self._digest = (tree.get("deliverables") or {}).get(self.film.removeprefix(f"{folder}/"), {}).get("digest")

    def state(self) -> str:
        """The state of the film: "as published", "changed" or "missing"."""
        try:
            same = self._session.digests.of(self.film) == self._digest
        except OSError:
            return "missing"
        return "as published" if same else "changed"

    def of_stage(self, stage: str) -> list[ActionId]:
        """The actions of a stage, in order."""
        return [ActionId(name) for name, row in self._rows.items() if row["stage"] == stage]

    def output(self, action: ActionId, name: str) -> Path | None:
        """A file that an action made for this film; None if it is no longer in the cache."""
        digest = self._rows[action]["outputs"].get(name, "")
        if is_digest(digest):
            with suppress(EpisodecError, OSError):
                return self._session.cache.open_blob(Digest(digest))
        return None

    def behind(self, moment: FilmMoment) -> Iterator[Behind]:
        """The action that spoke the sentence, and those that made the chunk with the frame."""
        spoken = self.of_stage("voice")
        if moment.sentence is not None and spoken:
            yield self._row(spoken[min(moment.sentence.index, len(spoken) - 1)])
        film = self._film_size()
        for name in self._rows:
            matched = _CHUNK.fullmatch(name)
            if matched and matched["film"] == film and int(matched["start"]) <= moment.frame < int(matched["end"]):
                yield self._row(ActionId(name))

    def _film_size(self) -> str | None:
        """The part of its chunks' names that is its own; None for the first film."""
        name = self.film.rpartition("/")[2].removesuffix(".mp4")
        if self._tree.get("preview"):
            return PREVIEW if name.endswith(SMALL) else None
        size = re.search(r"_(\d+x\d+)$", name)
        return size[1] if size and str(self._tree["name"]) + size[0] == name else None

    def _row(self, name: ActionId) -> Behind:
        row = self._rows[name]
        rows = self._session.cache.index.rows("SELECT made_at_ns, seconds FROM records WHERE key = ?", (row["key"],))
        history = (rows[0]["made_at_ns"] / 1e9, rows[0]["seconds"]) if rows else (None, None)
        return Behind(name, row["stage"], row["backend"], row["key"], *history)


def shown_at(manifest: Manifest, moment: Moment) -> FilmMoment:
    """The picture and sound of the film at this moment.

    Raises:
        UsageError: the film is shorter.
    """
    own = frame_at(moment, manifest.rate)
    if not 0 <= own < manifest.frames:
        length = f"{frames_text(manifest.frames)}: 0 to {manifest.frames - 1}, {manifest.frames / manifest.rate:g} s"
        facts = {"asked for": f"frame {own}", "film": manifest.film}
        raise UsageError(f"the film has {length}", facts=facts)
    frame = manifest.start_frame + own
    scene_time, segments = _plan(manifest, frame)
    if isinstance(moment, AtFrame):
        start, end = sample_range(frame, manifest.rate)
        sample = (start + end) // 2
    else:
        sample = sample_range(manifest.start_frame, manifest.rate)[0] + int(moment.seconds * SAMPLE_RATE)
    sentence, word, between = _spoken(manifest, sample)
    frames = manifest.start_frame + manifest.frames
    return FilmMoment(manifest.film, frame, frames, manifest.rate, scene_time, sentence, word, between, segments)


def _plan(manifest: Manifest, frame: int) -> tuple[float | None, tuple[Segment, ...]]:
    """The scene time of a frame, and its segments."""
    plans = manifest.of_stage("plan")
    file = manifest.output(plans[0], "plan.json") if plans else None
    if file is None:
        return None, ()
    tree = json.loads(file.read_bytes())
    segments: list[Segment] = []
    counted = {"camera": 0, "time": 0}
    for row in tree["segments"]:
        track = row["track"]
        if row["start_frame"] <= frame < row["end_frame"]:
            segments.append(Segment(track, counted[track], row["kind"], (row["start_frame"], row["end_frame"])))
        counted[track] += 1
    return float(tree["frames"][frame]["scene_time"]), tuple(segments)


def _spoken(manifest: Manifest, sample: int) -> tuple[Segment | None, str | None, tuple[int, int] | None]:
    """The sentence and word spoken at a sample, or the numbers of the sentences around a pause."""
    joins = manifest.of_stage("join")
    file = manifest.output(joins[0], "words.json") if joins else None
    if file is None:
        return None, None, None
    groups: dict[int, list[SpokenWord]] = {}
    for spoken_word in read_words(file).words:
        groups.setdefault(spoken_word.sentence, []).append(spoken_word)
    before = 0
    for index, words in groups.items():
        if words[0].start <= sample < words[-1].end:
            spf = SAMPLE_RATE // manifest.rate
            frames = words[0].start // spf, -(-words[-1].end // spf)
            word = next((one.word for one in words if one.start <= sample < one.end), None)
            return Segment("voice", index, " ".join(one.word for one in words), frames), word, None
        if words[0].start > sample:
            return None, None, (before, index + 1)
        before = index + 1
    return None, None, (before, 0)
