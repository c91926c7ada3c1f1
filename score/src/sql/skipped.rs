//! Questions that certainly do not apply under the answers given: the rules of `applies`, in SQL.
//!
//! See `conditions` for how a condition is written.

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::{Framework, Kind};
use maturity::id::Id;

use super::Inexpressible;
use super::conditions::{Conditions, GIVEN, off};
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
    /// Of those that do not always apply themselves: their conditions, so that each comes after those it refers to. A step
    /// of its own for each depth, since conditions written into each other would double with every one.
    depths: Vec<Vec<(Id, String)>>,
}

impl Conditional {
    pub(super) fn of(framework: &Framework, dialect: Dialect, items: &[Item]) -> Result<Self, Inexpressible> {
        let mut conditions: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        let (mut columns, mut hanging) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            let Some(question) = framework.question(&item.question).filter(|question| question.is_asked())
            else {
                continue;
            };
            let mut writing =
                Conditions { framework, dialect, question, columns: &mut columns, hanging: &mut hanging };
            if let Some(relevant) = &question.relevant {
                let condition = writing.condition(relevant)?;
                conditions.entry(condition).or_default().push(item.question.clone());
            }
        }
        let mut conditions: Vec<(String, Vec<Id>)> = conditions.into_iter().collect();
        // In the order of the instrument, for readers.
        conditions.sort_by_key(|(_, ids)| ids.first().and_then(|id| framework.position(id)));
        let depths = depths(framework, dialect, hanging, &mut columns)?;
        let mut columns: Vec<Id> = columns.into_iter().collect();
        columns.sort_by_key(|id| framework.position(id));
        Ok(Self { conditions, columns, depths })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// The conditions of `hanging`, and of those that these refer to, by depth.
fn depths(
    framework: &Framework,
    dialect: Dialect,
    hanging: BTreeSet<Id>,
    columns: &mut BTreeSet<Id>,
) -> Result<Vec<Vec<(Id, String)>>, Inexpressible> {
    let mut written: BTreeMap<Id, (String, BTreeSet<Id>)> = BTreeMap::new();
    let mut open: Vec<Id> = hanging.into_iter().collect();
    while let Some(id) = open.pop() {
        let question = framework.question(&id).filter(|_| !written.contains_key(&id));
        let Some((question, relevant)) = question.and_then(|found| Some((found, found.relevant.as_ref()?)))
        else {
            continue;
        };
        let mut refers = BTreeSet::new();
        let mut writing = Conditions { framework, dialect, question, columns, hanging: &mut refers };
        let condition = writing.condition(relevant)?;
        open.extend(refers.iter().cloned());
        written.insert(id, (condition, refers));
    }
    let mut depths = Vec::new();
    while !written.is_empty() {
        let is_free = |refers: &BTreeSet<Id>| refers.iter().all(|id| !written.contains_key(id));
        let (free, bound): (BTreeMap<_, _>, BTreeMap<_, _>) =
            written.clone().into_iter().partition(|(_, (_, refers))| is_free(refers));
        if free.is_empty() {
            // The loader has made sure that conditions go in no circle.
            break;
        }
        let mut depth: Vec<(Id, String)> =
            free.into_iter().map(|(id, (condition, _))| (id, condition)).collect();
        depth.sort_by_key(|(id, _)| framework.position(id));
        depths.push(depth);
        written = bound;
    }
    Ok(depths)
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
                let (name, value) = (self.dialect.quoted(id.as_str()), self.answer(id));
                let id = self.literal(id.as_str());
                format!(",\n        MAX(CASE WHEN question = {id} THEN {value} END) AS {name}")
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
        let mut chosen = "chosen".to_owned();
        for (depth, conditions) in conditional.depths.iter().enumerate() {
            let columns = conditions.iter().map(|(id, condition)| {
                format!(",\n        NOT {condition} AS {}", self.dialect.quoted(&off(id)))
            });
            let body = format!("    SELECT c.*{}\n    FROM {chosen} c", columns.collect::<String>());
            chosen = format!("chosen_{}", depth + 1);
            let what = "With which of these questions do not apply themselves.";
            steps.push(Step::once(chosen.clone(), what, body));
        }
        let conditions = conditional.conditions.iter().map(|(condition, ids)| {
            format!("\n        WHEN i.question IN ({}) THEN NOT {condition}", list(ids))
        });
        let chosen = if conditional.columns.is_empty() {
            String::new()
        } else {
            format!("\n    LEFT JOIN {chosen} c ON c.economy = p.economy")
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

    /// The answer in its column: codes, a number, or a mark that a text was given.
    fn answer(&self, question: &Id) -> String {
        match self.framework.question(question).map(|question| &question.kind) {
            Some(Kind::Integer | Kind::Decimal) => "value".to_owned(),
            Some(Kind::Text) => self.literal(GIVEN),
            _ => "code".to_owned(),
        }
    }

    /// Whether any question may be skipped.
    pub(super) fn skips(&self) -> bool {
        !self.values.conditional.is_empty()
    }
}
