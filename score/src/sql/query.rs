//! The text of the query, step by step.

use std::fmt::Write as _;

use maturity::framework::{ExternalPolicy, Framework, SubindexMethod};
use maturity::withheld::Withheld;

use super::Level;
use super::constants;
use super::dialect::{Dialect, Tables, number};
use super::normal;
use super::values::{Found, Unit, Values};

/// A common table expression: its name, what it is, its text.
struct Step {
    name: String,
    what: &'static str,
    body: String,
}

impl Step {
    fn new(name: impl Into<String>, what: &'static str, body: impl Into<String>) -> Self {
        Self { name: name.into(), what, body: body.into() }
    }
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
    let steps: Vec<String> = writer
        .steps()
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
         -- Reads economies (wave, economy, scored, collected), answers (wave, economy, question, code, value; one\n\
         -- row a question) and external (wave, economy, index, value); gives the rows of the table scores.\n\
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
    fn steps(&self) -> Vec<Step> {
        let (dialect, values) = (self.dialect, self.values);
        let mut steps = vec![
            self.population(),
            Step::new(
                "items",
                "The scored questions; the maximum of some stays without an answer.",
                constants::items(dialect, values),
            ),
        ];
        if !values.worths.is_empty() {
            let what = "The points that each choice earns.";
            steps.push(Step::new("worths", what, constants::worths(dialect, values)));
        }
        if !values.scales.is_empty() {
            let what = "The scales of the external indices.";
            steps.push(Step::new("scales", what, constants::scales(dialect, values)));
        }
        steps.extend([
            self.answered(),
            earned(),
            Step::new(
                "units",
                "The lowest level of sums, with the maxima that stay without an answer.",
                constants::units(dialect, values),
            ),
            sums(),
            valued(),
            self.parts(),
            Step::new(
                "nodes",
                "The subindexes and the composite, and how each is made of its parts.",
                constants::nodes(dialect, values),
            ),
        ]);
        steps.extend((1..=self.top()).map(|height| self.level(height)));
        steps
    }

    /// The height of the composite.
    fn top(&self) -> usize {
        self.values.nodes.iter().map(|node| node.height).max().unwrap_or(1)
    }

    fn table(&self, name: &str) -> String {
        self.tables.table(self.dialect, name)
    }

    fn literal(&self, text: impl AsRef<str>) -> String {
        self.dialect.literal(text.as_ref())
    }

    fn population(&self) -> Step {
        let body = format!(
            "    SELECT economy, collected\n    FROM {}\n    WHERE wave = {} AND scored",
            self.table("economies"),
            self.framework.wave
        );
        Step::new("population", "The economies that are scored.", body)
    }

    fn answered(&self) -> Step {
        let wave = self.framework.wave;
        let answers = self.table("answers");
        let no_value = format!("CAST(NULL AS {})", self.dialect.double());
        let columns = "i.question, i.unit, i.max_points, i.stays";
        let found = |found: Found| self.values.items.iter().any(|item| item.found == found);
        let is = |found: Found| self.literal(found.as_str());
        let mut branches = Vec::new();
        if found(Found::One) {
            branches.push(format!(
                "    SELECT a.economy, {columns}, w.points AS points, {no_value} AS value, 0 AS external\n    \
                 FROM {answers} a\n    \
                 JOIN items i ON i.question = a.question AND i.found = {}\n    \
                 LEFT JOIN worths w ON w.question = a.question AND w.code = a.code\n    \
                 WHERE a.wave = {wave} AND a.code IS NOT NULL\n",
                is(Found::One)
            ));
        }
        if found(Found::Many) {
            let blank = self.literal(" ");
            branches.push(format!(
                "    SELECT a.economy, {columns}, MAX(COALESCE(w.points, 0e0)) AS points, {no_value} AS value,\n        \
                 0 AS external\n    \
                 FROM {answers} a\n    \
                 JOIN items i ON i.question = a.question AND i.found = {}\n    \
                 LEFT JOIN worths w ON w.question = a.question\n        \
                 AND POSITION(({blank} || w.code || {blank}) IN ({blank} || a.code || {blank})) > 0\n    \
                 WHERE a.wave = {wave} AND a.code IS NOT NULL\n    \
                 GROUP BY a.economy, {columns}\n",
                is(Found::Many)
            ));
        }
        if found(Found::Number) {
            branches.push(format!(
                "    SELECT a.economy, {columns}, CAST(0e0 AS {}) AS points, a.value AS value, 0 AS external\n    \
                 FROM {answers} a\n    \
                 JOIN items i ON i.question = a.question AND i.found = {}\n    \
                 WHERE a.wave = {wave} AND a.value IS NOT NULL\n",
                self.dialect.double(),
                is(Found::Number)
            ));
        }
        if found(Found::External) {
            branches.push(format!(
                "    SELECT e.economy, {columns}, s.points * ((e.value - s.low) / (s.high - s.low)) AS points,\n        \
                 e.value AS value, 1 AS external\n    \
                 FROM {} e\n    \
                 JOIN scales s ON s.external_index = e.index\n    \
                 JOIN items i ON i.question = s.question\n    \
                 WHERE e.wave = {wave} AND e.value IS NOT NULL\n",
                self.table("external")
            ));
        }
        let what = "One row a scored question with an answer, and the points that it earns.";
        Step::new("answered", what, branches.join("    UNION ALL\n"))
    }

