-- Scores are made for a wave: their units of work have its name. Which wave an economy of several was scored for last is not
-- known; these are scored once more.
DELETE FROM work WHERE stage = 'score' AND (SELECT count(*) FROM scored WHERE economy = unit) <> 1;
UPDATE work SET unit = (SELECT wave FROM scored WHERE economy = unit) || ' ' || unit WHERE stage = 'score';

-- Files that were in the sources at the latest look for a wave: each wave has sources of its own. For which wave the latest
-- look was is not known; the next one says it.
CREATE TABLE present (
    wave   INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (wave, sha256)
) STRICT, WITHOUT ROWID;
INSERT INTO present
    SELECT w.wave, f.sha256
    FROM files f JOIN (SELECT DISTINCT wave FROM submissions WHERE wave IS NOT NULL) w
    WHERE f.present;
ALTER TABLE files DROP COLUMN present;
