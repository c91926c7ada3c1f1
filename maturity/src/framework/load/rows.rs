//! The rows of survey.csv, choices.csv and indicators.csv, and what is wrong with them.

use std::collections::BTreeMap;

use super::index_file::line_at;
use super::{Lines, TOML};
use crate::finding::Severity;
use crate::framework::load_scoring::Normalizations;
use crate::framework::problem::FrameworkProblem;
use crate::framework::table::{Columns, Row, Table};
use crate::framework::{
    Choice, ChoiceList, Constraint, Direction, Format, Indicator, Kind, Question, Scoring, ScoringRule,
};
use crate::id::Id;
use crate::logic::Expression;
use crate::spelling::did_you_mean;

pub(super) const SURVEY_COLUMNS: Columns = Columns {
    needed: &["type", "name", "label", "indicator", "subindex"],
    optional: &[
        "hint",
        "required",
        "relevant",
        "constraint",
        "constraint_message",
        "constraint_severity",
        "format",
        "evidence_for",
        "scoring",
        "points",
        "disabled",
    ],
    texts: &["label", "hint", "constraint_message"],
};

pub(super) const CHOICE_COLUMNS: Columns =
    Columns { needed: &["list_name", "name", "label", "level"], optional: &[], texts: &["label"] };

pub(super) struct Reading {
    pub(super) problems: Vec<FrameworkProblem>,
    pub(super) lines: Lines,
}

impl Reading {
    pub(super) fn problem(&mut self, table: &Table, row: &Row, what: String, advice: impl Into<String>) {
        self.problems.push(FrameworkProblem {
            file: table.file,
            line: Some(row.line),
            what,
            advice: advice.into(),
        });
    }

    pub(super) fn toml_problem(&mut self, content: &str, key: &str, what: String, advice: &str) {
        let line = content.find(key).map(|position| line_at(content, position));
        self.problems.push(FrameworkProblem { file: TOML, line, what, advice: advice.to_owned() });
    }

    pub(super) fn choice_lists(&mut self, table: &Table) -> BTreeMap<String, ChoiceList> {
        let mut lists: BTreeMap<String, ChoiceList> = BTreeMap::new();
        for row in &table.rows {
            let (name, code) = (row.get("list_name").to_owned(), row.get("name").to_owned());
            if name.is_empty() || code.is_empty() || code.contains(char::is_whitespace) {
                let what = format!("the choice \"{code}\" of the list \"{name}\" has no usable name");
                self.problem(table, row, what, "give list_name and name; a name has no blanks");
                continue;
            }
            let level =
                row.get("level").parse::<f64>().ok().filter(|level| level.is_finite() && *level >= 0.0);
            let level = level.unwrap_or_else(|| {
                let what = format!("\"{}\" is not a level", row.get("level"));
                self.problem(table, row, what, "give a number, 0 or more; 0 earns no points");
                0.0
            });
            self.lines.lists.entry(name.clone()).or_insert(row.line);
            let list = lists.entry(name.clone()).or_default();
            if list.choice(&code).is_some() {
                self.problem(
                    table,
                    row,
                    format!("the list \"{name}\" has the choice \"{code}\" twice"),
                    "give one of them another name, or remove it",
                );
                continue;
            }
            let label = row.text("label");
            if label.all().all(str::is_empty) {
                let what = format!("the choice \"{code}\" of the list \"{name}\" has no label");
                self.problem(table, row, what, "word it: an empty cell would be taken for it");
            }
            let list = lists.entry(name).or_default();
            list.choices.push(Choice { code, label, level });
        }
        lists
    }

    pub(super) fn questions(&mut self, table: &Table, lists: &BTreeMap<String, ChoiceList>) -> Vec<Question> {
        let mut questions = Vec::new();
        for row in &table.rows {
            let id = Id::from(row.get("name"));
            if id.as_str().is_empty() || id.as_str().contains(char::is_whitespace) {
                let what = format!("the question \"{id}\" has no usable name");
                self.problem(table, row, what, "give a name without blanks, e.g. I-12.4");
                continue;
            }
            if let Some(first) = self.lines.questions.get(&id) {
                let what = format!("the question \"{id}\" stands there twice, first on line {first}");
                self.problem(table, row, what, "give one of them another name; an id is never reused");
                continue;
            }
            self.lines.questions.insert(id.clone(), row.line);
            let kind = self.kind(table, row);
            let scoring = self.scoring(table, row, &kind, lists);
            let question = Question {
                id,
                label: row.text("label"),
                hint: row.text("hint"),
                required: self.yes(table, row, "required"),
                relevant: self.expression(table, row, "relevant"),
                constraint: self.constraint(table, row),
                format: self.format(table, row, &kind),
                evidence_for: Some(row.get("evidence_for")).filter(|id| !id.is_empty()).map(Id::from),
                indicator: Id::from(row.get("indicator")),
                subindex: Id::from(row.get("subindex")),
                scoring,
                disabled: self.yes(table, row, "disabled"),
                kind,
            };
            questions.push(question);
        }
        questions
    }

