"""The post that goes with an episode, as Markdown: its description, transcript, facts and files."""

from collections.abc import Iterator

from episodec.page.links import file_words
from episodec.page.markdown import inline, paragraphs, table
from episodec.page.told import Told, facts, scene_facts, terms


def post(told: Told) -> str:
    """The whole post. Its links are relative to the folder `post/`."""
    return "\n\n".join(part for part in _parts(told) if part) + "\n"


def _parts(told: Told) -> Iterator[str]:
    words, video, poster = told.labels, told.file("video"), told.file("poster")
    yield f"# {inline(told.text('title'))}"
    yield inline(told.heading())
    yield paragraphs(told.text("description"))
    if video:
        shown = f"![{words.poster}](../{poster})" if poster else words.video
        yield f"[{shown}](../{video})"
    yield _said(told)
    yield f"## {words.facts}"
    yield table((words.fact, words.value), list(facts(told)))
    yield _scene(told)
    yield f"## {words.made_by}"
    yield table((words.stage, words.backend), [(str(stage), str(name)) for stage, name in told.params["backends"]])
    yield f"## {words.files}"
    yield "\n".join(_link(path, file_words(words, kind)) for kind, path in told.files())
    yield from _below(told)


def _said(told: Told) -> str:
    """The narration as a quotation, with a paragraph for each sentence; empty if there is no narration."""
    words, narration = told.labels, told.narration
    if not narration.sentences:
        return ""
    length = words.about.format(seconds=round(narration.seconds))
    quoted = "\n>\n".join(f"> {inline(one.text)}" for one in narration.sentences)
    return f"## {words.says}\n\n{words.voice}, {length}:\n\n{quoted}"


def _scene(told: Told) -> str:
    """A trained scene's turntable and measurements; empty if there is none."""
    words, turntable = told.labels, told.file("turntable")
    if told.scene is None:
        return ""
    shown = f"![{words.turntable}](../{turntable})\n\n" if turntable else ""
    return f"## {words.scene}\n\n{shown}{table((words.fact, words.value), list(scene_facts(told.scene, words)))}"


def _below(told: Told) -> Iterator[str]:
    """Tags, disclosure and terms of use."""
    words = told.labels
    if told.params["tags"]:
        yield f"{words.tags}: {', '.join(inline(str(tag)) for tag in told.params['tags'])}"
    if told.text("disclosure"):
        yield f"## {words.disclosure}"
        yield paragraphs(told.text("disclosure"))
    if rows := list(terms(told)):
        yield f"## {words.terms}"
        yield "\n".join(f"- {inline(name)}: {inline(said)}" for name, said in rows)


def _link(path: str, words: str) -> str:
    """A list line; names of deliverables contain only letters, digits, dots, underscores and hyphens."""
    return f"- [{inline(path)}](../{path})" + (f": {words}" if words else "")
