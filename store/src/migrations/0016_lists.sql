-- What is always written and read whole, as a JSON list in one column: a list costs a tenth of its rows.
CREATE TABLE response_lists (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id) ON DELETE CASCADE,
    -- One list a response: question, field, kind, text, number, formula, sheet, cell.
    list       TEXT NOT NULL
) STRICT;

CREATE TABLE answer_lists (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id) ON DELETE CASCADE,
    -- One list an answer: question, kind, code, number, text, missing, evidence, sheet, cell.
    list       TEXT NOT NULL
) STRICT;

-- The terms of an indicator, one list each: question, answer, points, most points, status.
ALTER TABLE scores ADD COLUMN terms TEXT;
