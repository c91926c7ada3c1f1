//! Walks the records of an .xls workbook before the library does: how far its cells reach, which of them are
//! formulas, whether any is there twice, how much text they refer to.
//!
//! The library lays every sheet out densely and believes declared sizes. Records that it parses but that hold
//! no answers (names, links between sheets, merges, declared extents, formula code) are blanked out here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use maturity::cell::{Address, Region, Span, View};
use maturity::finding::Refusal;

use crate::Limits;
use crate::budget::Budget;
use crate::bytes::{u16_at, u32_at, usize_at};
use crate::raised::{Run, Sign, subscript, superscript};
use crate::refusal::{self, at, count, damaged, encrypted, macro_sheet, other_kind, too_large, unreadable};
use crate::shown::Format;
use crate::{aside, biff_aside};

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const CONTINUE: u16 = 0x003C;
/// A record type that no program knows; the library passes over it.
const BLANKED: u16 = 0x0FFE;
const COLUMNS: u32 = 256;
/// A record of 25 MiB is continued 3,000 times; the library takes time with the square of this number.
const MOST_CONTINUED: usize = 10_000;
/// The kind of a record that gives a number format its code.
const FORMAT: u16 = 0x041E;
/// The kind of a record that says how cells look.
const LOOK: u16 = 0x00E0;
/// The kind of a record that describes a font.
const FONT: u16 = 0x0031;
/// The kind of a sheet that is a program of Excel 4.
const MACRO_SHEET: u8 = 1;

/// One sheet of an .xls workbook, in the sender's order.
#[derive(Debug)]
pub(crate) struct XlsSheet {
    pub(crate) name: String,
    /// False for chart and macro sheets.
    pub(crate) worksheet: bool,
    pub(crate) formulas: BTreeSet<Address>,
    /// Formulas whose stored result 0 may stand for one that was not stored.
    pub(crate) unsure: BTreeSet<Address>,
    /// The number formats of cells whose numbers may be shown otherwise than they are.
    pub(crate) formats: BTreeMap<Address, Rc<Format>>,
    /// The runs of texts of which some stand raised or lowered.
    pub(crate) runs: BTreeMap<Address, Rc<[Run]>>,
    pub(crate) view: View,
    start: usize,
}

struct Record {
    kind: u16,
    start: usize,
    data: Range<usize>,
    continued: Vec<Range<usize>>,
}

fn broken() -> Refusal {
    damaged("the records of the workbook break off; its end is probably missing")
}

/// The record at `start` with those that continue it, and where the next one begins.
fn record(stream: &[u8], start: usize) -> Result<(Record, usize), Refusal> {
    let single = |start: usize| -> Option<(u16, Range<usize>)> {
        let length = usize::from(u16_at(stream, start + 2)?);
        let data = start + 4..start + 4 + length;
        (data.end <= stream.len()).then_some((u16_at(stream, start)?, data))
    };
    let (kind, data) = single(start).ok_or_else(broken)?;
    let mut next = data.end;
    let mut continued = Vec::new();
    while u16_at(stream, next) == Some(CONTINUE) {
        let (_, more) = single(next).ok_or_else(broken)?;
        next = more.end;
        continued.push(more);
        if continued.len() > MOST_CONTINUED {
            return Err(too_large("a record in too many pieces", count(MOST_CONTINUED)));
        }
    }
    Ok((Record { kind, start, data, continued }, next))
}

fn blank_out(stream: &mut [u8], record: &Record) {
    if let Some(kind) = stream.get_mut(record.start..record.start + 2) {
        kind.copy_from_slice(&BLANKED.to_le_bytes());
    }
}

/// Checks all records and blanks out what the library should not see.
pub(crate) fn scan(stream: &mut [u8], limits: &Limits) -> Result<Vec<XlsSheet>, Refusal> {
    let Globals { mut sheets, texts, looks, end } = globals(stream, limits)?;
    let mut names = BTreeSet::new();
    if let Some(doubled) = sheets.iter().find(|sheet| !names.insert(sheet.name.to_lowercase())) {
        return Err(damaged(format!("two sheets have the same name: {}", doubled.name)));
    }
    let mut walk = SheetWalk {
        texts,
        looks,
        budget: Budget::new(limits),
        dense: limits.dense_cells,
        limits,
        cells: Vec::new(),
    };
    // The library starts anew at every sheet's position: they must not overlap, or it would read in circles.
    let mut order: Vec<usize> = (0..sheets.len()).collect();
    order.sort_by_key(|index| sheets.get(*index).map(|sheet| sheet.start));
    let mut end = end;
    for index in order {
        let Some(sheet) = sheets.get_mut(index) else { continue };
        if sheet.start < end {
            return Err(at(damaged("two sheets share one content"), &sheet.name, None));
        }
        let name = sheet.name.clone();
        end = walk.sheet(stream, sheet).map_err(|refusal| at(refusal, &name, None))?;
    }
    Ok(sheets)
}

