"""Checks of one episode that the schema cannot express: sums, orders, contradictions; one function per check.

Knows nothing of other episodes (see `series_checks`) or of files (see `references`).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from episodec.glyphs import missing_letters
from episodec.spec.background import check_background_of_episode
from episodec.spec.codes import CODES
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.marks import check_marks
from episodec.spec.near import did_you_mean, in_words
from episodec.spec.passages import unmarked
from episodec.spec.post_texts import check_placeholders
from episodec.spec.references import check_path_forms
from episodec.spec.schema import Language
from episodec.spec.types import Episode
from episodec.spec.types_of_delivery import Gate
from episodec.spec.types_of_tracks import DollyMove, KeyframesMove, KeyframesTime, StaticMove, Vector

# BCP 47 (RFC 5646, section 2.1) without its grandfathered tags.
LANGUAGE_TAG = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-x(-[A-Za-z0-9]{1,8})+)?"
)

Rule = Callable[[Episode, Document], Iterator[Diagnostic]]


def check_episode(episode: Episode, document: Document, language: Language) -> list[Diagnostic]:
    """Everything wrong within one episode, without what it allows."""
    diagnostics = [one for rule in RULES for one in rule(episode, document)]
    diagnostics += check_allow(episode, document, language)
    return without_allowed(diagnostics, episode.allow)


def without_allowed(diagnostics: Sequence[Diagnostic], allow: Collection[str]) -> list[Diagnostic]:
    """The diagnostics without those that an episode allows; what cannot be allowed stays."""
    return [one for one in diagnostics if one.code not in allow or not CODES[one.code].is_allowable]


def check_frames(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that segments add up to the episode's frames."""
    for name, track in (("camera", episode.camera), ("time", episode.time)):
        total = sum(segment.frames for segment in track)
        if track and total != episode.frames:
            gap = total - episode.frames
            message = (
                f"the {name} track's segments add up to {total} frames, the episode has {episode.frames}: "
                f"{abs(gap)} {'too many' if gap > 0 else 'short'}"
            )
            last = track[-1].frames - gap
            hint = (
                f"the last segment would need `frames: {last}`, or no length: it then fills the rest"
                if last > 0
                else None
            )
            yield diagnose("E201", message, document.path, document.key_span(name), hint=hint)


