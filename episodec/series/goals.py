"""The goals of a partial build: some stages, some frames, a sentence, a single frame.

Goals select actions of one graph. These, and what they need, are judged and made as in any build; nothing else is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from episodec.engine.action import Action, ActionId, Artifact
from episodec.errors import UsageError
from episodec.project.authoring import nearest
from episodec.project.loaded import LoadedEpisode
from episodec.publishing.manifest import previews_of
from episodec.text import count_text


@dataclass(frozen=True, slots=True)
class ActionsGoal:
    """Actions by stage or name: `voice`, `voice/3`, `render/300-330`, `d13-072/voice/0003`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FramesGoal:
    """Some frames of one episode, half-open: the chunks that contain them, and a preview of these chunks."""

    start_frame: int
    end_frame: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview film of one episode, from the small picture that `Asked.preview` adds to lowering."""

    frames: FramesGoal | None  # The frames whose chunks it shows; None: all.


@dataclass(frozen=True, slots=True)
class SentenceGoal:
    """A sentence of one episode's narration, counted from 1; None: the whole joined narration."""

    number: int | None


@dataclass(frozen=True, slots=True)
class StillGoal:
    """The frame of one episode that `Asked.still` renders as a picture."""


@dataclass(frozen=True, slots=True)
class WholeEpisodesGoal:
    """Whole episodes, written to a separate folder instead of being published."""

    folder: str  # Absolute.


PREVIEW = "preview"  # In the ids of a small preview's actions; see `stages.films`.
SMALL = "_small"  # The suffix of the names of small previews.
Goals = ActionsGoal | FramesGoal | Preview | SentenceGoal | StillGoal | WholeEpisodesGoal


@dataclass(frozen=True, slots=True)
class Cut:
    """Some whole chunks of an episode's picture, and the sound of the whole episode."""

    bounds: tuple[int, ...]  # The frames at which its chunks begin, and at which the last one ends.
    is_small: bool  # Whether they are a preview's, with a quarter of the pixels and every second frame.
    chunks: tuple[Artifact, ...]
    sound: Artifact | None  # The mix; None where the episode has no sound of its own.

    @property
    def start_frame(self) -> int:
        """Its first frame in the film."""
        return self.bounds[0]

    @property
    def end_frame(self) -> int:
        """The frame after its last one."""
        return self.bounds[-1]

    def part(self, first: int, end: int) -> "Cut":
        """The cut of some of its chunks, from `first` up to `end`."""
        return replace(self, bounds=self.bounds[first : end + 1], chunks=self.chunks[first:end])


def chosen(goals: Goals, loaded: Sequence[LoadedEpisode]) -> tuple[ActionId, ...]:
    """The actions to make, without their needs.

    Raises:
        UsageError: no episode has the goal, or it needs exactly one episode and there are several.
    """
    match goals:
        case ActionsGoal(names=names):
            return tuple(dict.fromkeys(one for name in names for one in _named(name, loaded)))
        case FramesGoal() | Preview():
            cut = cut_of(goals, the_one(loaded))
            plans = [action.id for action in the_one(loaded).lowered.actions if action.stage == "plan"]  # For `blame`.
            return (*(one.action for one in (*cut.chunks, *([] if cut.sound is None else [cut.sound]))), *plans)
        case SentenceGoal():
            return (speech_of(goals, the_one(loaded)).action,)
        case StillGoal():
            return (still_of(the_one(loaded)).action,)
        case WholeEpisodesGoal():
            return tuple(dict.fromkeys(action.id for one in loaded for action in one.lowered.actions))


def the_one(loaded: Sequence[LoadedEpisode]) -> LoadedEpisode:
    """The only episode. Raises: UsageError, if there are several or none."""
    by_spec = {one.spec: one for one in loaded}
    return by_spec[the_one_of(list(by_spec))]


def the_one_of(specs: Sequence[str]) -> str:
    """The only spec. Raises: UsageError, if there are several or none."""
    if len(specs) != 1:
        facts = {"chosen": ", ".join(specs[:8])} if specs else {}
        raise UsageError("this needs exactly one episode", facts=facts, hint="name it: a number, d13/72, or its spec")
    return specs[0]


def cut_of(asked: FramesGoal | Preview, loaded: LoadedEpisode) -> Cut:
    """The chunks that contain these frames, of the film or of its small preview.

    Raises:
        UsageError: the film has no such frames, or is not rendered.
    """
    is_small = isinstance(asked, Preview)
    frames = (asked.frames if isinstance(asked, Preview) else asked) or FramesGoal(0, loaded.episode.frames)
    pictures = [action for action in loaded.lowered.actions if action.stage == "picture"]
    joins = [action for action in pictures if _is_small(action) == is_small]
    if not joins:
        hint = "its video is a ready file; `episodec open` shows it"
        raise UsageError("no frame of this episode is rendered", facts={"episode": loaded.spec}, hint=hint)
    total = loaded.episode.frames
    if frames.end_frame > total:
        facts = {"frames": f"{frames.start_frame}-{frames.end_frame}", "episode": loaded.spec}
        sentence = f"the film has {count_text(total, 'frame')}: 0 to {total - 1}"
        raise UsageError(sentence, facts=facts, hint=f"a range is half-open: 0-{total} is all of it")
    lengths = {action.id: action.params["frames"] for action in loaded.lowered.actions if "frames" in action.params}
    chunks: list[Artifact] = []
    bounds: list[int] = []
    start = 0
    for chunk in joins[0].inputs["chunk.mp4"]:
        assert isinstance(chunk, Artifact)
        end = start + int(str(lengths[chunk.action]))
        if start < frames.end_frame and frames.start_frame < end:
            bounds = [*(bounds or [start]), end]
            chunks.append(chunk)
        start = end
    mixes = [action.artifact("mix.wav") for action in loaded.lowered.actions if action.stage == "mix"]
    return Cut(tuple(bounds), is_small, tuple(chunks), mixes[0] if mixes else None)


