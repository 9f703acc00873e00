"""The answer of `blame` as lines."""

import time
from collections.abc import Iterator

from episodec.project.git_lines import Commit
from episodec.questions.blame import Blame, Line, SpecPart, SpecVersion
from episodec.questions.moments import Behind, FilmMoment
from episodec.report.ancestry import STATES
from episodec.report.paint import Paint
from episodec.text import escape, seconds_text, table

_DIM, _BOLD, _YELLOW = "2", "1", "33"
_TRACKS = {"voice": "sentence", "camera": "camera", "time": "time"}
_WIDTH = 72  # Characters of one line of a spec.


def blame_lines(answer: Blame, paint: Paint) -> list[str]:
    """The moment, the lines of the spec that decide it with who wrote them, and the actions."""
    moment = answer.shown
    lines = [f"{paint(escape(answer.target), _BOLD)}: {_moment(moment)}", f"  film  {escape(moment.film)}"]
    if answer.state != "as published":
        lines[-1] += f", {STATES[answer.state]}"
    since = "" if answer.built.commit is None else f" as of {_commit_text(answer.built.commit)}"
    lines.append(f"  spec  {escape(answer.spec)}{since}")
    if moment.between is not None:
        lines.append(f"  voice  {_silence(moment.between)}")
    lines += _version(answer.built, paint)
    if answer.now is not None:
        lines.append(paint("in the working tree, which has changed since:", _YELLOW))
        lines += _version(answer.now, paint)
    lines += ["made by", *table((_behind(one) for one in answer.actions), "  ")] if answer.actions else []
    return [*lines, *(f"note: {escape(one)}" for one in answer.remarks)]


def _moment(moment: FilmMoment) -> str:
    scene = "" if moment.scene_time is None else f", scene time {moment.scene_time:.3f}"
    word = "" if moment.word is None else f", «{escape(moment.word)}»"
    return f"frame {moment.frame} of {moment.frames}, {moment.frame / moment.rate:.3f} s{scene}{word}"


def _silence(between: tuple[int, int]) -> str:
    before, after = between
    if before and after:
        return f"nothing is said: the pause between sentences {before} and {after}"
    return f"nothing is said: before sentence {after}" if after else f"nothing is said: after sentence {before}"


def _version(version: SpecVersion, paint: Paint) -> Iterator[str]:
    for part in version.parts:
        yield _head(part)
        yield from table((_line(one, paint, version.has_history) for one in part.lines), "  ")


def _head(part: SpecPart) -> str:
    segment = part.segment
    frames = "" if segment.frames is None else f", frames {segment.frames[0]}-{segment.frames[1]}"
    kind = f": {escape(segment.name)}" if segment.track != "voice" and segment.name else ""
    return f"{_TRACKS[segment.track]} {segment.index + 1}{kind}{frames}"


def _line(line: Line, paint: Paint, has_history: bool) -> list[str]:  # noqa: FBT001 - called once, above.
    unknown = "not committed yet" if has_history else ""
    text = "(text not available)" if line.text is None else line.text.rstrip()
    cut = escape(text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…")
    return [f"{line.number:>4}", cut, paint(unknown if line.commit is None else _commit_text(line.commit), _DIM)]


def _commit_text(commit: Commit) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime(commit.time_s))
    return escape(f"{commit.id[:8]} {day} {commit.author}: {commit.summary}")


def _behind(action: Behind) -> list[str]:
    made_at = "" if action.made_at_s is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(action.made_at_s))
    took = "" if action.seconds is None else f", in {seconds_text(action.seconds)}"
    return [escape(action.id), f"{escape(action.stage)} by {escape(action.backend)}", made_at + took]
