"""The placeholders of a post's header and footer, in a spec or in series.yaml."""

from collections.abc import Iterator, Mapping
from itertools import islice

from episodec.placeholders import PLACEHOLDERS, Placeholder, is_known, placeholders
from episodec.spec.diagnostic import MAX_SHOWN, Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.near import in_words, nearest
from episodec.spec.text_places import place_in_text

_TEMPLATES = ("header", "footer")


def check_placeholders(document: Document) -> Iterator[Diagnostic]:
    """Check that header and footer have no unknown placeholders, each at its place."""
    post = document.tree.get("post")
    for name in _TEMPLATES:
        if isinstance(post, Mapping) and isinstance(text := post.get(name), str):
            unknown = (placeholder for placeholder in placeholders(text) if not is_known(placeholder))
            for placeholder in islice(unknown, MAX_SHOWN):
                written = text[placeholder.start : placeholder.end]
                span = place_in_text(document, ("post", name), text, placeholder.start, placeholder.end)
                message = f"`{written}` in `post.{name}` is not a placeholder"
                yield diagnose("E290", message, document.path, span, hint=_hint(placeholder))


def _hint(placeholder: Placeholder) -> str:
    meaning = PLACEHOLDERS.get(placeholder.name)
    if meaning is not None and not meaning.forms:
        return f"write `{{{placeholder.name}}}`: it has no forms"
    if meaning is not None and not placeholder.form:
        return f"name the {'file' if meaning.needs_form else 'form'}: `{{{placeholder.name}:{meaning.forms[0]}}}`"
    if meaning is not None:
        near = nearest(placeholder.form, meaning.forms)
        forms = [f"{{{placeholder.name}:{form}}}" for form in ([near] if near else meaning.forms)]
        return f"write {in_words(forms)}"
    if near := nearest(placeholder.name, PLACEHOLDERS):
        form = f":{placeholder.form or PLACEHOLDERS[near].forms[0]}" if PLACEHOLDERS[near].needs_form else ""
        return f"did you mean `{{{near}{form}}}`?"
    return "docs/posts.md lists all placeholders; a brace that is text is written twice: `{{`"
