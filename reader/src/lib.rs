//! The gate: the bytes of a stranger's workbook become sheets of cells, or one refusal.
//!
//! A file is judged by its content alone. The container (zip or OLE2) is checked byte by byte first. The parts of an
//! xlsx or ods are then checked and understood in one walk, so that what was checked is exactly what is read. The stream
//! of an xls is checked and copied into a container of our own making, and the library reads that one.

mod aside;
mod biff_aside;
mod biff_scan;
mod budget;
mod bytes;
mod delimited;
mod encoding;
mod grid;
mod kind;
#[cfg(test)]
#[path = "../../fuzz/entries/mutants.rs"]
mod mutants;
mod ods;
mod ole_scan;
mod raised;
mod refusal;
mod shown;
mod value;
pub mod worker;
mod xls;
mod xlsx;
mod xml;
mod zip_scan;

use std::panic::catch_unwind;

use maturity::cell::Book;
use maturity::finding::{Problem, Refusal};

/// How much a file may ask for. The measured maxima are those of 5,081 honest spreadsheets of public test
/// suites and of real survey workbooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file. The largest honest file had 3.9 MB.
    pub file_bytes: u64,
    /// Bytes of all parts of a zip after inflating. Honest: 114 MB in a stress file, 29 MB in a survey.
    pub inflated_bytes: u64,
    /// Parts of a zip. Honest: 1,033.
    pub entries: usize,
    /// Sheets of a workbook, chart sheets included. Honest: 1,024 in a stress file, 39 in a survey.
    pub sheets: usize,
    /// Cells with content in the whole workbook, and texts in its shared table. Honest: 635,062.
    pub cells: usize,
    /// Grid positions between the outermost cells of all sheets of an .xls file, which the library lays out
    /// densely. An honest form needs 5.1 million for 11 values; six million fit into one gibibyte.
    pub dense_cells: u64,
    /// Bytes of one cell and of one piece of XML. Honest: 24,732; Excel itself stops at 32,767 characters.
    pub text_bytes: usize,
    /// Bytes of all cell texts together, because many cells can share one stored text.
    pub all_text_bytes: u64,
    /// Cell formats of a workbook. Excel stops at 65,490.
    pub formats: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 25 * 1024 * 1024,
            inflated_bytes: 256 * 1024 * 1024,
            entries: 4096,
            sheets: 2048,
            cells: 5_000_000,
            dense_cells: 6_000_000,
            text_bytes: 1024 * 1024,
            all_text_bytes: 128 * 1024 * 1024,
            formats: 100_000,
        }
    }
}

/// Reads a workbook, or says in one refusal why it is not taken in.
///
/// The same bytes always give the same result. A panic inside the library is a refusal too; the process-wide
/// panic hook is left alone, so its message may still appear on standard error.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Book, Refusal> {
    catch_unwind(|| read_unguarded(bytes, limits)).unwrap_or_else(|_panic| {
        Err(Refusal::of_file(Problem::FileUnreadable {
            reason: "its inner structure is not what spreadsheet programs write".to_owned(),
        }))
    })
}

/// The text of a table that people keep for themselves, such as one of decisions: its encoding is told as that of a text
/// table of a sender.
pub fn text(bytes: &[u8]) -> Result<String, Refusal> {
    let decoded = encoding::decode(bytes)?;
    kind::of_text(&decoded.text)?;
    Ok(decoded.text)
}

fn read_unguarded(bytes: &[u8], limits: &Limits) -> Result<Book, Refusal> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limits.file_bytes {
        return Err(refusal::too_large(refusal::size(size), refusal::size(limits.file_bytes)));
    }
    match kind::container(bytes)? {
        kind::Container::Zip => {
            let archive = zip_scan::Archive::open(bytes, limits)?;
            let kind = kind::of_zip(&archive)?;
            archive.verify()?;
            match kind {
                kind::ZipKind::Xlsx => xlsx::read(&archive, limits),
                kind::ZipKind::Ods => ods::read(&archive, limits),
            }
        }
        kind::Container::Ole => {
            let file = ole_scan::Compound::open(bytes)?;
            let stream = kind::of_ole(&file)?;
            xls::read(file.read(stream)?, limits)
        }
        kind::Container::Text => delimited::read(bytes, limits),
    }
}