    /// The scores of the units: their values, normalised.
    fn parts(&self) -> Step {
        let needed = normal::needed(&self.values.units);
        let mut windows = String::new();
        if needed.statistics {
            windows += ",\n            MIN(x) OVER unit_values AS lowest, MAX(x) OVER unit_values AS highest,\n            \
                        AVG(x) OVER unit_values AS mean, STDDEV_SAMP(x) OVER unit_values AS sd,\n            \
                        COUNT(x) OVER unit_values AS known";
            windows = windows.replace("unit_values", "(PARTITION BY unit)");
        }
        if needed.rank {
            windows += ",\n            RANK() OVER (PARTITION BY unit, CASE WHEN x IS NULL THEN 0 ELSE 1 END\n                \
                        ORDER BY x) AS ranked";
        }
        let branches = normal::branches(&self.values.units, self.dialect);
        let mut score = String::new();
        let mut reason = String::new();
        for branch in &branches {
            let units: Vec<String> = branch.units.iter().map(|unit| self.unit(unit)).collect();
            let condition = if branches.len() == 1 {
                String::new()
            } else {
                format!(" AND v.unit IN ({})", units.join(", "))
            };
            // Infallible: a String takes any text.
            let _ = write!(score, "\n            WHEN v.x IS NOT NULL{condition} THEN {}", branch.score);
            if let Some(withheld) = &branch.withheld {
                let why = self.literal(withheld.as_str());
                let _ = write!(reason, "\n            WHEN score IS NULL{condition} THEN {why}");
            }
        }
        let reason = reason.replace("v.unit", "unit");
        let body = format!(
            "    SELECT economy, unit, node, weight, points, max_points, answered, asked, missing, value, score,\n        \
             CASE\n            WHEN x IS NULL THEN {}{reason}\n        END AS withheld\n    \
             FROM (\n        \
             SELECT v.economy, v.unit, v.node, v.weight, v.points, v.max_points, v.answered, v.asked, v.missing,\n            \
             v.value, v.x, CASE{score}\n            END AS score\n        \
             FROM (\n            \
             SELECT economy, unit, node, weight, points, max_points, answered, asked, missing, value, x{windows}\n            \
             FROM valued\n        ) v\n    ) scored",
            self.literal(Withheld::NoValue.as_str())
        );
        Step::new("parts", "The scores of the units: their values, normalised.", body)
    }

    fn unit(&self, unit: &Unit) -> String {
        self.literal(unit.id.as_str())
    }

