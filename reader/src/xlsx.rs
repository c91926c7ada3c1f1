//! Reads the cells of an xlsx: the checks and the library walk the same bytes side by side, cell by cell.

use std::borrow::Cow;
use std::io::Cursor;
use std::ops::Range;

use calamine::{Data, DataRef, Reader as _, Xlsx, XlsxError};
use maturity::cell::{Book, Cell, CellValue, Sheet, View};
use maturity::finding::Refusal;
use quick_xml::events::Event;

use crate::Limits;
use crate::budget::Budget;
use crate::package::Package;
use crate::refusal::{at, count, damaged, too_large, unreadable};
use crate::sheet_scan::SheetScan;
use crate::styles;
use crate::value::cell_value;
use crate::workbook_scan::{SheetPart, scan};
use crate::xml::Xml;
use crate::zip_scan::Archive;

/// The visible and hidden worksheets with their cells.
pub(crate) fn read(archive: &Archive<'_>, limits: &Limits) -> Result<Book, Refusal> {
    let workbook = scan(archive, limits)?;
    let mut package = Package::new();
    if let Some(part) = workbook.shared_strings.as_deref().filter(|part| archive.has(part)) {
        let content = archive.part(part)?;
        package.add_shared_strings(&without_declared_count(content, part, limits)?)?;
    }
    if let Some(part) = workbook.styles.as_deref().filter(|part| archive.has(part)) {
        package.add_styles(&styles::reduce(&archive.part(part)?, part, limits)?)?;
    }
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        package.add_sheet(index, &archive.part(&sheet.part)?)?;
    }
    let (bytes, ranges) = package.finish(workbook.sheets.len())?;
    let mut library = Xlsx::new(Cursor::new(bytes.as_slice()))
        .map_err(|error| unreadable(format!("its sheets cannot be opened ({error})")))?;
    let mut budget = Budget::new(limits);
    let mut book = Book::default();
    for (index, (part, range)) in workbook.sheets.iter().zip(ranges).enumerate() {
        let mut reading =
            SheetReading { library: &mut library, bytes: &bytes, limits, from_1904: workbook.from_1904 };
        book.sheets.push(reading.sheet(index, part, range, &mut budget)?);
    }
    Ok(book)
}

/// The table of texts as it is, except that its declared count is renamed: the library would reserve memory
/// for whatever number stands there.
fn without_declared_count<'c>(
    content: Cow<'c, [u8]>,
    part: &str,
    limits: &Limits,
) -> Result<Cow<'c, [u8]>, Refusal> {
    const NAME: &[u8] = b"uniqueCount";
    let mut xml = Xml::new(&content, part, limits.text_bytes)?;
    let mut texts = 0;
    let mut opened = None;
    loop {
        match xml.next()? {
            Event::Start(start) if start.local_name().as_ref() == "si" => {
                texts += 1;
                if texts > limits.cells {
                    return Err(too_large("too many texts", count(limits.cells)));
                }
            }
            Event::Start(start) if opened.is_none() && start.local_name().as_ref() == "sst" => {
                opened = Some(xml.position());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let head = opened.ok_or_else(|| damaged(format!("the part {part} holds no table of texts")))?;
    let mut content = content.into_owned();
    let head = content.get_mut(..head).unwrap_or_default();
    let mut from = 0;
    while let Some(at) =
        head.get(from..).and_then(|rest| rest.windows(NAME.len()).position(|word| word == NAME))
    {
        from += at;
        if let Some(letter) = head.get_mut(from) {
            *letter = b'U';
        }
    }
    Ok(Cow::Owned(content))
}

struct SheetReading<'r, 'b> {
    library: &'r mut Xlsx<Cursor<&'b [u8]>>,
    bytes: &'b [u8],
    limits: &'r Limits,
    from_1904: bool,
}

impl SheetReading<'_, '_> {
    fn sheet(
        &mut self,
        index: usize,
        part: &SheetPart,
        range: Range<usize>,
        budget: &mut Budget<'_>,
    ) -> Result<Sheet, Refusal> {
        let name = part.name.as_str();
        let refused = |error: XlsxError| {
            at(unreadable(format!("the sheet {name} cannot be opened ({error})")), name, None)
        };
        let xml = self.bytes.get(range).unwrap_or_default();
        let mut scan = SheetScan::new(xml, &part.part, name, self.limits)?;
        let mut values = self.library.worksheet_cells_reader(&Package::sheet_name(index)).map_err(refused)?;
        let mut cells = Vec::new();
        while let Some(scanned) = scan.next().map_err(|refusal| at(refusal, name, None))? {
            let here = Some(scanned.address);
            let data = match values.next_cell_with_formula_metadata() {
                // The library stops at error values newer than 2010, but its stream goes on after them.
                _ if scanned.error.is_some() => DataRef::Empty,
                Ok(Some(record)) => record.value,
                Ok(None) => return Err(at(disagreement(), name, here)),
                Err(error) => {
                    let why = format!("the value of the cell {} cannot be read ({error})", scanned.address);
                    return Err(at(unreadable(why), name, here));
                }
            };
            if data == DataRef::Empty && scanned.error.is_none() && !scanned.formula {
                continue;
            }
            let length = match &data {
                DataRef::SharedString(text) => text.len(),
                DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.len(),
                _ => scanned.error.as_ref().map_or(0, String::len),
            };
            budget.charge(length).map_err(|refusal| at(refusal, name, here))?;
            let value = match scanned.error {
                Some(error) => CellValue::Error(error),
                None => cell_value(Data::from(data), self.from_1904),
            };
            cells.push(Cell { address: scanned.address, value, formula: scanned.formula });
        }
        if !matches!(values.next_cell_with_formula_metadata(), Ok(None)) {
            return Err(at(disagreement(), name, None));
        }
        let view = scan.view().map_err(|refusal| at(refusal, name, None))?;
        finish(name, part.visible, cells, view)
    }
}

fn disagreement() -> Refusal {
    unreadable("its cells can be read in two different ways")
}

/// Sorts the cells into reading order, leaves empty ones out and refuses a cell that is there twice.
pub(crate) fn finish(name: &str, visible: bool, mut cells: Vec<Cell>, view: View) -> Result<Sheet, Refusal> {
    cells.retain(|cell| {
        cell.formula || !matches!(&cell.value, CellValue::Blank) && !is_empty_text(&cell.value)
    });
    cells.sort_by_key(|cell| cell.address);
    for pair in cells.windows(2) {
        if let [first, second] = pair
            && first.address == second.address
        {
            let refusal = damaged(format!("the cell {} is in the sheet {name} twice", first.address));
            return Err(at(refusal, name, Some(first.address)));
        }
    }
    Ok(Sheet { name: name.to_owned(), visible, cells, view: view.in_order() })
}

fn is_empty_text(value: &CellValue) -> bool {
    matches!(value, CellValue::Text(text) if text.is_empty())
}
