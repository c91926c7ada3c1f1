//! Writing cells: texts from outside always as text, never as formula, link or number.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::words::shorten;

/// The most that a cell can hold, in UTF-16 units.
const MOST: usize = 32_767;

/// How hard sheets are packed, from 1 to 9; the library's own choice is 6. Less is faster, and measured on the
/// questionnaires of a whole wave the files become 9 % larger.
const PACKING: u8 = 3;

/// The bytes of a finished workbook.
pub fn save(book: &mut Workbook) -> Result<Vec<u8>, XlsxError> {
    book.set_zip_compression_level(PACKING);
    book.save_to_buffer()
}

/// Writes a text as a string cell, whatever it looks like.
pub(crate) fn text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, column, shorten(text, MOST), format)?;
    Ok(())
}

/// Gives the cells of a row from `first` to `last` a format without content.
pub(crate) fn fill(
    sheet: &mut Worksheet,
    row: u32,
    first: u16,
    last: u16,
    format: &Format,
) -> Result<(), XlsxError> {
    for column in first..=last {
        sheet.write_blank(row, column, format)?;
    }
    Ok(())
}
