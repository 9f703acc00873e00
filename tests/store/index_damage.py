"""Damage to an index, each by a seed: random bytes, cut files, rows that are not what they were written as."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

WRONG = ("{", "[]", "7", "{}", "null", '{"a": [1]}', "", "xxh3-128:zz", "\n", b"\xff\xfe", 7, -1, 1 << 62, 0.5)

BEHIND = ("sources", "installed", "closures")


def damage(index: Path, seed: int) -> str:
    """Damage the index of a store that nobody has open; what was done, in words."""
    random = Random(seed)
    kind = random.choice(["bytes"] * 10 + ["row"] * 8 + ["cut", "page", "schema", "folder", "journal", "garbage"])
    match kind:
        case "bytes" | "page" | "cut" | "garbage":
            return _damage_bytes(index, kind, random)
        case "row" | "schema":
            try:
                return _damage_row(index, random) if kind == "row" else _damage_schema(index, random)
            except sqlite3.DatabaseError as error:  # Damage that nothing has read so far.
                return f"what was there: {error}"
        case "folder":
            index.unlink()
            (index / "x").mkdir(parents=True)
        case _:
            index.with_name("index.db-wal").mkdir()
    return kind


def _damage_bytes(index: Path, kind: str, random: Random) -> str:
    content = bytearray(index.read_bytes())
    match kind:
        case "bytes":
            places = [random.randrange(len(content)) for _ in range(random.randint(1, 200))]
            for place in places:
                content[place] = random.randrange(256)
            kind = f"{len(places)} bytes"
        case "page":
            place = random.randrange(len(content) // 4096) * 4096
            content[place : place + 4096] = bytes(4096)
        case "cut":
            del content[random.randrange(len(content)) :]
        case _:
            content = bytearray(random.randbytes(20_000))
    index.write_bytes(content)
    return kind


def _damage_row(index: Path, random: Random) -> str:
    with closing(sqlite3.connect(index, isolation_level=None)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        filled = [name for name in sorted(tables) if database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]]
        table = random.choice(filled)
        if table in BEHIND:  # It is read where no fingerprint is.
            database.execute("DELETE FROM fingerprints")
        column = random.choice([row[1] for row in database.execute(f"PRAGMA table_info({table})")])
        value = random.choice([*WRONG, None])
        new = "CAST(x'6130ff' AS TEXT)" if value is None else "?"  # No UTF-8.
        database.execute(f"UPDATE OR REPLACE {table} SET {column} = {new}", () if value is None else (value,))
    return f"{table}.{column} = {value!r}"


def _damage_schema(index: Path, random: Random) -> str:
    with closing(sqlite3.connect(index, isolation_level=None)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        name, sql = random.choice(rows)
        place = random.randrange(len(sql))
        changed = f"{sql[:place]}{random.choice('x(, 1')}{sql[place + 1 :]}"
        database.execute("PRAGMA writable_schema = 1")
        database.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (changed, name))
    return f"the schema of {name}: {changed}"
