//! What a sender gave with a cell, but not in it: the address behind a text, and notes.

use maturity::cell::{Address, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Format, Framework};
use maturity::id::Id;
use maturity::link;
use maturity::normalize::tidy;
use maturity::submission::Field;

use super::unseen::listed;
use crate::marks::is_note_of_mark;

/// What a cell means whose text leads somewhere and does not say where, and what is to be said of it. Who pastes a link
/// often gives it a name, and the address is the evidence; of several each is.
pub(super) fn with_link(
    framework: &Framework,
    question: Option<&Id>,
    field: Field,
    sheet: &Sheet,
    cell: Option<&Cell>,
) -> Option<(CellValue, Vec<Finding>)> {
    let cell = cell.filter(|cell| !cell.value.is_blank())?;
    let mut links = sheet.view.links_behind(cell.address);
    if links.is_empty() {
        return None;
    }
    let found = cell.value.display();
    // `www.example.org` says where it leads, but not the whole of it.
    let is_begun = link::addresses(&found).next().is_some();
    let is_whole = link::addresses(&found).any(link::is_web);
    if is_begun {
        let begun = tidy(&found);
        links.retain(|link| link.contains(begun.as_str()));
    }
    if is_whole || links.is_empty() {
        return None;
    }
    let id = question?;
    let alone = match field {
        Field::Answer => {
            let question = framework.question(id)?;
            let is_link = question.format == Some(Format::Link);
            if !is_link && question.evidence_for.is_none() {
                return None;
            }
            is_link
        }
        Field::Evidence | Field::Comment | Field::Reason => false,
        Field::Confirm => return None,
    };
    let all = links.join(" ");
    let whole = if alone || is_begun { all } else { format!("{found} {all}") };
    let told = |link: &str| {
        let problem = Problem::LinkBehind { found: found.clone(), link: link.to_owned() };
        let place = Some(Place::cell(&sheet.name, cell.address));
        Finding::new(Severity::Info, problem).about(id).at(place)
    };
    Some((CellValue::Text(whole), links.into_iter().map(told).collect()))
}

/// What is to be said of notes that somebody else wrote than this program, in a sheet with questions.
pub(super) fn notes(sheet: &Sheet) -> Option<Finding> {
    let of_others = sheet.view.notes.iter().filter(|(_, text)| !is_note_of_mark(text));
    let cells: Vec<Address> = of_others.map(|(address, _)| *address).collect();
    let place = Place::cell(&sheet.name, *cells.first()?);
    let problem = Problem::NotesUnread { count: cells.len(), cells: listed(&cells) };
    Some(Finding::new(Severity::Info, problem).at(Some(place)))
}
