//! The text of the query.

use std::fmt::Write as _;

use maturity::framework::{ExternalPolicy, Framework};

use super::Level;
use super::dialect::{Dialect, Tables, number};
use super::values::{Found, Values};

/// A common table expression: its name, what it is, its text.
struct Step {
    name: &'static str,
    what: &'static str,
    body: String,
}

/// The query; `values` hold the numbers that were found expressible.
pub(super) fn text(
    framework: &Framework,
    dialect: Dialect,
    tables: &Tables,
    levels: &[Level],
    values: &Values,
) -> String {
    let writer = Writer { framework, dialect, tables, values };
    let mut steps = vec![writer.population(), writer.items(), writer.worths()];
    if !values.scales.is_empty() {
        steps.push(writer.scales());
    }
    steps.extend([writer.answered(), Writer::earned(), writer.units(), Writer::parts(), writer.subindexes()]);
    if levels.contains(&Level::Index) {
        steps.push(writer.composite());
    }
    let steps: Vec<String> = steps
        .iter()
        .map(|step| format!("-- {}\n{} AS (\n{}\n)", step.what, step.name, step.body.trim_end()))
        .collect();
    let rows: Vec<String> = Level::ALL
        .into_iter()
        .filter(|level| levels.contains(level))
        .map(|level| writer.rows(level))
        .collect();
    format!(
        "-- Scores of {} {} (framework sha256 {}) for {}.\n\
         -- Reads economies (wave, economy, scored, collected), answers (wave, economy, question, code; one row\n\
         -- a question) and external (wave, economy, index, value); gives the rows of the table scores.\n\
         WITH\n{}\n{}\n",
        framework.id,
        framework.version,
        framework.hash,
        dialect.as_str(),
        steps.join(",\n"),
        rows.join("\nUNION ALL\n"),
    )
}

struct Writer<'a> {
    framework: &'a Framework,
    dialect: Dialect,
    tables: &'a Tables,
    values: &'a Values,
}

