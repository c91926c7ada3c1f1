//! Reads the cells of an `OpenDocument` spreadsheet.
//!
//! The library would lay repeated rows and columns out densely, lose the mark of error values and keep one of
//! two sheets of the same name; the format says all of it in attributes, so it is walked here directly.

mod prefixes;
mod styles;

use std::collections::BTreeSet;

use maturity::cell::{
    Address, Book, Cell, CellValue, MOST_BEHIND, Region, Span, View, hundredfold, is_error_text,
};
use maturity::finding::Refusal;
use maturity::link::is_web;

use self::styles::{Position, Styles};
use crate::Limits;
use crate::aside;
use crate::budget::Budget;
use crate::grid::{COLUMNS, MOST_MERGED, ROWS, finish};
use crate::raised::{Line, Sign, is_same};
use crate::refusal::{at, count, damaged, encrypted, too_large};
use crate::shown::is_shown_by;
use crate::value::{masked, number, percent};
use crate::xml::{Element, Piece, Xml, with_line_feeds};
use crate::zip_scan::Archive;

const CONTENT: &str = "content.xml";
const MANIFEST: &str = "META-INF/manifest.xml";

/// The visible and hidden sheets with their cells.
pub(crate) fn read(archive: &Archive<'_>, limits: &Limits) -> Result<Book, Refusal> {
    if archive.has(MANIFEST) {
        let manifest = archive.part(MANIFEST)?;
        let mut xml = Xml::new(&manifest, MANIFEST, limits.text_bytes)?;
        loop {
            match xml.next()? {
                Piece::Start(start) if start.local_name() == "encryption-data" => {
                    return Err(encrypted());
                }
                Piece::Eof => break,
                _ => {}
            }
        }
    }
    let content = archive.part(CONTENT)?;
    prefixes::check(&content, CONTENT, limits)?;
    let mut reading = Reading {
        xml: Xml::new(&content, CONTENT, limits.text_bytes)?,
        limits,
        budget: Budget::new(limits),
        styles: Styles::named(archive, limits)?,
        view: View::default(),
        beside: Beside::default(),
    };
    reading.book()
}

struct Reading<'x> {
    xml: Xml<'x>,
    limits: &'x Limits,
    budget: Budget<'x>,
    styles: Styles,
    /// What the sheet that is being read does not show.
    view: View,
    /// What hangs on the cell that was read last.
    beside: Beside,
}

/// What hangs on a cell.
#[derive(Default)]
struct Beside {
    /// The different places in the web where its links lead.
    links: Vec<String>,
    /// What notes on it and text boxes over it say.
    notes: Vec<String>,
}

