-- What is scored before it is normalised, and why there is no score (as JSON).
ALTER TABLE scores ADD COLUMN value REAL;
ALTER TABLE scores ADD COLUMN withheld TEXT;
