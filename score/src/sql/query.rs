//! The text of the query, step by step.

use maturity::framework::Framework;

use super::dialect::{Dialect, Tables};
use super::values::Values;
use super::{Level, constants, units};

/// A common table expression: its name, what it is, its text.
pub(super) struct Step {
    name: String,
    what: &'static str,
    body: String,
    /// Whether it must be computed once: merged into those that read it, it would be repeated.
    once: bool,
}

impl Step {
    pub(super) fn new(name: impl Into<String>, what: &'static str, body: impl Into<String>) -> Self {
        Self { name: name.into(), what, body: body.into(), once: false }
    }

    pub(super) fn once(name: impl Into<String>, what: &'static str, body: impl Into<String>) -> Self {
        Self { once: true, ..Self::new(name, what, body) }
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
        .map(|step| {
            let made = if step.once { dialect.once() } else { "" };
            format!("-- {}\n{} AS {made}(\n{}\n)", step.what, step.name, step.body.trim_end())
        })
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

/// What the steps are written from.
pub(super) struct Writer<'a> {
    pub(super) framework: &'a Framework,
    pub(super) dialect: Dialect,
    tables: &'a Tables,
    pub(super) values: &'a Values,
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
        steps.push(self.answered());
        steps.extend(self.skipped());
        steps.extend([
            units::earned(),
            Step::new(
                "units",
                "The lowest level of sums, with the maxima that stay without an answer.",
                constants::units(dialect, values),
            ),
            self.sums(),
            units::valued(),
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
    pub(super) fn top(&self) -> usize {
        self.values.nodes.iter().map(|node| node.height).max().unwrap_or(1)
    }

    pub(super) fn table(&self, name: &str) -> String {
        self.tables.table(self.dialect, name)
    }

    pub(super) fn literal(&self, text: impl AsRef<str>) -> String {
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
}
