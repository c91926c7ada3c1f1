//! Reads the cells of an .xls workbook stream after its records were checked.

use std::io::Cursor;

use calamine::{Reader as _, SheetVisible, Xls};
use maturity::cell::{Address, Book, Cell, CellValue};
use maturity::finding::Refusal;

use crate::Limits;
use crate::biff_scan;
use crate::budget::Budget;
use crate::grid::finish;
use crate::ole_scan::one_stream_file;
use crate::raised::of_runs;
use crate::refusal::{at, unreadable};
use crate::shown::Shown;
use crate::value::{cell_value, text_length};

/// The visible and hidden worksheets with their cells.
pub(crate) fn read(mut stream: Vec<u8>, limits: &Limits) -> Result<Book, Refusal> {
    let sheets = biff_scan::scan(&mut stream, limits)?;
    let file = one_stream_file("Workbook", stream)?;
    let refused = |error: calamine::XlsError| unreadable(format!("its sheets cannot be opened ({error})"));
    let mut library = Xls::new(Cursor::new(file.as_slice())).map_err(refused)?;
    let from_1904 = library.has_1904_epoch();
    let metadata = library.sheets_metadata().to_vec();
    if metadata.len() != sheets.len() {
        return Err(unreadable("its list of sheets can be read in two different ways"));
    }
    let mut budget = Budget::new(limits);
    let mut book = Book::default();
    for (mut sheet, described) in sheets.into_iter().zip(metadata) {
        if !sheet.worksheet {
            continue;
        }
        let name = described.name;
        let range = library.worksheet_range(&name).map_err(|error| at(refused(error), &name, None))?;
        let (top, left) = range.start().unwrap_or_default();
        let mut cells = Vec::new();
        for (row, column, data) in range.used_cells() {
            let address = u32::try_from(row)
                .ok()
                .zip(u32::try_from(column).ok())
                .map(|(row, column)| Address::new(top + row, left + column))
                .ok_or_else(|| unreadable("its grid is too large"))?;
            budget.charge(text_length(data)).map_err(|refusal| at(refusal, &name, Some(address)))?;
            let formula = sheet.formulas.remove(&address);
            let value = if sheet.unsure.contains(&address) {
                CellValue::Blank
            } else {
                match cell_value(data.clone(), from_1904) {
                    CellValue::Number(number) => {
                        match sheet.formats.get(&address).map(|format| format.shown(number)) {
                            Some(Shown::Percent) => CellValue::Percent(number),
                            Some(Shown::Masked) => CellValue::Masked(number),
                            _ => CellValue::Number(number),
                        }
                    }
                    CellValue::Text(text) => CellValue::Text(match sheet.runs.get(&address) {
                        Some(runs) => of_runs(&text, runs),
                        None => text,
                    }),
                    value => value,
                }
            };
            cells.push(Cell { address, value, formula });
        }
        // A formula whose result is not stored is no empty cell.
        cells.extend(sheet.formulas.into_iter().map(|address| Cell {
            address,
            value: CellValue::Blank,
            formula: true,
        }));
        let visible = described.visible == SheetVisible::Visible;
        book.sheets.push(finish(&name, visible, cells, sheet.view)?);
    }
    Ok(book)
}

