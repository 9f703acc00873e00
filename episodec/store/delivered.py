"""The films that episodes have in dist/, by the claims in the index. As light as the no-op path, which prints them."""

import sqlite3
from collections.abc import Sequence

from episodec.store.traces import UNREADABLE


def delivered_films(index: str, folder: str, specs: Sequence[str]) -> list[str]:
    """The films that these specs put into this folder of dist/; for a spec without a film, its sound.

    Relative to the root, in the order of the specs. Empty when the index is damaged.
    """
    sql = "SELECT path FROM published_files WHERE spec = ? AND folder = ? AND live = 1 AND path LIKE ? ORDER BY path"
    films: list[str] = []
    address = index.replace("%", "%25").replace("?", "%3f").replace("#", "%23")  # `urllib` costs a no-op build 10 ms.
    try:
        connection = sqlite3.connect(f"file:{address}?mode=ro", uri=True)
    except sqlite3.Error:
        return []
    try:
        for spec in specs:
            for pattern in ("video/%.mp4", "static/audio/%.m4a", "static/audio/%"):
                rows = connection.execute(sql, (spec, folder, f"{folder}/{pattern}")).fetchall()
                if rows:
                    films += [path for (path,) in rows if isinstance(path, str)]
                    break
    except UNREADABLE:
        return []
    finally:
        connection.close()
    return films