def check_keys(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that keys are in order and inside their segment."""
    for name, track in (("camera", episode.camera), ("time", episode.time)):
        for index, segment in enumerate(track):
            if isinstance(segment, KeyframesMove | KeyframesTime):
                frames = [key.frame for key in segment.keys]
                yield from _check_key_frames(frames, segment.frames, (name, index, "keys"), document)


def _check_key_frames(frames: list[int], length: int, path: Path, document: Document) -> Iterator[Diagnostic]:
    before = -1
    for position, frame in enumerate(frames):
        span = document.span(*path, position, "frame")
        if frame >= length:
            message = f"the key at frame {frame} is outside its segment of {length} frames"
            hint = f"frames count from the segment's start: 0 to {length - 1}"
            yield diagnose("E203", message, document.path, span, hint=hint)
        if frame <= before:
            message = f"the key at frame {frame} follows the key at frame {before}"
            yield diagnose("E202", message, document.path, span, hint="write keys in the order of their frames")
        before = frame


def check_camera(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that the camera is never at the point it looks at."""
    for index, move in enumerate(episode.camera):
        views: list[tuple[Path, Vector, Vector]] = []
        match move:
            case StaticMove():
                views = [(("position",), move.position, move.look_at)]
            case DollyMove():
                views = [(("from_position",), move.from_position, move.look_at)]
                views += [(("to_position",), move.to_position, move.look_at)]
            case KeyframesMove():
                views = [(("keys", i, "position"), key.position, key.look_at) for i, key in enumerate(move.keys)]
            case _:
                pass
        for path, position, look_at in views:
            span = document.span("camera", index, *path)
            if position == look_at:
                message = "the camera is at the point it looks at"
                yield diagnose("E220", message, document.path, span, hint="move `look_at`, or the camera")
            elif position[::2] == look_at[::2]:  # x and z.
                message = "the camera looks straight up or down, where the up direction is undefined"
                yield diagnose("E234", message, document.path, span, hint="move the camera a little to the side")


def check_video(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that a finished video is not combined with the sections it replaces."""
    if episode.video is None:
        return
    for name in ("camera", "time", "scene", "background", "deliver", "performance", "lips"):
        if name in document.tree:
            message = f"`{name}` would be ignored: `video` replaces it"
            hint = f"remove `{name}`, or `video`"
            yield diagnose("E204", message, document.path, document.key_span(name), hint=hint)


def check_scene(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that a scene is either the character's own, of a kind, or a file."""
    scene = episode.scene
    for name, text in (("file", scene.file), ("deformation", scene.deformation)):
        if scene.kind and text:
            message = f"`scene.{name}` is a finished scene, but `kind` asks for the character's own"
            hint = "remove one of the two"
            yield diagnose("E241", message, document.path, document.key_span("scene", name), hint=hint)


def check_performance(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that a capture has no fields beside it that it overrides, and that only a capture has a rate."""
    asked = episode.performance
    fields = document.tree.get("performance")
    if asked is None or not isinstance(fields, Mapping):
        return
    for name in fields:
        message = None
        if asked.file and name not in ("file", "file_rate", "breath"):
            message = f"`performance.{name}` would be ignored: the capture gives the face's movement"
        elif not asked.file and name == "file_rate":
            message = "`performance.file_rate` belongs to a capture, but there is none"
        if message:
            hint = f"remove `{name}`, or {'`file`' if asked.file else 'name the capture in `performance.file`'}"
            yield diagnose("E281", message, document.path, document.key_span("performance", name), hint=hint)


def check_texts(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that texts hold a letter or a digit."""
    texts: list[tuple[Path, str | None]] = [(("title",), episode.title), (("disclosure",), episode.disclosure)]
    texts += [(("voice", "text"), unmarked(episode.voice.text))] if episode.voice and episode.voice.text else []
    if episode.foley:
        texts += [(("foley", "prompt"), episode.foley.prompt), (("foley", "note"), episode.foley.note)]
    for path, text in texts:
        if text is not None and not any(map(str.isalnum, text)):
            message = f"`{'.'.join(map(str, path))}` has no letter or digit"
            yield diagnose("E205", message, document.path, document.span(*path))


def check_burnt(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that the shipped font has the letters of burnt captions."""
    are_burnt = episode.captions.burnt or any(film.captions == "burnt" for film in episode.deliver)
    if not (are_burnt and episode.voice and episode.voice.text):
        return
    if letters := missing_letters(unmarked(episode.voice.text)):
        message = f"burnt captions cannot show {' '.join(f'«{letter}»' for letter in letters[:8])}"
        hint = "their font has Latin, Greek and Cyrillic letters; remove `captions.burnt`"
        span = document.span("captions", "burnt") or document.key_span("deliver")
        yield diagnose("E272", message, document.path, span, hint=hint)


def check_recordings(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that recordings, their word times and their backends agree."""
    voice, foley = episode.voice, episode.foley
    if voice and voice.timings and not voice.file:
        message = "`voice.timings` belongs to a recording, but there is none"
        hint = "name the recording in `voice.file`, or remove the word times"
        yield diagnose("E208", message, document.path, document.key_span("voice", "timings"), hint=hint)
    video = episode.video
    recordings = (("voice", voice and voice.file), ("foley", foley and foley.file), ("video", video and video.file))
    for stage, recording in recordings:
        backend = episode.backends.get(stage, "file")
        if recording and backend != "file":
            message = f"the backend `{backend}` would not use the recording in `{stage}.file`"
            hint = f"remove `backends.{stage}`, or the recording"
            yield diagnose("E209", message, document.path, document.span("backends", stage), hint=hint)


def check_language(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that the language is a tag."""
    return check_language_tag(episode.language, document)


def check_language_tag(tag: str, document: Document) -> Iterator[Diagnostic]:
    """Check for a BCP 47 tag, where this document names one."""
    if "language" in document.tree and not LANGUAGE_TAG.fullmatch(tag):
        hint = "tags look like ru, en, en-GB; `en_GB` is written en-GB"
        yield diagnose("E212", f"`{tag}` is not a language tag", document.path, document.span("language"), hint=hint)


def check_allow(episode: Episode, document: Document, language: Language) -> Iterator[Diagnostic]:
    """Check that allowed codes exist, and belong to warnings or to notes of backends."""
    notes = language.notes() if not CODES.keys() >= set(episode.allow) else ()
    for index, code in enumerate(episode.allow):
        span = document.span("allow", index)
        if code not in CODES:
            if code not in notes:
                like = did_you_mean(code, [*CODES, *notes])
                listed = [*(one.code for one in CODES.values() if one.is_allowable), *sorted(notes)]
                hint = f"{like} " * (like is not None) + f"there are: {', '.join(listed)}"
                yield diagnose("E213", f"there is no code `{code}`", document.path, span, hint=hint)
        elif not CODES[code].is_allowable:
            message = f"{code} ({CODES[code].name}) is an error and cannot be allowed"
            warnings = [one.code for one in CODES.values() if one.is_allowable]
            hint = f"only warnings and notes of backends can be: {in_words([*warnings, *sorted(language.notes())])}"
            yield diagnose("E214", message, document.path, span, hint=hint)


def check_post(_: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check the placeholders of the post."""
    return check_placeholders(document)


def check_gates(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """Check that gates can be passed."""
    return check_gate_ranges(episode.checks, document)


def check_gate_ranges(gates: Mapping[str, Gate], document: Document) -> Iterator[Diagnostic]:
    """Check that no minimum is above its maximum."""
    for name, gate in gates.items():
        if gate.min is not None and gate.max is not None and gate.min > gate.max:
            message = f"no value passes the check `{name}`: min {gate.min:g} is above max {gate.max:g}"
            yield diagnose("E219", message, document.path, document.key_span("checks", name))


RULES: tuple[Rule, ...] = (
    check_frames,
    check_keys,
    check_camera,
    check_video,
    check_scene,
    check_performance,
    check_background_of_episode,
    check_texts,
    check_burnt,
    check_marks,
    check_recordings,
    check_language,
    check_gates,
    check_post,
    check_path_forms,
)
