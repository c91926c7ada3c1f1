-- Where a submission stands in the order in which they came. A file that is under its name again, after another was, comes
-- once more.
ALTER TABLE submissions ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
UPDATE submissions SET arrival = id;
CREATE INDEX submissions_by_arrival ON submissions (arrival);

-- Which file was under each name of a source at the latest look.
CREATE TABLE places (
    source TEXT NOT NULL,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
-- Where several files were, it is not known which was the latest; the next look says it.
INSERT INTO places SELECT source, name, min(sha256) FROM file_names GROUP BY source, name HAVING count(*) = 1;
