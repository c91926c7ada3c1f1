//! The only way into a workbook: whatever is written to a cell, a note, a message, a footer or a link of any of our
//! workbooks passes here.
//!
//! Text of any origin is written as text, never as a formula, a link or a number. What Excel has no room for is cut
//! with a mark that can be seen, or stands there as text: a workbook never fails for what others wrote, and
//! never opens with the question whether it should be repaired. Every other crate is kept from the library's own
//! ways to write by `disallowed-methods` in `clippy.toml`.

mod footer;
mod formula;
mod message;
mod runs;
mod sheet;
mod streamed;
mod style;
mod text;

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use maturity::framework::Date;

pub use footer::Side;
pub use formula::Computed;
pub use message::{Given, choice, question};
pub(crate) use message::{MESSAGE, TITLE};
pub(crate) use sheet::note_text;
pub use sheet::{Sheet, sheet_name};
pub use streamed::{keep_rows_in, with_rows_on_disk};
pub use style::Style;
pub(crate) use text::CELL;
pub use text::{Shown, caption, clean, looks_like_formula, shorten};

/// How hard sheets are packed, from 1 to 9; the library's own choice is 6. Less is faster, and measured on the
/// questionnaires of a whole wave the files become 9 % larger.
const PACKING: u8 = 3;
/// The same for a workbook that is made anew whenever anything of a wave changed: 715 instead of 470 KB for 198 economies.
const PACKING_OF_MANY: u8 = 1;
/// The most UTF-16 units of a property of a document.
const PROPERTY: usize = 255;

/// The bytes of a finished workbook.
#[expect(
    clippy::disallowed_methods,
    reason = "the place where workbooks become bytes; files are written durably"
)]
pub fn save(book: &mut Workbook) -> Result<Vec<u8>, XlsxError> {
    book.set_zip_compression_level(PACKING);
    book.save_to_buffer()
}

/// Writes a finished workbook of a whole wave, without holding its bytes.
#[expect(clippy::disallowed_methods, reason = "the place where workbooks become bytes")]
pub fn save_to(book: &mut Workbook, writer: impl Write + Send) -> Result<(), XlsxError> {
    book.set_zip_compression_level(PACKING_OF_MANY);
    book.save_to_writer(writer)
}

/// The properties of a generated workbook: nothing personal, and no clock.
pub fn properties(title: &str, as_of: Date) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_ymd(as_of.year, as_of.month, as_of.day)?;
    Ok(DocProperties::new().set_title(property(title)).set_creation_datetime(&created))
}

/// A text as a property of a document.
pub fn property(text: &str) -> String {
    shorten(&clean(text), PROPERTY)
}
