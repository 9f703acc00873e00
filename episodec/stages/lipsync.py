"""Stage `lipsync`: a lip-sync model draws the lips of the rendered frames, if a backend is named for it.

It works in windows that are fixed on the film's clock, since a graph is lowered before there is a voice. `lip-voice`
cuts the voice into one file a window, so a changed word costs only the windows that hear it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact
from episodec.film.lip_windows import MOST_DEG, LipWindow, is_frontal, lip_windows, sideways
from episodec.film.plan import CHUNK_FRAMES, FramePlan
from episodec.spec.fit import fit
from episodec.stages.encode import ChunkFile
from episodec.stages.lowering import Lowered, Lowering, LoweringError, Remark, action_id, clock, performs, step
from episodec.stages.overlay import face_of
from episodec.timebase import frames_text, samples_per_frame

CONTEXT_FRAMES = 2  # On each side of a window, for the model's motion over time.
LEAST_MARGIN_FRAMES = 15  # Of sound on each side of a window: it decides where its lips are drawn.
FEATURE_RATE = 50  # The model hears 50 features a second; a window's sound starts on one of them.


@dataclass(frozen=True, slots=True)
class DrawnLips:
    """The windows of a film whose lips are drawn."""

    windows: tuple[LipWindow, ...]

    def rests(self) -> list[Canonical]:
        """The ranges of frames in which the scene's own mouth rests, as a param of the stage `performance`."""
        return [[one.start_frame, one.end_frame, one.fades_in, one.fades_out] for one in self.windows]

    def chunk_starts(self) -> list[int]:
        """The first frames of the chunks whose lips are drawn."""
        return [start for one in self.windows for start in range(one.start_frame, one.end_frame, CHUNK_FRAMES)]


def lip_sync_of(context: Lowering, plan: FramePlan, narration: Artifact | None) -> DrawnLips | None:
    """The windows of an episode whose lips are drawn; None where no backend draws lips or no known face speaks."""
    if narration is None or not context.has_backend("lipsync") or not performs(context):
        return None
    face = face_of(context)
    if face is None:
        return None
    return DrawnLips(tuple(lip_windows(is_frontal(plan, _point(face)))))


def lower_lip_voice(context: Lowering, sync: DrawnLips | None, narration: Artifact | None) -> Lowered:
    """One action, from the voice to one file per window; all films of an episode share it."""
    if sync is None or not sync.windows:
        return Lowered()
    assert narration is not None
    choice = context.choose("lip-voice", None)
    action = step(
        context,
        "lip-voice",
        choice,
        _margins(context),
        {"windows": _ranges(sync)},
        clock(context.episode),
        outputs=tuple(_voice_name(place) for place in range(len(sync.windows))),
        inputs={"voice.wav": (Artifact(narration.action, "voice.wav"),)},
        name=_voice_of(context).action,
    )
    return Lowered((action,))


def lower_lipsync(
    context: Lowering, sync: DrawnLips, size: tuple[int, int], chunks: Sequence[ChunkFile]
) -> tuple[tuple[Action, ...], list[ChunkFile]]:
    """One action per window, from the lossless chunks that it touches to its own chunks with drawn lips; and all chunks
    of the film. Positions are not in the keys.
    """
    drawn, actions = list(chunks), list[Action]()
    for place, window in enumerate(sync.windows):
        first, last = window.start_frame // CHUNK_FRAMES, -(-window.end_frame // CHUNK_FRAMES)
        own = range(first, last)
        near = chunks[max(first - 1, 0) : last + 1]
        choice = context.choose("lipsync", None)
        action = step(
            context,
            "lipsync",
            choice,
            _margins(context),
            _window_params(context, window, size),
            outputs=tuple(f"frames_{number:03}.mkv" for number in range(len(own))),
            inputs={
                "frames.mkv": tuple(chunk.artifact for chunk in near),
                "voice.wav": (Artifact(_voice_of(context).action, _voice_name(place)),),
            },
            name=action_id(context.episode, "lipsync", f"{window.start_frame:04}-{window.end_frame:04}"),
        )
        actions.append(action)
        for name, number in zip(action.outputs, own, strict=True):
            drawn[number] = ChunkFile(chunks[number].start_frame, chunks[number].end_frame, action.artifact(name))
    return tuple(actions), drawn


def lip_remarks(context: Lowering, plan: FramePlan, sync: DrawnLips | None) -> tuple[Remark, ...]:
    """A warning at the first camera segment that films the face from the side for some frames, whose windows keep the
    scene's own lips.

    Raises:
        LoweringError: the episode requires drawn lips.
    """
    if sync is None:
        return ()
    face = face_of(context)
    assert face is not None
    first, last = _spoken_frames(context)
    frontal = is_frontal(plan, _point(face))
    frontal[:first] = frontal[last:] = True
    ranges = sideways(frontal)
    if not ranges:
        return ()
    start = ranges[0][0]
    segments = [one for one in plan.stretches if one.track == "camera"]
    segment = next(place for place, one in enumerate(segments) if one.start_frame <= start < one.end_frame)
    count = sum(end - begin for begin, end in ranges)
    sentence = (
        f"the face speaks from more than {MOST_DEG}° in about {frames_text(count)}, first in frame {start} "
        f"({start / plan.rate:.1f} s): no lips can be drawn there"
    )
    path = ("camera", segment) if context.episode.camera else ("camera",)
    if context.episode.lips is not None and context.episode.lips.require:
        hint = "move the camera to the front, or remove `lips.require`: the scene's own mouth then speaks there"
        raise LoweringError(path, sentence, hint, code="E287")
    return (Remark("E286", path, sentence, "the scene's own mouth speaks there; move the camera, or `allow: [E286]`"),)


def _spoken_frames(context: Lowering) -> tuple[int, int]:
    """The half-open range of frames in which the narration is expected, by its text; a recording may speak in all."""
    episode = context.episode
    if episode.voice is None or episode.voice.file:
        return 0, episode.frames
    fitted = fit(episode, episode.voice, context.characters_per_second, context.choose("voice", None).paces)
    last = -(-fitted.needed // samples_per_frame(episode.rate))
    return int(episode.voice.lead_s * episode.rate), min(last, episode.frames)


def _window_params(context: Lowering, window: LipWindow, size: tuple[int, int]) -> dict[str, Canonical]:
    has_before = window.start_frame > 0
    return {
        "frames": window.end_frame - window.start_frame,
        "rate": context.episode.rate,
        "size": list(size),
        "chunk_frames": CHUNK_FRAMES,
        "context": CONTEXT_FRAMES,
        "has_before": has_before,
        "has_after": window.end_frame < context.episode.frames,
        "fades_in": window.fades_in,
        "fades_out": window.fades_out,
    }


def _margins(context: Lowering) -> dict[str, Canonical]:
    """The frames of sound on each side of a window: a whole number of the model's features."""
    step = context.episode.rate // gcd(FEATURE_RATE, context.episode.rate)
    return {"margin": -(-LEAST_MARGIN_FRAMES // step) * step}


def _ranges(sync: DrawnLips) -> list[Canonical]:
    return [[one.start_frame, one.end_frame] for one in sync.windows]


def _voice_of(context: Lowering) -> Artifact:
    return Artifact(action_id(context.episode, "lip-voice"), _voice_name(0))


def _voice_name(place: int) -> str:
    return f"window_{place:03}.wav"


def _point(face: Sequence[Canonical]) -> tuple[float, float, float]:
    x, y, z = (float(str(one)) for one in face)
    return x, y, z
