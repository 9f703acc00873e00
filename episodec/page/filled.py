"""The placeholders of a post's header and footer, filled with an episode's values.

Every value is inert text in Markdown. A line with a placeholder that has no value in this episode is left out.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from episodec.page.counting import amount, counted, ordinal
from episodec.page.markdown import inline
from episodec.page.summary import EpisodeSummary
from episodec.page.tools import tools_sentence
from episodec.placeholders import FILES, GENDERS, fill, placeholders


def filled(template: str, summary: EpisodeSummary) -> str:
    """The template with all placeholders replaced, without blank lines around it."""
    values = {**_texts(summary), **dict(_numbers(summary)), **dict(_files(summary))}
    lines = (fill(line, values) for line in template.splitlines())
    return "\n".join(line for line in lines if line is not None).strip("\n")


def names_disclosure(template: str) -> bool:
    """Whether the template has the disclosure, which therefore needs no section of its own."""
    return any(one.name == "disclosure" for one in placeholders(template))


def _texts(summary: EpisodeSummary) -> Mapping[str, str | None]:
    character, post = summary.params["character"], summary.params["post"]
    texts = {name: summary.text(name) for name in ("name", "title", "description", "series", "season", "disclosure")}
    texts |= {name: str(post.get(name) or "") for name in ("cost", "signature")}
    texts["character"] = str(character.get("title") or character["name"])
    texts["tags"] = ", ".join(map(str, summary.params["tags"]))
    texts["ambience"] = summary.text("prompt")
    texts["narration"] = " ".join(sentence.text for sentence in summary.narration.sentences)
    values: dict[str, str | None] = {name: inline(text) or None for name, text in texts.items()}
    values["tools"] = tools_sentence(summary) or None  # Inert already.
    return values


def _numbers(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    params, language = summary.params, summary.text("language")
    number, frames = int(params["number"]), Fraction(params["frames"])
    length = frames / int(params["rate"])
    yield "number", str(number)
    yield "ordinal", ordinal(number, language)
    yield from ((f"ordinal:{gender}", ordinal(number, language, gender)) for gender in GENDERS)
    yield "duration", counted(_short(length), "second", language)
    yield "seconds", amount(length, language)
    yield "frames", counted(frames, "frame", language)
    if summary.narration.sentences:
        spoken = Fraction(round(summary.narration.seconds))
        yield "narration_duration", counted(spoken, "second", language)
        yield "narration_seconds", amount(spoken, language)


def _short(seconds: Fraction) -> Fraction:
    """A length of at most three decimals, as it is written."""
    return Fraction(round(seconds * 1000), 1000)


def _files(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    """Paths of deliverables contain only letters, digits, dots, underscores, hyphens and slashes."""
    for kind in FILES:
        if path := summary.file(kind):
            yield f"file:{kind}", path
            yield f"link:{kind}", f"[{path.rpartition('/')[2]}](../{path})"
