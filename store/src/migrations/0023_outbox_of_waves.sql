-- Which wave a message tells of, and which submission a letter is about: the SHA-256 of its file. What lies under the name of a
-- return may be another one by the time that the letter is sent, and waves may share a store.
ALTER TABLE outbox ADD COLUMN wave INTEGER;
ALTER TABLE outbox ADD COLUMN submission TEXT;
UPDATE outbox SET wave = (SELECT wave FROM told) WHERE (SELECT count(*) FROM told) = 1;

-- Whether no submission was found in a file that is none the less a good one: the empty form of somebody who attached a
-- workbook. What was read of it before, when the workbook was not there, counts no more.
ALTER TABLE readings ADD COLUMN is_empty INTEGER NOT NULL DEFAULT 0;