/// What the workbook's own records say, and where they end.
struct Globals {
    sheets: Vec<XlsSheet>,
    texts: Vec<SharedText>,
    /// The number formats of looks, in the order by which cells name them.
    looks: Vec<Rc<Format>>,
    end: usize,
}

/// A text that cells share.
struct SharedText {
    /// How many characters it has.
    length: usize,
    /// Its runs, where some of them stand raised or lowered.
    runs: Option<Rc<[Run]>>,
}

fn globals(stream: &mut [u8], limits: &Limits) -> Result<Globals, Refusal> {
    let mut sheets = Vec::new();
    let mut texts = Vec::new();
    let mut formats: BTreeMap<u16, Rc<Format>> = BTreeMap::new();
    let mut looks: Vec<u16> = Vec::new();
    let mut fonts: Vec<Option<Sign>> = Vec::new();
    let mut at = 0;
    let mut newest = true;
    loop {
        let (record, next) = record(stream, at)?;
        if at == 0 {
            match record.kind {
                BEGIN => newest = u16_at(stream, record.data.start) != Some(0x0500),
                0x0009 | 0x0209 | 0x0409 => return Err(other_kind("xls of Excel 4 or older")),
                _ => return Err(damaged("the workbook does not begin with its first record")),
            }
        }
        at = next;
        let data = stream.get(record.data.clone()).unwrap_or_default();
        match record.kind {
            END => {
                let format = |id: &u16| {
                    formats.get(id).cloned().unwrap_or_else(|| Rc::new(Format::built_in(u32::from(*id))))
                };
                let looks = looks.iter().map(format).collect();
                return Ok(Globals { sheets, texts, looks, end: next });
            }
            // Whatever the method, the records after this one are unreadable without the password.
            0x002F => return Err(encrypted()),
            0x0085 => {
                let sheet = bound_sheet(data, newest).ok_or_else(broken)?;
                if data.get(5) == Some(&MACRO_SHEET) {
                    return Err(refusal::at(macro_sheet(), &sheet.name, None));
                }
                sheets.push(sheet);
                if sheets.len() > limits.sheets {
                    return Err(too_large("too many sheets", count(limits.sheets)));
                }
            }
            FORMAT => {
                if let Some((id, code)) = number_format(data, newest) {
                    formats.insert(id, Rc::new(Format::of_code(&code)));
                }
            }
            LOOK => looks.push(u16_at(data, 2).unwrap_or_default()),
            FONT => fonts.push(font_sign(data)),
            0x00FC => texts = shared_texts(stream, &record, &fonts, limits)?,
            // In files since Excel 97 all text is Unicode; the library would believe another code page.
            0x0042 if newest => blank_out(stream, &record),
            0x0017 | 0x0018 => blank_out(stream, &record),
            _ => {}
        }
    }
}

/// The number of a number format and its code.
fn number_format(data: &[u8], newest: bool) -> Option<(u16, String)> {
    let id = u16_at(data, 0)?;
    // Latin letters are all that matters in a code: of wide characters their low half, the others become blanks.
    let code = if newest && *data.get(4)? & 1 == 1 {
        let units = data.get(5..)?.chunks_exact(2).filter_map(|unit| u16_at(unit, 0));
        units.map(|unit| u8::try_from(unit).map_or(' ', char::from)).collect()
    } else {
        data.get(if newest { 5 } else { 3 }..)?.iter().copied().map(char::from).collect()
    };
    Some((id, code))
}

fn bound_sheet(data: &[u8], newest: bool) -> Option<XlsSheet> {
    let start = usize_at(data, 0)?;
    let worksheet = *data.get(5)? == 0;
    let length = usize::from(*data.get(6)?);
    let name: String = if newest && *data.get(7)? & 1 == 1 {
        let units: Vec<u16> =
            data.get(8..8 + 2 * length)?.chunks_exact(2).filter_map(|unit| u16_at(unit, 0)).collect();
        String::from_utf16_lossy(&units)
    } else {
        let from = if newest { 8 } else { 7 };
        data.get(from..from + length)?.iter().copied().map(char::from).collect()
    };
    Some(XlsSheet {
        name,
        worksheet,
        formulas: BTreeSet::new(),
        unsure: BTreeSet::new(),
        formats: BTreeMap::new(),
        runs: BTreeMap::new(),
        view: View::default(),
        start,
    })
}