impl Writer<'_> {
    fn table(&self, name: &str) -> String {
        self.tables.table(self.dialect, name)
    }

    fn literal(&self, text: impl AsRef<str>) -> String {
        self.dialect.literal(text.as_ref())
    }

    /// Rows as a table with typed columns: engines guess the types of bare values differently.
    fn constants(&self, columns: &[&str], numbers: &[&str], rows: &[Vec<String>]) -> String {
        let selected: Vec<String> = columns
            .iter()
            .map(|column| {
                if numbers.contains(column) {
                    format!("CAST({column} AS {}) AS {column}", self.dialect.double())
                } else {
                    (*column).to_owned()
                }
            })
            .collect();
        let rows: Vec<String> = rows.iter().map(|row| format!("        ({})", row.join(", "))).collect();
        format!(
            "    SELECT {}\n    FROM (VALUES\n{}\n    ) AS rows_of_values ({})",
            selected.join(", "),
            rows.join(",\n"),
            columns.join(", ")
        )
    }

    fn population(&self) -> Step {
        let body = format!(
            "    SELECT economy, collected\n    FROM {}\n    WHERE wave = {} AND scored",
            self.table("economies"),
            self.framework.wave
        );
        Step { name: "population", what: "The economies that are scored.", body }
    }

    fn items(&self) -> Step {
        let rows: Vec<Vec<String>> = self
            .values
            .items
            .iter()
            .map(|item| {
                vec![
                    self.literal(item.question.as_str()),
                    self.literal(item.unit.as_str()),
                    self.literal(item.found.as_str()),
                    number(item.max_points),
                    if item.stays { "TRUE" } else { "FALSE" }.to_owned(),
                ]
            })
            .collect();
        Step {
            name: "items",
            what: "The scored questions; the maximum of some stays without an answer.",
            body: self.constants(
                &["question", "unit", "found", "max_points", "stays"],
                &["max_points"],
                &rows,
            ),
        }
    }

    fn worths(&self) -> Step {
        let mut rows: Vec<Vec<String>> = self
            .values
            .worths
            .iter()
            .map(|worth| {
                vec![self.literal(worth.question.as_str()), self.literal(&worth.code), number(worth.points)]
            })
            .collect();
        if rows.is_empty() {
            // A framework of external indices only: a table must have a row to have types.
            rows.push(vec![self.literal(""), self.literal(""), number(0.0)]);
        }
        Step {
            name: "worths",
            what: "The points that each choice earns.",
            body: self.constants(&["question", "code", "points"], &["points"], &rows),
        }
    }

    fn scales(&self) -> Step {
        let rows: Vec<Vec<String>> = self
            .values
            .scales
            .iter()
            .map(|scale| {
                vec![
                    self.literal(scale.question.as_str()),
                    self.literal(&scale.index),
                    number(scale.points),
                    number(scale.low),
                    number(scale.high),
                ]
            })
            .collect();
        Step {
            name: "scales",
            what: "The scales of the external indices.",
            body: self.constants(
                &["question", "external_index", "points", "low", "high"],
                &["points", "low", "high"],
                &rows,
            ),
        }
    }

    fn answered(&self) -> Step {
        let wave = self.framework.wave;
        let answers = self.table("answers");
        let one = self.literal(Found::One.as_str());
        let mut body = format!(
            "    SELECT a.economy, i.question, i.unit, i.max_points, i.stays, w.points, 0 AS external\n    \
             FROM {answers} a\n    \
             JOIN items i ON i.question = a.question AND i.found = {one}\n    \
             LEFT JOIN worths w ON w.question = a.question AND w.code = a.code\n    \
             WHERE a.wave = {wave} AND a.code IS NOT NULL\n"
        );
        if self.values.items.iter().any(|item| item.found == Found::Many) {
            let many = self.literal(Found::Many.as_str());
            let blank = self.literal(" ");
            // Infallible: a String takes any text.
            let _ = write!(
                body,
                "    UNION ALL\n    \
                 SELECT a.economy, i.question, i.unit, i.max_points, i.stays, MAX(COALESCE(w.points, 0e0)), 0\n    \
                 FROM {answers} a\n    \
                 JOIN items i ON i.question = a.question AND i.found = {many}\n    \
                 LEFT JOIN worths w ON w.question = a.question\n        \
                 AND POSITION(({blank} || w.code || {blank}) IN ({blank} || a.code || {blank})) > 0\n    \
                 WHERE a.wave = {wave} AND a.code IS NOT NULL\n    \
                 GROUP BY a.economy, i.question, i.unit, i.max_points, i.stays\n"
            );
        }
        if !self.values.scales.is_empty() {
            let external = self.table("external");
            let _ = write!(
                body,
                "    UNION ALL\n    \
                 SELECT e.economy, i.question, i.unit, i.max_points, i.stays,\n        \
                 s.points * ((e.value - s.low) / (s.high - s.low)), 1\n    \
                 FROM {external} e\n    \
                 JOIN scales s ON s.external_index = e.index\n    \
                 JOIN items i ON i.question = s.question\n    \
                 WHERE e.wave = {wave} AND e.value IS NOT NULL\n"
            );
        }
        Step {
            name: "answered",
            what: "One row a scored question with an answer, and the points that it earns.",
            body,
        }
    }

    fn earned() -> Step {
        Step {
            name: "earned",
            what: "These by unit. A maximum that stays anyway is counted with the unit, not here.",
            body: "    SELECT economy, unit, SUM(COALESCE(points, 0e0)) AS points,\n        \
                   SUM(CASE WHEN stays OR points IS NULL THEN 0e0 ELSE max_points END) AS max_points,\n        \
                   COUNT(*) AS answered, SUM(external) AS external\n    \
                   FROM answered\n    GROUP BY economy, unit"
                .to_owned(),
        }
    }

    fn units(&self) -> Step {
        let rows: Vec<Vec<String>> = self
            .values
            .units
            .iter()
            .map(|unit| {
                vec![
                    self.literal(unit.id.as_str()),
                    self.literal(unit.subindex.as_str()),
                    number(unit.max_points),
                    unit.asked.to_string(),
                    unit.external.to_string(),
                ]
            })
            .collect();
        Step {
            name: "units",
            what: "The lowest level of sums, with the maxima that stay without an answer.",
            body: self.constants(
                &["unit", "subindex", "max_points", "asked", "external"],
                &["max_points"],
                &rows,
            ),
        }
    }

    fn parts() -> Step {
        Step {
            name: "parts",
            what: "Every economy with every unit.",
            body: "    SELECT p.economy, u.unit, u.subindex, COALESCE(e.points, 0e0) AS points,\n        \
                   u.max_points + COALESCE(e.max_points, 0e0) AS max_points,\n        \
                   COALESCE(e.answered, 0) AS answered, u.asked,\n        \
                   u.external - COALESCE(e.external, 0) AS missing\n    \
                   FROM population p\n    CROSS JOIN units u\n    \
                   LEFT JOIN earned e ON e.economy = p.economy AND e.unit = u.unit"
                .to_owned(),
        }
    }

    fn subindexes(&self) -> Step {
        let condition = match self.framework.missing.external_index {
            ExternalPolicy::LeaveOut => "",
            ExternalPolicy::Withhold => " AND SUM(missing) = 0",
        };
        let body = format!(
            "    SELECT economy, subindex, SUM(points) AS points, SUM(max_points) AS max_points,\n        \
             CASE WHEN SUM(max_points) > 0e0{condition} THEN SUM(points) / SUM(max_points) END AS score,\n        \
             CAST(SUM(answered) AS BIGINT) AS answered, CAST(SUM(asked) AS BIGINT) AS asked\n    \
             FROM parts\n    GROUP BY economy, subindex"
        );
        Step { name: "subindexes", what: "Share of points.", body }
    }

    /// The mean is written out in the order of the framework: a missing subindex makes it missing.
    fn composite(&self) -> Step {
        let terms: Vec<String> = self
            .framework
            .subindexes
            .iter()
            .map(|subindex| {
                format!(
                    "{} * MAX(CASE WHEN subindex = {} THEN score END)",
                    number(subindex.weight),
                    self.literal(subindex.id.as_str())
                )
            })
            .collect();
        let weights: f64 = self.framework.subindexes.iter().map(|subindex| subindex.weight).sum();
        let body = format!(
            "    SELECT economy,\n        (\n            {}\n        ) / {} AS score,\n        \
             CAST(SUM(answered) AS BIGINT) AS answered, CAST(SUM(asked) AS BIGINT) AS asked\n    \
             FROM subindexes\n    GROUP BY economy",
            terms.join("\n            + "),
            number(weights)
        );
        Step { name: "composite", what: "Weighted arithmetic mean.", body }
    }

    /// The maturity group of the column `score`.
    fn group(&self, score: &str) -> String {
        let cases: Vec<String> = self
            .framework
            .groups
            .iter()
            .map(|group| {
                format!("WHEN {score} >= {} THEN {}", number(group.at_least), self.literal(&group.id))
            })
            .collect();
        format!("CASE {} END", cases.join(" "))
    }

    fn rows(&self, level: Level) -> String {
        let (double, text) = (self.dialect.double(), self.dialect.text());
        let no_number = format!("CAST(NULL AS {double})");
        let no_text = format!("CAST(NULL AS {text})");
        let id = self.literal(self.framework.composite.id.as_str());
        let share = "CASE WHEN s.max_points > 0e0 THEN s.points / s.max_points END";
        let (columns, from) = match level {
            Level::Index => (
                [id, no_number.clone(), no_number, "s.score".to_owned(), self.group("s.score")],
                "composite s JOIN population p ON p.economy = s.economy",
            ),
            Level::Subindex => (
                [
                    "s.subindex".to_owned(),
                    "s.points".to_owned(),
                    "s.max_points".to_owned(),
                    "s.score".to_owned(),
                    self.group("s.score"),
                ],
                "subindexes s JOIN population p ON p.economy = s.economy",
            ),
            Level::Indicator => (
                [
                    "s.unit".to_owned(),
                    "s.points".to_owned(),
                    "s.max_points".to_owned(),
                    share.to_owned(),
                    no_text,
                ],
                "parts s JOIN population p ON p.economy = s.economy",
            ),
            Level::Question => (
                [
                    "s.question".to_owned(),
                    "s.points".to_owned(),
                    "s.max_points".to_owned(),
                    share.to_owned(),
                    no_text,
                ],
                "(\n    SELECT p.economy, p.collected, i.question, COALESCE(a.points, 0e0) AS points,\n        \
                 CASE WHEN i.stays OR a.points IS NOT NULL THEN i.max_points ELSE 0e0 END AS max_points,\n        \
                 CASE WHEN a.question IS NULL THEN 0 ELSE 1 END AS answered, 1 AS asked\n    \
                 FROM population p\n    CROSS JOIN items i\n    \
                 LEFT JOIN answered a ON a.economy = p.economy AND a.question = i.question\n) s",
            ),
        };
        let [id, points, max_points, score, group] = columns;
        let collected = if level == Level::Question { "s.collected" } else { "p.collected" };
        format!(
            "SELECT {} AS wave, s.economy, {} AS level, {id} AS id, {points} AS points,\n    \
             {max_points} AS max_points, {score} AS score,\n    \
             {group} AS {},\n    s.answered, s.asked, {collected} AS collected\nFROM {from}",
            self.framework.wave,
            self.literal(level.as_str()),
            self.dialect.quoted("group"),
        )
    }
}
