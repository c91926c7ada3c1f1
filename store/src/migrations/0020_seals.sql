-- BLAKE3 of a file, by which it is known again sooner than by its SHA-256; none of files that earlier versions read, until
-- they are seen again, and of files that are too large to be read.
ALTER TABLE files ADD COLUMN seal TEXT;
