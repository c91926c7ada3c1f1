//! Who sent a submission, where several offices of one economy answer.
//!
//! A later submission comes from the same respondent if both name the same office, or, where one of the two names none, the
//! same e-mail address or contact, or if it came under the same name in the same source, where a file that was renamed has
//! all of its names. Everything else is another respondent.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::normalize::matching_key;
use crate::submission::{HeaderField, HeaderValue};

/// Who sent a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respondent {
    /// A number within the economy and wave, counted from 1 in the order in which they first wrote.
    pub number: u32,
    /// The office of the configuration that it was recognised as.
    pub office: Option<String>,
}

/// What tells the sender of a submission apart from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    /// The sources and names that its file came under, of which it has several once it was renamed.
    pub files: BTreeSet<(String, String)>,
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
    /// The sender of a submission with this header, in a file that came under these sources and names.
    pub fn of(
        files: BTreeSet<(String, String)>,
        header: &[HeaderValue],
        recorded: Option<Respondent>,
    ) -> Self {
        let text = |field| {
            let value = header.iter().find(|value| value.field == field)?;
            Some(matching_key(&value.value.display())).filter(|text| !text.is_empty())
        };
        Self {
            files,
            office: text(HeaderField::ContactOffice),
            email: text(HeaderField::ContactEmail),
            contact: text(HeaderField::ContactName),
            recorded,
        }
    }

    /// The office, as it compares: also one that the cover does not name any more, where it is on record.
    fn known_office(&self) -> Option<Cow<'_, str>> {
        let recorded = || self.recorded.as_ref()?.office.as_deref().map(matching_key).map(Cow::Owned);
        self.office.as_deref().map(Cow::Borrowed).or_else(recorded)
    }

    /// Whether a later submission comes from the same sender.
    fn is(&self, later: &Self) -> bool {
        if let (Some(one), Some(other)) = (self.known_office(), later.known_office()) {
            return one == other;
        }
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.email, &later.email)
            || same(&self.contact, &later.contact)
            || !self.files.is_disjoint(&later.files)
    }
}

/// The respondent behind each of an economy's submissions, which are in the order in which they came; `offices` are those
/// of the configuration. Whoever was recognised before keeps the number, also after contacts were removed; where two offices
/// have the same number on record, the first of them keeps it.
pub fn identify(senders: &[Sender], offices: &[String]) -> Vec<Respondent> {
    let offices: Vec<(String, &String)> =
        offices.iter().map(|office| (matching_key(office), office)).collect();
    let recorded = senders.iter().filter_map(|sender| sender.recorded.as_ref());
    let mut highest = recorded.map(|respondent| respondent.number).max().unwrap_or(0);
    // The latest submission of each respondent so far.
    let mut known: Vec<(u32, &Sender)> = Vec::new();
    let mut found = Vec::with_capacity(senders.len());
    // The office that each number stands for: the first that was named under it.
    let mut offices_of: BTreeMap<u32, Cow<'_, str>> = BTreeMap::new();
    for (at, sender) in senders.iter().enumerate() {
        let named = sender.known_office();
        let is_another = |number: &u32| {
            let known = known.iter().find(|(other, _)| other == number);
            known.is_some_and(|(_, earlier)| !earlier.is(sender))
                && offices_of.get(number).zip(named.as_ref()).is_some_and(|(one, other)| one != other)
        };
        let before = sender.recorded.as_ref().map(|respondent| respondent.number);
        let before = before.filter(|number| !is_another(number));
        let same = || known.iter().find(|(_, earlier)| earlier.is(sender)).map(|(number, _)| *number);
        // What was returned need not be recorded; its sender may be by what came later.
        let later = || {
            let later = senders.iter().skip(at + 1).filter(|later| sender.is(later));
            let mut numbers = later.filter_map(|later| later.recorded.as_ref()).map(|known| known.number);
            numbers.find(|number| !is_another(number))
        };
        let number = before.or_else(same).or_else(later).unwrap_or_else(|| {
            highest += 1;
            highest
        });
        let office = match &sender.office {
            Some(key) => {
                offices.iter().find(|(office, _)| office == key).map(|(_, office)| (*office).clone())
            }
            None => sender.recorded.as_ref().and_then(|respondent| respondent.office.clone()),
        };
        if let Some(named) = named {
            offices_of.entry(number).or_insert(named);
        }
        match known.iter_mut().find(|(other, _)| *other == number) {
            Some(entry) => entry.1 = sender,
            None => known.push((number, sender)),
        }
        found.push(Respondent { number, office });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(name: &str, office: &str, recorded: Option<u32>) -> Sender {
        Sender {
            files: BTreeSet::from([("inbox".to_owned(), name.to_owned())]),
            office: Some(office.to_owned()).filter(|office| !office.is_empty()),
            email: None,
            contact: None,
            recorded: recorded.map(|number| Respondent { number, office: None }),
        }
    }

    #[test]
    fn who_wrote_before_being_recorded_is_the_same_respondent() {
        let numbers = |senders: &[Sender]| -> Vec<u32> {
            identify(senders, &[]).into_iter().map(|respondent| respondent.number).collect()
        };
        let sent = [
            sender("a.xlsx", "treasury", None),
            sender("b.xlsx", "ict", Some(1)),
            sender("c.xlsx", "treasury", Some(2)),
            sender("d.xlsx", "planning", None),
        ];
        assert_eq!(numbers(&sent), [2, 1, 2, 3]);
    }

    #[test]
    fn a_number_that_two_offices_have_on_record_stays_with_the_first_of_them() {
        let numbers = |senders: &[Sender]| -> Vec<u32> {
            identify(senders, &[]).into_iter().map(|respondent| respondent.number).collect()
        };
        let sent = [
            sender("a.xlsx", "ict", Some(1)),
            sender("b.xlsx", "planning", Some(2)),
            sender("c.xlsx", "treasury", Some(3)),
            sender("d.xlsx", "health", Some(2)),
            sender("e.xlsx", "health", Some(2)),
            sender("f.xlsx", "planning", Some(2)),
        ];
        assert_eq!(numbers(&sent), [1, 2, 3, 4, 4, 2]);
    }

    #[test]
    fn an_office_that_only_the_record_names_is_the_same_office() {
        let mut forgotten = sender("a.xlsx", "", Some(1));
        forgotten.recorded = Some(Respondent { number: 1, office: Some("Ministry of ICT".to_owned()) });
        let offices = ["Ministry of ICT".to_owned(), "Treasury".to_owned()];
        let sent = [forgotten, sender("b.xlsx", "ministry of ict", None), sender("a.xlsx", "treasury", None)];
        let found = identify(&sent, &offices);
        assert_eq!(found.iter().map(|found| found.number).collect::<Vec<_>>(), [1, 1, 2]);
        assert_eq!(found[0].office.as_deref(), Some("Ministry of ICT"));
    }
}
