//! The steps from values to scores: normalisations, shares of points, means, and why there is none.

use std::fmt::Write as _;

use maturity::framework::{ExternalPolicy, SubindexMethod};
use maturity::withheld::Withheld;

use super::normal;
use super::query::{Step, Writer};
use super::values::Unit;

impl Writer<'_> {
    /// The scores of the units: their values, normalised.
    pub(super) fn parts(&self) -> Step {
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
    pub(super) fn level(&self, height: usize) -> Step {
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
             WHEN method = {share} AND CAST(answered AS {double}) / NULLIF(asked, 0) < least THEN {coverage}\n                \
             WHEN method = {share} AND max_points <= 0e0 THEN {no_value}\n                \
             WHEN method = {share} THEN NULL\n                \
             WHEN CAST(present AS {double}) / NULLIF(of_parts, 0) < least THEN {coverage}\n                \
             WHEN present < of_parts AND NOT rescale THEN {part}\n                \
             WHEN present = 0 THEN {no_value}\n                \
             WHEN method IN ({geometric}, {harmonic}) AND lowest <= 0e0 THEN {not_positive}\n            \
             END",
            double = self.dialect.double(),
            coverage = reason("coverage"),
            no_value = reason(Withheld::NoValue.as_str()),
            part = reason("part"),
            not_positive = reason("not-positive"),
            geometric = self.literal(SubindexMethod::GeometricMean.as_str()),
            harmonic = self.literal(SubindexMethod::HarmonicMean.as_str()),
        )
    }
}
