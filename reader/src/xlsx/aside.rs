//! What stands in other parts about the cells of a sheet: where its links lead, its notes, and its text boxes.

use std::collections::BTreeSet;

use maturity::cell::{Address, Region, Sheet, View};
use maturity::finding::Refusal;
use maturity::link::is_web;
use maturity::normalize::tidy;

use super::workbook::{Relation, relations_of_sheet};
use crate::Limits;
use crate::aside;
use crate::budget::Budget;
use crate::grid::{COLUMNS, ROWS};
use crate::refusal::at;
use crate::xml::{Piece, Xml, local_name};
use crate::zip_scan::Archive;

/// The elements of a note and of what it says.
const NOTE: (&str, &str) = ("comment", "t");
/// The elements of a comment that can be answered, and of what it says.
const COMMENT: (&str, &str) = ("threadedComment", "text");

/// A link as the sheet has it: behind which cells, the id of the relation, and a place there.
pub(super) struct SheetLink {
    pub(super) region: Region,
    pub(super) id: String,
    pub(super) place: Option<String>,
}

/// What a sheet says about others parts with asides.
#[derive(Default)]
pub(super) struct Asides {
    pub(super) links: Vec<SheetLink>,
    /// Whether the sheet has a drawing of its own.
    pub(super) drawing: bool,
}

impl Asides {
    /// Looks up what they are and adds it to the view of the sheet whose part is `part`.
    pub(super) fn settle(
        self,
        part: &str,
        archive: &Archive<'_>,
        limits: &Limits,
        budget: &mut Budget<'_>,
        sheet: &mut Sheet,
    ) -> Result<(), Refusal> {
        // The sheet itself does not say whether it has comments.
        let relations = relations_of_sheet(archive, part, limits);
        for link in self.links {
            let placed = |refusal| at(refusal, &sheet.name, Some(link.region.top_left));
            let relation = match relations.get(&link.id, part) {
                Ok(relation) => relation.filter(|relation| relation.kind == "hyperlink"),
                // A link may be evidence, if it lies behind anything.
                Err(refusal) if is_needed(&link, sheet, budget).map_err(placed)? => {
                    return Err(placed(refusal));
                }
                Err(_) => None,
            };
            let Some(relation) = relation else { continue };
            let target = match &link.place {
                Some(place) => format!("{}#{place}", relation.target),
                None => relation.target.clone(),
            };
            aside::link(&mut sheet.view, link.region, &target, budget).map_err(placed)?;
        }
        let parts = relations.by_id.values().filter(|relation| archive.has(&relation.target));
        // Excel writes a note for each comment that can be answered, for programs that know only notes; others write the comment
        // alone. It is told where there is no note.
        for kind in ["comments", "drawing", "threadedComment"] {
            if kind == "drawing" && !self.drawing {
                continue;
            }
            for Relation { target, .. } in parts.clone().filter(|relation| relation.kind == kind) {
                let part = archive.part(target)?;
                let view = &mut sheet.view;
                match kind {
                    "comments" => notes(&part, target, limits, NOTE, |place, text| {
                        aside::note(view, place, text, budget)
                    }),
                    "drawing" => boxes(&part, target, limits, budget, view),
                    _ => {
                        let mut noted: BTreeSet<Address> =
                            view.notes.iter().map(|(place, _)| *place).collect();
                        notes(&part, target, limits, COMMENT, |place, text| {
                            if noted.insert(place) { aside::note(view, place, text, budget) } else { Ok(()) }
                        })
                    }
                }
                .map_err(|refusal| at(refusal, &sheet.name, None))?;
            }
        }
        Ok(())
    }
}

/// Whether a link lies behind a cell that does not say itself where it leads.
fn is_needed(link: &SheetLink, sheet: &Sheet, budget: &mut Budget<'_>) -> Result<bool, Refusal> {
    for address in aside::cells(link.region) {
        budget.charge(0)?;
        if sheet.get(address).is_some_and(|cell| !is_web(&tidy(&cell.value.display()))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads which cells carry notes or comments, and how these begin. Nothing of it is an answer: what cannot be read there is left
/// alone. `element` and `letters` are the names of their elements and of those in which their texts stand.
fn notes(
    bytes: &[u8],
    part: &str,
    limits: &Limits,
    (element, letters): (&str, &str),
    mut found: impl FnMut(Address, &str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Ok(mut xml) = Xml::new(bytes, part, limits.text_bytes) else { return Ok(()) };
    let mut note: Option<(Address, String)> = None;
    let mut in_text = false;
    while let Ok(piece) = xml.next() {
        match piece {
            Piece::Start(start) if start.local_name() == element => {
                let place = xml.raw_attribute(&start, |name| name == "ref").ok().flatten();
                note = place.and_then(super::sheet::address).map(|address| (address, String::new()));
            }
            Piece::Start(start) if start.local_name() == letters => in_text = true,
            Piece::End(name) if local_name(name) == letters => in_text = false,
            Piece::End(name) if local_name(name) == element => {
                if let Some((address, text)) = note.take() {
                    found(address, &text)?;
                }
            }
            Piece::Text(piece) if in_text => note.iter_mut().for_each(|(_, text)| text.push_str(piece)),
            Piece::Reference(name) if in_text => {
                if let Some((_, text)) = &mut note {
                    // An entity that no program knows.
                    if xml.resolve(name, text).is_err() {
                        break;
                    }
                }
            }
            Piece::Eof => break,
            _ => {}
        }
    }
    Ok(())
}

/// Reads over which cells text boxes lie, and how their texts begin. As with notes, nothing of it is an answer.
fn boxes(
    bytes: &[u8],
    part: &str,
    limits: &Limits,
    budget: &mut Budget<'_>,
    view: &mut View,
) -> Result<(), Refusal> {
    let Ok(mut xml) = Xml::new(bytes, part, limits.text_bytes) else { return Ok(()) };
    // Column and row of the corner where an object hangs; its text; and which of the three is being read.
    let (mut corner, mut text) = ([0_u32; 2], String::new());
    let (mut in_corner, mut reading) = (false, None);
    while let Ok(piece) = xml.next() {
        match piece {
            Piece::Start(start) => match start.local_name() {
                "from" => in_corner = true,
                "col" if in_corner => reading = Some(Of::Corner(0)),
                "row" if in_corner => reading = Some(Of::Corner(1)),
                "t" => reading = Some(Of::Text),
                _ => {}
            },
            Piece::Text(piece) => match reading {
                Some(Of::Corner(at)) => {
                    corner
                        .get_mut(at)
                        .into_iter()
                        .for_each(|number| *number = piece.trim().parse().unwrap_or(0));
                }
                Some(Of::Text) => text.push_str(piece),
                None => {}
            },
            Piece::Reference(name)
                if matches!(reading, Some(Of::Text)) && xml.resolve(name, &mut text).is_err() =>
            {
                break;
            }
            Piece::End(name) => match local_name(name) {
                "from" => in_corner = false,
                "p" => text.push('\n'),
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => {
                    let [column, row] = std::mem::take(&mut corner);
                    let said = std::mem::take(&mut text);
                    if !said.trim().is_empty() && row < ROWS && column < COLUMNS {
                        aside::note(view, Address::new(row, column), &said, budget)?;
                    }
                }
                _ => reading = None,
            },
            Piece::Eof => break,
            _ => {}
        }
    }
    Ok(())
}

/// What a text in a drawing belongs to.
#[derive(Clone, Copy)]
enum Of {
    /// A number of a corner: its column or its row.
    Corner(usize),
    /// What an object says.
    Text,
}
