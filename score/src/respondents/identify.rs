//! Who sent a submission.

use maturity::normalize::matching_key;
use maturity::submission::{HeaderField, HeaderValue};
use pipeline::config::RespondentChoice;
use store::{Respondent, SubmissionId, SubmissionRow};

use super::Voice;

/// What tells the sender of a submission apart from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    /// The submission.
    pub submission: SubmissionId,
    /// The source and the name that its file came under.
    pub file: (String, String),
    /// The office, as it compares.
    pub office: Option<String>,
    /// The e-mail address, as it compares.
    pub email: Option<String>,
    /// The contact's name, as it compares.
    pub contact: Option<String>,
    /// Who it was recognised as before.
    pub recorded: Option<Respondent>,
}

impl Sender {
    /// The sender of a submission with this header.
    pub fn of(row: &SubmissionRow, header: &[HeaderValue], recorded: Option<Respondent>) -> Self {
        let text = |field| {
            let value = header.iter().find(|value| value.field == field)?;
            Some(matching_key(&value.value.display())).filter(|text| !text.is_empty())
        };
        Self {
            submission: row.id,
            file: (row.source.clone(), row.name.clone()),
            office: text(HeaderField::ContactOffice),
            email: text(HeaderField::ContactEmail),
            contact: text(HeaderField::ContactName),
            recorded,
        }
    }

    /// Whether a later submission comes from the same sender.
    fn is(&self, later: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.office, &later.office) {
            return one == other;
        }
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.email, &later.email) || same(&self.contact, &later.contact) || self.file == later.file
    }
}

/// The respondent behind each of an economy's submissions, which are in the order in which they came. Whoever
/// was recognised before keeps the number, also after contacts were removed.
pub fn identify(senders: &[Sender], choice: &RespondentChoice) -> Vec<Respondent> {
    let offices: Vec<(String, &String)> =
        choice.offices.iter().map(|office| (matching_key(office), office)).collect();
    let recorded = senders.iter().filter_map(|sender| sender.recorded.as_ref());
    let mut highest = recorded.map(|respondent| respondent.number).max().unwrap_or(0);
    // The latest submission of each respondent so far.
    let mut known: Vec<(u32, &Sender)> = Vec::new();
    let mut found = Vec::with_capacity(senders.len());
    for sender in senders {
        let before = sender.recorded.as_ref().map(|respondent| respondent.number);
        let same = || known.iter().find(|(_, earlier)| earlier.is(sender)).map(|(number, _)| *number);
        let number = before.or_else(same).unwrap_or_else(|| {
            highest += 1;
            highest
        });
        let office = match &sender.office {
            Some(key) => {
                offices.iter().find(|(office, _)| office == key).map(|(_, office)| (*office).clone())
            }
            None => sender.recorded.as_ref().and_then(|respondent| respondent.office.clone()),
        };
        match known.iter_mut().find(|(other, _)| *other == number) {
            Some(entry) => entry.1 = sender,
            None => known.push((number, sender)),
        }
        found.push(Respondent { number, office });
    }
    found
}

/// Brings respondents into the order of offices: those that are named first, then the latest first.
pub fn order(voices: &mut [Voice], choice: &RespondentChoice) {
    let place = |voice: &Voice| {
        let office = voice.respondent.office.as_ref();
        let named = office.and_then(|office| choice.offices.iter().position(|named| named == office));
        (named.unwrap_or(usize::MAX), std::cmp::Reverse(voice.row.id))
    };
    voices.sort_by_key(place);
}
