-- A run that was killed has no exit code, and nobody knows how long it took: both may be absent.
CREATE TABLE ledger_of_now (
    seq              INTEGER PRIMARY KEY,
    -- Names the attempt, also in logs; the id of run.json names what went into a run, so it can come twice.
    attempt          TEXT NOT NULL UNIQUE,
    -- What started it.
    cause            TEXT NOT NULL,
    started_at       TEXT NOT NULL,
    seconds          REAL,
    outcome          TEXT NOT NULL,
    exit_code        INTEGER,
    config_sha256    TEXT NOT NULL,
    framework_sha256 TEXT NOT NULL,
    -- Why it failed or ended early.
    error            TEXT,
    -- The run that it became, with inputs, outputs and stages; absent where it failed.
    run              INTEGER REFERENCES runs (seq),
    -- The same as JSON for an attempt that became no run.
    record           TEXT
) STRICT;

INSERT INTO ledger_of_now SELECT seq, attempt, cause, started_at, seconds, outcome, exit_code, config_sha256,
       framework_sha256, error, run, record FROM ledger ORDER BY seq;
DROP TABLE ledger;
ALTER TABLE ledger_of_now RENAME TO ledger;

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is only added to');
END;
CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is only added to');
END;
