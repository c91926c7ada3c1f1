-- Every file that was ever received, by content. The bytes themselves lie in the folder beside the store.
CREATE TABLE files (
    sha256      TEXT PRIMARY KEY,
    bytes       INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    -- Whether the file was in its source at the latest ingest.
    present     INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

-- The names a file came under; one file may come under several.
CREATE TABLE file_names (
    sha256  TEXT NOT NULL REFERENCES files (sha256),
    source  TEXT NOT NULL,
    name    TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (sha256, source, name)
) STRICT, WITHOUT ROWID;

-- What reading a file led to, under the reader and framework named by `key`.
CREATE TABLE readings (
    sha256  TEXT PRIMARY KEY REFERENCES files (sha256),
    key     TEXT NOT NULL,
    -- The refusal as JSON; absent where the file was taken in.
    refusal TEXT
) STRICT, WITHOUT ROWID;

-- One economy's answers in one file. A later one supersedes an earlier one; none is ever deleted.
CREATE TABLE submissions (
    id           INTEGER PRIMARY KEY,
    sha256       TEXT NOT NULL REFERENCES files (sha256),
    -- The part of the file: the cover sheet's or the row's place, as JSON.
    place        TEXT NOT NULL,
    layout       TEXT NOT NULL,
    -- SHA-256 of header and responses: what validation depends on.
    content      TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    -- Known after validation.
    economy      TEXT,
    wave         INTEGER,
    collected    TEXT,
    language     TEXT,
    state        TEXT NOT NULL DEFAULT 'received',
    UNIQUE (sha256, place)
) STRICT;
CREATE INDEX submissions_by_economy ON submissions (economy);

CREATE TABLE headers (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    field      TEXT NOT NULL,
    value      TEXT NOT NULL,
    place      TEXT NOT NULL,
    PRIMARY KEY (submission, field)
) STRICT, WITHOUT ROWID;

-- Names and addresses of people: personal data, kept apart so that they can be removed.
CREATE TABLE contacts (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    field      TEXT NOT NULL,
    value      TEXT NOT NULL,
    place      TEXT NOT NULL,
    PRIMARY KEY (submission, field)
) STRICT, WITHOUT ROWID;

-- The cells of a submission as received.
CREATE TABLE responses (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    question   TEXT NOT NULL,
    field      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    text       TEXT,
    number     REAL,
    formula    INTEGER NOT NULL,
    sheet      TEXT NOT NULL,
    cell       TEXT,
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;

-- The answers as understood.
CREATE TABLE answers (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    question   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    code       TEXT,
    number     REAL,
    text       TEXT,
    missing    TEXT,
    evidence   TEXT,
    sheet      TEXT,
    cell       TEXT,
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    rule       TEXT NOT NULL,
    severity   TEXT NOT NULL,
    question   TEXT,
    sheet      TEXT,
    cell       TEXT,
    -- What the rule saw, as JSON; the sentence is made when somebody reads it.
    problem    TEXT NOT NULL,
    status     TEXT NOT NULL DEFAULT 'open',
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;

-- The scores in force, each level below the one before: index, subindex, indicator, question.
CREATE TABLE scores (
    wave       INTEGER NOT NULL,
    economy    TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    level      TEXT NOT NULL,
    id         TEXT NOT NULL,
    points     REAL,
    max_points REAL,
    score      REAL,
    grp        TEXT,
    answered   INTEGER NOT NULL,
    asked      INTEGER NOT NULL,
    status     TEXT,
    answer     TEXT,
    PRIMARY KEY (wave, economy, seq)
) STRICT, WITHOUT ROWID;

-- Which submission the scores of an economy were computed from.
CREATE TABLE scored (
    wave       INTEGER NOT NULL,
    economy    TEXT NOT NULL,
    submission INTEGER NOT NULL REFERENCES submissions (id),
    collected  TEXT,
    PRIMARY KEY (wave, economy)
) STRICT, WITHOUT ROWID;

-- Work that is up to date: the hash of everything that a unit of a stage depends on.
CREATE TABLE work (
    stage TEXT NOT NULL,
    unit  TEXT NOT NULL,
    key   TEXT NOT NULL,
    PRIMARY KEY (stage, unit)
) STRICT, WITHOUT ROWID;

-- One row a run that did something, as the JSON of run.json.
CREATE TABLE runs (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    started_at TEXT NOT NULL,
    record     TEXT NOT NULL
) STRICT;
