//! The steps from answers to the values of indicators.

use super::query::{Step, Writer};
use super::values::Found;

impl Writer<'_> {
    pub(super) fn answered(&self) -> Step {
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

    pub(super) fn sums(&self) -> Step {
        // Nobody is asked for an index of others that has no value.
        let (asked, joined) = if self.skips() {
            (
                "u.asked - COALESCE(k.skipped, 0) - (u.external - COALESCE(e.external, 0)) AS asked",
                "\n    LEFT JOIN skips k ON k.economy = p.economy AND k.unit = u.unit",
            )
        } else {
            ("u.asked - (u.external - COALESCE(e.external, 0)) AS asked", "")
        };
        let body = format!(
            "    SELECT p.economy, u.unit, u.node, u.weight, u.factor, u.is_number, e.value,\n        \
             COALESCE(e.points, 0e0) AS points, u.max_points + COALESCE(e.max_points, 0e0) AS max_points,\n        \
             COALESCE(e.answered, 0) AS answered, {asked}, u.external - COALESCE(e.external, 0) AS missing\n    \
             FROM population p\n    CROSS JOIN units u\n    \
             LEFT JOIN earned e ON e.economy = p.economy AND e.unit = u.unit{joined}"
        );
        Step::new("sums", "Every economy with every unit.", body)
    }
}

pub(super) fn earned() -> Step {
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

pub(super) fn valued() -> Step {
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
