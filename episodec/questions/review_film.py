"""The film of one version of an episode in the cache, and the difference of two such films, frame by frame."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.audio.words import read_words
from episodec.digest import Digest
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Blob, Record
from episodec.project.loaded import LoadedEpisode
from episodec.store.cache import DiskCache
from episodec.timebase import SAMPLE_RATE

_CHUNK = re.compile(r"/(\d+)-(\d+)$")
_MEASURED = (("audio", "audio.json"), ("check", "check.json"))
SIZE = "size"  # The size of the film or the sound, in bytes.
LEAST, MOST = ", least", ", most"  # Endings of the names of numbers that were measured over many frames.
_SOUND = {"loudness_lufs": "loudness, LUFS", "true_peak_dbtp": "true peak, dBTP"}


@dataclass(frozen=True, slots=True)
class FilmVersion:
    """One version of an episode, with those results of its actions that are in the cache."""

    loaded: LoadedEpisode
    records: Mapping[ActionId, Record]

    def blob(self, artifact: Artifact | None) -> Blob | None:
        """The content of an artifact; None if it is not in the cache."""
        record = None if artifact is None else self.records.get(artifact.action)
        return None if record is None or artifact is None else record.outputs.get(artifact.output)

    def of_stage(self, stage: str, output: str) -> list[Blob | None]:
        """This output of all actions of a stage, in order."""
        return [self.blob(Artifact(one.id, output)) for one in self.loaded.lowered.actions if one.stage == stage]

    def delivered(self, path: str) -> Artifact | None:
        """The artifact that is published at this path."""
        return next((one.artifact for one in self.loaded.lowered.deliverables if one.path == path), None)

    def picture(self) -> Action | None:
        """The action that joins the chunks of the film with the episode's name; None if there is none."""
        actions = {one.id: one for one in self.loaded.lowered.actions}
        film = self.delivered(f"video/{self.loaded.episode.name}.mp4")
        joined = actions[film.action].inputs.get("picture.mp4", ()) if film else ()
        return next((actions[one.action] for one in joined if isinstance(one, Artifact)), None)

    def chunks(self) -> dict[tuple[int, int], Digest]:
        """The contents of the film's chunks, by range of frames (half-open)."""
        picture = self.picture()
        chunks = {}
        for artifact in (one for some in picture.inputs.values() for one in some) if picture else ():
            blob = self.blob(artifact) if isinstance(artifact, Artifact) else None
            if isinstance(artifact, Artifact) and blob and (frames := _CHUNK.search(artifact.action)):
                chunks[int(frames[1]), int(frames[2])] = blob.digest
        return chunks


def shows(cut: FilmVersion) -> tuple[Blob | None, bool]:
    """The film or, for an episode without a picture, its sound; and whether it is the sound."""
    name = cut.loaded.episode.name
    film = cut.delivered(f"video/{name}.mp4")
    return (cut.blob(film), False) if film else (cut.blob(cut.delivered(f"static/audio/{name}.m4a")), True)


def measured(cut: FilmVersion, store: DiskCache) -> dict[str, float]:
    """The measurements of a version by name: those of its sound and those of the checks."""
    measurements: dict[str, float] = {}
    visible, _ = shows(cut)
    if visible:
        measurements[SIZE] = visible.size
    for stage, output in _MEASURED:
        for blob in filter(None, cut.of_stage(stage, output)[:1]):
            tree = json.loads(store.open_blob(blob.digest).read_bytes())
            if stage == "check":
                measurements |= dict(_readings(tree["measurements"]))
            else:
                measurements |= {name: float(tree[key]) for key, name in _SOUND.items() if tree.get(key) is not None}
    return measurements


def _readings(measurements: Mapping[str, Mapping[str, float] | None]) -> Iterator[tuple[str, float]]:
    """The minimum and maximum of each measurement over the film."""
    for name, measurement in measurements.items():
        if measurement is not None:
            yield f"{name}{LEAST}", measurement["least"]
            yield f"{name}{MOST}", measurement["most"]


def spoken_at(cut: FilmVersion, store: DiskCache) -> tuple[float | None, ...]:
    """The start of each sentence in seconds; empty if it is not in the cache."""
    starts: dict[int, float] = {}
    for blob in filter(None, cut.of_stage("join", "words.json")[:1]):
        for word in read_words(store.open_blob(blob.digest)).words:
            starts.setdefault(word.sentence, word.start / SAMPLE_RATE)
    return tuple(starts.get(number) for number in range(max(starts, default=-1) + 1))


def frame_changes(before: FilmVersion, after: FilmVersion, store: DiskCache) -> tuple[float | None, ...]:
    """The difference of each frame of the longer film, 0 to 255; None after the end of the other film.

    Chunks with equal contents are not decoded.

    Raises:
        EpisodecError: a film cannot be read.
    """
    from episodec.video.difference import differences  # Brings numpy and FFmpeg's libraries.

    most = max(before.loaded.episode.frames, after.loaded.episode.frames)
    if shows(before) == shows(after):
        return (0.0,) * most
    films = [store.open_blob(blob.digest) for one in (before, after) if (blob := shows(one)[0])]
    changes = differences(films[0], films[1], differing_ranges(before, after))
    common = min(before.loaded.episode.frames, after.loaded.episode.frames)
    return tuple(round(changes.get(number, 0.0), 3) if number < common else None for number in range(most))


def differing_ranges(before: FilmVersion, after: FilmVersion) -> list[tuple[int, int]]:
    """The ranges of frames (half-open) that both films have and that may differ."""
    pictures = [cut.blob(action.artifact()) if (action := cut.picture()) else None for cut in (before, after)]
    if pictures[0] and pictures[0] == pictures[1]:
        return []
    old, new = before.chunks(), after.chunks()
    common = min(before.loaded.episode.frames, after.loaded.episode.frames)
    if not old or not new:
        return [(0, common)]
    return list(_joined(sorted((start, min(end, common)) for (start, end), one in new.items()
                               if start < common and old.get((start, end)) != one)))  # fmt: skip


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same frames in as few ranges as possible."""
    begun: tuple[int, int] | None = None
    for start, end in ranges:
        if begun and begun[1] == start:
            begun = begun[0], end
        else:
            if begun:
                yield begun
            begun = start, end
    if begun:
        yield begun
