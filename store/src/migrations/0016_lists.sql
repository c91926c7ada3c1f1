-- What is always written and read whole, as a JSON list in one column: a row for each item took more of a run's time.
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

CREATE TABLE term_lists (
    wave    INTEGER NOT NULL,
    economy TEXT NOT NULL,
    -- One list an indicator: its id and the list of its terms, each a list: question, answer, points, most points, status.
    list    TEXT NOT NULL,
    PRIMARY KEY (wave, economy)
) STRICT;
