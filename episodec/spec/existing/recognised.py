"""The parts of an existing post: number, title, narration, prompt, the author's own text, and the series' form around
it.

Anything else stays in the author's own text, so nothing is lost; remarks name its line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from episodec.spec.existing.blocks import BlockKind, PostBlock, read_blocks

_EPISODE = re.compile(
    r"(?:episode|ep\.?|эпизод|выпуск|серия)\s*[#№]?\s*(\d{1,6})\b\s*(?:[—–:.-]+\s*(?P<rest>.+))?$", re.IGNORECASE
)
_FILM = re.compile(
    r"(?:→\s*)?(?P<stem>[\w.-]+)\.(?:mp4|webm|mov)\s*(?:[—–-]+\s*(?P<title>.+)|\((?P<facts>.+)\))?$", re.IGNORECASE
)
_VOICE = re.compile(
    r"(?P<label>voice|narration|голос|озвучка|текст)\s*(?P<length>\([^)«]*\))?\s*:\s*«(?P<text>.+)»\s*$", re.IGNORECASE
)
_SECONDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:seconds?|sec|сек\w*|s|с)\b", re.IGNORECASE)
_FRAMES = re.compile(r"(\d+)\s*(?:frames|кадр\w*)", re.IGNORECASE)
_PROMPT = re.compile(r"(?:foley|ambien\w+|фоли|фон\w*|атмосфер\w*)\s*[:—–-]?\s*«([^«»]+)»", re.IGNORECASE)
_SHIPPED = re.compile(r"(?:что\s+)?(?:what\s+)?(?:shipped|вышло|выпущено|files|файлы)$", re.IGNORECASE)
_PIPELINE = re.compile(r"(?:pipeline|пайплайн|конвейер|как сделано|how it was made)$", re.IGNORECASE)
_COST = re.compile(r"\bкост\b|\bcosts?\b|стоимост|расход", re.IGNORECASE)
_SIGNATURE = re.compile(r"[—–]\s*(.{1,200})$")
_PATH = re.compile(r"/?(?:[\w.-]+/)*[\w.-]+\.(?:mp4|wav|m4a|vtt|srt)\b")
# Items of a list that was pasted as one line: `/a.wav(32 sec)/b.mp4- 72nd ambience`.
_GLUED = re.compile(r"(?<=\))(?=/)|(?<=\.mp4)(?=\s*-\s)|(?<=\.wav)(?=\s*-\s)")
_BULLET = re.compile(r"^\s*(?:[•●▪*-]|\d{1,3}[.)])\s+")
MAX_DESCRIPTION, MAX_COST, MAX_TITLE, MAX_PROMPT = 5000, 300, 200, 1000
FIRST = 4  # Blocks at the start in which the film is searched for.


@dataclass(frozen=True, slots=True, order=True)
class PostRemark:
    """A line of a post that was not recognised, or was changed."""

    line: int
    text: str


@dataclass(slots=True)
class RecognisedPost:
    """The parts of a post. `above` and `below` are the series' form around `own`, in the order of the post."""

    number: int | None = None
    title: str | None = None
    description: str = ""
    stem: str | None = None  # The name of the film's file, without its ending.
    narration: str | None = None
    seconds: float | None = None  # The length of the narration, or of the film if there is none.
    frames: int | None = None
    prompt: str | None = None
    cost: str | None = None
    signature: str | None = None
    above: list[PostBlock] = field(default_factory=list)
    own: list[PostBlock] = field(default_factory=list)
    below: list[PostBlock] = field(default_factory=list)
    remarks: list[PostRemark] = field(default_factory=list)


def recognise(text: str) -> RecognisedPost:
    """The parts of a post."""
    blocks = read_blocks(text)
    post = RecognisedPost()
    start = _take_start(post, blocks)
    rest = _take_narration(post, blocks[start:])
    end = _take_end(post, rest)
    post.own, post.below = rest[:end], rest[end:]
    post.remarks += [
        PostRemark(block.line, f"kept as preformatted text to line {block.last}: code, or a table without marks")
        for block in post.own
        if block.kind is BlockKind.PREFORMATTED
    ]
    _remark_what_is_missing(post, blocks)
    return post


def _take_start(post: RecognisedPost, blocks: Sequence[PostBlock]) -> int:
    """Number, description, film and title; returns the index of the first block after them."""
    taken = _take_first(post, blocks[0]) if blocks else 0
    if taken < len(blocks) and (film := _FILM.match(blocks[taken].text)):
        post.stem = film["stem"]
        if film["title"] and len(film["title"]) <= MAX_TITLE:
            post.title = film["title"]
        facts = film["facts"] or ""
        post.frames = int(frames[1]) if (frames := _FRAMES.search(facts)) else None
        post.seconds = _number(length[1]) if (length := _SECONDS.search(facts)) else None
        taken += 1
    post.above = list(blocks[:taken])
    return taken


