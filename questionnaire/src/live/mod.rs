//! What the questionnaire tells while it is filled in: one mark for each question.
//!
//! Each mark comes from the expressions of the framework twice over: as a formula that the spreadsheet program
//! computes anew, and as the value that stands there before any program does. Both use the same conditions, and
//! a condition that has no formula counts for neither. The pipeline reads none of this: everything is decided
//! again by the validator.

mod conditions;
mod values;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use maturity::framework::{Framework, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::submission::{Confirmation, Field};
use rust_xlsxwriter::utility;

use crate::formula::AnswerCell;
use crate::input;
use crate::layout::{Column, Plan};
use crate::lists::{CONFIRMATIONS, Lists};
use crate::put::Computed;
use crate::words::say;
use crate::write::Request;
use conditions::{Comparison, Condition, Conditions};
use values::Values;

/// What stands where nothing needs to be said: a no-break space.
const NOTHING: &str = "\u{a0}";

/// What is to be said about a question. The first that holds counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// The question does not apply.
    NotRelevant,
    /// It does not apply, yet the answer claims something.
    Clear,
    /// An answer is required and missing.
    Missing,
    /// It may be answered and is not.
    Open,
    /// Something stands there that is no answer to the question.
    Unread,
    /// The answer breaks the question's constraint.
    Broken,
    /// The answer earns points and nothing backs it.
    Unproven,
    /// The answer is lower than in the previous wave and nobody says why.
    Unexplained,
    /// The previous wave's answer is neither confirmed nor changed.
    Unconfirmed,
    /// Answered, nothing to do.
    Answered,
}

impl Mark {
    /// Every mark, in the order of the legend.
    pub(crate) const ALL: [Self; 10] = [
        Self::Missing,
        Self::Answered,
        Self::Broken,
        Self::Unread,
        Self::Unproven,
        Self::Unconfirmed,
        Self::Unexplained,
        Self::NotRelevant,
        Self::Clear,
        Self::Open,
    ];

    /// The marks of answers that need attention.
    pub(crate) const TO_CHECK: [Self; 6] =
        [Self::Broken, Self::Unread, Self::Unproven, Self::Unconfirmed, Self::Unexplained, Self::Clear];

    /// The character that stands for it. None is a wildcard or an operator in a spreadsheet's criteria.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::NotRelevant => "–",
            Self::Clear => "×",
            Self::Missing => "●",
            Self::Open => "·",
            Self::Unread => "¿",
            Self::Broken => "!",
            Self::Unproven => "○",
            Self::Unexplained => "▼",
            Self::Unconfirmed => "□",
            Self::Answered => "✓",
        }
    }

    /// What it says, in words.
    pub(crate) fn words(self, language: &Language) -> &'static str {
        let key = match self {
            Self::NotRelevant => "mark-not-relevant",
            Self::Clear => "mark-clear",
            Self::Missing => "mark-missing",
            Self::Unread => "mark-unread",
            Self::Broken => "mark-broken",
            Self::Unproven => "mark-unproven",
            Self::Unexplained => "mark-unexplained",
            Self::Unconfirmed => "mark-unconfirmed",
            // A formula without any text would show 0 in programs that do not compute it.
            Self::Open | Self::Answered => return NOTHING,
        };
        say(key, language)
    }
}

/// The live mark of one question.
#[derive(Debug)]
pub(crate) struct Status {
    /// The mark for the answers that are filled in.
    pub(crate) mark: Mark,
    /// The formula of the mark.
    pub(crate) formula: Computed,
}

/// The live marks of a questionnaire.
#[derive(Debug)]
pub(crate) struct Live<'a>(BTreeMap<&'a Id, Status>);

impl<'a> Live<'a> {
    /// Works out the marks of every question of the plan.
    pub(crate) fn of(request: &Request<'_>, plan: &Plan<'a>, lists: &Lists<'_>, rules: &Rules<'a>) -> Self {
        let values = Values::of(request);
        let mut all = BTreeMap::new();
        for sheet in &plan.sheets {
            let places =
                Places { framework: request.framework, plan, lists, sheet: sheet.subindex.id.as_str() };
            for (_, question) in sheet.questions() {
                let Some(rule) = rules.0.get(&question.id) else { continue };
                all.extend(
                    rule.status(&places, request, question, &values).map(|status| (&question.id, status)),
                );
            }
        }
        Self(all)
    }

