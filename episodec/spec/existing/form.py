"""The header and footer of an existing post as templates: values from its spec become placeholders."""

import re
from collections.abc import Iterator, Sequence

from episodec.spec.existing.blocks import BlockKind, PostBlock, markdown
from episodec.spec.existing.recognised import RecognisedPost, items_of

_GENDERS = {"й": "m", "я": "f", "е": "n"}


def header_of(post: RecognisedPost, number: int, name: str) -> str:
    """The template of everything above the author's own text. `name`: the episode's name, as in its file names."""
    return _template(post.above, post, number, name)


def footer_of(post: RecognisedPost, number: int, name: str) -> str:
    """The template of everything below it."""
    return _template(post.below, post, number, name)


def _template(blocks: Sequence[PostBlock], post: RecognisedPost, number: int, name: str) -> str:
    parts: list[str] = []
    for index, block in enumerate(blocks):
        is_listed = index > 0 and blocks[index - 1].kind is not BlockKind.HEADING and _is_files(block, name)
        text = "\n".join(_lines(block, post, number, name))
        is_continued = is_listed and parts and parts[-1].startswith("- ") and text.startswith("- ")
        if is_continued:
            parts[-1] += f"\n{text}"
        else:
            parts.append(text)
    return "\n\n".join(parts)


def _is_files(block: PostBlock, name: str) -> bool:
    return block.kind is BlockKind.LIST or name in block.text


def _lines(block: PostBlock, post: RecognisedPost, number: int, name: str) -> Iterator[str]:
    """The lines of a block as Markdown, with placeholders. A paragraph of several items becomes a list."""
    items = [item for line in block.lines for item in items_of(line)]
    is_list = block.kind is BlockKind.LIST or len(items) > len(block.lines) or block.lines[0].startswith("/")
    lines = [f"- {item}" for item in items] if is_list else [markdown(block)]
    if block.text.startswith(f"{name}.mp4"):
        lines[0] = f"→ {lines[0]}"
    substitution = _Substitution(post, number, name)
    yield from map(substitution.apply, lines)


class _Substitution:
    """Replaces all values of a spec in a line by placeholders in one pass, so that none is replaced twice."""

    def __init__(self, post: RecognisedPost, number: int, name: str) -> None:
        self._seconds = post.seconds if post.narration is not None else None
        self._literals = {_escaped(text): value for text, value in (*_texts(post), *_paths(name)) if text}
        literals = "|".join(map(re.escape, sorted(self._literals, key=len, reverse=True)))
        self._pattern = re.compile(
            rf"(?<!\w)(?P<literal>{literals})(?!\w)"
            rf"|(?<![\w-])(?:{number}-(?P<gender>[яей])|(?P<ordinal>{number}(?:st|nd|rd|th)))(?!\w)"
            rf"|(?P<episode>(?:episode|эпизод|выпуск)\s*[#№]?\s*){number}(?!\w)"
            r"|(?P<length>\d+(?:[.,]\d+)?)(?=\s*(?:sec|s\b|сек|с\b))",
            re.IGNORECASE,
        )

    def apply(self, line: str) -> str:
        """The line as a template."""
        return self._pattern.sub(self._placeholder, _escaped(line)).replace("}(", "} (")

    def _placeholder(self, match: re.Match[str]) -> str:
        if match["literal"]:
            return self._literals.get(match["literal"], match[0])
        if match["gender"]:
            return f"{{ordinal:{_GENDERS[match['gender']]}}}"
        if match["ordinal"]:
            return "{ordinal}"
        if match["episode"]:
            return f"{match['episode']}{{number}}"
        is_same = self._seconds is not None and float(match["length"].replace(",", ".")) == self._seconds
        return "{narration_seconds}" if is_same else match[0]


def _escaped(text: str) -> str:
    """The text with its braces escaped."""
    return text.replace("{", "{{").replace("}", "}}")


def _texts(post: RecognisedPost) -> Iterator[tuple[str, str]]:
    yield post.narration or "", "{narration}"
    yield post.description, "{description}"
    yield post.title or "", "{title}"
    yield post.prompt or "", "{ambience}"
    yield post.cost or "", "{cost}"
    yield post.signature or "", "{signature}"


def _paths(name: str) -> Iterator[tuple[str, str]]:
    yield f"static/audio/{name}_voice.wav", "{file:narration}"
    yield f"static/audio/{name}_foley.wav", "{file:ambience}"
    yield f"static/audio/{name}.m4a", "{file:audio}"
    yield f"captions/{name}.vtt", "{file:captions}"
    yield f"captions/{name}.srt", "{file:srt}"
    yield f"video/{name}.mp4", "{file:video}"
    yield f"{name}.mp4", "{name}.mp4"
