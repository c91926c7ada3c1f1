//! Excel's limits, each at what just fits and one beyond: what does not fit is cut with a mark or stands there as
//! text, and the workbook is written all the same.

use std::io::{Cursor, Read};

use maturity::cell::{Address, Book, CellValue};
use maturity::framework::Date;
use questionnaire::put::{self, Computed, Given, Sheet, Side, Style, sheet_name};
use rust_xlsxwriter::{DataValidation, Format, Workbook};

const CELL: usize = 32_767;

/// The workbook of one sheet that `fill` writes.
fn workbook(name: &str, fill: impl FnOnce(&mut Sheet<'_>)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut Sheet::add(&mut book, name).unwrap());
    put::save(&mut book).unwrap()
}

fn read(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap()
}

fn cell(book: &Book, row: u32, column: u32) -> CellValue {
    book.sheets[0].get(Address::new(row, column)).map_or(CellValue::Blank, |cell| cell.value.clone())
}

fn text(text: impl Into<String>) -> CellValue {
    CellValue::Text(text.into())
}

/// The XML of a part.
pub(crate) fn part(workbook: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut content = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut content).unwrap();
    content
}

/// All parts that are XML.
fn parts(workbook: &[u8]) -> Vec<(String, String)> {
    let archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.into_iter().map(|name| (name.clone(), part(workbook, &name))).collect()
}

#[test]
fn a_cell_keeps_32_767_units_and_a_longer_text_is_cut_with_a_mark() {
    let (plain, style) = (Format::new(), Style::default());
    let cut = |kept: usize| format!("{} […]", "x".repeat(kept));
    let cases = [
        ("x".repeat(CELL), "x".repeat(CELL)),
        ("x".repeat(CELL + 1), cut(CELL - 4)),
        // A character of two units at the edge is kept or left out whole.
        (format!("{}😀", "x".repeat(CELL - 2)), format!("{}😀", "x".repeat(CELL - 2))),
        (format!("{}😀", "x".repeat(CELL - 1)), cut(CELL - 4)),
        (format!("={}", "x".repeat(CELL - 1)), format!("={}", "x".repeat(CELL - 1))),
    ];
    let bytes = workbook("Texts", |sheet| {
        for (row, (given, _)) in (0..).zip(&cases) {
            sheet.text(row, 0, given, &style).unwrap();
            sheet.runs(row, 1, &[(&plain, given.as_str()), (&plain, "!")], &style).unwrap();
        }
    });
    let book = read(&bytes);
    for (row, (_, kept)) in (0..).zip(cases) {
        assert!(cell(&book, row, 0) == text(kept), "row {row}");
        let CellValue::Text(runs) = cell(&book, row, 1) else { panic!("row {row}") };
        assert!(runs.encode_utf16().count() <= CELL && runs.ends_with(" […]"), "row {row}");
    }
}

#[test]
fn text_that_looks_like_the_library_s_own_xml_stays_text() {
    let (plain, style) = (Format::new(), Style::default());
    let long = format!("<r>{}</r>", "x".repeat(CELL - 7));
    let hostile = ["<r></r>", "<r><t>a</t></r>", "<r></si></sst>\n<broken></r>", long.as_str()];
    let others = ["<r>a", "a</r>", "<r />", "_x0041_", "<t>&amp;</t>"];
    let bytes = workbook("Runs", |sheet| {
        for (row, given) in (0..).zip(hostile.iter().chain(&others)) {
            sheet.text(row, 0, given, &style).unwrap();
            sheet.link(row, 1, ("Runs", Address::new(0, 0)), given, &style).unwrap();
            sheet.runs(row, 2, &[(&plain, given), (&plain, "!")], &style).unwrap();
        }
    });
    let book = read(&bytes);
    for (row, given) in (0..).zip(hostile.iter().chain(&others)) {
        let marked = if hostile.contains(given) { format!(" {given}") } else { (*given).to_owned() };
        let kept = if given.len() == CELL { format!(" <r>{} […]", "x".repeat(CELL - 8)) } else { marked };
        assert_eq!(cell(&book, row, 0), text(kept.as_str()));
        assert_eq!(cell(&book, row, 1), text(kept.as_str()));
        if given.len() < CELL {
            assert_eq!(cell(&book, row, 2), text(format!("{given}!")));
        }
    }
}

#[test]
fn formatted_runs_whose_xml_is_longer_than_a_cell_stand_there_as_plain_text() {
    let (plain, style) = (Format::new(), Style::default());
    let given = "&".repeat(CELL - 1);
    let bytes = workbook("Runs", |sheet| {
        sheet.runs(0, 0, &[(&plain, &given), (&plain, "!")], &style).unwrap();
    });
    assert_eq!(cell(&read(&bytes), 0, 0), text(format!("{given}!")));
}

#[test]
fn names_of_sheets_are_bent_into_what_excel_takes() {
    for (given, expected) in [
        ("x".repeat(31), "x".repeat(31)),
        ("x".repeat(32), format!("{}…", "x".repeat(30))),
        ("😀".repeat(15), "😀".repeat(15)),
        ("😀".repeat(16), format!("{}…", "😀".repeat(15))),
        ("a[b]c:d*e?f/g\\h".to_owned(), "a-b-c-d-e-f-g-h".to_owned()),
        ("'quoted'".to_owned(), "quoted".to_owned()),
        ("History".to_owned(), "History_".to_owned()),
        ("two\nlines\u{7}".to_owned(), "two lines�".to_owned()),
        (" ".to_owned(), "_".to_owned()),
        (String::new(), "_".to_owned()),
        ("''".to_owned(), "_".to_owned()),
    ] {
        assert_eq!(sheet_name(&given), expected, "{given:?}");
        assert!(expected.encode_utf16().count() <= 31);
        let bytes = workbook(&given, |sheet| sheet.text(0, 0, "here", &Style::default()).unwrap());
        assert_eq!(read(&bytes).sheets[0].name, expected);
    }
}

