-- What reports say of an economy beside its scores: what backs them, and the way to the next group. As JSON.
CREATE TABLE outlooks (
    wave    INTEGER NOT NULL,
    economy TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (wave, economy)
) STRICT, WITHOUT ROWID;
