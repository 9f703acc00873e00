"""A spec made from an existing post, in canonical form, and the form of posts derived from it for its series."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.spec.existing.blocks import markdown
from episodec.spec.existing.form import footer_of, header_of
from episodec.spec.existing.recognised import PostRemark, RecognisedPost
from episodec.spec.fit import fit
from episodec.spec.format import MODELINE, format_text
from episodec.spec.schema import Language
from episodec.spec.sentences import sentences
from episodec.spec.types import LANGUAGE_VERSION, Episode
from episodec.spec.types_of_character import Character
from episodec.spec.types_of_delivery import PostForm
from episodec.spec.types_of_sound import Loudness, Mix, Voice

_PICTURE = """
camera:
  - {move: orbit, from_deg: -8, to_deg: 8, ease: smooth}
time:
  - {map: loop, period: 24}
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings of the new spec: the values that it inherits and need not repeat."""

    number: int
    name: str  # The episode's name by the series' naming template.
    language: str  # Of the series.
    frames: int  # The default.
    rate: int
    form: PostForm
    has_picture: bool
    schema: str  # The path for the first line.


def language_of(text: str) -> str:
    """`ru` where at least a twentieth of the letters are Cyrillic (technical texts are full of Latin), else `en`."""
    letters = [letter for letter in text if letter.isalpha()]
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return "ru" if cyrillic * 20 >= max(1, len(letters)) else "en"


def form_of(post: RecognisedPost, number: int, name: str) -> PostForm:
    """The form of posts that a new series gets from one of them."""
    header, footer = header_of(post, number, name), footer_of(post, number, name)
    return PostForm(header or None, footer or None, post.cost, post.signature)


def spec_of(post: RecognisedPost, text: str, at: Surroundings, language: Language) -> tuple[str, list[PostRemark]]:
    """The spec of a post in canonical form, and remarks on what its author should look at. `text`: the whole post."""
    remarks = list(post.remarks)
    tongue = language_of(text)
    narration = None if post.narration is None else "\n".join(sentences(post.narration, tongue)) + "\n"
    own = dict(_own_post(post, at))
    sections: list[Mapping[str, object]] = [
        {"episodec": LANGUAGE_VERSION, "number": at.number, "title": title_of(post, at.name)},
        {"description": post.description} if post.description else {},
        {} if at.language.partition("-")[0].lower() == tongue else {"language": tongue},
        _length(post, at, narration, tongue, remarks),
        {"voice": {"text": narration}} if narration else {},
        {"foley": {"prompt": post.prompt}} if post.prompt else {},
        {"post": own} if own else {},
    ]
    if post.stem not in {None, at.name}:
        remarks.append(PostRemark(post.above[-1].line, f"the film was named {post.stem} and is now named {at.name}"))
    yaml = f"{MODELINE} $schema={at.schema}\n\n" + "".join(map(_written, sections))
    return format_text(yaml + (_PICTURE if at.has_picture else ""), "episode", language), sorted(remarks)


def _written(section: Mapping[str, object]) -> str:
    """Fields as YAML, with a blank line before a section of its own."""
    lines = []
    for name, value in section.items():
        if isinstance(value, Mapping):
            lines += [
                "",
                f"{name}:",
                *(f"  {inner}: {json.dumps(text, ensure_ascii=False)}" for inner, text in value.items()),
            ]
        else:
            lines.append(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return "".join(f"{line}\n" for line in lines)


def series_post(form: PostForm, language: Language) -> str:
    """The section `post` of series.yaml, in canonical form."""
    fields = {name: getattr(form, name) for name in ("header", "footer", "cost", "signature")}
    section = {name: _text(str(value)) for name, value in fields.items() if value is not None}
    return format_text(f"post: {json.dumps(section, ensure_ascii=False)}\n", "series", language) if section else ""


def _text(value: str) -> str:
    """Text of several lines ends with one, so that it is written as a block."""
    return f"{value}\n" if "\n" in value else value


def title_of(post: RecognisedPost, name: str) -> str:
    """The title of a post, or its film's name as words."""
    words = (post.stem or name).replace("_", " ").replace("-", " ").strip()
    return post.title or words[:1].upper() + words[1:]


def _own_post(post: RecognisedPost, at: Surroundings) -> Iterator[tuple[str, str]]:
    """The author's own text, and the parts that differ from the series' form."""
    header, footer = header_of(post, at.number, at.name), footer_of(post, at.number, at.name)
    if header and header != (at.form.header or "").strip("\n"):
        yield "header", _text(header)
    if post.own:
        yield "body", _text("\n\n".join(map(markdown, post.own)))
    if footer and footer != (at.form.footer or "").strip("\n"):
        yield "footer", _text(footer)
    if post.cost and post.cost != at.form.cost:
        yield "cost", post.cost
    if post.signature and post.signature != at.form.signature:
        yield "signature", post.signature


def _length(
    post: RecognisedPost, at: Surroundings, narration: str | None, tongue: str, remarks: list[PostRemark]
) -> dict[str, object]:
    """The length that the post names, or the length that the narration needs; empty if it equals the series'."""
    frames = post.frames or math.ceil((post.seconds or 0) * at.rate) or at.frames
    if narration is not None:
        seconds = math.ceil(_needed(narration, frames, at.rate, tongue) / at.rate)
        if seconds * at.rate > frames:
            line = next((block.line for block in post.above if "«" in block.text), 1)
            remarks.append(
                PostRemark(line, f"at a usual pace the narration needs about {seconds} s: `seconds: {seconds}`")
            )
            frames = seconds * at.rate
    if frames == at.frames:
        return {}
    return {"seconds": frames // at.rate} if frames % at.rate == 0 else {"frames": frames}


def _needed(narration: str, frames: int, rate: int, tongue: str) -> int:
    """The frames that a narration needs at the default pace; the given number if it fits with measures."""
    voice = Voice(text=narration)
    pace = Character("any").voice.characters_per_second
    episode = Episode(0, "", "", "any", tongue, "", "", rate, frames, Loudness(), Mix(), voice=voice)
    fitted = fit(episode, voice, pace)
    return frames if fitted.fits else fitted.slot.frames_of(fitted.unhelped)
