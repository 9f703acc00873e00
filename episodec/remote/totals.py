"""Counts of a command's reads from a shared cache and writes to it. Errors are counted apart from misses."""

from dataclasses import dataclass


@dataclass(slots=True)
class ReadCounts:
    """Counts of reads."""

    hits: int = 0
    misses: int = 0
    disbelieved: int = 0  # Existing records that are not trusted; they count as misses, too.
    errors: int = 0
    bytes_fetched: int = 0


@dataclass(slots=True)
class WriteCounts:
    """Counts of writes."""

    results: int = 0
    bytes_sent: int = 0
    dropped: int = 0  # Results that were made faster than they could be written.
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of reads and writes."""

    url: str
    read: ReadCounts
    written: WriteCounts
    answers: bool  # Whether the cache still answered at the end.
