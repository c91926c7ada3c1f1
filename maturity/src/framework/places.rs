//! Where questions and indicators stand in a framework, by their ids.

use super::{Indicator, Question};
use crate::id::{Id, IdMap};

/// Positions in the lists of a framework.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) questions: IdMap<Id, usize>,
    /// Of two with the same id, which the checks report, the first.
    pub(super) indicators: IdMap<Id, usize>,
    /// The questions of each indicator, in order.
    pub(super) of_indicators: IdMap<Id, Vec<usize>>,
    /// The first question that holds the evidence for another one.
    pub(super) backing: IdMap<Id, usize>,
}

impl Places {
    pub(super) fn of(questions: &[Question], indicators: &[Indicator]) -> Self {
        let mut places = Self::default();
        for (at, question) in questions.iter().enumerate() {
            places.questions.insert(question.id.clone(), at);
            places.of_indicators.entry(question.indicator.clone()).or_default().push(at);
            if let Some(backed) = &question.evidence_for {
                places.backing.entry(backed.clone()).or_insert(at);
            }
        }
        for (at, indicator) in indicators.iter().enumerate() {
            places.indicators.entry(indicator.id.clone()).or_insert(at);
        }
        places
    }
}
