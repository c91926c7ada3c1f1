//! Responses, answers and terms as JSON lists, one text for all of a submission or an economy: they are always written
//! and read whole, and with a row for each the stages that use them take longer (docs/performance.md).
//!
//! An item is the list of what was a row's columns; `migrations/0018_lists_as_rows.sql` shows them as rows.

use std::borrow::Cow;

use maturity::answer::{Answer, AnswerRecord};
use maturity::cell::{Address, Place};
use maturity::id::Id;
use maturity::score::{EconomyScores, Term, TermStatus};
use maturity::submission::{Field, Response};
use serde::{Deserialize, Serialize};

use crate::database::StoreError;
use crate::rows::{AnswerColumns, CellColumns, answer, answer_columns, cell_columns, cell_value, corrupt};

/// Question, field, kind, text, number, whether it is a formula, sheet, cell.
#[derive(Serialize, Deserialize)]
struct ResponseItem<'t>(
    #[serde(borrow)] Cow<'t, str>,
    #[serde(borrow)] Cow<'t, str>,
    #[serde(borrow)] Cow<'t, str>,
    Option<Cow<'t, str>>,
    Option<f64>,
    u8,
    #[serde(borrow)] Cow<'t, str>,
    Option<Address>,
);

/// Question, kind, code, number, text, why it is missing, evidence, sheet, cell.
#[derive(Serialize, Deserialize)]
struct AnswerItem<'t>(
    #[serde(borrow)] Cow<'t, str>,
    #[serde(borrow)] Cow<'t, str>,
    Option<Cow<'t, str>>,
    Option<f64>,
    Option<Cow<'t, str>>,
    Option<Cow<'t, str>>,
    Option<Cow<'t, str>>,
    Option<Cow<'t, str>>,
    Option<Address>,
);

fn list<T: Serialize>(items: impl Iterator<Item = T>, what: &'static str) -> Result<String, StoreError> {
    let items: Vec<T> = items.collect();
    serde_json::to_string(&items).map_err(|_| corrupt(what))
}

fn items<'t, T: Deserialize<'t>>(list: &'t str, what: &'static str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(list).map_err(|_| corrupt(what))
}

pub(crate) fn list_of_responses(responses: &[Response]) -> Result<String, StoreError> {
    let items = responses.iter().map(|response| {
        let (kind, text, number) = cell_columns(&response.value);
        ResponseItem(
            Cow::from(&response.question),
            response.field.as_str().into(),
            kind,
            text,
            number,
            u8::from(response.formula),
            Cow::from(&response.place.sheet),
            response.place.cell,
        )
    });
    list(items, "responses")
}

pub(crate) fn responses_of(list: &str) -> Result<Vec<Response>, StoreError> {
    let items: Vec<ResponseItem<'_>> = items(list, "a list of responses")?;
    let response = |ResponseItem(question, field, kind, text, number, formula, sheet, cell)| {
        let columns: CellColumns<'_> = (kind, text, number);
        Ok(Response {
            question: question.into_owned(),
            field: Field::parse(&field).ok_or_else(|| corrupt("a response's field"))?,
            value: cell_value(columns)?,
            formula: formula != 0,
            place: Place { sheet: sheet.into_owned(), cell },
        })
    };
    items.into_iter().map(response).collect()
}

pub(crate) fn list_of_answers(answers: &[AnswerRecord]) -> Result<String, StoreError> {
    let items = answers.iter().map(|record| {
        let (kind, code, number, text, missing) = answer_columns(&record.answer);
        AnswerItem(
            record.question.as_str().into(),
            kind,
            code,
            number,
            text,
            missing,
            record.evidence.as_deref().map(Cow::from),
            record.place.as_ref().map(|place| Cow::from(&place.sheet)),
            record.place.as_ref().and_then(|place| place.cell),
        )
    });
    list(items, "answers")
}

pub(crate) fn answers_of(list: &str) -> Result<Vec<AnswerRecord>, StoreError> {
    let items: Vec<AnswerItem<'_>> = items(list, "a list of answers")?;
    let record = |AnswerItem(question, kind, code, number, text, missing, evidence, sheet, cell)| {
        let columns: AnswerColumns<'_> = (kind, code, number, text, missing);
        Ok(AnswerRecord {
            question: Id::from(question.as_ref()),
            answer: answer(columns)?,
            evidence: evidence.map(Cow::into_owned),
            place: sheet.map(|sheet| Place { sheet: sheet.into_owned(), cell }),
        })
    };
    items.into_iter().map(record).collect()
}

/// An indicator and its terms: question, answer, points, most points, status.
type TermsItem<'t> = (Cow<'t, str>, Vec<(Cow<'t, str>, Answer, f64, f64, TermStatus)>);

pub(crate) fn list_of_terms(scores: &EconomyScores) -> Result<String, StoreError> {
    let items = scores.indicators().map(|(_, indicator)| {
        let terms = indicator.terms.iter();
        let items = terms
            .map(|term| (term.question.as_str(), &term.answer, term.points, term.max_points, term.status));
        (indicator.id.as_str(), items.collect::<Vec<_>>())
    });
    list(items, "terms")
}

/// The terms of each indicator, in the order of the indicators.
pub(crate) fn terms_of(list: &str) -> Result<Vec<(Id, Vec<Term>)>, StoreError> {
    let items: Vec<TermsItem<'_>> = items(list, "a list of terms")?;
    let term = |(question, answer, points, max_points, status): (Cow<'_, str>, _, _, _, _)| Term {
        question: Id::from(question.as_ref()),
        answer,
        points,
        max_points,
        status,
    };
    let of_indicator =
        |(id, terms): TermsItem<'_>| (Id::from(id.as_ref()), terms.into_iter().map(term).collect());
    Ok(items.into_iter().map(of_indicator).collect())
}
