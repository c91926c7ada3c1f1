//! The marked return: the questionnaire again with what was sent in place, a receipt in front, and every problem
//! marked at its cell. Corrected, it can be sent back: it is a questionnaire like any other.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::{Answer, AnswerRecord};
use maturity::cell::CellValue;
use maturity::economy::Economy;
use maturity::finding::Finding;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::normalize::tidy;
use maturity::previous::PreviousAnswers;
use maturity::receipt::Receipt;
use maturity::submission::{Collected, Field, Response, State};
use rust_xlsxwriter::ExcelDateTime;

use crate::blank::Writer;
use crate::marks::Marks;
use crate::words::{say, tell};
use crate::write::{Entered, Request, WriteError};

/// What a return is made from. Names and addresses of people are no part of it: they stay in the store.
#[derive(Debug, Clone)]
pub struct Return<'a> {
    /// What is asked.
    pub framework: &'a Framework,
    /// Who answered.
    pub economy: &'a Economy,
    /// The language of the submission.
    pub language: Language,
    /// Who collected the answers, if known.
    pub collected: Option<Collected>,
    /// Whether the submission is accepted or goes back.
    pub state: State,
    /// The answers as understood.
    pub answers: &'a [AnswerRecord],
    /// The cells as received.
    pub responses: &'a [Response],
    /// What was found, with what people said about it.
    pub findings: &'a [Finding],
    /// The previous wave's answers, where the submission was filled in with them.
    pub previous: Option<&'a PreviousAnswers>,
    /// The name of the file that was received.
    pub file: &'a str,
    /// Its SHA-256.
    pub sha256: &'a str,
}

impl Return<'_> {
    /// How much was understood.
    pub(crate) fn receipt(&self) -> Receipt {
        Receipt::of(self.answers)
    }

    /// What stands in the answer cells: the answers as understood, and what was sent where it was not, so that it is read
    /// again as it was.
    fn sent(&self) -> Sent {
        let mut sent = Sent::default();
        let mut seen = BTreeSet::new();
        for response in self.responses.iter().filter(|response| response.field == Field::Answer) {
            let id = Id::from(response.question.as_str());
            if response.value.is_blank() || self.framework.question(&id).is_none() || !seen.insert(id.clone())
            {
                continue;
            }
            let answer = match &response.value {
                CellValue::Number(number) => Answer::Number(*number),
                // As a text a date may be clear where the cell was not.
                CellValue::Date(date) => {
                    let Some(serial) = serial(date) else { continue };
                    sent.dates.insert(id.clone());
                    Answer::Number(serial)
                }
                // As a text it would be an answer, and so would a number that could be seen now.
                CellValue::Error(_) | CellValue::Masked(_) => continue,
                value => Answer::Text(value.display()),
            };
            sent.answers.insert(id, answer);
        }
        for record in self.answers.iter().filter(|record| record.answer.is_given()) {
            let same_words = |text: &String| match sent.answers.get(&record.question) {
                // With the line breaks that its sender gave it.
                Some(Answer::Text(sent)) => tidy(sent) == *text,
                _ => false,
            };
            if !matches!(&record.answer, Answer::Text(text) if same_words(text)) {
                sent.answers.insert(record.question.clone(), record.answer.clone());
                sent.dates.remove(&record.question);
            }
        }
        sent
    }

    /// What stands in the other cells, as it was sent. What is no evidence in its cell would be some as a text.
    fn entered(&self) -> Entered {
        let mut entered = Entered::default();
        let says_nothing = |response: &Response| match response.value {
            CellValue::Error(_) => true,
            CellValue::Boolean(_) => response.field == Field::Evidence,
            _ => response.value.is_blank(),
        };
        let beside = |response: &&Response| response.field != Field::Answer && !says_nothing(response);
        for response in self.responses.iter().filter(beside) {
            let id = Id::from(response.question.as_str());
            if entered.get(&id, response.field).is_empty() {
                entered.insert(id, response.field, response.value.display());
            }
        }
        entered
    }
}

/// What stands in the answer cells of a return.
#[derive(Debug, Default)]
struct Sent {
    answers: BTreeMap<Id, Answer>,
    /// The questions whose number is a date.
    dates: BTreeSet<Id>,
}

/// The number that a cell shows as this date or time.
fn serial(date: &str) -> Option<f64> {
    // What no calendar knows is its number already.
    let number = date.parse::<f64>().ok().filter(|number| number.is_finite());
    number.or_else(|| ExcelDateTime::parse_from_str(date).ok().map(|date| date.to_excel()))
}

/// Writes the marked return; the same return always gives the same bytes. Who writes many of them does better with
/// a [`Writer`].
pub fn write_return(returned: &Return) -> Result<Vec<u8>, WriteError> {
    Writer::new(returned.framework).write_return(returned)
}

/// Hands over what a return is as a questionnaire, and its marks.
pub(crate) fn with_request<T>(returned: &Return<'_>, then: impl FnOnce(&Request<'_>, &Marks<'_>) -> T) -> T {
    let (Sent { answers, dates }, entered) = (returned.sent(), returned.entered());
    let request = Request {
        framework: returned.framework,
        economy: returned.economy,
        language: returned.language.clone(),
        answers: &answers,
        entered: &entered,
        collected: returned.collected,
        deadline: None,
        previous: returned.previous,
    };
    let marks = Marks::of(returned.framework, returned.findings, returned.responses).with_dates(dates);
    then(&request, &marks)
}

/// Whether a questionnaire had been filled in with the previous wave's answers: it has cells to confirm them.
pub fn is_prefilled(responses: &[Response]) -> bool {
    responses.iter().any(|response| response.field == Field::Confirm)
}

/// What a sender is told about how much was understood, in one sentence.
pub fn receipt_line(receipt: Receipt, language: &Language) -> String {
    let (given, read) = (receipt.given.to_string(), receipt.read.to_string());
    let failed = receipt.not_understood();
    let key = match (receipt.given, failed) {
        (0, _) => return say("receipt-nothing", language).to_owned(),
        (1, 0) => "receipt-all-of-one",
        (1, 1) => "receipt-none-of-one",
        (_, 0) => "receipt-all",
        (_, 1) => "receipt-one",
        _ => "receipt-some",
    };
    let values = [("given", given.as_str()), ("read", &read), ("failed", &failed.to_string())];
    tell(key, language, &values)
}