const CUT: &str = "a character of one of its texts is cut in two between two records";

/// Where a font lets a text stand (\[MS-XLS\] 2.4.122): on the line, or raised or lowered.
fn font_sign(data: &[u8]) -> Option<Sign> {
    match u16_at(data, 8) {
        Some(1) => Some(superscript),
        Some(2) => Some(subscript),
        _ => None,
    }
}

/// The runs of a text, of each of which the position of the first character and the number of the font are stated; nothing where
/// all stand on the line. No font has the number 4: the fifth one is called 5.
fn runs(stated: &[u8], fonts: &[Option<Sign>]) -> Option<Rc<[Run]>> {
    let run = |stated: &[u8]| {
        let font = usize::from(u16_at(stated, 2)?);
        let sign = fonts.get(if font < 4 { font } else { font - 1 }).copied().flatten();
        Some((usize::from(u16_at(stated, 0)?), sign))
    };
    let runs: Vec<Run> = stated.chunks_exact(4).filter_map(run).collect();
    runs.iter().any(|(_, sign)| sign.is_some()).then(|| runs.into())
}

/// The characters of each shared text and its runs. Texts run on across records, in the way the library reads them.
fn shared_texts(
    stream: &[u8],
    record: &Record,
    fonts: &[Option<Sign>],
    limits: &Limits,
) -> Result<Vec<SharedText>, Refusal> {
    let broken = || damaged("the table of texts of the workbook breaks off");
    let mut pieces = record.continued.iter().filter_map(|range| stream.get(range.clone()));
    let mut data = stream.get(record.data.clone()).and_then(|data| data.get(8..)).ok_or_else(broken)?;
    let mut texts = Vec::new();
    loop {
        if data.is_empty() {
            match pieces.next() {
                Some(piece) => data = piece,
                None => return Ok(texts),
            }
        }
        if texts.len() >= limits.cells {
            return Err(too_large("too many texts", count(limits.cells)));
        }
        if data.is_empty() {
            texts.push(SharedText { length: 0, runs: None });
            continue;
        }
        let length = usize::from(u16_at(data, 0).ok_or_else(broken)?);
        let flags = *data.get(2).ok_or_else(broken)?;
        let mut at = 3;
        let mut behind = 0;
        if flags & 8 != 0 {
            behind += 4 * usize::from(u16_at(data, at).ok_or_else(broken)?);
            at += 2;
        }
        // The runs come first of what stands behind the text.
        let (mut stated, of_runs) = (Vec::new(), behind);
        if flags & 4 != 0 {
            behind += usize_at(data, at).ok_or_else(broken)?;
            at += 4;
        }
        data = data.get(at..).ok_or_else(broken)?;
        let mut wide = flags & 1 == 1;
        let mut left = length;
        loop {
            let width = if wide { 2 } else { 1 };
            let here = left.min(data.len() / width);
            let (read, rest) = data.split_at_checked(here * width).ok_or_else(broken)?;
            data = rest;
            left -= here;
            if left == 0 {
                break;
            }
            let last = read.len().checked_sub(2).and_then(|at| u16_at(read, at));
            if wide && last.is_some_and(|unit| (0xD800..0xDC00).contains(&unit)) {
                // The library reads each piece by itself and would make two replacement characters of it.
                return Err(unreadable(CUT));
            }
            let (flag, rest) = pieces.next().and_then(|piece| piece.split_first()).ok_or_else(broken)?;
            wide = flag & 1 == 1;
            data = rest;
        }
        while behind > 0 {
            if data.is_empty() {
                data = pieces.next().ok_or_else(broken)?;
            }
            let here = behind.min(data.len());
            let (read, rest) = data.split_at_checked(here).ok_or_else(broken)?;
            stated.extend(read.iter().take(of_runs - stated.len()));
            data = rest;
            behind -= here;
        }
        texts.push(SharedText { length, runs: runs(&stated, fonts) });
    }
}

struct SheetWalk<'l> {
    texts: Vec<SharedText>,
    /// The number formats of looks.
    looks: Vec<Rc<Format>>,
    budget: Budget<'l>,
    dense: u64,
    limits: &'l Limits,
    /// The cells with a value of the sheet being walked.
    cells: Vec<Address>,
}

