//! How much of what was sent was understood: the numbers of a receipt.

use serde::Serialize;

use crate::answer::{Answer, AnswerRecord, Missing};

/// The numbers of a receipt. All count questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Receipt {
    /// Questions with something in their answer cell that is no mark for "no answer".
    pub given: usize,
    /// Those of them that were understood.
    pub read: usize,
    /// Questions that are asked.
    pub asked: usize,
}

impl Receipt {
    /// The receipt for these answers, one for each question that is asked.
    pub fn of(answers: &[AnswerRecord]) -> Self {
        let mut receipt = Self { asked: answers.len(), ..Self::default() };
        for record in answers {
            if record.answer.is_given() {
                receipt.given += 1;
                receipt.read += 1;
            } else if record.answer == Answer::Missing(Missing::Unreadable) {
                receipt.given += 1;
            }
        }
        receipt
    }

    /// Answers that were not understood.
    pub fn not_understood(self) -> usize {
        self.given - self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    #[test]
    fn counts_what_was_given_and_what_was_understood() {
        let record = |answer| AnswerRecord { question: Id::from("Q"), answer, evidence: None, place: None };
        let answers = [
            record(Answer::Number(0.0)),
            record(Answer::Missing(Missing::Unreadable)),
            record(Answer::Missing(Missing::Blank)),
            record(Answer::Missing(Missing::NotApplicable)),
        ];
        let receipt = Receipt::of(&answers);
        assert_eq!(receipt, Receipt { given: 2, read: 1, asked: 4 });
        assert_eq!(receipt.not_understood(), 1);
    }
}