    /// The subindexes of one height, or the composite: sums of points, or means of their parts.
    fn level(&self, height: usize) -> Step {
        let columns = "weight, score, points, max_points, answered, asked";
        let mut members = Vec::new();
        if height < self.top() {
            members.push(format!("        SELECT economy, node, {columns}, missing FROM parts"));
        }
        members.extend((1..height).map(|below| {
            format!("        SELECT economy, parent AS node, {columns}, 0 AS missing FROM level_{below}")
        }));
        let of_height = || self.values.nodes.iter().filter(|node| node.height == height);
        let uses = |method: SubindexMethod| of_height().any(|node| node.method == method);
        let is = |method: SubindexMethod| self.literal(method.as_str());
        let (mut forward, mut back) = (String::new(), String::new());
        for (method, term, mean) in [
            (SubindexMethod::ArithmeticMean, "m.weight * m.score", "total / weights"),
            (
                SubindexMethod::GeometricMean,
                "m.weight * LN(CASE WHEN m.score > 0e0 THEN m.score END)",
                "EXP(total / weights)",
            ),
            (
                SubindexMethod::HarmonicMean,
                "m.weight / NULLIF(m.score, 0e0)",
                "1e0 / NULLIF(total / weights, 0e0)",
            ),
        ] {
            if uses(method) {
                let _ = write!(forward, " WHEN n.method = {} THEN {term}", is(method));
                let _ = write!(back, " WHEN method = {} THEN {mean}", is(method));
            }
        }
        let total = if forward.is_empty() {
            format!("CAST(NULL AS {})", self.dialect.double())
        } else {
            format!("SUM(CASE{forward} END)")
        };
        if uses(SubindexMethod::ShareOfPoints) {
            let share = is(SubindexMethod::ShareOfPoints);
            let _ = write!(back, " WHEN method = {share} THEN points / NULLIF(max_points, 0e0)");
        }
        let body = format!(
            "    SELECT economy, node, parent, weight, points, max_points, answered, asked, withheld,\n        \
             CASE WHEN withheld IS NULL THEN CASE{back} END END AS score\n    \
             FROM (\n        \
             SELECT economy, node, parent, weight, points, max_points, answered, asked, method, total, weights,\n            \
             {} AS withheld\n        \
             FROM (\n        \
             SELECT m.economy, n.node, n.parent, n.weight, n.method, n.rescale, n.least,\n            \
             SUM(m.points) AS points, SUM(m.max_points) AS max_points,\n            \
             CAST(SUM(m.answered) AS BIGINT) AS answered, CAST(SUM(m.asked) AS BIGINT) AS asked,\n            \
             SUM(m.missing) AS missing, COUNT(m.weight) AS of_parts, COUNT(m.score) AS present,\n            \
             MIN(m.score) AS lowest, SUM(CASE WHEN m.score IS NOT NULL THEN m.weight END) AS weights,\n            \
             {total} AS total\n        \
             FROM (\n{}\n        ) m\n        \
             JOIN nodes n ON n.node = m.node AND n.height = {height}\n        \
             GROUP BY m.economy, n.node, n.parent, n.weight, n.method, n.rescale, n.least\n        \
             ) sums_of_parts\n    ) judged",
            self.withheld(),
            members.join("\n        UNION ALL\n"),
        );
        let what = if height == self.top() { "The composite." } else { "Subindexes." };
        Step::new(format!("level_{height}"), what, body)
    }

    /// Why a subindex or the composite has no score, in the order in which the program asks.
    fn withheld(&self) -> String {
        let share = self.literal(SubindexMethod::ShareOfPoints.as_str());
        let reason = |withheld: &str| self.literal(withheld);
        let external = match self.framework.missing.external_index {
            ExternalPolicy::LeaveOut => String::new(),
            ExternalPolicy::Withhold => {
                format!("\n                WHEN missing > 0 THEN {}", reason("external-index"))
            }
        };
        format!(
            "CASE{external}\n                \
             WHEN method = {share} AND answered < least * asked THEN {coverage}\n                \
             WHEN method = {share} AND max_points <= 0e0 THEN {no_value}\n                \
             WHEN method = {share} THEN NULL\n                \
             WHEN present < least * of_parts THEN {coverage}\n                \
             WHEN present < of_parts AND NOT rescale THEN {part}\n                \
             WHEN present = 0 THEN {no_value}\n                \
             WHEN method IN ({geometric}, {harmonic}) AND lowest <= 0e0 THEN {not_positive}\n            \
             END",
            coverage = reason("coverage"),
            no_value = reason(Withheld::NoValue.as_str()),
            part = reason("part"),
            not_positive = reason("not-positive"),
            geometric = self.literal(SubindexMethod::GeometricMean.as_str()),
            harmonic = self.literal(SubindexMethod::HarmonicMean.as_str()),
        )
    }

    /// The maturity group of the column `score`.
    fn group(&self) -> String {
        let cases: Vec<String> = self
            .framework
            .groups
            .iter()
            .map(|group| {
                // The lowest group has no threshold where scores have no lower end.
                let condition = if group.at_least.is_finite() {
                    format!("s.score >= {}", number(group.at_least))
                } else {
                    "s.score IS NOT NULL".to_owned()
                };
                format!("WHEN {condition} THEN {}", self.literal(&group.id))
            })
            .collect();
        if cases.is_empty() {
            return format!("CAST(NULL AS {})", self.dialect.text());
        }
        format!("CASE {} END", cases.join(" "))
    }

