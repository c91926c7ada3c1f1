-- How certain each score is: bounds, percentiles, chances of the maturity groups, sensitivity indices (as JSON).
CREATE TABLE uncertainty (
    wave    INTEGER NOT NULL,
    economy TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (wave, economy, seq)
) STRICT, WITHOUT ROWID;