    fn kind(&mut self, table: &Table, row: &Row) -> Kind {
        let mut words = row.get("type").split_whitespace();
        let (kind, argument) = (words.next().unwrap_or_default(), words.next());
        match (kind, argument, words.next()) {
            ("select_one", Some(list), None) => Kind::SelectOne(list.to_owned()),
            ("select_multiple", Some(list), None) => Kind::SelectMultiple(list.to_owned()),
            ("external", Some(index), None) => Kind::External(index.to_owned()),
            ("integer", None, _) => Kind::Integer,
            ("decimal", None, _) => Kind::Decimal,
            ("text", None, _) => Kind::Text,
            _ => {
                let known = Kind::NAMES;
                let guess = did_you_mean(kind, known);
                self.problem(
                    table,
                    row,
                    format!("the type \"{}\" is not supported{guess}", row.get("type")),
                    "use select_one LIST, select_multiple LIST, integer, decimal, text or external INDEX",
                );
                Kind::Text
            }
        }
    }

    fn yes(&mut self, table: &Table, row: &Row, column: &'static str) -> bool {
        match row.get(column).to_lowercase().as_str() {
            "yes" | "true" => true,
            "" | "no" | "false" => false,
            other => {
                self.problem(table, row, format!("{column} is \"{other}\""), "write yes, or leave it empty");
                false
            }
        }
    }

