-- Whether a file was under a name when it was last seen. Of stores of before it is known since when it was seen under a name; the
-- next look says the rest.
ALTER TABLE file_names ADD COLUMN latest INTEGER NOT NULL DEFAULT 1;
UPDATE file_names SET latest = 0
    WHERE seen_at < (SELECT max(seen_at) FROM file_names other WHERE other.sha256 = file_names.sha256);