    /// The mark of a question.
    pub(crate) fn status(&self, question: &Id) -> Option<&Status> {
        self.0.get(question)
    }
}

/// What the marks are made from, whoever is asked: made once for many questionnaires.
#[derive(Debug)]
pub(crate) struct Rules<'a>(BTreeMap<&'a Id, Rule>);

impl<'a> Rules<'a> {
    /// The rules of every question of the plan.
    pub(crate) fn of(framework: &Framework, plan: &Plan<'a>, lists: &Lists<'_>) -> Self {
        let mut all = BTreeMap::new();
        for sheet in &plan.sheets {
            let places = Places { framework, plan, lists, sheet: sheet.subindex.id.as_str() };
            for (_, question) in sheet.questions() {
                let Some(conditions) = Conditions::of(&places, question) else { continue };
                let elsewhere = input::evidence_elsewhere(framework, question);
                let unbacked = Unbacked {
                    here: places.untouched(&question.id, Column::Evidence),
                    elsewhere: elsewhere.and_then(|other| places.untouched(&other.id, Column::Answer)),
                };
                all.insert(&question.id, Rule { conditions, unbacked, usual: OnceLock::new() });
            }
        }
        Self(all)
    }
}

/// What the mark of a question is made from.
#[derive(Debug)]
struct Rule {
    conditions: Conditions,
    unbacked: Unbacked,
    /// The formula where nothing is compared with the previous wave and evidence stands where it is asked for.
    usual: OnceLock<Computed>,
}

/// The formulas of "nothing stands where evidence is looked for".
#[derive(Debug)]
struct Unbacked {
    /// In the evidence cell of the question.
    here: Option<String>,
    /// In the answer to the question that asks for the evidence; absent if there is none.
    elsewhere: Option<String>,
}

/// Where things stand, seen from one sheet.
struct Places<'a, 'b> {
    framework: &'b Framework,
    plan: &'b Plan<'a>,
    lists: &'b Lists<'b>,
    sheet: &'b str,
}

impl Places<'_, '_> {
    /// The reference of a question's cell as a formula of this sheet writes it.
    fn at(&self, question: &Id, column: Column) -> Option<String> {
        let (sheet, cell) = self.plan.cell(question, column)?;
        let name = utility::column_number_to_name(u16::try_from(cell.column).ok()?);
        let at = format!("${name}${}", cell.row + 1);
        Some(if sheet == self.sheet { at } else { format!("{}!{at}", quoted(sheet)) })
    }

    /// The answer cell of a question with what may stand there.
    fn answer(&self, question: &Id) -> Option<AnswerCell> {
        let at = self.at(question, Column::Answer)?;
        let question = self.framework.question(question)?;
        Some(AnswerCell::of(self.framework, question, &at, &|list, position| self.lists.cell(list, position)))
    }

    /// The formula of "nothing stands in that cell of a question but a mark for no answer".
    fn untouched(&self, question: &Id, column: Column) -> Option<String> {
        conditions::untouched(self.framework, &self.at(question, column)?)
    }
}

