"""The answer of `why` as lines: the verdict, and each changed part of a key before and after."""

import difflib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from episodec.digest import Canonical, is_digest
from episodec.engine.plan import NotApproved
from episodec.questions.named import FileStanding
from episodec.questions.why import Answer, Change, Why
from episodec.report.ancestry import STATES, made_of_lines
from episodec.report.answers import names_text
from episodec.report.lines import indented
from episodec.report.paint import Paint
from episodec.report.stream import value_to_plain
from episodec.report.words import part_text, reason_text
from episodec.text import escape, facts_lines, seconds_text, size_text, table

FEW = 2  # Up to this many actions are shown in full.
CODE_SHOWN = 12  # Names of changed functions listed.
WIDTH = 60  # Characters of one value.
_RED, _GREEN, _BOLD = "31", "32", "1"


def why_lines(why: Why, paint: Paint, *, verbose: bool = False) -> list[str]:
    """The whole answer; more than a few actions get one line each, unless `verbose`."""
    lines = _file_lines(why.file, paint) if why.file is not None else []
    if len(why.actions) > FEW and not verbose:
        lines += _short_lines(why.actions, paint)
    else:
        for answer in why.actions:
            lines += _answer_lines(answer, paint)
    return lines if why.made_of is None else lines + made_of_lines(why.made_of, paint, verbose=verbose)


def _short_lines(answers: Sequence[Answer], paint: Paint) -> list[str]:
    """One line per action that would or may run, and one for all that are in the cache."""
    lines = [f"{paint(escape(one.id), _BOLD)}: {verdict_text(one)}" for one in answers if one.verdict != "hit"]
    hits = Counter(one.stage for one in answers if one.verdict == "hit")
    if hits:
        lines.append(f"{', '.join(f'{number} {escape(stage)}' for stage, number in hits.items())}: in the cache")
    return [*lines, "`-v`, or the name of one action, shows what was compared"]


def _file_lines(file: FileStanding, paint: Paint) -> list[str]:
    return [
        paint(escape(file.path), _BOLD),
        *facts_lines({"published by": names_text(file.specs), "it is": STATES[file.state]}),
    ]


def _answer_lines(answer: Answer, paint: Paint) -> list[str]:
    lines = [f"{paint(escape(answer.id), _BOLD)}: {verdict_text(answer)}"]
    for change in answer.changes:
        lines += _change_lines(change, answer.backend, paint)
    lines += [f"    {escape(name)}" for name in answer.code[:CODE_SHOWN]]
    if len(answer.code) > CODE_SHOWN:
        lines.append(f"    and {len(answer.code) - CODE_SHOWN} more")
    made_at = "" if answer.made_at_s is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(answer.made_at_s))
    took = "" if answer.seconds is None else f", in {seconds_text(answer.seconds)}"
    lines += facts_lines(
        {
            "spec": answer.spec,
            "stage": f"{answer.stage}, by backend {answer.backend}",
            "last made": made_at and made_at + took,
            "key": answer.key or "known once its inputs are made",
            "fingerprint": ", ".join(f"{name} {short(value)}" for name, value in answer.fingerprint.items()),
        }
    )
    inputs = [[escape(one.role), escape(one.what), _digest(one.digest)] for one in answer.inputs]
    outputs = [[escape(name), _digest(digest)] for name, digest in answer.outputs.items()]
    for title, rows in (("inputs", inputs), ("outputs", outputs)):
        lines += [f"  {title}", *table(rows, "    ")] if rows else []
    return lines + ([f"  delivers {escape(path)}" for path in answer.delivers])


def verdict_text(answer: Answer) -> str:
    """The verdict as a sentence."""
    if answer.verdict == "hit":
        if answer.is_locked:
            return "its take is approved; it does not run"
        older = ", made by an older adapter" if answer.is_older else ""
        away = f", {size_text(answer.shared.fetched_bytes)} to fetch" if answer.shared.results else ""
        return f"its result is in the {'shared ' if answer.shared.results else ''}cache{away}{older}; it does not run"
    if answer.verdict == "pending":
        return f"blocked on {', '.join(map(escape, answer.waits_for))} (may still be a cache hit)"
    reason = reason_text(answer.reason, answer.backend) if answer.reason is not None else ""
    refused = f" (a record in the shared cache is not trusted: {escape(answer.refusal)})" if answer.refusal else ""
    verb = "it cannot run" if isinstance(answer.reason, NotApproved) else "it would run"
    return f"{verb}: {reason}{refused}"


def _change_lines(change: Change, backend: str, paint: Paint) -> Iterator[str]:
    before, after = change.before, change.after
    name = part_text(change.part, backend)
    if isinstance(before, str) and isinstance(after, str) and _is_prose(before, after):
        yield f"  {name}"
        yield from indented(indented(word_diff(before, after, paint)))
    else:
        yield f"  {name}: {short(before)} → {short(after)}"


def _is_prose(before: str, after: str) -> bool:
    return max(len(before), len(after)) > WIDTH // 2 and not is_digest(before)


def word_diff(before: str, after: str, paint: Paint, context: int = 4) -> list[str]:
    """Two texts as a word diff, one line per change with `context` words around it: `[-gone-]{+new+}`."""
    old, new = before.split(), after.split()
    lines = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context):
        words: list[str] = []
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                words += [escape(word) for word in old[start:end]]
                continue
            if end > start:
                words.append(paint(f"[-{escape(' '.join(old[start:end]))}-]", _RED))
            if new_end > new_start:
                words.append(paint(f"{{+{escape(' '.join(new[new_start:new_end]))}+}}", _GREEN))
        lines.append(f"… {' '.join(words)} …" if group[0][1] or group[-1][2] < len(old) else " ".join(words))
    return lines or ["only spaces and line ends differ"]


def short(value: Canonical) -> str:
    """A value, shortened to `WIDTH` characters; of digests the first eight digits."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple) and value and all(isinstance(one, str) and is_digest(one) for one in value):
        return " ".join(_digest(str(one)) for one in value[:4]) + (" …" if len(value) > 4 else "")
    if isinstance(value, str):
        text = _digest(value) if is_digest(value) else value
    else:
        text = json.dumps(value_to_plain(value), ensure_ascii=False)
    return escape(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")


def _digest(digest: str | None) -> str:
    return "not made yet" if digest is None else escape(digest.rpartition(":")[2][:8])
