-- What was noticed while a submission was read, before it is validated: one finding a row, as JSON.
CREATE TABLE reading_findings (
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    finding    TEXT NOT NULL,
    PRIMARY KEY (submission, seq)
) STRICT, WITHOUT ROWID;
