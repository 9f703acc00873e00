"""Types of the index's columns: SQLite keeps no checksums, so a damaged page may still be read as rows.

Light on imports.
"""

import sqlite3
from collections.abc import Sequence

TEXTS = (
    "action analyser backend closure compiler context digest digests facts files folder folders found key keys kind"
    " link name notes outputs parts path place series settings sha256 spec stage symbols value variant watches"
)
NUMBERS = (
    "ctime_ns deterministic format generation id inode live made_at_ns mtime_ns ours racy shared size told used_at_ns"
)
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(TEXTS.split(), (str,)),
    **dict.fromkeys(NUMBERS.split(), (int,)),
    "seconds": (float, int),
    "signature": (bytes,),
    "signatures": (bytes,),
}
"""The types that a column of this name may hold, in every table."""


class WrongRow(Exception):
    """A row is not as it was written: the database is damaged."""


def check_kinds(description: Sequence[Sequence[object]], rows: Sequence[sqlite3.Row]) -> None:
    """Refuse rows with values that their columns cannot hold.

    Raises:
        WrongRow: there is one.
    """
    kinds = [(place, str(column[0])) for place, column in enumerate(description) if column[0] in KINDS]
    for place, name in kinds:
        for row in rows:
            value = row[place]
            if not isinstance(value, KINDS[name]):
                raise WrongRow(f"column {name} holds {type(value).__name__}")
            if isinstance(value, str) and "\0" in value:  # Neither file names nor our own texts contain one.
                raise WrongRow(f"column {name} holds a text with a NUL")
