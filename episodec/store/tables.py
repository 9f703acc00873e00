"""The tables of the index, as SQL. `store.rows` and `store.sealed` define which rows are valid."""

# Invariant: every statement may be repeated. Times are time.time_ns(), signatures the columns of `signature.Signature`.
TABLES = (
    # The results. outputs: {name: [digest, size]}, and on a second line the notes, if any; size: bytes of all blobs
    # named.
    """CREATE TABLE IF NOT EXISTS records (
        key TEXT PRIMARY KEY, outputs TEXT NOT NULL, seconds REAL NOT NULL, made_at_ns INTEGER NOT NULL,
        used_at_ns INTEGER NOT NULL, size INTEGER NOT NULL, deterministic INTEGER NOT NULL)""",
    # The last result by action id, for "why?" and for predicted times; outlives the record. parts: a plain KeyParts.
    """CREATE TABLE IF NOT EXISTS history (
        action TEXT PRIMARY KEY, stage TEXT NOT NULL, backend TEXT NOT NULL, seconds REAL NOT NULL,
        key TEXT NOT NULL, parts TEXT NOT NULL, outputs TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS history_seconds ON history (stage, backend, seconds)",
    # Sealed digests of files by the signature under which they were read. Paths inside the project are relative to it.
    """CREATE TABLE IF NOT EXISTS files (
        path TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
        inode INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID""",
    # Sealed sha256 digests of files and blobs, once a shared cache is set; name: `file DIGEST PATH` or
    # `blob DIGEST`.
    """CREATE TABLE IF NOT EXISTS sha256s (
        name TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
        inode INTEGER NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID""",
    # The signatures under which blobs matched their digests.
    """CREATE TABLE IF NOT EXISTS blobs (
        digest TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
        inode INTEGER NOT NULL) WITHOUT ROWID""",
    # Remote blobs with their places, sealed; only the code that fetches from a place knows its meaning.
    """CREATE TABLE IF NOT EXISTS away (
        digest TEXT PRIMARY KEY, size INTEGER NOT NULL, place TEXT NOT NULL) WITHOUT ROWID""",
    # Backends' fingerprints. watches: {watches: {path: signature}, code: …, whole: digest}; parts are valid while these
    # match.
    """CREATE TABLE IF NOT EXISTS fingerprints (
        name TEXT PRIMARY KEY, settings TEXT NOT NULL, parts TEXT NOT NULL, watches TEXT NOT NULL)""",
    # Facts about Python files, by module and path. analyser: the version of the analysis.
    """CREATE TABLE IF NOT EXISTS sources (
        name TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
        inode INTEGER NOT NULL, analyser TEXT NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID""",
    # Code by its digest, {name: digest}, so that "why?" can name what changed.
    "CREATE TABLE IF NOT EXISTS closures (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, symbols TEXT NOT NULL)",
    # The distributions that Python can import, valid while the folders that hold them are unchanged.
    "CREATE TABLE IF NOT EXISTS installed (folders TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID",
    # The whole code with which an adapter made a result; the key holds a part of it.
    "CREATE TABLE IF NOT EXISTS adapted (key TEXT PRIMARY KEY, closure TEXT NOT NULL) WITHOUT ROWID",
    # Specs that were read, by the digest of their text and of everything else they were checked against.
    """CREATE TABLE IF NOT EXISTS specs (
        path TEXT PRIMARY KEY, digest TEXT NOT NULL, context TEXT NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID""",
    # Values that each episode needs for itself alone: numbers, names, Foley prompts.
    """CREATE TABLE IF NOT EXISTS claims (
        kind TEXT NOT NULL, value TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (kind, value, path)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS claims_by ON claims (path)",
    # Files that many traces depend on. files: lines of text; signatures: four int64 a file; digests: a line a file,
    # empty for a missing one.
    """CREATE TABLE IF NOT EXISTS shared (
        id INTEGER PRIMARY KEY, compiler TEXT NOT NULL, racy INTEGER NOT NULL, signatures BLOB NOT NULL,
        files TEXT NOT NULL, digests TEXT NOT NULL)""",
    # variant: the profile and the overrides given.
    """CREATE TABLE IF NOT EXISTS traces (
        series TEXT NOT NULL, variant TEXT NOT NULL, spec TEXT NOT NULL, shared INTEGER NOT NULL, racy INTEGER NOT NULL,
        signatures BLOB NOT NULL, files TEXT NOT NULL, PRIMARY KEY (series, variant, spec)) WITHOUT ROWID""",
    # All notes of those traced episodes that have some, sealed; told: the number that is not allowed by the spec.
    """CREATE TABLE IF NOT EXISTS trace_notes (
        series TEXT NOT NULL, variant TEXT NOT NULL, spec TEXT NOT NULL, told INTEGER NOT NULL, notes TEXT NOT NULL,
        PRIMARY KEY (series, variant, spec)) WITHOUT ROWID""",
    # Apart from `traces`, so that a no-op build does not read them. keys: what gc must keep, a line an action.
    """CREATE TABLE IF NOT EXISTS trace_details (
        series TEXT NOT NULL, variant TEXT NOT NULL, spec TEXT NOT NULL, digests TEXT NOT NULL, keys TEXT NOT NULL,
        PRIMARY KEY (series, variant, spec)) WITHOUT ROWID""",
    # The folders of traced files, relative to the root, and their targets when they are links.
    """CREATE TABLE IF NOT EXISTS trace_folders (
        series TEXT NOT NULL, variant TEXT NOT NULL, folder TEXT NOT NULL, link TEXT NOT NULL,
        PRIMARY KEY (series, variant, folder)) WITHOUT ROWID""",
    # Files put into dist/, noted beforehand: with the manifests this tells which files there are ours.
    # folder: the profile's, `dist` or `dist/PROFILE`. live: 0 when the spec released it and it may still be there.
    """CREATE TABLE IF NOT EXISTS published_files (
        path TEXT NOT NULL, folder TEXT NOT NULL, spec TEXT NOT NULL, digest TEXT NOT NULL, live INTEGER NOT NULL,
        PRIMARY KEY (path, spec, folder, digest)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS published_files_by ON published_files (spec, path)",
    "CREATE INDEX IF NOT EXISTS published_files_let_go ON published_files (spec) WHERE live = 0",
    # Every spec of which something may be in dist/, under any variant. A no-op build counts them.
    """CREATE TABLE IF NOT EXISTS delivered (
        series TEXT NOT NULL, spec TEXT NOT NULL, PRIMARY KEY (series, spec)) WITHOUT ROWID""",
    # Index pages, by the profile's folder, and characters' pages, by their own path. generation: how often entries
    # changed; ours: whether we put a page there.
    """CREATE TABLE IF NOT EXISTS pages (
        folder TEXT PRIMARY KEY, generation INTEGER NOT NULL, ours INTEGER NOT NULL) WITHOUT ROWID""",
    # The pages that a series' builds under a variant left, a path a line, and their signatures; without a path, no page
    # is expected.
    """CREATE TABLE IF NOT EXISTS page_bindings (
        series TEXT NOT NULL, variant TEXT NOT NULL, folder TEXT NOT NULL, path TEXT NOT NULL, signature BLOB NOT NULL,
        compiler TEXT NOT NULL, PRIMARY KEY (series, variant)) WITHOUT ROWID""",
    # One row once the manifests in dist/ were imported.
    "CREATE TABLE IF NOT EXISTS learnt (format INTEGER NOT NULL)",
)
