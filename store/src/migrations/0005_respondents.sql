-- Which edition of each external index the scores of an economy were computed with.
CREATE TABLE scored_external (
    wave     INTEGER NOT NULL,
    economy  TEXT NOT NULL,
    idx      TEXT NOT NULL,
    edition  INTEGER NOT NULL,
    value    REAL NOT NULL,
    source   TEXT,
    licence  TEXT,
    file     TEXT NOT NULL,
    PRIMARY KEY (wave, economy, idx)
) STRICT, WITHOUT ROWID;

-- Where several respondents answer for one economy: whose answer to a question is in force. An economy
-- without rows here has all answers from the submission that it was scored from.
CREATE TABLE answers_in_force (
    wave       INTEGER NOT NULL,
    economy    TEXT NOT NULL,
    question   TEXT NOT NULL,
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    PRIMARY KEY (wave, economy, question)
) STRICT, WITHOUT ROWID;

-- Who sent a submission, as far as it matters for what is in force: a number within the economy and wave,
-- and the office of the configuration that it was recognised as. Holds no personal data, so that it stays
-- when contacts are removed.
CREATE TABLE respondents (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id) ON DELETE CASCADE,
    respondent INTEGER NOT NULL,
    office     TEXT
) STRICT;

-- Sets of comparators that were frozen under a name, as JSON.
CREATE TABLE comparator_sets (
    name      TEXT PRIMARY KEY,
    pinned_at TEXT NOT NULL,
    content   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
