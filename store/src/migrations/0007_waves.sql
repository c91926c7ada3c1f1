-- Where published scores of a wave were taken from.
CREATE TABLE import_sources (
    wave    INTEGER PRIMARY KEY,
    source  TEXT,
    edition TEXT,
    licence TEXT,
    address TEXT
) STRICT, WITHOUT ROWID;

-- Economies of a wave whose scores were published and taken over, not computed here.
CREATE TABLE imported (
    wave      INTEGER NOT NULL,
    economy   TEXT NOT NULL,
    grp       TEXT,
    collected TEXT,
    PRIMARY KEY (wave, economy)
) STRICT, WITHOUT ROWID;

CREATE TABLE imported_scores (
    wave    INTEGER NOT NULL,
    economy TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    score   REAL NOT NULL,
    PRIMARY KEY (wave, economy, seq)
) STRICT, WITHOUT ROWID;

-- Every framework that scores were computed with, once each, so that earlier runs can be compared later.
CREATE TABLE frameworks (
    hash    TEXT PRIMARY KEY,
    -- The files as compressed JSON.
    sources BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What scores of one economy were computed from and came to, by content: equal states are stored once.
CREATE TABLE snapshots (
    key       TEXT PRIMARY KEY,
    framework TEXT NOT NULL REFERENCES frameworks (hash),
    -- Compressed JSON; scored answers and values only, no free text and no contacts.
    content   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which economies a run left in another state than the run before; absent snapshot: no scores any more.
CREATE TABLE run_snapshots (
    run      INTEGER NOT NULL REFERENCES runs (seq),
    wave     INTEGER NOT NULL,
    economy  TEXT NOT NULL,
    snapshot TEXT REFERENCES snapshots (key),
    PRIMARY KEY (wave, economy, run)
) STRICT, WITHOUT ROWID;
