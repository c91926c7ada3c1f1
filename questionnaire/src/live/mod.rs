//! What the questionnaire tells while it is filled in: one mark for each question.
//!
//! Each mark comes from the expressions of the framework twice over: as a formula that the spreadsheet program
//! computes anew, and as the value that stands there before any program does. Both use the same conditions, and
//! a condition that has no formula counts for neither. The pipeline reads none of this: everything is decided
//! again by the validator.

mod conditions;
mod values;

use std::collections::BTreeMap;

use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::submission::{Confirmation, Field};
use rust_xlsxwriter::utility;

use crate::formula::AnswerCell;
use crate::input;
use crate::layout::{Column, Plan};
use crate::lists::{CONFIRMATIONS, Lists};
use crate::words::say;
use crate::write::Request;
use conditions::Conditions;
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
    pub(crate) formula: String,
}

/// The live marks of a questionnaire.
#[derive(Debug)]
pub(crate) struct Live<'a>(BTreeMap<&'a Id, Status>);

impl<'a> Live<'a> {
    /// Works out the marks of every question of the plan.
    pub(crate) fn of(request: &Request<'a>, plan: &Plan<'a>, lists: &Lists<'a>) -> Self {
        let values = Values::of(request);
        let mut all = BTreeMap::new();
        for sheet in &plan.sheets {
            let place = Places { request, plan, lists, sheet: sheet.subindex.id.as_str() };
            for (_, question) in sheet.questions() {
                all.extend(place.status(question, &values).map(|status| (&question.id, status)));
            }
        }
        Self(all)
    }

    /// The mark of a question.
    pub(crate) fn status(&self, question: &Id) -> Option<&Status> {
        self.0.get(question)
    }
}

/// Where things stand, seen from one sheet.
struct Places<'a, 'b> {
    request: &'b Request<'a>,
    plan: &'b Plan<'a>,
    lists: &'b Lists<'a>,
    sheet: &'a str,
}

impl<'a> Places<'a, '_> {
    fn framework(&self) -> &'a Framework {
        self.request.framework
    }

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
        let question = self.framework().question(question)?;
        Some(AnswerCell::of(self.framework(), question, &at, &|list, position| {
            self.lists.cell(list, position)
        }))
    }

    /// The mark of a question: the conditions in their order, for the answers that are filled in and as a formula.
    fn status(&self, question: &Question, values: &Values) -> Option<Status> {
        let conditions = Conditions::of(self, question)?;
        let entered = |field| self.request.entered.get(&question.id, field);
        let blank = |column| self.at(&question.id, column).map(|at| format!("TRIM({at})=\"\""));

        let mut chain = Chain { formula: text(Mark::Answered), mark: Mark::Answered };
        if let (Some(same), Some(cell), Some(label)) = (
            &conditions.same,
            self.at(&question.id, Column::Confirm),
            self.lists.cell(CONFIRMATIONS, confirmed_position()),
        ) {
            let confirmed = entered(Field::Confirm) == Confirmation::Confirmed.as_str();
            // Confirmed and the same, or changed and not the same: anything else is a contradiction or undecided.
            let test = format!("({})<>({cell}={label})", same.formula);
            chain.put(&test, same.holds(values, question) != confirmed, Mark::Unconfirmed);
        }
        if let (Some(falls), Some(blank)) = (&conditions.falls, blank(Column::Reason)) {
            let unexplained = falls.holds(values, question) && entered(Field::Reason).trim().is_empty();
            chain.put(&format!("AND({},{blank})", falls.formula), unexplained, Mark::Unexplained);
        }
        if let (Some(claims), Some((unbacked, is_unbacked))) =
            (&conditions.claims, self.unbacked(question, values))
        {
            let unproven = claims.holds(values, question) && is_unbacked;
            chain.put(&format!("AND({},{unbacked})", claims.formula), unproven, Mark::Unproven);
        }
        if let Some(broken) = &conditions.broken {
            chain.put(&broken.formula, broken.holds(values, question), Mark::Broken);
        }
        // Several choices may be written in more ways than a formula can tell; a text is always one.
        if !matches!(question.kind, Kind::SelectMultiple(_) | Kind::Text) {
            chain.put(&conditions.empty.formula, values.is_empty(&question.id), Mark::Unread);
        }
        // Required only where it is known to apply.
        let decided = question.relevant.is_none() || conditions.off.is_some();
        let missing = if question.required && decided { Mark::Missing } else { Mark::Open };
        chain.put(&conditions.untouched.formula, values.is_untouched(&question.id), missing);
        if let Some(off) = &conditions.off {
            let is_off = off.holds(values, question);
            let claims = conditions.claims.as_ref();
            let claimed = claims.is_some_and(|claims| claims.holds(values, question));
            let then = claims.map_or_else(
                || text(Mark::NotRelevant),
                |claims| format!("IF({},{},{})", claims.formula, text(Mark::Clear), text(Mark::NotRelevant)),
            );
            chain.formula = format!("IF({},{then},{})", off.formula, chain.formula);
            if is_off {
                chain.mark = if claimed { Mark::Clear } else { Mark::NotRelevant };
            }
        }
        Some(Status { mark: chain.mark, formula: chain.formula })
    }

    /// Whether nothing backs the answer to a scored question: as a formula, and for what is filled in.
    fn unbacked(&self, question: &Question, values: &Values) -> Option<(String, bool)> {
        question.scoring.as_ref()?;
        if let Some(other) = input::evidence_elsewhere(self.framework(), question)
            && self.request.entered.get(&question.id, Field::Evidence).is_empty()
        {
            let cell = self.answer(&other.id)?;
            let empty = conditions::untouched(self.framework(), &cell.at)?;
            return Some((empty, values.is_untouched(&other.id)));
        }
        let at = self.at(&question.id, Column::Evidence)?;
        let given = self.request.entered.get(&question.id, Field::Evidence);
        let empty = conditions::untouched(self.framework(), &at)?;
        Some((empty, values::says_nothing(self.framework(), given)))
    }
}

/// `IF(test, mark, IF(…))`, built from the inside out, and the mark that it gives.
struct Chain {
    formula: String,
    mark: Mark,
}

impl Chain {
    fn put(&mut self, test: &str, holds: bool, mark: Mark) {
        self.formula = format!("IF({test},{},{})", text(mark), self.formula);
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
