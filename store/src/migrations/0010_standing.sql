-- Where an economy stands: what would raise its group, how it moved since the wave before (as JSON).
CREATE TABLE standing (
    wave    INTEGER NOT NULL,
    economy TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (wave, economy)
) STRICT, WITHOUT ROWID;
