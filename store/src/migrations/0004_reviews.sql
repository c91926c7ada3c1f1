-- What senders say against findings, as received with the marked return.
CREATE TABLE contests (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    rule       TEXT NOT NULL,
    question   TEXT NOT NULL,
    text       TEXT NOT NULL,
    sheet      TEXT NOT NULL,
    cell       TEXT,
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;

-- Findings that a reviewer accepted, each until the answer changes that it was made on.
CREATE TABLE acceptances (
    wave        INTEGER NOT NULL,
    economy     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    -- Empty where the finding is about no question.
    question    TEXT NOT NULL,
    -- SHA-256 of the answer and evidence that the reviewer saw.
    seen        TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    reason      TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (wave, economy, rule, question, seen)
) STRICT, WITHOUT ROWID;

-- The objection of the sender, on the finding itself.
ALTER TABLE findings ADD COLUMN contest TEXT;
