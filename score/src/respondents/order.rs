//! The order of respondents.

use pipeline::config::RespondentChoice;

use super::Voice;

/// Brings respondents into the order of offices: those that are named first, then the latest first.
pub fn order(voices: &mut [Voice], choice: &RespondentChoice) {
    let place = |voice: &Voice| {
        let office = voice.respondent.office.as_ref();
        let named = office.and_then(|office| choice.offices.iter().position(|named| named == office));
        (named.unwrap_or(usize::MAX), std::cmp::Reverse(voice.row.id))
    };
    voices.sort_by_key(place);
}
