"""The answer of `lineage` for a result, as lines: what it comes from."""

from collections.abc import Iterator

from episodec.questions.ancestry import ActionKind, Ancestry
from episodec.questions.named import FileStanding
from episodec.report.answers import names_text
from episodec.report.paint import Paint
from episodec.text import count_text, escape, table

_DIM, _BOLD = "2", "1"
FEW = 3  # Makers listed by name; beyond that only their number.

STATES = {
    "as published": "as it was published",
    "changed": "changed since it was published: the next build writes it again",
    "missing": "missing: the next build restores it",
}


def ancestry_lines(answer: Ancestry, paint: Paint, *, verbose: bool) -> list[str]:
    """Who made it, from what, and where it goes: one line per action kind, with `verbose` one per artifact."""
    lines = [f"{paint(escape(answer.target), _BOLD)}: {_made_by(answer, answer.file)}"]
    lines += made_of_lines(answer, paint, verbose=verbose)
    if answer.goes_into:
        most = len(answer.goes_into) if verbose else 8
        more = len(answer.goes_into) - most
        lines += ["goes into", *(f"  {escape(path)}" for path in answer.goes_into[:most])]
        lines += [f"  and {more} more"] if more > 0 else []
    if answer.licences:
        lines += ["licences", *(f"  {escape(name)}: {escape(said)}" for name, said in answer.licences.items())]
    return lines


def made_of_lines(answer: Ancestry, paint: Paint, *, verbose: bool) -> list[str]:
    """The kinds of actions behind something, and the author's files."""
    lines = ["made of", *table((_kind(one) for one in answer.kinds), "  ")]
    if verbose:
        lines += ["artifacts", *table((row for one in answer.kinds for row in _outputs(one, paint)), "  ")]
    files = [
        [escape(one.path), f"read by {', '.join(map(escape, one.stages))}" if one.stages else "read by lowering"]
        for one in answer.files
    ]
    return [*lines, "from the author's files", *table(files, "  ")]


def _made_by(answer: Ancestry, file: FileStanding | None) -> str:
    if file is None:
        return count_text(len(answer.makers), "action")
    many = len(answer.makers) > FEW
    makers = count_text(len(answer.makers), "action") if many else names_text(answer.makers)
    return f"made by {makers}, {STATES[file.state]}"


def _kind(kind: ActionKind) -> list[str]:
    number = len(kind.actions)
    some = f"{kind.hits} in the cache" if kind.hits else "not in the cache"
    state = "in the cache" if kind.hits == number else some
    ways = [f"reads {names_text(kind.reads)}"] if kind.reads else []
    ways += [f"takes {', '.join(map(escape, kind.takes))}"] if kind.takes else []
    return [f"{escape(kind.stage)} ({escape(kind.backend)})", count_text(number, "action"), state, "; ".join(ways)]


def _outputs(kind: ActionKind, paint: Paint) -> Iterator[list[str]]:
    for output in kind.outputs:
        yield [f"{escape(output.action)}: {escape(output.name)}", output.digest or paint("not in the cache", _DIM)]
