//! What is read is what calamine reads: on honest workbooks, and on parts altered at random wherever both read them.

use std::io::{Cursor, Read as _, Write as _};

use calamine::{Data, Reader as _, Xlsx, XlsxError};
use maturity::cell::{Address, Book, Cell, CellValue, View};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::Limits;
use crate::grid::finish;
use crate::mutants::Dice;
use crate::value::cell_value;

/// The cells of each sheet as calamine has them.
fn by_library(bytes: &[u8], book: &Book) -> Result<Vec<Vec<Cell>>, XlsxError> {
    let mut library = Xlsx::new(Cursor::new(bytes))?;
    let from_1904 = library.has_1904_epoch();
    let mut sheets = Vec::new();
    for sheet in &book.sheets {
        let mut reader = library.worksheet_cells_reader(&sheet.name)?;
        let mut cells = Vec::new();
        while let Some(record) = reader.next_cell_with_formula_metadata()? {
            let address = Address::new(record.pos.0, record.pos.1);
            // Whether what stands in a formula's place counts as one is not decided by the library.
            let formula = record.formula.is_some()
                && sheet.cells.iter().any(|cell| cell.address == address && cell.formula);
            let value = cell_value(Data::from(record.value), from_1904);
            cells.push(Cell { address, value, formula });
        }
        sheets
            .push(finish(&sheet.name, true, cells, View::default()).map_or(Vec::new(), |sheet| sheet.cells));
    }
    Ok(sheets)
}

/// The cells of each sheet as we read them; the library does not tell which numbers are shown in percent.
fn ours(book: &Book) -> Vec<Vec<Cell>> {
    let mut sheets: Vec<Vec<Cell>> = book.sheets.iter().map(|sheet| sheet.cells.clone()).collect();
    for cell in sheets.iter_mut().flatten() {
        if let CellValue::Percent(number) | CellValue::Masked(number) = cell.value {
            cell.value = CellValue::Number(number);
        }
    }
    sheets
}

/// A workbook with values of all kinds.
#[expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]
fn all_kinds() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let formats = [
        "General",
        "0.00",
        "yyyy-mm-dd",
        "[h]:mm",
        "h:mm AM/PM",
        "\"d\"0",
        "[Red]0;d",
        "0\\d",
        "mm:ss.0",
        "[$-F800]dddd",
        "#,##0 ;(#,##0)",
        "@",
        "_(* #,##0_)",
        "[>=100][Magenta][s].00",
        "d-mmm",
        "[hh]",
        "[Blue]",
        "A/P",
    ];
    let formats: Vec<Format> = formats.iter().map(|code| Format::new().set_num_format(*code)).collect();
    let bold = Format::new().set_bold();
    for _ in 0..2 {
        let sheet = workbook.add_worksheet();
        for (row, format) in (0..).zip(&formats) {
            for (column, number) in
                [(0, 0.0), (1, 0.25), (2, 60.0), (3, 44_654.416_666), (4, -1.5), (5, 1e300)]
            {
                sheet.write_with_format(row, column, number, format).unwrap();
            }
            let date = ExcelDateTime::from_ymd(2022, 4, 3).unwrap();
            sheet.write_with_format(row, 6, &date, format).unwrap();
            sheet.write_with_format(row, 7, row % 2 == 0, format).unwrap();
            sheet.write_blank(row, 8, format).unwrap();
            sheet.write(row, 9, format!(" _x000D_ \u{e9}&<{row}>\n ")).unwrap();
            sheet.write(row, 10, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
            sheet.write(row, 11, Formula::new("=\"a\"").set_result("a & b")).unwrap();
            sheet.write_rich_string(row, 12, &[(&Format::default(), "one "), (&bold, "two")]).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn workbooks() -> Vec<Vec<u8>> {
    let book = std::fs::read(format!("{}/tests/data/book.xlsx", env!("CARGO_MANIFEST_DIR"))).unwrap();
    vec![book, all_kinds()]
}

#[test]
fn honest_workbooks_hold_what_the_library_reads_in_them() {
    for bytes in workbooks() {
        let book = crate::read(&bytes, &Limits::default()).unwrap();
        assert!(book.sheets.iter().any(|sheet| sheet.cells.len() > 5));
        assert_eq!(ours(&book), by_library(&bytes, &book).unwrap());
    }
}

/// The parts of a workbook, unpacked.
fn parts(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// The parts as a workbook, one of them with another content.
fn with(parts: &[(String, Vec<u8>)], altered: usize, content: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, original)) in parts.iter().enumerate() {
        writer.start_file(name, options).unwrap();
        writer.write_all(if index == altered { content } else { original }).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn position(parts: &[(String, Vec<u8>)], end: &str) -> usize {
    parts.iter().position(|(name, _)| name.ends_with(end)).unwrap()
}

/// Whether both read the workbook; if so, the cells must be the same.
fn agree(bytes: &[u8], what: &str) -> bool {
    let limits = Limits { cells: 100_000, inflated_bytes: 4_000_000, ..Limits::default() };
    let Ok(book) = crate::read(bytes, &limits) else { return false };
    let Ok(Ok(theirs)) = std::panic::catch_unwind(|| by_library(bytes, &book)) else { return false };
    for (ours, theirs) in ours(&book).iter().zip(&theirs) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours, theirs, "{what}");
        }
        assert_eq!(ours.len(), theirs.len(), "{what}");
    }
    true
}

fn rounds(usual: usize) -> usize {
    std::env::var("GTMI_TEST_MUTANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn altered_parts_are_read_as_the_library_reads_them_or_refused() {
    let rounds = rounds(800);
    let mut both = 0;
    for bytes in workbooks() {
        let parts = parts(bytes);
        let mut dice = Dice(20_241_123);
        for _ in 0..rounds {
            let altered = position(&parts, ["/sheet1.xml", "/sharedStrings.xml"][dice.roll(2)]);
            let mutant = dice.mutant(&parts[altered].1);
            both += usize::from(agree(&with(&parts, altered, &mutant), &parts[altered].0));
        }
    }
    assert!(both > rounds / 4, "{both} of twice {rounds} were read by both");
}

#[test]
fn a_style_shows_a_date_where_the_library_says_so() {
    const PIECES: [&str; 28] = [
        "0",
        "#,##0",
        ".00",
        "\"day\"",
        "\\d",
        "_)",
        "* ",
        "[Red]",
        "[h]",
        "[mm]",
        "[SS]",
        "[$-409]",
        "[$\u{20ac}-407]",
        "[&gt;=100]",
        "yyyy",
        "mm",
        "d",
        "h",
        "ss",
        "AM/PM",
        "a/p",
        ";",
        "@",
        "%",
        " ",
        "/",
        "-",
        "[hm]",
    ];
    let parts = parts(all_kinds());
    let altered = position(&parts, "/styles.xml");
    let styles = String::from_utf8(parts[altered].1.clone()).unwrap();
    let mut dice = Dice(3);
    for _ in 0..rounds(100) {
        let mut styles = styles.clone();
        for id in 164..181 {
            let start = styles.find(&format!("numFmtId=\"{id}\" formatCode=\"")).unwrap();
            let start = start + "numFmtId=\"164\" formatCode=\"".len();
            let end = start + styles[start..].find('"').unwrap();
            let code: String =
                (0..=dice.roll(4)).map(|_| PIECES[dice.roll(PIECES.len())].replace('"', "&quot;")).collect();
            styles.replace_range(start..end, &code);
        }
        assert!(agree(&with(&parts, altered, styles.as_bytes()), &styles), "{styles}");
    }
}
