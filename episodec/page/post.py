"""The post that goes with an episode, as Markdown: its description, transcript, facts and files."""

from collections.abc import Iterator

from episodec.page.links import file_words
from episodec.page.markdown import inline, paragraphs, table
from episodec.page.summary import EpisodeSummary, facts, scene_facts, terms


def post(summary: EpisodeSummary) -> str:
    """The whole post. Its links are relative to the folder `post/`."""
    return "\n\n".join(part for part in _parts(summary) if part) + "\n"


def _parts(summary: EpisodeSummary) -> Iterator[str]:
    words, video, poster = summary.labels, summary.file("video"), summary.file("poster")
    yield f"# {inline(summary.text('title'))}"
    yield inline(summary.heading())
    yield paragraphs(summary.text("description"))
    if video:
        thumbnail = f"![{words.poster}](../{poster})" if poster else words.video
        yield f"[{thumbnail}](../{video})"
    yield _quotation(summary)
    yield f"## {words.facts}"
    yield table((words.fact, words.value), list(facts(summary)))
    yield _scene(summary)
    yield f"## {words.made_by}"
    yield table((words.stage, words.backend), [(str(stage), str(name)) for stage, name in summary.params["backends"]])
    yield f"## {words.files}"
    yield "\n".join(_link(path, file_words(words, kind)) for kind, path in summary.files())
    yield from _below(summary)


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


def _below(summary: EpisodeSummary) -> Iterator[str]:
    """Tags, disclosure and terms of use."""
    words = summary.labels
    if summary.params["tags"]:
        yield f"{words.tags}: {', '.join(inline(str(tag)) for tag in summary.params['tags'])}"
    if summary.text("disclosure"):
        yield f"## {words.disclosure}"
        yield paragraphs(summary.text("disclosure"))
    if rows := list(terms(summary)):
        yield f"## {words.terms}"
        yield "\n".join(f"- {inline(name)}: {inline(said)}" for name, said in rows)


def _link(path: str, words: str) -> str:
    """A list line; names of deliverables contain only letters, digits, dots, underscores and hyphens."""
    return f"- [{inline(path)}](../{path})" + (f": {words}" if words else "")
