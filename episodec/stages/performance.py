"""Stage `performance`: the motion of the face in each frame, from the narration or from the author's capture.

It is published as a track next to the film, and each chunk reads its own part of it, so a changed word only costs the
chunks whose faces move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from episodec.digest import Canonical
from episodec.engine.action import Artifact, Deliverable, Input, Literal
from episodec.film.plan import CHUNK_FRAMES
from episodec.spec.passages import expressions, narration
from episodec.spec.sentences import words
from episodec.spec.structure import section
from episodec.spec.types import Episode
from episodec.spec.types_of_picture import Performance
from episodec.stages.lowering import Lowered, Lowering, clock, performance_of, performs, role, step
from episodec.stages.overlay import face_of

_CAPTURED = ("file_rate", "breath")  # Fields that apply to captures; the others control a generated performance.


def lower_performance(
    context: Lowering, rows: Literal, narrated: Artifact | None, rests: Sequence[Canonical] = ()
) -> Lowered:
    """One action, to performance.json and the rows of each chunk; nothing for `performance: none`, or for a character
    without a portrait, whose face is unknown.

    narrated: an output of the join, with the words. rests: the ranges of frames whose lips another stage draws.
    """
    asked = context.episode.performance
    if asked is None or not performs(context):
        return Lowered()
    inputs: dict[str, tuple[Input, ...]]
    if asked.file:
        choice, inputs = (
            context.choose("performance", "capture"),
            {role("capture", asked.file): (context.files[asked.file],)},
        )
        options = {name: value for name, value in section(asked).items() if name in _CAPTURED}
    else:
        choice, inputs = context.choose("performance", None), {"frames.rows": (rows,)}
        if narrated is not None:
            inputs["words.json"] = (Artifact(narrated.action, "words.json"),)
        options = _made_params(context, asked)
    action = step(
        context,
        "performance",
        choice,
        options,
        {"chunk_frames": CHUNK_FRAMES},
        {"rests": list(rests)} if rests else {},
        clock(context.episode),
        outputs=("performance.json", *_rows(context.episode), *(_rows(context.episode, "resting") if rests else ())),
        inputs=inputs,
        name=performance_of(context).action,
    )
    delivered = Deliverable(f"plan/{context.episode.name}.performance.json", action.artifact("performance.json"))
    return Lowered((action,), (delivered,))


@dataclass(frozen=True, slots=True)
class Performed:
    """The inputs of a film's chunks for its face, in addition to the scene; all films of an episode perform alike."""

    rig: Artifact
    rows: tuple[Artifact, ...]  # One file per chunk.
    step: int = 1  # The number of frames that the face is held, in a film of every second frame.

    def of_chunk(self, start_frame: int) -> dict[str, tuple[Input, ...]]:
        """The inputs of the chunk that contains this frame."""
        return {"mouth.rig": (self.rig,), "performance.rows": (self.rows[start_frame // CHUNK_FRAMES],)}

    def resting(self, context: Lowering, starts: Sequence[int]) -> "Performed":
        """The same with the mouth at rest in the chunks that begin at these frames."""
        quiet = _rows(context.episode, "resting")
        rows = list(self.rows)
        for start in starts:
            rows[start // CHUNK_FRAMES] = Artifact(performance_of(context).action, quiet[start // CHUNK_FRAMES])
        return replace(self, rows=tuple(rows))


def performed(context: Lowering, rig: Artifact | None) -> Performed | None:
    """The inputs of chunks for the episode's performance; None if no face performs."""
    if rig is None:
        return None
    return Performed(rig, tuple(Artifact(performance_of(context).action, name) for name in _rows(context.episode)))


def _rows(episode: Episode, name: str = "performance") -> tuple[str, ...]:
    chunks = -(-episode.frames // CHUNK_FRAMES)
    return tuple(f"{name}_{number:03}.rows" for number in range(chunks))


def _made_params(context: Lowering, asked: Performance) -> dict[str, Canonical]:
    options = {name: value for name, value in section(asked).items() if name != "file_rate"}
    seed = f"{context.episode.season}/{context.episode.number}" if asked.seed is None else str(asked.seed)
    marks, count = _marks(context.episode)
    return {**options, "seed": seed, "face": face_of(context), "expressions": marks, "words": count}


def _marks(episode: Episode) -> tuple[list[Canonical], int]:
    """The marks for expressions, each with the number of words before it, and the number of all words, which is 0 if
    there are no marks.
    """
    text = (episode.voice.text if episode.voice else None) or ""
    marks: list[Canonical] = [[_count(episode, before), name] for before, name in expressions(text)]
    return marks, _count(episode, text) if marks else 0


def _count(episode: Episode, text: str) -> int:
    """The number of words in a text that the voice speaks; for a recording, of words that captions show."""
    is_recorded = episode.voice is not None and episode.voice.file is not None
    lexicon, language = ({}, None) if is_recorded else (episode.lexicon, episode.language)
    parts = narration(text, episode.language).passages
    return sum(len(words(part.text, lexicon, language)) for part in parts)
