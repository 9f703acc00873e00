"""Rows of the index, decoded.

A text to decode is sealed together with its subject: a damaged page may pass for another row, and a damaged letter for
another word.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from episodec.digest import Digest, digest_bytes, is_digest
from episodec.store.index import Index
from episodec.store.rows import WrongRow

_SEAL = 16  # Digits.

T = TypeVar("T")


def decoded(index: Index, sql: str, values: Sequence[object], decode: Callable[..., T]) -> list[T]:
    """All rows of a query, each decoded from its columns.

    A row that `decode` refuses (by ValueError, TypeError, KeyError or AttributeError) is damage: the index is replaced
    by an empty one, and the query runs again.
    """
    while True:
        rows = index.rows(sql, values)
        try:
            return [decode(*row) for row in rows]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            index.recover(WrongRow(f"a row cannot be read: {error}"))


def seal(text: str, *about: str) -> str:
    """The text with a seal over it and its subject, the other columns of the row."""
    return f"{_seal(text, about)} {text}"


def unseal(sealed: str, *about: str) -> str:
    """The text that was sealed.

    Raises:
        ValueError: the text or its subject differs from what was sealed.
    """
    text = sealed[_SEAL + 1 :]
    if sealed != seal(text, *about):
        raise ValueError("a row's text differs from what was written")
    return text


def unseal_or_plain(sealed: str, *about: str) -> str:
    """As `unseal`, for tables that earlier versions wrote without seals: texts of JSON mappings."""
    return sealed if sealed.startswith('{"') else unseal(sealed, *about)


def digest_of(text: str) -> Digest:
    """The text as a digest. Raises: ValueError, when it is not one."""
    if not is_digest(text):
        raise ValueError("a row lacks a digest")
    return Digest(text)


def _seal(text: str, about: Sequence[str]) -> str:
    return digest_bytes("\0".join([*about, text]).encode("utf-8", "surrogatepass"))[-_SEAL:]