#[cfg(test)]
mod tests {
    use maturity::finding::Problem;

    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
    }

    fn begin() -> Vec<u8> {
        record(0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0])
    }

    fn at(row: u16, column: u16, rest: &[u8]) -> Vec<u8> {
        [&row.to_le_bytes(), &column.to_le_bytes(), rest].concat()
    }

    fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
        record(0x0203, &at(row, column, &[&[0, 0], value.to_le_bytes().as_slice()].concat()))
    }

    fn formula(row: u16, column: u16, result: [u8; 8]) -> Vec<u8> {
        // Two bytes of style, the result, flags and a code length that is a lie.
        record(0x0006, &at(row, column, &[&[0, 0], result.as_slice(), &[0; 6], &[0xFF, 0xFF]].concat()))
    }

    fn text_result() -> Vec<u8> {
        record(0x0207, b"\x02\0\0ab")
    }

    const TEXT: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// A workbook of one sheet per list of records, with the shared texts "north" and, in two pieces, "south".
    fn workbook(sheets: &[Vec<Vec<u8>>]) -> Vec<u8> {
        workbook_with(&[], sheets)
    }

    /// The same with other records of the whole workbook.
    fn workbook_with(globals: &[Vec<u8>], sheets: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let texts = [
            globals.concat(),
            record(0x00FC, b"\x02\0\0\0\x02\0\0\0\x05\0\0north\x05\0\0so"),
            record(0x003C, b"\x01u\0t\0h\0"),
            record(0x0042, &1252_u16.to_le_bytes()),
        ]
        .concat();
        let sheets: Vec<Vec<u8>> =
            sheets.iter().map(|sheet| [begin(), sheet.concat(), record(0x000A, &[])].concat()).collect();
        let mut position = begin().len() + texts.len() + sheets.len() * 13 + 4;
        let mut stream = begin();
        for (index, sheet) in sheets.iter().enumerate() {
            let name = b'A' + u8::try_from(index).unwrap();
            let start = u32::try_from(position).unwrap().to_le_bytes();
            stream.extend(record(0x0085, &[start.as_slice(), &[0, 0, 1, 0, name]].concat()));
            position += sheet.len();
        }
        [stream, texts, record(0x000A, &[]), sheets.concat()].concat()
    }

    #[test]
    fn a_number_that_its_format_shows_as_something_else_says_so() {
        let code = b"\x01\x01\x0b\0\0;;\"2016\";@ ";
        let format = record(0x041E, code);
        let look = record(0x00E0, &[&[0, 0, 1, 1], [0; 16].as_slice()].concat());
        let sheet = vec![number(0, 0, 16.0), number(1, 0, 0.0)];
        let book = read(workbook_with(&[format, look], &[sheet]), &Limits::default()).unwrap();
        let values: Vec<_> = book.sheets[0].cells.iter().map(|cell| cell.value.clone()).collect();
        assert_eq!(values, [CellValue::Masked(16.0), CellValue::Masked(0.0)]);
    }

    fn read_sheet(records: Vec<Vec<u8>>) -> Result<Vec<String>, Refusal> {
        let book = read(workbook(&[records]), &Limits::default())?;
        let shown = |cell: &Cell| {
            let mark = if cell.formula { "=" } else { "" };
            format!("{}{mark} {}", cell.address, cell.value.display())
        };
        Ok(book.sheets[0].cells.iter().map(shown).collect())
    }

    fn reason(records: Vec<Vec<u8>>) -> String {
        match read_sheet(records).unwrap_err().problem {
            Problem::FileDamaged { reason } => reason,
            Problem::FileTooLarge { found, .. } => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cells_of_every_record_are_read_at_their_place() {
        let records = vec![
            // A declared extent that would fill the memory.
            record(0x0200, &[0xFF; 14]),
            number(6, 2, 2.5),
            record(0x00FD, &at(6, 3, &[0, 0, 0, 0, 0, 0])),
            record(0x00FD, &at(6, 4, &[0, 0, 1, 0, 0, 0])),
            record(0x0205, &at(7, 0, &[0, 0, 1, 0])),
            record(0x0205, &at(7, 1, &[0, 0, 0x17, 1])),
            record(0x00BD, &at(8, 1, &[0, 0, 6, 0, 0, 0, 0, 0, 10, 0, 0, 0, 2, 0])),
            formula(9, 0, TEXT),
            text_result(),
            formula(9, 1, TEXT),
            formula(9, 2, 4.0_f64.to_le_bytes()),
        ];
        assert_eq!(
            read_sheet(records).unwrap(),
            [
                "C7 2.5", "D7 north", "E7 south", "A8 TRUE", "B8 #REF!", "B9 1", "C9 2", "A10= ab", "B10= ",
                "C10= 4"
            ]
        );
    }

    #[test]
    fn numbers_that_their_looks_show_in_percent_are_told_apart() {
        let look = |format: u8| record(0x00E0, &[&[0, 0, format, 0], [0; 16].as_slice()].concat());
        let sheet = [
            begin(),
            // A number of each look, then three side by side, a formula, and a text of the second look.
            (0..4_u8)
                .flat_map(|look| {
                    let cell = [&[look, 0], 0.5_f64.to_le_bytes().as_slice()].concat();
                    record(0x0203, &at(u16::from(look), 0, &cell))
                })
                .collect(),
            record(0x027E, &at(4, 0, &[1, 0, 6, 0, 0, 0])),
            record(0x00BD, &at(5, 0, &[0, 0, 6, 0, 0, 0, 2, 0, 6, 0, 0, 0, 1, 0])),
            record(
                0x0006,
                &at(6, 0, &[&[1, 0], 0.25_f64.to_le_bytes().as_slice(), &[0; 6], &[0, 0]].concat()),
            ),
            record(0x0204, &at(7, 0, &[1, 0, 1, 0, 0, b'x'])),
            record(0x000A, &[]),
        ]
        .concat();
        let formats = [
            // Of the file, narrow and wide, then one that every program knows.
            record(0x041E, b"\xA4\0\x03\0\x000.%"),
            record(0x041E, b"\xA5\0\x02\0\x010\0%\0"),
            [look(0), look(0xA4), look(9), look(0xA5)].concat(),
        ]
        .concat();
        let head = begin().len() + formats.len() + 13 + 4;
        let start = u32::try_from(head).unwrap().to_le_bytes();
        let bound = record(0x0085, &[start.as_slice(), &[0, 0, 1, 0, b'A']].concat());
        let stream = [begin(), formats, bound, record(0x000A, &[]), sheet].concat();
        let book = read(stream, &Limits::default()).unwrap();
        let shown: Vec<_> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
        assert_eq!(shown, ["0.5", "50%", "50%", "50%", "100%", "1", "100%", "25%", "x"]);
    }

    #[test]
    fn an_address_that_a_formula_states_lies_behind_its_cell() {
        let code = |code: &[u8]| {
            let head = [&[0, 0], TEXT.as_slice(), &[0; 6], &u16::try_from(code.len()).unwrap().to_le_bytes()]
                .concat();
            record(0x0006, &at(0, 1, &[head.as_slice(), code].concat()))
        };
        let link =
            [&[0x17, 16, 0], b"https://a.exampl".as_slice(), &[0x17, 1, 0, b'a', 0x42, 2, 0x67, 1]].concat();
        let links = |records: &[Vec<u8>]| {
            let book = read(workbook(&[records.to_vec()]), &Limits::default()).unwrap();
            (book.sheets[0].cells[0].value.display(), book.sheets[0].view.links.clone())
        };
        let behind = (Address::new(0, 1), "https://a.exampl".to_owned());
        assert_eq!(links(&[code(&link), text_result()]), ("ab".to_owned(), vec![behind]));
        // Of another length than it says, and of another function.
        assert_eq!(links(&[code(&link[..link.len() - 1]), text_result()]).1, []);
        let mut other = link;
        let last = other.len() - 2;
        other[last] = 0x68;
        assert_eq!(links(&[code(&other), text_result()]).1, []);
    }

    /// What two cells show that refer to the first two texts of a workbook with these records.
    fn two_texts(records: &[Vec<u8>]) -> Vec<String> {
        let sheet = [
            begin(),
            record(0x00FD, &at(0, 0, &[0, 0, 0, 0, 0, 0])),
            record(0x00FD, &at(1, 0, &[0, 0, 1, 0, 0, 0])),
            record(0x000A, &[]),
        ]
        .concat();
        let head = [begin(), records.concat()].concat();
        let start = u32::try_from(head.len() + 13 + 4).unwrap().to_le_bytes();
        let bound = record(0x0085, &[start.as_slice(), &[0, 0, 1, 0, b'A']].concat());
        let book = read([head, bound, record(0x000A, &[]), sheet].concat(), &Limits::default()).unwrap();
        book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect()
    }

    #[test]
    fn how_a_text_is_pronounced_is_no_part_of_it() {
        // A text of two characters with a run of formats and ten bytes about its sound, and one behind it.
        let sound =
            [&[2, 0, 0b1100, 1, 0, 10, 0, 0, 0], b"ab".as_slice(), &[1, 0, 5, 0], b"\x01\0\x06\0kana\0\0"]
                .concat();
        let texts = [&[2, 0, 0, 0, 2, 0, 0, 0], sound.as_slice(), &[1, 0, 0, b'c']].concat();
        assert_eq!(two_texts(&[record(0x00FC, &texts)]), ["ab", "c"]);
    }

    #[test]
    fn a_raised_or_lowered_digit_is_none_of_the_number_before_it() {
        // Six fonts, of which none is called 4: the fifth is raised, the sixth lowered.
        let font = |place: u8| {
            record(0x0031, &[&[200, 0, 0, 0, 0, 0, 144, 1, place, 0], [0; 6].as_slice()].concat())
        };
        let fonts = [0, 0, 0, 0, 1, 2].map(font).concat();
        let texts = [
            [2, 0, 0, 0, 2, 0, 0, 0].as_slice(),
            // Its second run goes on in the next record.
            b"\x05\0\x08\x02\x0020221\0\0\0\0\x04\0\x05",
        ]
        .concat();
        let behind =
            [b"\0".as_slice(), b"\x05\0\x08\x03\0CO2 3\x02\0\x06\0\x03\0\x03\0\x04\0\x04\0"].concat();
        let records = [fonts, record(0x00FC, &texts), record(0x003C, &behind)];
        assert_eq!(two_texts(&records), ["2022\u{b9}", "CO\u{2082} 3"]);
    }

    #[test]
    fn a_character_that_two_records_share_is_refused() {
        // U+1F600, of which the second half comes in the record that goes on.
        let cut = [
            record(0x00FC, b"\x01\0\0\0\x01\0\0\0\x02\0\x01\x3D\xD8"),
            record(0x003C, b"\x01\x00\xDE"),
            record(0x000A, &[]),
        ];
        let refusal = read([begin(), cut.concat()].concat(), &Limits::default()).unwrap_err();
        assert!(
            matches!(&refusal.problem, Problem::FileUnreadable { reason } if reason.contains("cut in two")),
            "{refusal:?}"
        );
    }

    #[test]
    fn a_result_that_libreoffice_did_not_store_is_none_and_its_truth_values_are_no_formulas() {
        let formula = |row, result: [u8; 8], code: &[u8]| {
            let head = [&[0, 0], result.as_slice(), &[0; 6]].concat();
            record(0x0006, &at(row, 0, &[head.as_slice(), code].concat()))
        };
        let records = vec![
            // "a" & "b"; 1 - 1.
            formula(0, [0; 8], &[9, 0, 0x17, 1, 0, b'a', 0x17, 1, 0, b'b', 8]),
            formula(3, [0; 8], &[7, 0, 0x1E, 1, 0, 0x1E, 1, 0, 4]),
            formula(1, [1, 0, 1, 0, 0, 0, 0xFF, 0xFF], &[2, 0, 0x1D, 1]),
            formula(2, 18_f64.to_le_bytes(), &[3, 0, 0x1E, 18, 0]),
        ];
        assert_eq!(read_sheet(records).unwrap(), ["A1= ", "A2 TRUE", "A3= 18", "A4= 0"]);
    }

    #[test]
    fn a_cell_that_is_there_twice_is_refused() {
        assert_eq!(reason(vec![number(8, 3, 1.0), number(8, 3, 2.0)]), "the cell D9 is in the sheet A twice");
        let records = vec![number(0, 0, 1.0), formula(0, 0, TEXT), text_result()];
        assert_eq!(reason(records), "the cell A1 is in the sheet A twice");
        assert_eq!(
            reason(vec![formula(0, 0, TEXT), formula(0, 0, TEXT)]),
            "the cell A1 is in the sheet A twice"
        );
    }

    #[test]
    fn two_far_corners_are_refused_before_the_grid_is_laid_out() {
        let why = reason(vec![number(0, 0, 1.0), number(65_535, 255, 1.0)]);
        assert_eq!(why, "cells so far apart that their sheets have too many places");
    }

    #[test]
    fn cells_of_any_record_beyond_the_last_column_are_refused() {
        let several = record(0x00BD, &at(0, 255, &[0, 0, 6, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1]));
        // The text of the last one never comes: the cell would have no value, only a formula.
        for cell in [number(0, 256, 1.0), several, formula(0, 256, TEXT)] {
            let why = reason(vec![cell]);
            assert_eq!(why, "the cell reference IW1 is outside the grid (A1 to IV65536)");
        }
    }

    #[test]
    fn texts_that_do_not_exist_and_texts_of_no_cell_are_refused() {
        let label = record(0x00FD, &at(0, 0, &[0, 0, 9, 0, 0, 0]));
        assert_eq!(reason(vec![label]), "a cell refers to a text that does not exist");
        assert_eq!(reason(vec![text_result()]), "a text belongs to no cell");
    }

    #[test]
    fn sheets_that_share_their_records_are_refused() {
        let mut stream = workbook(&[vec![number(0, 0, 1.0)], vec![]]);
        // The second sheet's position is that of the first one.
        let first = stream[24..28].to_vec();
        stream[37..41].copy_from_slice(&first);
        let refusal = read(stream, &Limits::default()).unwrap_err();
        assert_eq!(
            refusal.problem,
            Problem::FileDamaged { reason: "two sheets share one content".to_owned() }
        );
    }

    #[test]
    fn a_macro_sheet_is_refused_by_name() {
        let mut stream = workbook(&[vec![number(0, 0, 1.0)], vec![]]);
        // The kind of the second sheet.
        stream[42] = 1;
        let refusal = read(stream, &Limits::default()).unwrap_err();
        assert_eq!(refusal.place.unwrap().sheet, "B");
        let Problem::FileUnreadable { reason } = refusal.problem else { panic!("{:?}", refusal.problem) };
        assert_eq!(reason, "it holds a macro sheet, which can run programs");
    }

    #[test]
    fn a_workbook_stream_cut_anywhere_is_refused() {
        let stream = workbook(&[vec![number(0, 0, 1.0), number(0, 1, 1.0)]]);
        for cut in 0..stream.len() {
            assert!(read(stream[..cut].to_vec(), &Limits::default()).is_err(), "cut at {cut}");
        }
    }
}
