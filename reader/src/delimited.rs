//! Reads a text table (CSV): its encoding and its separator are found by content.
//!
//! Every cell stays the text that stands in the file: what is a number is decided by the question, so that codes
//! keep their zeros and nothing depends on the sender's regional settings.

use csv::{ReaderBuilder, StringRecord};
use maturity::cell::{Address, Book, Cell, CellValue, Sheet, View, is_error_text};
use maturity::finding::Refusal;

use crate::Limits;
use crate::budget::Budget;
use crate::encoding;
use crate::grid::{COLUMNS, ROWS, finish};
use crate::kind;
use crate::refusal::{at, damaged, not_workbook};

/// The name of the only sheet: a text table has none of its own.
pub(crate) const SHEET: &str = "Table";
/// What separates cells, in the order of preference where the content does not decide.
const SEPARATORS: [u8; 4] = *b",;\t|";
/// Rows that are looked at to find the separator.
const SAMPLE: usize = 200;
/// Cells in the rows of a table in which a cell with as many separators as half a row is no text.
const WIDE: usize = 20;

/// The table as a workbook of one sheet.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Book, Refusal> {
    let decoded = encoding::decode(bytes)?;
    kind::of_text(&decoded.text)?;
    if decoded.text.contains('\0') {
        return Err(not_workbook("binary data of an unknown kind"));
    }
    // With one kind of line end, a blank line is a row, as in every spreadsheet program. Old programs close with Ctrl-Z.
    let text = decoded.text.trim_end_matches('\u{1a}').replace("\r\n", "\n").replace('\r', "\n");
    let (separator, skip) = separator(&text).ok_or_else(|| not_workbook("plain text"))?;
    let table = text.get(skip..).unwrap_or_default();
    let first_row = u32::from(skip > 0);
    let sheet = sheet(table, separator, first_row, limits).map_err(|refusal| at(refusal, SHEET, None))?;
    Ok(Book { sheets: vec![sheet], assumed_encoding: decoded.assumed })
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// The separator, and how many bytes the line takes in which Excel notes it (`sep=;`).
fn separator(text: &str) -> Option<(u8, usize)> {
    if let Some((line, _)) = text.split_once('\n')
        && let Some(noted) = line.trim_matches('"').strip_prefix("sep=")
        && let Some(separator) = SEPARATORS.into_iter().find(|known| noted.as_bytes() == [*known])
    {
        return Some((separator, line.len() + 1));
    }
    let widths = |separator: u8| -> Vec<usize> {
        let records = reader(text, separator).into_records().take(SAMPLE);
        records.filter_map(|record| record.ok().map(|record| record.len())).collect()
    };
    // Rows of one table have the same number of cells; a comma inside prose gives every line another number.
    let likeness = |separator: u8| {
        let widths = widths(separator);
        let alike = |width: usize| widths.iter().filter(|other| **other == width).count();
        let best = widths.iter().copied().filter(|width| *width > 1).map(|width| (alike(width), width)).max();
        best.filter(|(rows, _)| *rows > 1 && rows * 2 > widths.len())
    };
    let judged = SEPARATORS.into_iter().rev().filter_map(|separator| Some((likeness(separator)?, separator)));
    let by_rows = judged.max_by_key(|(likeness, _)| *likeness);
    // One row under many headings that is longer or shorter than they are makes a table, too.
    let headed = || {
        let judged = SEPARATORS.into_iter().rev().filter_map(|separator| {
            let widths = widths(separator);
            let (headings, rows) = widths.split_first()?;
            let is_wide = |width: usize| width >= WIDE && width * 2 > *headings;
            (is_wide(*headings) && rows.iter().copied().any(is_wide)).then_some(((0, *headings), separator))
        });
        judged.max_by_key(|(likeness, _)| *likeness)
    };
    by_rows.or_else(headed).map(|(_, separator)| (separator, 0))
}