    /// The rows of one level.
    fn rows(&self, level: Level) -> String {
        let no_number = format!("CAST(NULL AS {})", self.dialect.double());
        let no_text = format!("CAST(NULL AS {})", self.dialect.text());
        let shared = |id: &str, from: String| Rows {
            id: id.to_owned(),
            points: "s.points".to_owned(),
            max_points: "s.max_points".to_owned(),
            score: "s.score".to_owned(),
            group: no_text.clone(),
            value: no_number.clone(),
            withheld: "s.withheld".to_owned(),
            from,
        };
        let rows = match level {
            Level::Index => Rows {
                points: no_number.clone(),
                max_points: no_number.clone(),
                group: self.group(),
                ..shared("s.node", format!("level_{} s", self.top()))
            },
            Level::Subindex => {
                let levels: Vec<String> =
                    (1..self.top()).map(|height| format!("    SELECT * FROM level_{height}")).collect();
                let from = format!("(\n{}\n) s", levels.join("\n    UNION ALL\n"));
                Rows { group: self.group(), ..shared("s.node", from) }
            }
            Level::Indicator => {
                Rows { value: "s.value".to_owned(), ..shared("s.unit", "parts s".to_owned()) }
            }
            Level::Question => Rows {
                score: "CASE WHEN s.max_points > 0e0 THEN s.points / s.max_points END".to_owned(),
                withheld: no_text.clone(),
                ..shared("s.question", QUESTIONS.to_owned())
            },
        };
        format!(
            "SELECT {} AS wave, s.economy AS economy, {} AS level, {} AS id,\n    \
             {} AS points, {} AS max_points, {} AS score,\n    \
             {} AS {},\n    s.answered AS answered, s.asked AS asked, p.collected AS collected,\n    \
             {} AS value, {} AS withheld\nFROM {}\nJOIN population p ON p.economy = s.economy",
            self.framework.wave,
            self.literal(level.as_str()),
            rows.id,
            rows.points,
            rows.max_points,
            rows.score,
            rows.group,
            self.dialect.quoted("group"),
            rows.value,
            rows.withheld,
            rows.from
        )
    }
}

/// Where the columns of a level come from.
struct Rows {
    id: String,
    points: String,
    max_points: String,
    score: String,
    group: String,
    value: String,
    withheld: String,
    from: String,
}

/// Every economy with every scored question.
const QUESTIONS: &str = "(
    SELECT p.economy, i.question, COALESCE(a.points, 0e0) AS points,
        CASE WHEN i.stays OR a.points IS NOT NULL THEN i.max_points ELSE 0e0 END AS max_points,
        CASE WHEN a.question IS NULL THEN 0 ELSE 1 END AS answered, 1 AS asked
    FROM population p
    CROSS JOIN items i
    LEFT JOIN answered a ON a.economy = p.economy AND a.question = i.question
) s";

fn earned() -> Step {
    Step::new(
        "earned",
        "These by unit. A maximum that stays anyway is counted with the unit, not here.",
        "    SELECT economy, unit, SUM(COALESCE(points, 0e0)) AS points,
        SUM(CASE WHEN stays OR points IS NULL THEN 0e0 ELSE max_points END) AS max_points,
        COUNT(*) AS answered, SUM(external) AS external, MAX(value) AS value
    FROM answered
    GROUP BY economy, unit",
    )
}

fn sums() -> Step {
    Step::new(
        "sums",
        "Every economy with every unit.",
        "    SELECT p.economy, u.unit, u.node, u.weight, u.factor, u.is_number, e.value,
        COALESCE(e.points, 0e0) AS points, u.max_points + COALESCE(e.max_points, 0e0) AS max_points,
        COALESCE(e.answered, 0) AS answered, u.asked, u.external - COALESCE(e.external, 0) AS missing
    FROM population p
    CROSS JOIN units u
    LEFT JOIN earned e ON e.economy = p.economy AND e.unit = u.unit",
    )
}

fn valued() -> Step {
    Step::new(
        "valued",
        "The value of each: a number, or a share of points; x points upwards.",
        "    SELECT economy, unit, node, weight, points, max_points, answered, asked, missing, value,
        factor * value AS x
    FROM (
        SELECT economy, unit, node, weight, factor, points, max_points, answered, asked, missing,
            CASE WHEN is_number THEN value WHEN max_points > 0e0 THEN points / max_points END AS value
        FROM sums
    ) with_value",
    )
}
