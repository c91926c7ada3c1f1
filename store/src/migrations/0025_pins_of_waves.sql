-- Sets of comparators that were frozen under a name, as JSON: those of two waves may have the same name.
CREATE TABLE comparator_sets_of_waves (
    wave      INTEGER NOT NULL,
    name      TEXT NOT NULL,
    pinned_at TEXT NOT NULL,
    content   TEXT NOT NULL,
    PRIMARY KEY (wave, name)
) STRICT, WITHOUT ROWID;
INSERT INTO comparator_sets_of_waves
    SELECT json_extract(content, '$.wave'), name, pinned_at, content FROM comparator_sets;
DROP TABLE comparator_sets;
ALTER TABLE comparator_sets_of_waves RENAME TO comparator_sets;
