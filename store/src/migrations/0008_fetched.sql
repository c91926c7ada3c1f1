-- What was fetched from servers, by what names it there. The files lie in the folder of fetched files.
CREATE TABLE fetched (
    source  TEXT NOT NULL,
    remote  TEXT NOT NULL,
    version TEXT NOT NULL,
    file    TEXT NOT NULL,
    dated   TEXT,
    -- The source has it no longer, or has rejected it.
    gone    INTEGER NOT NULL,
    PRIMARY KEY (source, remote)
) STRICT, WITHOUT ROWID;

-- How far each source was read completely, in its own words.
CREATE TABLE cursors (
    source   TEXT PRIMARY KEY,
    position TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A file that every source it came from has withdrawn counts no more.
ALTER TABLE files ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
