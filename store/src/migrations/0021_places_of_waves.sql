-- Which file was under each name of a source at the latest look for a wave: those of two waves may have the same name. Where
-- the wave is not known, the next look says it.
CREATE TABLE places_of_waves (
    wave   INTEGER NOT NULL,
    source TEXT NOT NULL,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (wave, source, name)
) STRICT, WITHOUT ROWID;
INSERT INTO places_of_waves
    SELECT s.wave, p.source, p.name, p.sha256
    FROM places p JOIN (SELECT sha256, max(wave) AS wave FROM submissions GROUP BY sha256) s ON s.sha256 = p.sha256
    WHERE s.wave IS NOT NULL;
DROP TABLE places;
ALTER TABLE places_of_waves RENAME TO places;
