-- What became of the web addresses in answers and evidence when they were last opened.
CREATE TABLE links (
    url     TEXT PRIMARY KEY,
    -- The outcome as JSON.
    outcome TEXT NOT NULL,
    -- The first day on which that happened without a break, and the day of the last look.
    since   TEXT NOT NULL,
    checked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