impl SheetWalk<'_> {
    /// Walks one sheet to its end and gives the position behind it.
    fn sheet(&mut self, stream: &mut [u8], sheet: &mut XlsSheet) -> Result<usize, Refusal> {
        self.cells.clear();
        let mut at = sheet.start;
        let mut depth = 0_usize;
        // A formula whose text result stands in a record of its own, still to come.
        let mut awaiting = None;
        let mut filtered = false;
        loop {
            let (record, next) = record(stream, at)?;
            if depth == 0 && record.kind != BEGIN {
                return Err(damaged("a sheet does not begin with its first record"));
            }
            at = next;
            match record.kind {
                BEGIN => depth += 1,
                END => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                // Charts inside the sheet have records like those of cells.
                _ if depth > 1 => {}
                // Declared extent, merged cells.
                0x0200 => blank_out(stream, &record),
                0x00E5 => {
                    let data = stream.get(record.data.clone()).unwrap_or_default();
                    sheet.view.merged.extend(merged(data));
                    blank_out(stream, &record);
                }
                0x0208 | 0x007D => {
                    let data = stream.get(record.data.clone()).unwrap_or_default();
                    hidden(record.kind, data, &mut sheet.view);
                }
                biff_aside::LINK => {
                    let data = stream.get(record.data.clone()).unwrap_or_default();
                    if let Some((region, target)) = biff_aside::link(data) {
                        aside::link(&mut sheet.view, region, &target, &mut self.budget)?;
                    }
                }
                // The sheet is filtered: what is hidden is taken to be hidden by the filter.
                0x009B => filtered = true,
                0x0006 => awaiting = self.formula(stream, &record, sheet)?,
                0x0207 => {
                    let address = awaiting.take().ok_or_else(|| damaged("a text belongs to no cell"))?;
                    self.value(address, record.data.len())?;
                    if !record.continued.is_empty() {
                        let refusal = unreadable("the result of a formula is longer than one record");
                        return Err(crate::refusal::at(refusal, &sheet.name, Some(address)));
                    }
                }
                _ => self.plain(stream, &record, sheet)?,
            }
        }
        self.check_extent(sheet)?;
        if filtered {
            sheet.view.filtered_rows = std::mem::take(&mut sheet.view.hidden_rows);
        }
        Ok(at)
    }

    fn formula(
        &mut self,
        stream: &mut [u8],
        record: &Record,
        sheet: &mut XlsSheet,
    ) -> Result<Option<Address>, Refusal> {
        let data = stream.get_mut(record.data.clone()).unwrap_or_default();
        let address = address(data)?;
        // A plain truth value is written by LibreOffice as a formula of nothing but this value.
        let plain = matches!(data.get(20..), Some([2, 0, 0x1D, 0 | 1, ..]))
            && data.get(12..14) == Some(&[0xFF, 0xFF]);
        if data.get(6..14) == Some(&[0; 8]) && !is_arithmetic(data) {
            sheet.unsure.insert(address);
        }
        self.look(address, data, 4, sheet);
        let code = u16_at(data, 20).and_then(|length| data.get(22..22 + usize::from(length)));
        if let Some(target) = code.and_then(biff_aside::of_formula) {
            let cell = Region { top_left: address, bottom_right: address };
            aside::link(&mut sheet.view, cell, &target, &mut self.budget)?;
        }
        // The library turns the code into text, which nobody reads; without code there is nothing to turn.
        data.get_mut(20..22).ok_or_else(broken)?.fill(0);
        if !plain && !sheet.formulas.insert(address) {
            return Err(doubled(address, &sheet.name));
        }
        if data.get(12..14) == Some(&[0xFF, 0xFF]) && data.get(6) == Some(&0) {
            return Ok(Some(address));
        }
        self.value(address, 0)?;
        Ok(None)
    }

    /// A cell that is no formula.
    fn plain(&mut self, stream: &[u8], record: &Record, sheet: &mut XlsSheet) -> Result<(), Refusal> {
        let data = stream.get(record.data.clone()).unwrap_or_default();
        match record.kind {
            // Number, short number.
            0x0203 | 0x027E => {
                let address = address(data)?;
                self.look(address, data, 4, sheet);
                self.value(address, 0)
            }
            // Truth value or error.
            0x0205 => self.value(address(data)?, 0),
            // Text in the cell itself.
            0x0204 | 0x00D6 => self.value(address(data)?, data.len()),
            // Text in the shared table.
            0x00FD => {
                let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                let text = index.and_then(|index| self.texts.get(index));
                let text = text.ok_or_else(|| damaged("a cell refers to a text that does not exist"))?;
                let address = address(data)?;
                sheet.runs.extend(text.runs.as_ref().map(|runs| (address, Rc::clone(runs))));
                // Most characters need one byte, few need three; the exact count follows when they are read.
                self.value(address, 2 * text.length)
            }
            // Several short numbers side by side.
            0x00BD => {
                let first = address(data)?;
                let count = data.len().saturating_sub(6) / 6;
                let last = u16_at(data, data.len().saturating_sub(2)).ok_or_else(broken)?;
                let declared =
                    (u32::from(last) + 1).checked_sub(first.column).and_then(|n| usize::try_from(n).ok());
                if count == 0 || declared != Some(count) || data.len() != 6 + 6 * count {
                    return Err(broken());
                }
                for (column, look) in (first.column..=u32::from(last)).zip((4..).step_by(6)) {
                    let address = in_grid(Address::new(first.row, column))?;
                    self.look(address, data, look, sheet);
                    self.value(address, 0)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Notes the format of a cell, the number of whose look stands in `data` at `at`.
    fn look(&self, address: Address, data: &[u8], at: usize, sheet: &mut XlsSheet) {
        let look = u16_at(data, at).map(usize::from);
        if let Some(format) = look.and_then(|look| self.looks.get(look)).filter(|format| !format.is_plain()) {
            sheet.formats.insert(address, Rc::clone(format));
        }
    }

    fn value(&mut self, address: Address, text: usize) -> Result<(), Refusal> {
        self.budget.charge(text)?;
        self.cells.push(address);
        Ok(())
    }

    /// No cell twice, and no grid so wide that laying it out would fill the memory.
    fn check_extent(&mut self, sheet: &XlsSheet) -> Result<(), Refusal> {
        self.cells.sort_unstable();
        if let Some([first, _]) = self.cells.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(doubled(*first, &sheet.name));
        }
        let span = |values: &mut dyn Iterator<Item = u32>| {
            let (low, high) = values.fold((u32::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
            u64::from(high.saturating_sub(low)) + 1
        };
        if self.cells.is_empty() {
            return Ok(());
        }
        let rows = span(&mut self.cells.iter().map(|cell| cell.row));
        let columns = span(&mut self.cells.iter().map(|cell| cell.column));
        self.dense = self.dense.checked_sub(rows * columns).ok_or_else(|| {
            let limit = usize::try_from(self.limits.dense_cells).unwrap_or(usize::MAX);
            too_large("cells so far apart that their sheets have too many places", count(limit))
        })?;
        Ok(())
    }
}

/// Whether a formula's last step is arithmetic or a number. `LibreOffice` stores 0 for every text result, so a
/// stored 0 is one for certain only then.
fn is_arithmetic(formula: &[u8]) -> bool {
    let code =
        u16_at(formula, 20).and_then(|length| formula.get(22..22 + usize::from(length))).unwrap_or_default();
    match code {
        [0x1E, _, _] => true,
        [0x1F, number @ ..] if number.len() == 8 => true,
        [.., last] => matches!(last, 0x03..=0x07 | 0x12..=0x14),
        [] => false,
    }
}

/// The regions of a record of merged cells; at most 1,027 fit into one.
fn merged(data: &[u8]) -> impl Iterator<Item = Region> {
    data.get(2..).unwrap_or_default().chunks_exact(8).filter_map(|region| {
        let number = |at| u16_at(region, at).map(u32::from);
        let top_left = Address::new(number(0)?, number(4)?);
        let bottom_right = Address::new(number(2)?, number(6)?);
        (top_left != bottom_right && bottom_right.column < COLUMNS)
            .then_some(Region { top_left, bottom_right })
    })
}

/// Notes a row or columns that are hidden. What cannot be read there is no answer and is left alone.
fn hidden(kind: u16, data: &[u8], view: &mut View) {
    let number = |at| u16_at(data, at).map(u32::from);
    let flag = |at, bit| number(at).is_some_and(|flags| flags & bit != 0);
    if kind == 0x0208 {
        if let Some(row) = number(0).filter(|_| flag(12, 0x20)) {
            view.hidden_rows.push(Span { first: row, last: row });
        }
    } else if let Some((first, last)) = number(0).zip(number(2)).filter(|_| flag(8, 1)) {
        view.hidden_columns.push(Span { first, last: last.min(COLUMNS - 1) });
    }
}

/// Where the cell of a record stands. A record can name columns that no sheet of this kind has.
fn address(data: &[u8]) -> Result<Address, Refusal> {
    let number = |at| u16_at(data, at).map(u32::from).ok_or_else(broken);
    in_grid(Address::new(number(0)?, number(2)?))
}

fn in_grid(address: Address) -> Result<Address, Refusal> {
    if address.column < COLUMNS {
        Ok(address)
    } else {
        Err(damaged(format!("the cell reference {address} is outside the grid (A1 to IV65536)")))
    }
}

fn doubled(address: Address, sheet: &str) -> Refusal {
    at(damaged(format!("the cell {address} is in the sheet {sheet} twice")), sheet, Some(address))
}
