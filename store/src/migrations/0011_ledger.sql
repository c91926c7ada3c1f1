-- Every run that did something or failed, one row each, in order. Rows are only ever added.
CREATE TABLE ledger (
    seq              INTEGER PRIMARY KEY,
    -- Names the attempt, also in logs; the id of run.json names what went into a run, so it can come twice.
    attempt          TEXT NOT NULL UNIQUE,
    -- What started it.
    cause            TEXT NOT NULL,
    started_at       TEXT NOT NULL,
    seconds          REAL NOT NULL,
    outcome          TEXT NOT NULL,
    exit_code        INTEGER NOT NULL,
    config_sha256    TEXT NOT NULL,
    framework_sha256 TEXT NOT NULL,
    -- Why it failed or ended early.
    error            TEXT,
    -- The run that it became, with inputs, outputs and stages; absent where it failed.
    run              INTEGER REFERENCES runs (seq),
    -- The same as JSON for an attempt that became no run.
    record           TEXT
) STRICT;

-- Runs from before there was a ledger.
INSERT INTO ledger (attempt, cause, started_at, seconds, outcome, exit_code, config_sha256, framework_sha256, run)
SELECT 'run-' || seq, 'unknown', started_at, 0.0, 'done',
       coalesce(json_extract(record, '$.exit_code'), 0),
       coalesce(json_extract(record, '$.config_sha256'), ''),
       coalesce(json_extract(record, '$.framework.sha256'), ''), seq
FROM runs ORDER BY seq;

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is only added to');
END;
CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is only added to');
END;