#[test]
fn a_sheet_has_65_530_links_and_the_next_text_stands_without() {
    let format = Style::default();
    let bytes = workbook("Links", |sheet| {
        for row in 0..65_531 {
            sheet.link(row, 0, ("Links", Address::new(0, 0)), "there", &format).unwrap();
        }
    });
    assert_eq!(part(&bytes, "xl/worksheets/sheet1.xml").matches("<hyperlink ").count(), 65_530);
    let book = read(&bytes);
    assert_eq!(cell(&book, 65_529, 0), text("there"));
    assert_eq!(cell(&book, 65_530, 0), text("there"));
}

#[test]
fn a_link_has_2_079_units_at_most() {
    for (length, links) in [(2_079 - 14, 1), (2_079 - 13, 0), (40_000, 0)] {
        // With "internal:", two apostrophes, "!" and "A1".
        let target = "x".repeat(length);
        let bytes = workbook("Links", |sheet| {
            sheet.link(0, 0, (&target, Address::new(0, 0)), "there", &Style::default()).unwrap();
        });
        assert_eq!(part(&bytes, "xl/worksheets/sheet1.xml").matches("<hyperlink ").count(), links);
        assert_eq!(cell(&read(&bytes), 0, 0), text("there"));
    }
}

#[test]
fn a_formula_that_excel_would_not_load_is_its_value() {
    let format = Style::default();
    let of_length = |length: usize| {
        let formula = format!("{}1", "1+".repeat((length - 2) / 2));
        Computed::new(&format!("{formula}{}", "1".repeat(length - 1 - formula.len())))
    };
    let bytes = workbook("Formulas", |sheet| {
        for (row, length) in [(0, 8_192), (1, 8_193), (2, 40_000)] {
            sheet.computed(row, 0, &of_length(length), "12.5", &format).unwrap();
            sheet.computed(row, 1, &of_length(length), "=text", &format).unwrap();
        }
    });
    assert_eq!(part(&bytes, "xl/worksheets/sheet1.xml").matches("<f>").count(), 2);
    let book = read(&bytes);
    for row in 0..3 {
        assert_eq!(cell(&book, row, 0), CellValue::Number(12.5));
        assert_eq!(cell(&book, row, 1), text("=text"));
    }
}

#[test]
fn a_number_that_is_none_stands_there_as_text() {
    let bytes = workbook("Numbers", |sheet| {
        for (row, number) in (0..).zip([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX]) {
            sheet.number(row, 0, number, &Style::default()).unwrap();
        }
    });
    let book = read(&bytes);
    let found: Vec<CellValue> = (0..4).map(|row| cell(&book, row, 0)).collect();
    assert_eq!(found, [text("NaN"), text("inf"), text("-inf"), CellValue::Number(f64::MAX)]);
}

#[test]
fn notes_messages_footers_and_titles_hold_what_fits_of_any_text() {
    for length in [31, 32, 33, 255, 256, 2_000, 2_001, CELL + 1] {
        for c in ["x", "😀", "&", "\u{1}", "\n", "\"", "<", "\u{fffe}"] {
            let long = c.repeat(length);
            let mut book = Workbook::new();
            book.set_properties(&put::properties(&long, Date { year: 2022, month: 1, day: 1 }).unwrap());
            let mut sheet = Sheet::add(&mut book, &long).unwrap();
            let given = Given { title: &long, text: &long };
            let rule = given.beside(put::choice(put::question(), "A1:A9")).unwrap();
            sheet.add_data_validation(0, 0, 0, 0, &given.against(rule).unwrap()).unwrap();
            sheet.note(0, 0, &long, (320, 200)).unwrap();
            sheet.footer([Side::Text(&long), Side::Codes("&P"), Side::Text(&long)]);
            sheet.text(0, 0, &long, &Style::default()).unwrap();
            drop(sheet);
            let bytes = put::save(&mut book).unwrap();
            for (name, content) in parts(&bytes) {
                let bad =
                    content.chars().find(|c| (c.is_control() && !"\t\r\n".contains(*c)) || *c == '\u{fffe}');
                assert_eq!(bad, None, "{name}: {c:?} {length} times");
                assert!(
                    name.contains("vmlDrawing") || !content.contains("_x00"),
                    "{name} holds an escaped control character"
                );
            }
            assert_eq!(read(&bytes).sheets.len(), 1, "{c:?} {length} times");
        }
    }
}

#[test]
fn a_list_is_a_range_of_cells_and_never_a_text_of_its_own() {
    let labels = "long label, with commas ".repeat(20);
    let bytes = workbook("Lists", |sheet| {
        sheet.text(0, 1, &labels, &Style::default()).unwrap();
        let rule = put::choice(DataValidation::new(), "Lists!$B$1:$B$9");
        sheet.add_data_validation(0, 0, 0, 0, &rule).unwrap();
    });
    assert!(part(&bytes, "xl/worksheets/sheet1.xml").contains("<formula1>Lists!$B$1:$B$9</formula1>"));
}
