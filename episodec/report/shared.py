"""The answers about a shared cache as lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from episodec.building.transfers import Transfer
from episodec.questions.forgetting import Forgotten
from episodec.report.answers import NAMES_SHOWN
from episodec.text import count_text, escape, size_text, table


def forgotten_lines(answer: Forgotten, *, dry_run: bool) -> list[str]:
    """Everything that was removed, and the copies that episodec cannot remove."""
    word = "would be removed" if dry_run else "removed"
    shared = f"{count_text(answer.shared_results, 'result')}, {size_text(answer.bytes_shared)}"
    actions = f"of {count_text(len(answer.actions), 'action')}, {size_text(answer.bytes_here)}"
    lines = [
        f"made of {escape(answer.file)}:",
        f"  from the cache {word}: {count_text(answer.results, 'result')} {actions}",
        f"  from the shared cache {word}: {shared}",
        f"  approvals {word}: {len(answer.locks)}",
        f"  from dist/ {word}: {count_text(len(answer.published), 'file')}",
        *_named(answer.published),
        "cannot be removed by episodec:",
        *(f"  {escape(sentence)}" for sentence in answer.beyond),
    ]
    if answer.episodes:
        lines += ["episodes that name it, and would make all of it again:", *_named(answer.episodes)]
    return lines


def pushed_lines(transfers: Sequence[Transfer]) -> list[str]:
    """One line for each series whose results were written."""
    lines = []
    for transfer in transfers:
        if transfer.totals is None:
            lines.append(f"nothing to write: {transfer.here} of {count_text(transfer.actions, 'result')} are here")
            continue
        written = transfer.totals.written
        there = transfer.here - written.results - written.dropped - written.errors
        lines.append(
            f"{count_text(written.results, 'result')} written, {size_text(written.bytes_sent)} · {there} were there"
            + (f" · {written.dropped} not written in time" if written.dropped else "")
            + (f" · {written.errors} failed" if written.errors else "")
        )
    return lines


def pulled_lines(transfers: Sequence[Transfer]) -> list[str]:
    """One line for each series whose results were fetched."""
    return [
        f"{one.here} of {count_text(one.actions, 'result')} are here"
        + ("" if one.totals is None else f" · {size_text(one.totals.read.bytes_fetched)} fetched")
        for one in transfers
    ]


def record_rows(rows: Iterable[tuple[str, str, str, str, int, datetime, str]]) -> list[str]:
    """One line per record: namespace, stage, backend, signer, bytes, time of writing, and its fault."""
    return table(
        [
            escape(space),
            escape(stage),
            escape(backend),
            f"{size_text(size):>9}",
            f"{at:%Y-%m-%d %H:%M}",
            by,
            escape(why),
        ]
        for space, stage, backend, by, size, at, why in rows
    )


def _named(paths: Sequence[str]) -> list[str]:
    more = len(paths) - NAMES_SHOWN
    return [*(f"    {escape(one)}" for one in paths[:NAMES_SHOWN]), *([f"    and {more} more"] if more > 0 else [])]