impl Rule {
    /// The mark of a question: the conditions in their order, for the answers that are filled in and as a formula.
    fn status(
        &self,
        places: &Places<'_, '_>,
        request: &Request<'_>,
        question: &Question,
        values: &Values,
    ) -> Option<Status> {
        let (framework, conditions) = (request.framework, &self.conditions);
        let entered = |field| request.entered.get(&question.id, field);
        let previous = request.previous.and_then(|previous| previous.answers.get(&question.id));
        let compared = Comparison::of(places, question, previous);
        let asked_elsewhere = input::evidence_elsewhere(framework, question);
        let elsewhere = asked_elsewhere.filter(|_| entered(Field::Evidence).is_empty());
        let is_usual = previous.is_none() && asked_elsewhere.is_some() == elsewhere.is_some();
        let known = self.usual.get().filter(|_| is_usual);

        let mut chain = Chain::new(known.is_none());
        if let (Some(same), Some(cell), Some(label)) = (
            &compared.same,
            places.at(&question.id, Column::Confirm),
            places.lists.cell(CONFIRMATIONS, confirmed_position()),
        ) {
            let said = Confirmation::parse(entered(Field::Confirm).trim());
            let confirmed = said == Some(Confirmation::Confirmed);
            // Confirmed and the same, or changed and not the same: anything else is a contradiction or undecided.
            let test = || format!("({})<>(TRIM({cell})={label})", same.formula);
            chain.put(test, same.holds(values, question) != confirmed, Mark::Unconfirmed);
        }
        if let (Some(falls), Some(silent)) = (&compared.falls, places.untouched(&question.id, Column::Reason))
        {
            let is_silent = values::says_nothing(framework, entered(Field::Reason));
            let unexplained = falls.holds(values, question) && is_silent;
            let test = || format!("AND({},{silent})", falls.formula);
            chain.put(test, unexplained, Mark::Unexplained);
        }
        let unbacked = if elsewhere.is_some() { &self.unbacked.elsewhere } else { &self.unbacked.here };
        if let (Some(claims), Some(unbacked)) = (&conditions.claims, unbacked)
            && framework.needs_evidence(question)
        {
            let is_unbacked = elsewhere.map_or_else(
                || values::says_nothing(framework, entered(Field::Evidence)),
                |other| values.is_untouched(&other.id),
            );
            let unproven = claims.holds(values, question) && is_unbacked;
            chain.put(|| format!("AND({},{unbacked})", claims.formula), unproven, Mark::Unproven);
        }
        let simple = |condition: &Condition| condition.formula.clone();
        if let Some(broken) = &conditions.broken {
            chain.put(|| simple(broken), broken.holds(values, question), Mark::Broken);
        }
        if let Some(unusable) = &conditions.unusable {
            let is_unusable = values.is_empty(&question.id) || values.is_unread(&question.id);
            chain.put(|| unusable.clone(), is_unusable, Mark::Unread);
        }
        // Required only where it is known to apply.
        let decided = question.relevant.is_none() || conditions.off.is_some();
        let missing = if question.required && decided { Mark::Missing } else { Mark::Open };
        chain.put(|| simple(&conditions.untouched), values.is_untouched(&question.id), missing);
        if let Some(off) = &conditions.off {
            let (harmless, is_harmless) = conditions.harmless(values, question);
            let then = || {
                let clear = format!("IF({harmless},{},{})", text(Mark::NotRelevant), text(Mark::Clear));
                let doubt = conditions.doubt.as_ref();
                doubt.map_or_else(
                    || clear.clone(),
                    |doubt| format!("IF({},{},{clear})", doubt.formula, text(Mark::Open)),
                )
            };
            chain.formula = chain.formula.map(|formula| format!("IF({},{},{formula})", off.formula, then()));
            if off.holds(values, question) {
                let in_doubt = conditions.doubt.as_ref().is_some_and(|doubt| doubt.holds(values));
                chain.mark = match (in_doubt, is_harmless) {
                    (true, _) => Mark::Open,
                    (false, true) => Mark::NotRelevant,
                    (false, false) => Mark::Clear,
                };
            }
        }
        let formula = match (chain.formula, known) {
            (Some(formula), _) => Computed::new(&formula),
            (None, known) => known?.clone(),
        };
        if is_usual {
            self.usual.get_or_init(|| formula.clone());
        }
        Some(Status { mark: chain.mark, formula })
    }
}

/// `IF(test, mark, IF(…))`, built from the inside out, and the mark that it gives.
struct Chain {
    /// Absent where the formula is known already.
    formula: Option<String>,
    mark: Mark,
}

impl Chain {
    fn new(with_formula: bool) -> Self {
        Self { formula: with_formula.then(|| text(Mark::Answered)), mark: Mark::Answered }
    }

    /// Puts a test in front.
    fn put(&mut self, test: impl FnOnce() -> String, holds: bool, mark: Mark) {
        if let Some(formula) = &self.formula {
            self.formula = Some(format!("IF({},{},{formula})", test(), text(mark)));
        }
        if holds {
            self.mark = mark;
        }
    }
}

fn text(mark: Mark) -> String {
    format!("\"{}\"", mark.symbol())
}

/// The position of "confirmed" in its dropdown.
fn confirmed_position() -> usize {
    Confirmation::ALL.iter().position(|known| *known == Confirmation::Confirmed).unwrap_or_default()
}

/// A sheet's name as a formula writes it.
pub(crate) fn quoted(sheet: &str) -> String {
    format!("'{}'", sheet.replace('\'', "''"))
}
