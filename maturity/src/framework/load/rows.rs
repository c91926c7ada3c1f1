//! The rows of `survey.csv` and `choices.csv`: questions and lists of choices.

use std::collections::BTreeMap;

use super::super::problem::FrameworkProblem;
use super::super::table::{Row, Table};
use super::super::{Choice, ChoiceList, Constraint, Format, Kind, Question};
use super::{Lines, TOML, line_at};
use crate::finding::Severity;
use crate::id::Id;
use crate::logic::Expression;
use crate::spelling::did_you_mean;

/// What is read, with the problems so far.
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
            list.choices.push(Choice { code, label: row.text("label"), level });
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

    pub(super) fn kind(&mut self, table: &Table, row: &Row) -> Kind {
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
                let known = ["select_one", "select_multiple", "integer", "decimal", "text", "external"];
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

    pub(super) fn yes(&mut self, table: &Table, row: &Row, column: &'static str) -> bool {
        match row.get(column).to_lowercase().as_str() {
            "yes" | "true" => true,
            "" | "no" | "false" => false,
            other => {
                self.problem(table, row, format!("{column} is \"{other}\""), "write yes, or leave it empty");
                false
            }
        }
    }

    pub(super) fn expression(
        &mut self,
        table: &Table,
        row: &Row,
        column: &'static str,
    ) -> Option<Expression> {
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

    pub(super) fn constraint(&mut self, table: &Table, row: &Row) -> Option<Constraint> {
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

    pub(super) fn format(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Format> {
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
}