fn sheet(text: &str, separator: u8, first_row: u32, limits: &Limits) -> Result<Sheet, Refusal> {
    let mut budget = Budget::new(limits);
    let mut reader = reader(text, separator);
    let mut cells = Vec::new();
    let mut record = StringRecord::new();
    let mut row = first_row;
    let mut start = 0;
    let mut width = 0;
    loop {
        let more = reader.read_record(&mut record).map_err(|_| damaged("its rows cannot be told apart"))?;
        if !more {
            break;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        let raw = text.get(start..end).unwrap_or_default();
        start = end;
        // The library passes over blank lines; they are rows all the same.
        let blank = raw.bytes().take_while(|byte| *byte == b'\n').count();
        row = row.saturating_add(u32::try_from(blank).unwrap_or(ROWS));
        check_quotes(raw, separator, width, Address::new(row, 0))?;
        width = width.max(record.len());
        for (column, field) in (0..).zip(&record) {
            if row >= ROWS || column >= COLUMNS {
                return Err(damaged("a cell is outside the grid (A1 to XFD1048576)"));
            }
            if field.is_empty() {
                continue;
            }
            let address = Address::new(row, column);
            budget.charge(field.len()).map_err(|refusal| at(refusal, SHEET, Some(address)))?;
            let value = if is_error_text(field) {
                CellValue::Error(field.to_owned())
            } else {
                CellValue::Text(field.to_owned())
            };
            cells.push(Cell { address, value, formula: false });
        }
        row = row.saturating_add(1);
    }
    finish(SHEET, true, cells, View::default())
}

/// Where a row stands as its quotation marks are followed.
enum Mark {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotation marks around it; such marks in it are text.
    Plain,
    /// In a cell with quotation marks around it.
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two that are one.
    Closed,
    /// In blanks behind it.
    Blanks,
}

/// A quotation mark that nobody meant makes one cell of all that follows up to the next one, be it of a cell or of whole
/// rows: then a cell does not end where it is closed, or it holds about a row. `width` is the number of cells in a row.
fn check_quotes(raw: &str, separator: u8, width: usize, address: Address) -> Result<(), Refusal> {
    if !raw.contains('"') {
        return Ok(());
    }
    let row = address.row + 1;
    let refused = |why: String| Err(at(damaged(why), SHEET, Some(address)));
    let mut mark = Mark::Start;
    let (mut lines, mut separators) = (0, 0);
    for byte in raw.bytes() {
        let is_end = byte == separator || byte == b'\n';
        mark = match (mark, byte) {
            (Mark::Start, b'"') => {
                (lines, separators) = (0, 0);
                Mark::Quoted
            }
            (Mark::Quoted, b'"') => Mark::Closed,
            (Mark::Quoted, _) => {
                lines += usize::from(byte == b'\n');
                separators += usize::from(byte == separator);
                Mark::Quoted
            }
            (Mark::Closed, b'"') => Mark::Quoted,
            (Mark::Closed | Mark::Blanks, _) if is_end => {
                if lines > 0 && width >= WIDE && separators * 2 >= width {
                    return refused(format!("a quotation mark in the row {row} takes in the rows below"));
                }
                Mark::Start
            }
            (_, _) if is_end => Mark::Start,
            (Mark::Closed | Mark::Blanks, b' ' | b'\t') => Mark::Blanks,
            (Mark::Closed | Mark::Blanks, _) => {
                return refused(format!("the row {row} has text behind a quotation mark that closes a cell"));
            }
            (Mark::Start | Mark::Plain, _) => Mark::Plain,
        };
    }
    match mark {
        Mark::Quoted => refused(format!("the row {row} opens a quotation mark that is not closed")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use maturity::finding::Problem;

    use super::*;

    fn told(bytes: &[u8]) -> Vec<String> {
        let book = read(bytes, &Limits::default()).unwrap();
        book.sheets[0].cells.iter().map(|cell| format!("{} {}", cell.address, cell.value.display())).collect()
    }

    #[test]
    fn the_separator_is_found_by_content() {
        for text in [
            "id,answer\nA,\"1, or 2\"\nB,x;y\n",
            "id;answer\nA;\"1, or 2\"\nB;\"x;y\"\n",
            "id\tanswer\r\nA\t1, or 2\r\nB\tx;y\r\n",
            "id|answer\nA|1, or 2\nB|x;y\n",
            "\u{feff}id,answer\rA,\"1, or 2\"\rB,x;y",
        ] {
            assert_eq!(told(text.as_bytes()), ["A1 id", "B1 answer", "A2 A", "B2 1, or 2", "A3 B", "B3 x;y"]);
        }
        assert_eq!(told(b"sep=|\nid|a\nA|1,5\n"), ["A2 id", "B2 a", "A3 A", "B3 1,5"]);
        assert_eq!(told(b"sep=;\nid;a\nA;1,5\n"), ["A2 id", "B2 a", "A3 A", "B3 1,5"]);
    }

    #[test]
    fn one_row_that_does_not_end_where_its_headings_do_is_a_row() {
        let row = |cells: usize| (1..=cells).map(|n| format!("x{n}")).collect::<Vec<_>>().join(",");
        for cells in [24, 26] {
            let found = told(format!("{}\n{}\n", row(25), row(cells)).as_bytes());
            assert_eq!(found.len(), 25 + cells);
        }
        let prose = format!("{}\nNothing else, really.\n", row(25));
        assert!(read(prose.as_bytes(), &Limits::default()).is_err());
        assert_eq!(told(b"id,answer\nA,1\n\x1a"), ["A1 id", "B1 answer", "A2 A", "B2 1"]);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let text = "title,\n\n\nid,answer\nA,\"two\nlines\"\n,\nB,007\n";
        assert_eq!(
            told(text.as_bytes()),
            ["A1 title", "A4 id", "B4 answer", "A5 A", "B5 two\nlines", "A7 B", "B7 007"]
        );
    }

    #[test]
    fn an_unclosed_quotation_mark_is_refused_and_an_inch_is_none() {
        let refusal = read(b"id,answer\nA,\"x\nB,y\nC,z\n", &Limits::default()).unwrap_err();
        assert_eq!(refusal.place.unwrap().to_string(), "Table!A2");
        assert!(
            read(b"id,answer\nA,y\nC,\"z", &Limits::default()).is_err(),
            "it takes in the rest of the last row"
        );
        assert_eq!(told(b"id,size\nA,5\" disk\n")[3], "B2 5\" disk");
    }

    #[test]
    fn two_quotation_marks_that_open_do_not_make_up_for_each_other() {
        let refused = |text: &str| {
            let refusal = read(text.as_bytes(), &Limits::default()).unwrap_err();
            let Problem::FileDamaged { reason } = refusal.problem else { unreachable!() };
            assert!(maturity::fragment::is_known(&reason), "{reason}");
            refusal.place.unwrap().to_string()
        };
        assert_eq!(refused("id,a,b\nA,\"x,1\nB,y,2\nC,\"z,3\nD,w,4\n"), "Table!A2");
        assert_eq!(refused("id,a,b\nA,x,1\nB,\"y\" or z,2\n"), "Table!A3");
        // Marks for "as above": the text between them begins and ends as that of a cell does.
        let row = |id: &str, mark: &str| format!("{id},{}{mark},{}\n", "1,".repeat(15), "2,".repeat(15));
        let heading = row("id", "x");
        assert_eq!(refused(&(heading + &row("A", "\"") + &row("B", "3") + &row("C", "\""))), "Table!A2");
        assert_eq!(
            told(b"id,a,b\nA,\"say \"\"x\"\", or\ny\" ,1\n"),
            ["A1 id", "B1 a", "C1 b", "A2 A", "B2 say \"x\", or\ny ", "C2 1"]
        );
    }

    #[test]
    fn sizes_are_limited_as_in_workbooks() {
        let limits = Limits { cells: 3, ..Limits::default() };
        assert!(read(b"a,b\nc,d\n", &limits).is_err());
        let limits = Limits { text_bytes: 3, ..Limits::default() };
        let refusal = read(b"a,b\nc,long\n", &limits).unwrap_err();
        assert_eq!(refusal.place.unwrap().to_string(), "Table!B2");
        let wide = format!("{}\n{}\n", "x,".repeat(20_000), "x,".repeat(20_000));
        assert!(read(wide.as_bytes(), &Limits::default()).is_err());
    }
}
