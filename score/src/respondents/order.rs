//! The order of respondents.

use pipeline::config::RespondentChoice;

use super::Voice;

/// Brings respondents, of whom the one comes first whose submission arrived last, into the order of offices: those that are
/// named come first, the others stay as they are.
pub fn order(voices: &mut [Voice], choice: &RespondentChoice) {
    let place = |voice: &Voice| {
        let office = voice.respondent.office.as_ref();
        let named = office.and_then(|office| choice.offices.iter().position(|named| named == office));
        named.unwrap_or(usize::MAX)
    };
    voices.sort_by_key(place);
}
