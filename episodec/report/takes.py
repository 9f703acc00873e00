"""The approved takes of a series as text."""

from collections import Counter
from collections.abc import Iterator, Mapping

from episodec.questions.takes import State, Take, TakesAnswer
from episodec.text import count_text, escape, size_text

_STATES: Mapping[State, str] = {
    "locked": "approved",
    "unlocked": "not approved",
    "missing": "approved, but its bytes are nowhere",
    "other inputs": "approved from other inputs",
    "not made": "not made",
}


def takes_lines(answer: TakesAnswer, *, is_check: bool) -> list[str]:
    """One line per action of an adapter, and problems; for a check, only problems."""
    return list(_lines(answer, is_check=is_check))


def _lines(answer: TakesAnswer, *, is_check: bool) -> Iterator[str]:
    rows = [one for one in answer.takes if not is_check or one.state in ("missing", "other inputs")]
    width = max((len(one.action) for one in rows), default=0)
    for take in rows:
        yield f"{escape(take.action):{width}}  {_state(take)}"
    for lock in answer.unread:
        yield f"{escape(lock.label)}: approved, and no episode has it any more: `episodec takes prune` removes it"
    for spec in answer.mixed:
        yield f"{escape(spec)}: results of one stage come from several installations of its system"
    for path in answer.written:
        yield f"written: {escape(path)}"
    counts = Counter(one.state for one in answer.takes)
    if not answer.takes:
        yield "nothing to approve: no stage of these episodes uses the adapter of another system"
        return
    words = ", ".join(f"{counts[state]} {text}" for state, text in _STATES.items() if counts[state])
    yield f"{count_text(len(answer.takes), 'result')} of adapters: {words}"


def _state(take: Take) -> str:
    words = f"{_STATES[take.state]}, {take.backend}"
    if take.size:
        words += f", {size_text(take.size)}"
    return f"{words}, made by another installation" if take.is_older else words