    fn expression(&mut self, table: &Table, row: &Row, column: &'static str) -> Option<Expression> {
        let text = row.get(column);
        if text.is_empty() {
            return None;
        }
        match Expression::parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.problem(table, row, format!("{column} \"{text}\": {error}"), "correct the expression");
                None
            }
        }
    }

    fn constraint(&mut self, table: &Table, row: &Row) -> Option<Constraint> {
        let message = row.text("constraint_message");
        let given = row.get("constraint_severity");
        let severity = if given.is_empty() { Some(Severity::Error) } else { Severity::parse(given) };
        let severity = severity.unwrap_or_else(|| {
            let what = format!("constraint_severity is \"{given}\"");
            self.problem(table, row, what, "write error, warning or info, or leave it empty for error");
            Severity::Error
        });
        let Some(expression) = self.expression(table, row, "constraint") else {
            if row.get("constraint").is_empty() && !(message.is_empty() && given.is_empty()) {
                let what = "there is a constraint message or severity without a constraint".to_owned();
                self.problem(table, row, what, "add the constraint, or clear the other columns");
            }
            return None;
        };
        if message.is_empty() {
            let what = "the constraint has no message".to_owned();
            self.problem(table, row, what, "say in constraint_message what is expected and what to do");
        }
        Some(Constraint { expression, message, severity })
    }

    fn format(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Format> {
        let format = match row.get("format") {
            "" => return None,
            "link" => Format::Link,
            "link_or_text" => Format::LinkOrText,
            "year" => Format::Year,
            other => {
                let guess = did_you_mean(other, ["link", "link_or_text", "year"]);
                let what = format!("the format \"{other}\" is not known{guess}");
                self.problem(table, row, what, "write link, link_or_text or year, or leave it empty");
                return None;
            }
        };
        let fits = if format == Format::Year { Kind::Integer } else { Kind::Text };
        if *kind != fits {
            let what = format!("the format \"{}\" does not fit the type", row.get("format"));
            self.problem(table, row, what, "year is for integer, link and link_or_text are for text");
        }
        Some(format)
    }

    fn scoring(
        &mut self,
        table: &Table,
        row: &Row,
        kind: &Kind,
        lists: &BTreeMap<String, ChoiceList>,
    ) -> Option<Scoring> {
        let (rule, points) = (row.get("scoring"), row.get("points"));
        let rule = match rule {
            "" if points.is_empty() => return None,
            "" => {
                let what = format!("there are {points} points, but no scoring rule");
                self.problem(table, row, what, "write level, any or value in scoring, or clear points");
                return None;
            }
            "level" => ScoringRule::Level,
            "any" => ScoringRule::Any,
            "value" => ScoringRule::Value,
            "number" => return self.number(table, row, kind),
            other => {
                let guess = did_you_mean(other, ScoringRule::ALL.map(ScoringRule::as_str));
                let what = format!("the scoring rule \"{other}\" is not known{guess}");
                self.problem(table, row, what, "write level, any, value or number");
                return None;
            }
        };
        let points = points.parse::<f64>().ok().filter(|points| points.is_finite() && *points > 0.0);
        let Some(points) = points else {
            let what = format!("\"{}\" are no points", row.get("points"));
            self.problem(table, row, what, "give a number above 0");
            return None;
        };
        let list = match (kind, rule) {
            (Kind::SelectOne(list), ScoringRule::Level | ScoringRule::Any)
            | (Kind::SelectMultiple(list), ScoringRule::Any) => lists.get(list),
            (Kind::External(_), ScoringRule::Value) => {
                return Some(Scoring { rule, points, max_points: points });
            }
            _ => {
                self.problem(
                    table,
                    row,
                    format!(
                        "the scoring rule \"{}\" does not fit the type \"{}\"",
                        rule.as_str(),
                        row.get("type")
                    ),
                    "level needs select_one; any needs select_one or select_multiple; value needs external",
                );
                return None;
            }
        };
        // An unknown list is reported by the checks; its highest level does not matter then.
        let highest = list.map_or(1.0, ChoiceList::highest_level);
        if highest <= 0.0 {
            let what = "there are points, but no choice with a level above 0 can earn them".to_owned();
            self.problem(table, row, what, "give one of the choices a level above 0");
        }
        let max_points = if rule == ScoringRule::Level { points * highest } else { points };
        Some(Scoring { rule, points, max_points })
    }

    /// The scoring of a question whose number is the value of its indicator.
    fn number(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Scoring> {
        if !row.get("points").is_empty() {
            let what = format!("there are {} points, but a number earns none", row.get("points"));
            self.problem(table, row, what, "clear points; the weight stands in indicators.csv");
        }
        if !matches!(kind, Kind::Integer | Kind::Decimal | Kind::External(_)) {
            let what = format!("the scoring rule \"number\" does not fit the type \"{}\"", row.get("type"));
            self.problem(table, row, what, "number needs integer, decimal or external");
            return None;
        }
        Some(Scoring { rule: ScoringRule::Number, points: 0.0, max_points: 0.0 })
    }

    fn weight(&mut self, table: &Table, row: &Row) -> f64 {
        let text = row.get("weight");
        if text.is_empty() {
            return 1.0;
        }
        let weight = text.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight > 0.0);
        weight.unwrap_or_else(|| {
            let what = format!("\"{text}\" is no weight");
            self.problem(table, row, what, "give a number above 0, or leave it empty for 1");
            1.0
        })
    }

    fn direction(&mut self, table: &Table, row: &Row) -> Direction {
        match row.get("direction") {
            "" | "1" | "+1" => Direction::Higher,
            "-1" => Direction::Lower,
            other => {
                let what = format!("the direction is \"{other}\"");
                self.problem(table, row, what, "write 1 if more is better, -1 if less is better");
                Direction::Higher
            }
        }
    }

    pub(super) fn indicators(
        &mut self,
        table: &Table,
        questions: &[Question],
        normalizations: Option<&Normalizations>,
        of_points: &[Id],
    ) -> Vec<Indicator> {
        let mut indicators: Vec<Indicator> = Vec::new();
        for row in &table.rows {
            let id = Id::from(row.get("id"));
            if let Some(first) = self.lines.indicators.get(&id) {
                let what = format!("the indicator \"{id}\" stands there twice, first on line {first}");
                self.problem(table, row, what, "give one of them another id, or remove it");
                continue;
            }
            self.lines.indicators.insert(id.clone(), row.line);
            let Some(subindex) = questions.iter().find(|question| question.indicator == id) else {
                let what = format!("no question belongs to the indicator \"{id}\"");
                self.problem(table, row, what, "remove it, or name it in the column indicator of survey.csv");
                continue;
            };
            let named = row.get("normalization");
            // Without a name, the first one; without any, values stay as they are.
            let first = named.is_empty() && !of_points.contains(&subindex.subindex);
            let mut known = normalizations.into_iter().flatten();
            let normalization = known.find(|(id, _)| first || id == named);
            if let (None, false, Some(normalizations)) = (normalization, named.is_empty(), normalizations) {
                let guess = did_you_mean(named, normalizations.iter().map(|(id, _)| id.as_str()));
                let what = format!("the normalization \"{named}\" is unknown{guess}");
                self.problem(
                    table,
                    row,
                    what,
                    "add it to framework.toml as [[normalization]], or correct it",
                );
            }
            let normalization = normalization.map(|(_, normalization)| *normalization).unwrap_or_default();
            let (weight, direction) = (self.weight(table, row), self.direction(table, row));
            let optional = |column| Some(row.get(column)).filter(|text| !text.is_empty()).map(str::to_owned);
            indicators.push(Indicator {
                id,
                title: row.text("label"),
                subindex: subindex.subindex.clone(),
                tier: optional("tier"),
                comparability: optional("comparability"),
                weight,
                direction,
                normalization,
            });
        }
        indicators
    }
}
