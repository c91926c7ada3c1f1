//! The marked return: the questionnaire again with what was sent in place, a receipt in front, and every problem
//! marked at its cell. Corrected, it can be sent back: it is a questionnaire like any other.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::Economy;
use maturity::finding::Finding;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::receipt::Receipt;
use maturity::submission::{Collected, Field, Response, State};

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

    /// What stands in the answer cells: the answers as understood, and what was sent where it was not.
    fn sent(&self) -> BTreeMap<Id, Answer> {
        let mut sent = BTreeMap::new();
        for response in self.responses.iter().filter(|response| response.field == Field::Answer) {
            let id = Id::from(response.question.as_str());
            if !response.value.is_blank() && self.framework.question(&id).is_some() {
                sent.entry(id).or_insert_with(|| Answer::Text(response.value.display()));
            }
        }
        for record in self.answers.iter().filter(|record| record.answer.is_given()) {
            sent.insert(record.question.clone(), record.answer.clone());
        }
        sent
    }

    /// What stands in the other cells, as it was sent.
    fn entered(&self) -> Entered {
        let mut entered = Entered::default();
        let beside = |response: &&Response| response.field != Field::Answer && !response.value.is_blank();
        for response in self.responses.iter().filter(beside) {
            let id = Id::from(response.question.as_str());
            if entered.get(&id, response.field).is_empty() {
                entered.insert(id, response.field, response.value.display());
            }
        }
        entered
    }
}

/// Writes the marked return; the same return always gives the same bytes. Who writes many of them does better with
/// a [`Writer`].
pub fn write_return(returned: &Return) -> Result<Vec<u8>, WriteError> {
    Writer::new(returned.framework).write_return(returned)
}

/// Hands over what a return is as a questionnaire, and its marks.
pub(crate) fn with_request<T>(returned: &Return<'_>, then: impl FnOnce(&Request<'_>, &Marks<'_>) -> T) -> T {
    let (answers, entered) = (returned.sent(), returned.entered());
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
    let marks = Marks::of(returned.framework, returned.findings, returned.responses);
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