def preview_path(cut: Cut, loaded: LoadedEpisode) -> str:
    """The path of a cut's preview, relative to the root."""
    suffix = SMALL if cut.is_small else ""
    return f"{previews_of(loaded.folder)}/{loaded.episode.name}_{cut.start_frame}-{cut.end_frame}{suffix}.mp4"


def _is_small(action: Action) -> bool:
    return action.id.split("/")[1:2] == [PREVIEW]


def speech_of(sentence: SentenceGoal, loaded: LoadedEpisode) -> Artifact:
    """The sound of a sentence, or of the whole narration.

    Raises:
        UsageError: the episode has no such sentence, or no voice.
    """
    spoken = [action for action in loaded.lowered.actions if action.stage == "voice"]
    joins = [action for action in loaded.lowered.actions if action.stage == "join"]
    facts = {"episode": loaded.spec}
    if not spoken or not joins:
        raise UsageError("this episode has no voice", facts=facts)
    if sentence.number is None:
        return joins[0].artifact("voice.wav")
    if loaded.episode.voice is not None and loaded.episode.voice.file:
        hint = f"listen to all of it with `episodec listen {loaded.episode.number}`"
        raise UsageError("this narration is a recording, which is not split into sentences", facts=facts, hint=hint)
    if not 1 <= sentence.number <= len(spoken):
        facts["sentence"] = str(sentence.number)
        raise UsageError(f"the narration has {count_text(len(spoken), 'sentence')}, counted from 1", facts=facts)
    return spoken[sentence.number - 1].artifact("speech.wav")


def still_of(loaded: LoadedEpisode) -> Artifact:
    """The picture of the requested still, with everything that is drawn onto it."""
    *_, last = (action for action in loaded.lowered.actions if action.outputs == ("frame.png",))
    return last.artifact()


def stages_of(loaded: Iterable[LoadedEpisode]) -> tuple[str, ...]:
    """The stages of these episodes, in the order of the data flow."""
    return tuple(dict.fromkeys(action.stage for one in loaded for action in one.lowered.actions))


def check_stages(names: Iterable[str], loaded: Sequence[LoadedEpisode], option: str) -> None:
    """Check that each of these stages is in at least one of the episodes.

    Raises:
        UsageError: a stage is in none of them, so the option would do nothing.
    """
    stages = stages_of(loaded)
    for name in names:
        if name not in stages:
            which = "the chosen episode has" if len(loaded) == 1 else "no chosen episode has"
            negation = "no" if len(loaded) == 1 else "a"
            near = nearest(name, stages)
            meant = f"did you mean `{near}`? " if near else ""
            hint = f"{meant}there are: {', '.join(stages)}"
            raise UsageError(f"{which} {negation} stage `{name}`", facts={"given": f"{option} {name}"}, hint=hint)


def _named(name: str, loaded: Sequence[LoadedEpisode]) -> list[ActionId]:
    """The actions of this stage or name, and those whose names continue it."""
    actions = [action for one in loaded for action in one.lowered.actions]
    ids = [action.id for action in actions if action.stage == name or _begins(action, name)]
    if ids:
        return ids
    stage, slash, _ = name.partition("/")
    there = [_tail(action) for action in actions if action.stage == stage] if slash else []
    if there:
        hint = f"there are: {', '.join(dict.fromkeys(there[:12]))}{' …' if len(there) > 12 else ''}"
        raise UsageError("no action of this stage has this name", facts={"given": f"--only {name}"}, hint=hint)
    check_stages([name], loaded, "--only")
    return []


def _begins(action: Action, name: str) -> bool:
    """Whether the action's name is this one or continues it, with or without its episode."""
    return any(goes_on(one, name) for one in (action.id, _tail(action)))


def goes_on(name: str, asked: str) -> bool:
    """Whether an action's name is the given one, or continues it."""
    parts = _plain(asked)
    return _plain(name)[: len(parts)] == parts


def _tail(action: Action) -> str:
    """An action's name without its episode or character: `voice/0003`."""
    return action.id.partition("/")[2]


def _plain(name: str) -> list[str]:
    """The parts of a name, without leading zeros: `voice/0003` is `voice/3`."""
    return [re.sub(r"(?<!\d)0+(?=\d)", "", part) for part in name.split("/")]
