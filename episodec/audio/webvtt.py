"""WebVTT as the W3C's parser reads it (webvtt1, sections 6.1, 6.3 and 6.4): blocks, times, and the text of cues.

Three things that parser skips are errors here, because a word would be lost: bytes that are not UTF-8, a line with
`-->` but no times, and a file larger than 4 MiB. One thing more is accepted: times with a comma instead of the point,
which some tools write. Knows no words.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from episodec.timebase import SAMPLE_RATE

MAX_BYTES = 4 << 20
_SPACE = "[ \t\f]*"
_TIME = r"(?:([0-9]+):)?([0-5][0-9]):([0-5][0-9])[.,]([0-9]{3})(?![0-9])"
_TIMES = re.compile(rf"{_SPACE}{_TIME}{_SPACE}-->{_SPACE}{_TIME}")
_INSIDE = re.compile(_TIME)
_TAG = re.compile(r"<([^>]*)(?:>|$)")  # An unclosed tag extends to the end of the cue.
_RUBY_TEXT = re.compile(r"<rt(?:[ \t\n.][^>]*)?>.*?(?:</rt>|(?=</ruby>)|$)", re.DOTALL)
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")


class NoWebVtt(ValueError):
    """The text is not WebVTT, or contains a possible cue that cannot be read."""


@dataclass(frozen=True, slots=True)
class Block:
    """A cue: its range in samples, and its lines as written."""

    start: int
    end: int
    lines: tuple[str, ...]


def blocks(content: bytes) -> list[Block]:
    """The cues of a file, in its order.

    A cue ends at an empty line or at the next line with `-->`, whatever is between them: a line of spaces, or a number
    meant for the next cue, is a line of its text.

    Raises:
        NoWebVtt: the content does not begin with WEBVTT, is too large, is not UTF-8, or a line with `-->` holds no
            times.
    """
    if len(content) > MAX_BYTES:
        raise NoWebVtt(f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoWebVtt(str(error)) from error
    lines = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise NoWebVtt("it does not begin with WEBVTT")
    return list(_cues(lines[1:]))


def _cues(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        if "-->" not in lines[at]:
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end] and "-->" not in lines[end]:
            end += 1
        times = _TIMES.match(lines[at])
        if times is not None:
            groups = times.groups()
            yield Block(samples(groups[:4]), samples(groups[4:]), tuple(lines[at + 1 : end]))
        elif not _is_aside(lines, at):
            raise NoWebVtt(f"not valid times: {lines[at].strip()[:60]}")
        at = end


def _is_aside(lines: list[str], at: int) -> bool:
    """Whether the line belongs to a comment, a style sheet or a region."""
    first = at
    while first and lines[first - 1]:
        first -= 1
    return _ASIDE.match(lines[first]) is not None


def samples(groups: tuple[str | None, ...]) -> int:
    """Hours, minutes, seconds and milliseconds as samples at 48 kHz."""
    hours, minutes, seconds, milliseconds = (int(group or 0) for group in groups)
    return ((hours * 60 + minutes) * 60 + seconds) * SAMPLE_RATE + milliseconds * SAMPLE_RATE // 1000


def spans(text: str) -> list[tuple[int | None, str]]:
    """A cue's text without tags and character references, split at the timestamps inside it.

    Each part has the time, in samples, at which it begins; None: at the start of the cue. Ruby annotations (`<rt>`) are
    not words.
    """
    parts: list[tuple[int | None, str]] = []
    start: int | None = None
    span_text, at, plain = "", 0, _RUBY_TEXT.sub("", text)
    for tag in _TAG.finditer(plain):
        span_text += html.unescape(plain[at : tag.start()])
        at = tag.end()
        time = _INSIDE.fullmatch(tag[1])
        if time is not None:
            parts.append((start, span_text))
            start, span_text = samples(time.groups()), ""
    parts.append((start, span_text + html.unescape(plain[at:])))
    return parts
