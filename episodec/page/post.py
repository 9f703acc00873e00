"""The post that goes with an episode, as Markdown: a header, the author's own text, and a footer.

A series may give header and footer a form of its own (`page.filled`); both are the author's Markdown, as the body is.
"""

from collections.abc import Iterator

from episodec.page.filled import filled, names_disclosure
from episodec.page.links import file_words
from episodec.page.markdown import inline, paragraphs, table
from episodec.page.summary import EpisodeSummary, episode_facts, scene_facts, terms
from episodec.page.tools import tools_sentence

_LISTED = frozenset(("", "video", "audio", "narration", "ambience", "captions", "srt", "scene_film", "turntable"))
"""The kinds of files that a post lists: those for its readers. The index page lists all."""


def post(summary: EpisodeSummary) -> str:
    """The whole post. Its links are relative to the folder `post/`."""
    form = summary.params["post"]
    header, body, footer = (form.get(name) for name in ("header", "body", "footer"))
    parts = [
        *([filled(header, summary)] if header is not None else _above(summary)),
        str(body or "").strip("\n"),
        *([filled(footer, summary)] if footer is not None else _around_files(summary)),
        *_below(summary, is_disclosed=any(map(names_disclosure, filter(None, (header, footer))))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _above(summary: EpisodeSummary) -> Iterator[str]:
    words, video, poster = summary.labels, summary.file("video"), summary.file("poster")
    yield f"# {inline(summary.text('title'))}"
    yield inline(summary.heading())
    yield paragraphs(summary.text("description"))
    if video:
        thumbnail = f"![{words.poster}](../{poster})" if poster else words.video
        yield f"[{thumbnail}](../{video})"
    yield _quotation(summary)


def _around_files(summary: EpisodeSummary) -> Iterator[str]:
    words = summary.labels
    yield f"## {words.facts}"
    yield table((words.fact, words.value), list(episode_facts(summary)))
    yield _scene(summary)
    yield tools_sentence(summary)
    yield f"## {words.files}"
    listed = ((kind, path) for kind, path in summary.files() if kind in _LISTED)
    yield "\n".join(_link(path, file_words(words, kind)) for kind, path in listed)
    if summary.params["tags"]:
        yield f"{words.tags}: {', '.join(inline(str(tag)) for tag in summary.params['tags'])}"


def _quotation(summary: EpisodeSummary) -> str:
    """The narration as a quotation, with a paragraph for each sentence; empty if there is no narration."""
    words, narration = summary.labels, summary.narration
    if not narration.sentences:
        return ""
    length = words.about.format(seconds=round(narration.seconds))
    quoted = "\n>\n".join(f"> {inline(one.text)}" for one in narration.sentences)
    return f"## {words.says}\n\n{words.voice}, {length}:\n\n{quoted}"


def _scene(summary: EpisodeSummary) -> str:
    """A trained scene's turntable and measurements; empty if there is none."""
    words, turntable = summary.labels, summary.file("turntable")
    if summary.scene is None:
        return ""
    image = f"![{words.turntable}](../{turntable})\n\n" if turntable else ""
    return f"## {words.scene}\n\n{image}{table((words.fact, words.value), list(scene_facts(summary.scene, words)))}"


def _below(summary: EpisodeSummary, *, is_disclosed: bool) -> Iterator[str]:
    """The disclosure, unless header or footer have it, and the terms of use: no form of a series leaves them out."""
    words = summary.labels
    if summary.text("disclosure") and not is_disclosed:
        yield f"## {words.disclosure}"
        yield paragraphs(summary.text("disclosure"))
    if rows := list(terms(summary)):
        yield f"## {words.terms}"
        yield "\n".join(f"- {inline(name)}: {inline(said)}" for name, said in rows)


def _link(path: str, words: str) -> str:
    """A list line; names of deliverables contain only letters, digits, dots, underscores and hyphens."""
    return f"- [{inline(path)}](../{path})" + (f": {words}" if words else "")
