-- What reviewers decided, in the order in which they did. Rows are only added.
CREATE TABLE decisions (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    wave     INTEGER NOT NULL,
    economy  TEXT NOT NULL,
    -- As JSON, with author, reason and time.
    content  TEXT NOT NULL
) STRICT;

-- The overrides that the scores of an economy were computed with.
CREATE TABLE overrides_in_force (
    wave     INTEGER NOT NULL,
    economy  TEXT NOT NULL,
    question TEXT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (wave, economy, question)
) STRICT, WITHOUT ROWID;

-- The steps of every submission: who brought it into which state, when and why. Rows are only added.
CREATE TABLE trail (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    wave     INTEGER,
    economy  TEXT,
    content  TEXT NOT NULL,
    state    TEXT NOT NULL,
    by       TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;

-- Waves as they were published: inputs, outputs and hashes as JSON. Rows are only added.
CREATE TABLE publications (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    wave     INTEGER NOT NULL,
    content  TEXT NOT NULL
) STRICT;

-- Files whose personal data were removed on request: they are not recorded again.
CREATE TABLE forgotten (
    sha256   TEXT PRIMARY KEY,
    at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