def _take_first(post: RecognisedPost, block: PostBlock) -> int:
    """Number and description, or a title; returns 1 if the block is one of them."""
    text, match = block.text, _EPISODE.match(block.text)
    if match is None and block.kind is BlockKind.HEADING and len(text) <= MAX_TITLE:
        post.title = text
        return 1
    description = (match["rest"] or "") if match else text
    is_text = block.kind in {BlockKind.PARAGRAPH, BlockKind.HEADING}
    if not is_text or _FILM.match(text) or _VOICE.match(text) or len(description) > MAX_DESCRIPTION:
        return 0
    post.number = int(match[1]) if match else None
    post.description = description
    return 1


def _take_narration(post: RecognisedPost, blocks: Sequence[PostBlock]) -> list[PostBlock]:
    """The narration in «…»; returns the other blocks. With its heading it belongs to the form, if nothing is before."""
    for index, block in enumerate(blocks):
        match = _VOICE.match(block.text) if block.kind in {BlockKind.PARAGRAPH, BlockKind.PREFORMATTED} else None
        if match is None:
            continue
        post.narration = match["text"].strip()
        if length := _SECONDS.search(match["length"] or ""):
            post.seconds = _number(length[1])
        has_heading = index > 0 and blocks[index - 1].kind is BlockKind.HEADING
        first = index - has_heading
        if first:
            post.remarks.append(PostRemark(block.line, "the narration is now before the post's own text"))
        post.above += blocks[first : index + 1]
        return [*blocks[:first], *blocks[index + 1 :]]
    return list(blocks)


def _take_end(post: RecognisedPost, blocks: Sequence[PostBlock]) -> int:
    """Signature, cost, files and ambience; returns the index of the first of these blocks, read from the end."""
    end = len(blocks)
    if end and blocks[end - 1].kind is BlockKind.PARAGRAPH and (match := _SIGNATURE.match(blocks[end - 1].text)):
        post.signature, end = match[1], end - 1
    if end and blocks[end - 1].kind is BlockKind.PARAGRAPH:
        text = blocks[end - 1].text
        if len(text) <= MAX_COST and _COST.search(text):
            post.cost, end = text, end - 1
    end = _before_files(post, blocks, end)
    if end > 1 and _PIPELINE.match(blocks[end - 2].text) and _PROMPT.search(blocks[end - 1].text):
        end -= 2
    texts = [line for block in (*blocks[end:], *blocks[:end]) for line in block.lines]
    post.prompt = next((match[1].strip() for line in texts if (match := _PROMPT.search(line))), None)
    return end


def _before_files(post: RecognisedPost, blocks: Sequence[PostBlock], end: int) -> int:
    """The index of the heading of a list that holds only files and the ambience; `end` if there is none."""
    first = end
    while first and blocks[first - 1].kind in {BlockKind.LIST, BlockKind.PARAGRAPH} and _are_files(blocks[first - 1]):
        first -= 1
    if not (0 < first < end and blocks[first - 1].kind is BlockKind.HEADING and _SHIPPED.match(blocks[first - 1].text)):
        return end
    post.remarks += [
        PostRemark(block.line, "several files on one line become a list")
        for block in blocks[first:end]
        if any(len(items_of(line)) > 1 for line in block.lines)
    ]
    return first - 1


def _are_files(block: PostBlock) -> bool:
    return all(
        any(_PATH.match(item) for item in items_of(line)) or _PROMPT.search(line) is not None for line in block.lines
    )


def items_of(line: str) -> list[str]:
    """The items of a list that was written on one line, without bullets."""
    return [_BULLET.sub("", part).strip() for part in _GLUED.split(line)]


def _remark_what_is_missing(post: RecognisedPost, blocks: Sequence[PostBlock]) -> None:
    line = blocks[0].line if blocks else 1
    if post.number is None:
        post.remarks.append(
            PostRemark(line, "no number was recognised (`Episode #72` at the start): it gets the next one")
        )
    if post.title is None:
        post.remarks.append(PostRemark(line, "no title was recognised (`NAME.mp4 — a title`): it is named by its film"))
    if post.narration is None:
        post.remarks.append(PostRemark(line, "no narration was recognised (`Voice: «…»`): the spec has no voice"))
    if post.prompt is None:
        post.remarks.append(PostRemark(line, "no prompt was recognised (`Foley «…»`): the spec has no ambience"))


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))
