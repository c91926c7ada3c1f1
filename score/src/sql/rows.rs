//! The result: rows of the table of scores.

use maturity::id::Id;

use super::Level;
use super::dialect::number;
use super::query::Writer;
use super::values::Found;

impl Writer<'_> {
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

    /// The same rows without points where there are none: a number is what it is, and nothing of nothing is an amount.
    fn with_points_only<'i>(&self, numbers: impl Iterator<Item = &'i Id>, rows: Rows) -> Rows {
        let numbers: Vec<String> = numbers.map(|id| self.literal(id.as_str())).collect();
        if numbers.is_empty() {
            return rows;
        }
        let earned =
            |points: &str| format!("CASE WHEN {} NOT IN ({}) THEN {points} END", rows.id, numbers.join(", "));
        Rows { points: earned(&rows.points), max_points: earned(&rows.max_points), ..rows }
    }

    /// Every economy with every scored question.
    fn questions(&self) -> String {
        // What does not apply is not asked, and nobody is asked for an index of others that has no value.
        let mut not_asked = Vec::new();
        let mut joined = "";
        if self.skips() {
            not_asked.push("k.question IS NOT NULL".to_owned());
            joined = "\n    LEFT JOIN skipped k ON k.economy = p.economy AND k.question = i.question";
        }
        if self.values.items.iter().any(|item| item.found == Found::External) {
            let external = self.literal(Found::External.as_str());
            not_asked.push(format!("(i.found = {external} AND a.question IS NULL)"));
        }
        let asked = if not_asked.is_empty() {
            "1".to_owned()
        } else {
            format!("CASE WHEN {} THEN 0 ELSE 1 END", not_asked.join(" OR "))
        };
        format!(
            "(\n    SELECT p.economy, i.question, COALESCE(a.points, 0e0) AS points,\n        \
             CASE WHEN i.stays OR a.points IS NOT NULL THEN i.max_points ELSE 0e0 END AS max_points,\n        \
             CASE WHEN a.question IS NULL THEN 0 ELSE 1 END AS answered, {asked} AS asked\n    \
             FROM population p\n    CROSS JOIN items i\n    \
             LEFT JOIN answered a ON a.economy = p.economy AND a.question = i.question{joined}\n) s"
        )
    }

    /// The rows of one level.
    pub(super) fn rows(&self, level: Level) -> String {
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
                let framework = self.framework;
                let numbers = framework
                    .subindexes
                    .iter()
                    .map(|subindex| &subindex.id)
                    .filter(|id| !framework.has_points_below(id));
                let levels: Vec<String> =
                    (1..self.top()).map(|height| format!("    SELECT * FROM level_{height}")).collect();
                let from = format!("(\n{}\n) s", levels.join("\n    UNION ALL\n"));
                self.with_points_only(numbers, Rows { group: self.group(), ..shared("s.node", from) })
            }
            Level::Indicator => {
                let indicators = self.framework.indicators.iter().map(|indicator| &indicator.id);
                let numbers = indicators.filter(|id| !self.framework.has_points(id));
                let rows = Rows { value: "s.value".to_owned(), ..shared("s.unit", "parts s".to_owned()) };
                self.with_points_only(numbers, rows)
            }
            Level::Question => {
                let questions = self.framework.questions.iter().filter(|question| question.is_number());
                let numbers = questions.map(|question| &question.id);
                let rows = Rows {
                    score: "CASE WHEN s.max_points > 0e0 THEN s.points / s.max_points END".to_owned(),
                    withheld: no_text.clone(),
                    ..shared("s.question", self.questions())
                };
                self.with_points_only(numbers, rows)
            }
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
