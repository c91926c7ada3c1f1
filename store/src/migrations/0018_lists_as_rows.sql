-- The lists took the place of these tables; whoever looks into the store with SQL still finds them, as views.
DROP TABLE responses;
DROP TABLE answers;
DELETE FROM scores WHERE level = 'question';
ALTER TABLE scores DROP COLUMN status;
ALTER TABLE scores DROP COLUMN answer;

CREATE VIEW responses AS
SELECT submission, item.key AS seq, item.value ->> 0 AS question, item.value ->> 1 AS field, item.value ->> 2 AS kind,
       item.value ->> 3 AS text, item.value ->> 4 AS number, item.value ->> 5 AS formula, item.value ->> 6 AS sheet,
       item.value ->> 7 AS cell
FROM response_lists, json_each(list) AS item;

CREATE VIEW answers AS
SELECT submission, item.key AS seq, item.value ->> 0 AS question, item.value ->> 1 AS kind, item.value ->> 2 AS code,
       item.value ->> 3 AS number, item.value ->> 4 AS text, item.value ->> 5 AS missing, item.value ->> 6 AS evidence,
       item.value ->> 7 AS sheet, item.value ->> 8 AS cell
FROM answer_lists, json_each(list) AS item;

CREATE VIEW terms AS
SELECT wave, economy, indicator.value ->> 0 AS indicator, indicator.key AS seq, term.key AS term,
       term.value ->> 0 AS question, term.value -> 1 ->> 'kind' AS kind, term.value -> 1 ->> 'value' AS answer,
       term.value ->> 2 AS points, term.value ->> 3 AS max_points, term.value ->> 4 AS status
FROM term_lists, json_each(list) AS indicator, json_each(indicator.value, '$[1]') AS term;
