//! Sheets of which one row at a time is in memory: a workbook with a row for each of many thousand economies.
//!
//! The library writes a finished row to a file that has no name, so that nothing is left of it when the process ends,
//! however it ends. Where that file cannot be written, the library panics: the panic is caught here and becomes the
//! error of the disk that it tells.

use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use rust_xlsxwriter::{Workbook, XlsxError};

/// What the library says before the error of the file.
const FAILED: &str = "Couldn't write to xml file";

/// Where a streamed sheet is: rows above the one that is being written take nothing more.
#[derive(Debug, Default)]
pub(super) struct Place(u32);

impl Place {
    /// Whether writing to a row finishes the one before.
    pub(super) fn leaves_for(&self, row: u32) -> bool {
        row > self.0
    }

    /// Goes on to a row.
    pub(super) fn reach(&mut self, row: u32) -> Result<(), XlsxError> {
        self.is_open(row)?;
        self.0 = row;
        Ok(())
    }

    /// That a row is not finished yet. The library would leave out without an error what comes too late.
    pub(super) fn is_open(&self, row: u32) -> Result<(), XlsxError> {
        if row >= self.0 {
            return Ok(());
        }
        let told = format!("row {} of a streamed sheet comes after row {}", row + 1, self.0 + 1);
        Err(XlsxError::ParameterError(told))
    }
}

/// Lets the finished rows of the streamed sheets of a workbook wait in a folder.
pub fn keep_rows_in(book: &mut Workbook, folder: &Path) -> Result<(), XlsxError> {
    book.set_tempdir(folder)?;
    Ok(())
}

/// Does what writes and saves streamed sheets; a disk that does not take their rows is an error.
pub fn with_rows_on_disk<T>(work: impl FnOnce() -> T) -> io::Result<T> {
    thread_local! {
        static HANDLED: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    // The message of a panic that is handled is not for people; every other one is told as ever.
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |told| {
            if !(HANDLED.get() && of_disk(told.payload()).is_some()) {
                usual(told);
            }
        }));
    });
    let before = HANDLED.replace(true);
    // What the work was about to make is lost with it.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    HANDLED.set(before);
    done.or_else(|payload| match of_disk(payload.as_ref()) {
        Some(error) => Err(error),
        None => panic::resume_unwind(payload),
    })
}

/// The error of the disk that a panic of the library tells.
fn of_disk(payload: &(dyn Any + Send)) -> Option<io::Error> {
    let told = payload.downcast_ref::<String>()?;
    let number = told.split("code: ").nth(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()));
    let number = number.and_then(|mut parts| parts.next()?.parse().ok());
    let of_file = told.starts_with(FAILED) || (told.contains("Result::unwrap()") && told.contains("Os {"));
    of_file.then(|| number.map_or_else(|| io::Error::other(told.clone()), io::Error::from_raw_os_error))
}