impl<'x> Reading<'x> {
    fn book(&mut self) -> Result<Book, Refusal> {
        let mut book = Book::default();
        let mut names = BTreeSet::new();
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.name {
                    // Deleted cells, with their old content; and what was last seen of other documents.
                    "table:tracked-changes" | "table:dde-links" => self.xml.skip(&start)?,
                    "table:table" => {
                        let name = self.xml.attribute(&start, "table:name")?.unwrap_or_default().into_owned();
                        if is_of_another_document(&name) {
                            self.xml.skip(&start)?;
                            continue;
                        }
                        let style = self.xml.attribute(&start, "table:style-name")?.unwrap_or_default();
                        let visible = !self.styles.hides(&style);
                        if !names.insert(name.to_lowercase()) {
                            return Err(damaged(format!("two sheets have the same name: {name}")));
                        }
                        if names.len() > self.limits.sheets {
                            return Err(too_large("too many sheets", count(self.limits.sheets)));
                        }
                        let cells = self.table(&name).map_err(|refusal| at(refusal, &name, None))?;
                        let view = std::mem::take(&mut self.view);
                        book.sheets.push(finish(&name, visible, cells, view)?);
                    }
                    _ => self.styles.note(&self.xml, &start, self.limits)?,
                },
                Piece::Eof => return Ok(book),
                _ => {}
            }
        }
    }

    fn table(&mut self, name: &str) -> Result<Vec<Cell>, Refusal> {
        let mut cells = Vec::new();
        let (mut row, mut column) = (0_u64, 0_u64);
        // Whether the groups of rows or columns that began are folded up, and how many are: a stranger decides how deep
        // they go.
        let (mut groups, mut folded) = (Vec::new(), 0_usize);
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.name {
                    "table:table-row-group" | "table:table-column-group" => {
                        let is_folded =
                            self.xml.attribute(&start, "table:display")?.as_deref() == Some("false");
                        groups.push(is_folded);
                        folded += usize::from(is_folded);
                    }
                    "table:table-column" => {
                        let repeats = self.repeats(&start, "table:number-columns-repeated")?;
                        let visibility = self.xml.attribute(&start, "table:visibility")?;
                        if folded > 0 || visibility.is_some_and(|text| text != "visible") {
                            self.view.hidden_columns.extend(span(column, repeats, COLUMNS));
                        }
                        column = column.saturating_add(repeats);
                    }
                    "table:table-row" => {
                        let repeats = self.repeats(&start, "table:number-rows-repeated")?;
                        match self.xml.attribute(&start, "table:visibility")?.as_deref() {
                            Some("collapse") => self.view.hidden_rows.extend(span(row, repeats, ROWS)),
                            Some("filter") => self.view.filtered_rows.extend(span(row, repeats, ROWS)),
                            _ if folded > 0 => {
                                self.view.hidden_rows.extend(span(row, repeats, ROWS));
                            }
                            _ => {}
                        }
                        self.row(name, row, repeats, &mut cells)?;
                        row = row.saturating_add(repeats);
                    }
                    // Drawings that hang on no cell lie over the first one. They and notes may hold tables of their own.
                    "table:shapes" => self.shapes(&start)?,
                    "office:forms" | "office:annotation" => self.xml.skip(&start)?,
                    _ => {}
                },
                Piece::End("table:table-row-group" | "table:table-column-group") => {
                    folded -= usize::from(groups.pop() == Some(true));
                }
                Piece::End("table:table") => return Ok(cells),
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
    }

    /// Reads one row and writes it down as often as it is repeated.
    fn row(&mut self, sheet: &str, row: u64, repeats: u64, cells: &mut Vec<Cell>) -> Result<(), Refusal> {
        let mut column = 0_u64;
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.name {
                    "table:table-cell" | "table:covered-table-cell" => {
                        let across = self.repeats(&start, "table:number-columns-repeated")?;
                        let place = address(row, column);
                        self.merged(&start, row, column)?;
                        let (value, formula) =
                            self.cell(&start).map_err(|refusal| at(refusal, sheet, place))?;
                        if formula || value != CellValue::Blank {
                            self.repeat(sheet, (row, repeats), (column, across), &value, formula, cells)?;
                        }
                        let beside = std::mem::take(&mut self.beside);
                        self.hang(&beside, (row, repeats), (column, across))
                            .map_err(|refusal| at(refusal, sheet, place))?;
                        column = column.saturating_add(across);
                    }
                    _ => self.xml.skip(&start)?,
                },
                Piece::End("table:table-row") => return Ok(()),
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
    }

    fn repeat(
        &mut self,
        sheet: &str,
        (row, down): (u64, u64),
        (column, across): (u64, u64),
        value: &CellValue,
        formula: bool,
        cells: &mut Vec<Cell>,
    ) -> Result<(), Refusal> {
        let text = match value {
            CellValue::Text(text) | CellValue::Date(text) | CellValue::Error(text) => text.len(),
            _ => 0,
        };
        // Two attributes can ask for more cells than there is memory: the whole block is charged before the first.
        let block = usize::try_from(down.saturating_mul(across)).unwrap_or(usize::MAX);
        self.budget
            .charge_block(block, text)
            .map_err(|refusal| at(refusal, sheet, self::address(row, column)))?;
        for row in row..row.saturating_add(down) {
            for column in column..column.saturating_add(across) {
                let address = address(row, column).ok_or_else(|| {
                    at(damaged("a cell is outside the grid (A1 to XFD1048576)"), sheet, None)
                })?;
                cells.push(Cell { address, value: value.clone(), formula });
            }
        }
        Ok(())
    }

    /// Notes what hangs on a cell, where there is one.
    fn hang(
        &mut self,
        beside: &Beside,
        (row, down): (u64, u64),
        (column, across): (u64, u64),
    ) -> Result<(), Refusal> {
        let Some(top_left) = address(row, column) else { return Ok(()) };
        if !beside.links.is_empty() {
            let last = |first: u64, count: u64| first.saturating_add(count.saturating_sub(1));
            let bottom_right = address(last(row, down), last(column, across)).unwrap_or(top_left);
            for link in &beside.links {
                aside::link(&mut self.view, Region { top_left, bottom_right }, link, &mut self.budget)?;
            }
        }
        beside.notes.iter().try_for_each(|text| aside::note(&mut self.view, top_left, text, &mut self.budget))
    }

    /// Notes the text boxes among drawings that hang on no cell; reads on to their end.
    fn shapes(&mut self, shapes: &Element<'x>) -> Result<(), Refusal> {
        loop {
            match self.xml.next()? {
                Piece::Start(start) => self.text_box(&start)?,
                Piece::End(name) if name == shapes.name => break,
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
        let beside = std::mem::take(&mut self.beside);
        self.hang(&beside, (0, 1), (0, 1))
    }

    /// Notes what a drawing says, if it says anything; reads on to its end.
    fn text_box(&mut self, drawing: &Element<'x>) -> Result<(), Refusal> {
        let said = self.note(drawing)?;
        if !said.trim().is_empty() {
            self.beside.notes.push(said);
        }
        Ok(())
    }

    /// The text of a note or a drawing; reads on to its end.
    fn note(&mut self, note: &Element<'x>) -> Result<String, Refusal> {
        let mut text = String::new();
        let (mut inside, mut depth) = (false, 0_usize);
        loop {
            match self.xml.next()? {
                Piece::Start(start) if start.name == "text:p" => inside = true,
                // Groups of drawings hold others.
                Piece::Start(start) if start.name == note.name => depth += 1,
                Piece::End(name) if name == note.name && depth > 0 => depth -= 1,
                Piece::End("text:p") => {
                    inside = false;
                    text.push('\n');
                }
                Piece::Text(piece) if inside => text.push_str(piece),
                Piece::Reference(name) if inside => self.xml.resolve(name, &mut text)?,
                Piece::End(name) if name == note.name => return Ok(text),
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
    }

    /// Notes the region of a cell that covers others.
    fn merged(&mut self, start: &Element<'x>, row: u64, column: u64) -> Result<(), Refusal> {
        let down = self.repeats(start, "table:number-rows-spanned")?;
        let across = self.repeats(start, "table:number-columns-spanned")?;
        if down <= 1 && across <= 1 {
            return Ok(());
        }
        let last = |first: u64, count: u64| first.saturating_add(count.saturating_sub(1));
        if let Some((top_left, bottom_right)) =
            address(row, column).zip(address(last(row, down), last(column, across)))
        {
            self.view.merged.push(Region { top_left, bottom_right });
        }
        if self.view.merged.len() > MOST_MERGED {
            return Err(too_large("too many merged regions", count(MOST_MERGED)));
        }
        Ok(())
    }

    fn repeats(&self, start: &Element<'x>, name: &str) -> Result<u64, Refusal> {
        match self.xml.attribute(start, name)? {
            None => Ok(1),
            Some(text) => {
                text.parse().map_err(|_| damaged(format!("{:?} is no number of repetitions", shorten(&text))))
            }
        }
    }

    /// The value of a cell and whether a formula gave it; reads on to the end of the cell.
    fn cell(&mut self, start: &Element<'x>) -> Result<(CellValue, bool), Refusal> {
        let formula = self.xml.attribute(start, "table:formula")?;
        // LibreOffice writes a plain truth value as a call of the function of its name, with the number 1 or 0.
        let truth = match formula.as_deref() {
            Some("of:=TRUE()" | "oooc:=TRUE()") => Some(true),
            Some("of:=FALSE()" | "oooc:=FALSE()") => Some(false),
            _ => None,
        };
        let linked = formula.as_deref().and_then(|formula| aside::of_formula(formula.split_once('=')?.1));
        let formula = formula.is_some();
        let kind = self.xml.attribute(start, "office:value-type")?.unwrap_or_default();
        let finer = self.xml.attribute(start, "calcext:value-type")?;
        let attribute = match kind.as_ref() {
            "float" | "percentage" | "currency" => "office:value",
            "date" => "office:date-value",
            "time" => "office:time-value",
            "boolean" => "office:boolean-value",
            _ => "office:string-value",
        };
        let stated = self.xml.attribute(start, attribute)?;
        let (shown, paragraphs) = self.shown(start)?;
        if self.beside.links.is_empty() {
            self.beside.links.extend(linked);
        }
        if let Some(truth) = truth {
            return Ok((CellValue::Boolean(truth), false));
        }
        // Other programs than `LibreOffice` mark error values by their text alone.
        if finer.as_deref() == Some("error") || formula && is_error_text(&shown) {
            return Ok((CellValue::Error(shown), formula));
        }
        // A program that computes nothing names the kind of a result, and stores none.
        if formula && stated.is_none() && shown.is_empty() && attribute != "office:string-value" {
            return Ok((CellValue::Blank, true));
        }
        let missing = || damaged("a cell names a kind of value but holds none");
        let value = match kind.as_ref() {
            "float" | "percentage" | "currency" => {
                let parsed = stated.as_deref().and_then(|text| text.trim().parse().ok());
                let parsed = parsed.ok_or_else(missing)?;
                let seen = if kind == "percentage" { hundredfold(parsed) } else { parsed };
                // Some programs leave out what a cell shows.
                if paragraphs > 0 && !is_shown_by(seen, &shown) {
                    masked(parsed)
                } else if kind == "percentage" {
                    percent(parsed)
                } else {
                    number(parsed)
                }
            }
            "date" | "time" => CellValue::Date(stated.ok_or_else(missing)?.into_owned()),
            "boolean" => match stated.as_deref() {
                Some("true") => CellValue::Boolean(true),
                Some("false") => CellValue::Boolean(false),
                _ => return Err(missing()),
            },
            _ => {
                // Only what the cell shows says which digits of the same text stand raised.
                let text = match stated {
                    Some(stated) if !is_same(&stated, &shown) => stated.into_owned(),
                    _ => shown,
                };
                if text.is_empty() && (kind.is_empty() || !formula) {
                    CellValue::Blank
                } else {
                    CellValue::Text(text)
                }
            }
        };
        Ok((value, formula))
    }

    /// The text that the cell shows, and of how many paragraphs it is, without notes and drawings. Blanks stand as they
    /// are written: the format would have several taken for one, but `LibreOffice` neither writes nor reads the lines of
    /// a cell so.
    fn shown(&mut self, start: &Element<'x>) -> Result<(String, usize), Refusal> {
        let mut text = String::new();
        let mut paragraphs = 0;
        let mut inside = false;
        // Of each span that is open: where its text stands.
        let mut spans: Vec<Option<Sign>> = Vec::new();
        let mut line = Line::default();
        loop {
            let from = text.len();
            match self.xml.next()? {
                Piece::Start(child) => match child.name {
                    "text:span" => {
                        let style = self.xml.attribute(&child, "text:style-name")?;
                        spans.push(match style.and_then(|style| self.styles.position(&style)) {
                            Some(Position::Moved(sign)) => Some(sign),
                            Some(Position::OnTheLine) => None,
                            None => spans.last().copied().flatten(),
                        });
                    }
                    "text:p" | "text:h" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                        inside = true;
                    }
                    "text:s" => {
                        let spaces = usize::try_from(self.repeats(&child, "text:c")?).unwrap_or(usize::MAX);
                        if spaces > self.limits.text_bytes {
                            self.budget.charge(spaces)?;
                        }
                        text.extend(std::iter::repeat_n(' ', spaces));
                    }
                    "text:a" => {
                        let links = &mut self.beside.links;
                        if let Some(target) = self.xml.attribute(&child, "xlink:href")?
                            && is_web(&target)
                            && links.len() < MOST_BEHIND
                            && !links.iter().any(|other| *other == target)
                        {
                            links.push(target.into_owned());
                        }
                    }
                    "office:annotation" => {
                        let note = self.note(&child)?;
                        self.beside.notes.push(note);
                    }
                    name if name.starts_with("draw:") => self.text_box(&child)?,
                    // How a name is pronounced is no part of it.
                    "text:ruby-text" | "text:note" => self.xml.skip(&child)?,
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    name if name.starts_with("text:") => {}
                    _ => self.xml.skip(&child)?,
                },
                Piece::End(name) if name == start.name => return Ok((text, paragraphs)),
                Piece::End("text:p" | "text:h") => inside = false,
                Piece::End("text:span") => drop(spans.pop()),
                Piece::Text(piece) if inside => text.push_str(&with_line_feeds(piece)),
                Piece::Marked(piece) if inside => text.push_str(&with_line_feeds(piece)),
                Piece::Reference(name) if inside => self.xml.resolve(name, &mut text)?,
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
            if text.len() > from {
                line.add(&mut text, from, spans.last().copied().flatten());
            }
            // The budget refuses a text of this length; it must not grow on in the meantime.
            if text.len() > self.limits.text_bytes {
                self.budget.charge(text.len())?;
            }
        }
    }
}

/// Whether a table is what `LibreOffice` keeps of a sheet of another document that formulas refer to: named by the
/// address of the document in apostrophes and the name of the sheet. No sheet begins with an apostrophe.
fn is_of_another_document(name: &str) -> bool {
    name.strip_prefix('\'').is_some_and(|rest| rest.contains("'#$"))
}

/// `count` rows or columns from `first` on, as far as the grid goes.
fn span(first: u64, count: u64, most: u32) -> Option<Span> {
    let last = first.saturating_add(count).min(most.into()).checked_sub(1)?;
    let span = Span { first: u32::try_from(first).ok()?, last: u32::try_from(last).ok()? };
    (span.first <= span.last).then_some(span)
}

fn address(row: u64, column: u64) -> Option<Address> {
    let row = u32::try_from(row).ok().filter(|row| *row < ROWS)?;
    let column = u32::try_from(column).ok().filter(|column| *column < COLUMNS)?;
    Some(Address::new(row, column))
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
