//! What answers are worth: the scoring of questions, and the rows of `indicators.csv`.

use std::collections::BTreeMap;

use super::super::load_scoring::Normalizations;
use super::super::table::{Row, Table};
use super::super::{ChoiceList, Direction, Indicator, Kind, Question, Scoring, ScoringRule};
use super::rows::Reading;
use crate::id::Id;
use crate::spelling::did_you_mean;

impl Reading {
    pub(super) fn scoring(
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
                let guess = did_you_mean(other, ["level", "any", "value", "number"]);
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
    pub(super) fn number(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Scoring> {
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

    pub(super) fn weight(&mut self, table: &Table, row: &Row) -> f64 {
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

    pub(super) fn direction(&mut self, table: &Table, row: &Row) -> Direction {
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
