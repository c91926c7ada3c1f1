//! Questions that certainly do not apply under the answers given: the rules of `applies`, in SQL.
//!
//! `NULL` is what is not known there, and its `AND`, `OR` and `NOT` are those of Kleene. A condition is split
//! at these; what is left must depend on one question with one choice, whose codes are tried.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::logic::{Expression, Function, Operator};

use super::Inexpressible;
use super::dialect::Dialect;
use super::query::{Step, Writer};
use super::values::Item;

/// The scored questions with a condition.
#[derive(Debug, Default)]
pub(super) struct Conditional {
    /// The conditions, as they are written in SQL, with their questions.
    conditions: Vec<(String, Vec<Id>)>,
    /// The questions whose answers they refer to.
    columns: Vec<Id>,
}

impl Conditional {
    pub(super) fn of(framework: &Framework, dialect: Dialect, items: &[Item]) -> Result<Self, Inexpressible> {
        let mut conditions: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        let mut columns = BTreeSet::new();
        for item in items {
            let Some(question) = framework.question(&item.question).filter(|question| question.is_asked())
            else {
                continue;
            };
            let mut writing = Writing { framework, dialect, question, columns: &mut columns };
            if let Some(relevant) = &question.relevant {
                let condition = writing.condition(relevant, framework.questions.len())?;
                conditions.entry(condition).or_default().push(item.question.clone());
            }
        }
        let mut conditions: Vec<(String, Vec<Id>)> = conditions.into_iter().collect();
        // In the order of the instrument, for readers.
        conditions.sort_by_key(|(_, ids)| ids.first().and_then(|id| framework.position(id)));
        let mut columns: Vec<Id> = columns.into_iter().collect();
        columns.sort_by_key(|id| framework.position(id));
        Ok(Self { conditions, columns })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

struct Writing<'a> {
    framework: &'a Framework,
    dialect: Dialect,
    question: &'a Question,
    columns: &'a mut BTreeSet<Id>,
}

impl Writing<'_> {
    fn condition(&mut self, condition: &Expression, deepest: usize) -> Result<String, Inexpressible> {
        Ok(match condition {
            Expression::Binary(operator @ (Operator::And | Operator::Or), left, right) => {
                let word = if *operator == Operator::And { "AND" } else { "OR" };
                let (left, right) = (self.condition(left, deepest)?, self.condition(right, deepest)?);
                format!("({left} {word} {right})")
            }
            Expression::Call(Function::Not, arguments) if arguments.len() == 1 => {
                let inner = arguments.iter().map(|inner| self.condition(inner, deepest));
                format!("(NOT {})", inner.collect::<Result<String, _>>()?)
            }
            _ => self.atom(condition, deepest)?,
        })
    }

    /// A condition on one question: the codes with which it holds.
    fn atom(&mut self, condition: &Expression, deepest: usize) -> Result<String, Inexpressible> {
        let mut asked = condition.references().into_iter().filter_map(|id| self.framework.question(id));
        let (Some(question), None) = (asked.next(), asked.next()) else {
            if condition.references().is_empty() {
                return Ok(truth(condition.holds("", &HashMap::<Id, String>::new())));
            }
            return self.refused("its condition compares several questions");
        };
        let holds = |code: &str| condition.holds("", &HashMap::from([(question.id.clone(), code)]));
        if !question.is_asked() {
            return Ok(truth(holds("")));
        }
        let (Kind::SelectOne(_), Some(list)) = (&question.kind, self.framework.choices(question)) else {
            return self.refused("its condition is not about a question with one choice");
        };
        let codes = list.choices.iter().map(|choice| choice.code.as_str()).chain([""]);
        let codes: Vec<String> =
            codes.filter(|code| holds(code)).map(|code| self.dialect.literal(code)).collect();
        let value = self.value(question, deepest)?;
        Ok(if codes.is_empty() {
            format!("CASE WHEN {value} IS NOT NULL THEN FALSE END")
        } else {
            format!("{value} IN ({})", codes.join(", "))
        })
    }

    /// The code of an answer; empty if there is none and there will be none; `NULL` if there is none yet.
    fn value(&mut self, question: &Question, deepest: usize) -> Result<String, Inexpressible> {
        self.columns.insert(question.id.clone());
        let column = format!("c.{}", self.dialect.quoted(question.id.as_str()));
        let Some(relevant) = question.relevant.as_ref().filter(|_| deepest > 0) else {
            return Ok(column);
        };
        let condition = self.condition(relevant, deepest - 1)?;
        Ok(format!("COALESCE({column}, CASE WHEN NOT {condition} THEN {} END)", self.dialect.literal("")))
    }

    fn refused<T>(&self, why: &str) -> Result<T, Inexpressible> {
        Err(Inexpressible { what: format!("question {}", self.question.id), why: why.to_owned() })
    }
}

fn truth(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

impl Writer<'_> {
    /// The steps that find them; none where no scored question has a condition.
    pub(super) fn skipped(&self) -> Vec<Step> {
        let conditional = &self.values.conditional;
        if conditional.is_empty() {
            return Vec::new();
        }
        let list = |ids: &[Id]| ids.iter().map(|id| self.literal(id.as_str())).collect::<Vec<_>>().join(", ");
        let wave = self.framework.wave;
        let mut steps = Vec::new();
        if !conditional.columns.is_empty() {
            let columns = conditional.columns.iter().map(|id| {
                let name = self.dialect.quoted(id.as_str());
                format!(
                    ",\n        MAX(CASE WHEN question = {} THEN code END) AS {name}",
                    self.literal(id.as_str())
                )
            });
            let body = format!(
                "    SELECT economy{}\n    FROM {}\n    WHERE wave = {wave} AND question IN ({})\n    \
                 GROUP BY economy",
                columns.collect::<String>(),
                self.table("answers"),
                list(&conditional.columns),
            );
            steps.push(Step::new("chosen", "The answers that conditions refer to, beside each other.", body));
        }
        let conditions = conditional.conditions.iter().map(|(condition, ids)| {
            format!("\n        WHEN i.question IN ({}) THEN NOT {condition}", list(ids))
        });
        let chosen = if conditional.columns.is_empty() {
            ""
        } else {
            "\n    LEFT JOIN chosen c ON c.economy = p.economy"
        };
        let body = format!(
            "    SELECT p.economy, i.question, i.unit\n    FROM population p\n    CROSS JOIN items i{chosen}\n    \
             LEFT JOIN answered a ON a.economy = p.economy AND a.question = i.question\n    \
             WHERE a.question IS NULL AND CASE{}\n    END",
            conditions.collect::<String>(),
        );
        let what = "Questions without an answer that do not apply under the answers given.";
        steps.push(Step::new("skipped", what, body));
        let body =
            "    SELECT economy, unit, COUNT(*) AS skipped\n    FROM skipped\n    GROUP BY economy, unit";
        steps.push(Step::new("skips", "These by unit.", body));
        steps
    }

    /// Whether any question may be skipped.
    pub(super) fn skips(&self) -> bool {
        !self.values.conditional.is_empty()
    }
}
