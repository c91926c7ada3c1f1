//! What a submission says, as one hash: reviewers decide about it, and equal content is decided about once.

use maturity::submission::{Field, HeaderField, Received, Response};
use pipeline::hash::Fingerprint;

/// The hash. What is only kept to point at, and to compare with, says nothing: decisions about a submission hold however much
/// of that later versions of this program keep.
pub(crate) fn of(received: &mut Received) -> String {
    let header = received.header.clone();
    received.header.retain(|value| !matches!(value.field, HeaderField::OtherEconomy | HeaderField::Instance));
    let says_nothing = |response: &Response| response.field == Field::Reason && response.value.is_blank();
    let responses = received.responses.iter().any(says_nothing).then(|| received.responses.clone());
    if responses.is_some() {
        received.responses.retain(|response| !says_nothing(response));
    }
    let mut fingerprint = Fingerprint::new();
    // Serialising plain structures to JSON cannot fail.
    fingerprint.add(serde_json::to_vec(received).unwrap_or_default());
    received.header = header;
    if let Some(responses) = responses {
        received.responses = responses;
    }
    fingerprint.finish()
}

#[cfg(test)]
mod tests {
    use maturity::cell::{Address, CellValue, Place};
    use maturity::submission::{HeaderValue, Layout};

    use super::*;

    fn text(text: &str) -> CellValue {
        CellValue::Text(text.to_owned())
    }

    #[test]
    fn what_is_only_kept_to_compare_with_changes_no_content() {
        let place = || Place::cell("Table", Address::new(1, 1));
        let header = |field, value: &str| HeaderValue { field, value: text(value), place: place() };
        let response = |field, value| Response {
            question: "I-1".to_owned(),
            field,
            value,
            formula: false,
            place: place(),
        };
        let plain = Received {
            layout: Layout::Dataset,
            place: place(),
            header: vec![header(HeaderField::Economy, "KEN")],
            responses: vec![response(Field::Answer, text("1"))],
            findings: Vec::new(),
            contests: Vec::new(),
        };
        let mut more = plain.clone();
        more.header.push(header(HeaderField::OtherEconomy, "Kenya"));
        more.header.push(header(HeaderField::Instance, "u1 2022-11-25T08:00:00"));
        more.responses.push(response(Field::Reason, CellValue::Blank));
        let kept = more.clone();
        let mut reasoned = plain.clone();
        reasoned.responses.push(response(Field::Reason, text("it was switched off")));
        let content = |received: &Received| of(&mut received.clone());
        assert_eq!(of(&mut more), content(&plain));
        assert_eq!(more, kept);
        assert_ne!(content(&reasoned), content(&plain));
    }
}
