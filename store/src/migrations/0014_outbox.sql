-- What people were told of each wave: what the facts are compared with, and the latest summary. A row without
-- content stands for a wave that was at work before there were notices: its next run tells nobody what is old.
CREATE TABLE told (
    wave     INTEGER PRIMARY KEY,
    known    TEXT,
    summary  TEXT
) STRICT;
INSERT INTO told (wave) SELECT DISTINCT wave FROM submissions WHERE wave IS NOT NULL;

-- Letters and messages, each once for its content. Holds addresses of people: `gtmi forget` empties them.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of way, address and content.
    key        TEXT NOT NULL UNIQUE,
    -- mail or webhook.
    way        TEXT NOT NULL,
    -- returned, accepted or news.
    occasion   TEXT NOT NULL,
    economy    TEXT,
    address    TEXT NOT NULL,
    -- As JSON.
    content    TEXT NOT NULL,
    -- waiting, sending, sent, uncertain, refused, given-up, superseded or forgotten.
    state      TEXT NOT NULL,
    -- In how many runs it was tried.
    attempts   INTEGER NOT NULL,
    queued_at  TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    -- What came of the latest attempt.
    outcome    TEXT
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state);
