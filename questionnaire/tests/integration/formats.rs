//! Formats are given to runs of cells, and every cell ends as if it had been given its own: whatever is written, in
//! whatever order.

use std::collections::BTreeMap;

use maturity::cell::Address;
use proptest::prelude::*;
use questionnaire::put::{self, Computed, Sheet, Style};
use rust_xlsxwriter::{Format, Formula, Url, Workbook, Worksheet};

use crate::limits::part;

/// What is done to a sheet; the last number says with which format.
#[derive(Debug, Clone)]
enum Step {
    Text(u32, u16, &'static str, usize),
    Number(u32, u16, f64, usize),
    Runs(u32, u16, usize),
    Blank(u32, u16, usize),
    Fill(u32, u16, u16, usize),
    Restyle(u32, u16, usize),
    Join(u32, u16, u16, usize),
    Computed(u32, u16, usize),
    Link(u32, u16, usize),
    BareText(u32, u16, &'static str),
    BareNumber(u32, u16, f64),
}

impl Step {
    fn row(&self) -> u32 {
        match *self {
            Self::Text(row, ..)
            | Self::Number(row, ..)
            | Self::Runs(row, ..)
            | Self::Blank(row, ..)
            | Self::Fill(row, ..)
            | Self::Restyle(row, ..)
            | Self::Join(row, ..)
            | Self::Computed(row, ..)
            | Self::Link(row, ..)
            | Self::BareText(row, ..)
            | Self::BareNumber(row, ..) => row,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (row, column, format) = (0_u32..7, 0_u16..6, 0_usize..4);
    let cell = (row.clone(), column.clone(), format.clone());
    let texts = prop::sample::select(vec!["", "text", "other", "=1", "a\u{1}b"]);
    let numbers = prop::sample::select(vec![0.0, 1.5, f64::NAN]);
    let range = (row, column.clone(), column, format);
    let range = range.prop_map(|(row, a, b, format)| (row, a.min(b), a.max(b), format));
    prop_oneof![
        2 => (cell.clone(), texts.clone()).prop_map(|((r, c, _), text)| Step::BareText(r, c, text)),
        2 => (cell.clone(), numbers.clone()).prop_map(|((r, c, _), number)| Step::BareNumber(r, c, number)),
        6 => (cell.clone(), texts).prop_map(|((r, c, f), text)| Step::Text(r, c, text, f)),
        4 => (cell.clone(), numbers).prop_map(|((r, c, f), number)| Step::Number(r, c, number, f)),
        1 => cell.clone().prop_map(|(r, c, f)| Step::Runs(r, c, f)),
        3 => cell.clone().prop_map(|(r, c, f)| Step::Blank(r, c, f)),
        1 => range.clone().prop_map(|(r, a, b, f)| Step::Fill(r, a, b, f)),
        1 => cell.clone().prop_map(|(r, c, f)| Step::Restyle(r, c, f)),
        1 => range.prop_map(|(r, a, b, f)| Step::Join(r, a, b, f)),
        1 => cell.clone().prop_map(|(r, c, f)| Step::Computed(r, c, f)),
        1 => cell.prop_map(|(r, c, f)| Step::Link(r, c, f)),
    ]
}

/// Formats that can be told apart by the pattern of their numbers; the first is that of cells without one.
fn formats() -> [Format; 4] {
    [Format::new(), pattern("0.0"), pattern("0.00"), pattern("0.000")]
}

fn pattern(pattern: &str) -> Format {
    Format::new().set_num_format(pattern)
}

/// The steps as the workbooks are written.
fn written(steps: &[Step]) -> Vec<u8> {
    let mut book = Workbook::new();
    take(&mut Sheet::add(&mut book, "Sheet").unwrap(), steps);
    put::save(&mut book).unwrap()
}

/// The same, one row at a time.
fn streamed(steps: &[Step]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    put::with_rows_on_disk(|| {
        let mut book = Workbook::new();
        put::keep_rows_in(&mut book, folder.path()).unwrap();
        take(&mut Sheet::streamed(&mut book, "Sheet").unwrap(), steps);
        put::save_to(&mut book, &mut bytes).unwrap();
    })
    .unwrap();
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "rows are left on the disk");
    bytes
}

fn take(sheet: &mut Sheet<'_>, steps: &[Step]) {
    let styles = formats().map(Style::from);
    for step in steps {
        match *step {
            Step::Text(row, column, text, f) => sheet.text(row, column, text, &styles[f]),
            Step::Number(row, column, number, f) => sheet.number(row, column, number, &styles[f]),
            Step::Runs(row, column, f) => {
                let runs = [(&Format::new(), "one"), (&Format::new().set_bold(), "two")];
                sheet.runs(row, column, &runs, &styles[f])
            }
            Step::Blank(row, column, f) => sheet.blank(row, column, &styles[f]),
            Step::Fill(row, first, last, f) => sheet.fill(row, first, last, &styles[f]),
            Step::Restyle(row, column, f) => sheet.restyle(row, column, &styles[f]),
            Step::Join(row, first, last, f) => sheet.join(row, (first, last), &styles[f]),
            Step::Computed(row, column, f) => {
                sheet.computed(row, column, &Computed::new("1+1"), "2", &styles[f])
            }
            Step::Link(row, column, f) => {
                sheet.link(row, column, ("Sheet", Address::new(0, 0)), "there", &styles[f])
            }
            Step::BareText(row, column, text) => sheet.bare_text(row, column, text),
            Step::BareNumber(row, column, number) => sheet.bare_number(row, column, number),
        }
        .unwrap();
    }
}

/// The steps cell by cell, each with its format.
#[expect(clippy::disallowed_methods, reason = "the plain way, to compare with")]
fn one_by_one(steps: &[Step]) -> Vec<u8> {
    let formats = formats();
    let mut book = Workbook::new();
    let sheet: &mut Worksheet = book.add_worksheet();
    sheet.set_name("Sheet").unwrap();
    for step in steps {
        let step = match *step {
            Step::BareText(row, column, text) => &Step::Text(row, column, text, 0),
            Step::BareNumber(row, column, number) => &Step::Number(row, column, number, 0),
            _ => step,
        };
        match *step {
            Step::BareText(..) | Step::BareNumber(..) => {
                unreachable!("written with the format of cells without one")
            }
            Step::Text(row, column, text, f) => {
                let format = formats[f].clone();
                let format = if text == "=1" { format.set_quote_prefix() } else { format };
                sheet
                    .write_string_with_format(row, column, put::Shown::of(text).as_str(), &format)
                    .map(|_| ())
            }
            Step::Number(row, column, number, f) if number.is_nan() => {
                sheet.write_string_with_format(row, column, "NaN", &formats[f]).map(|_| ())
            }
            Step::Number(row, column, number, f) => {
                sheet.write_number_with_format(row, column, number, &formats[f]).map(|_| ())
            }
            Step::Runs(row, column, f) => {
                let runs = [(&Format::new(), "one"), (&Format::new().set_bold(), "two")];
                sheet.write_rich_string_with_format(row, column, &runs, &formats[f]).map(|_| ())
            }
            Step::Blank(row, column, f) => sheet.write_blank(row, column, &formats[f]).map(|_| ()),
            Step::Fill(row, first, last, f) => {
                (first..=last).try_for_each(|column| sheet.write_blank(row, column, &formats[f]).map(|_| ()))
            }
            Step::Restyle(row, column, f) => {
                // A cell with nothing in it is made, so that the sheet reaches to it.
                if !part_of(steps, step, row, column) {
                    sheet.write_blank(row, column, &formats[f]).unwrap();
                }
                sheet.set_cell_format(row, column, &formats[f]).map(|_| ())
            }
            Step::Join(_, first, last, _) if first == last => Ok(()),
            Step::Join(row, first, last, f) => {
                sheet.merge_range(row, first, row, last, "", &formats[f]).map(|_| ())
            }
            Step::Computed(row, column, f) => {
                let formula = Formula::new("=1+1").set_result("2");
                sheet.write_formula_with_format(row, column, formula, &formats[f]).map(|_| ())
            }
            Step::Link(row, column, f) => {
                let url = Url::new("internal:'Sheet'!A1");
                sheet.write_url_with_options(row, column, url, "there", "", Some(&formats[f])).map(|_| ())
            }
        }
        .unwrap();
    }
    put::save(&mut book).unwrap()
}

/// Whether a step before this one made the cell.
fn part_of(steps: &[Step], this: &Step, row: u32, column: u16) -> bool {
    steps.iter().take_while(|step| !std::ptr::eq(*step, this)).any(|step| match *step {
        Step::Text(r, c, ..)
        | Step::Number(r, c, ..)
        | Step::Runs(r, c, _)
        | Step::Blank(r, c, _)
        | Step::Restyle(r, c, _)
        | Step::Computed(r, c, _)
        | Step::Link(r, c, _)
        | Step::BareText(r, c, _)
        | Step::BareNumber(r, c, _) => (r, c) == (row, column),
        Step::Fill(r, first, last, _) => r == row && (first..=last).contains(&column),
        Step::Join(r, first, last, _) => r == row && first < last && (first..=last).contains(&column),
    })
}

/// Every cell that stands in the sheet by its name: what it holds, and the pattern and the mark of its format.
fn cells(workbook: &[u8]) -> BTreeMap<String, (String, String)> {
    let styles = part(workbook, "xl/styles.xml");
    let patterns: BTreeMap<&str, &str> = styles
        .split("<numFmt ")
        .skip(1)
        .map(|format| (attribute(format, "numFmtId").unwrap(), attribute(format, "formatCode").unwrap()))
        .collect();
    let known = styles.split_once("<cellXfs").unwrap().1.split_once("</cellXfs>").unwrap().0;
    let known: Vec<String> = known
        .split("<xf ")
        .skip(1)
        .map(|format| {
            let pattern = attribute(format, "numFmtId").unwrap();
            let mark = attribute(format, "quotePrefix").unwrap_or_default();
            format!("{} {mark}", patterns.get(pattern).copied().unwrap_or(pattern))
        })
        .collect();
    let sheet = part(workbook, "xl/worksheets/sheet1.xml");
    let data = sheet.split_once("<sheetData").unwrap().1;
    let data = data.split_once("</sheetData>").map_or("", |(data, _)| data);
    data.split("<c ")
        .skip(1)
        .map(|cell| {
            let tag = cell.split('>').next().unwrap();
            let format = attribute(tag, "s").unwrap_or("0");
            let holds = cell.replace(&format!(" s=\"{format}\""), "");
            let holds = holds.split("</row>").next().unwrap().to_owned();
            (
                attribute(tag, "r").unwrap().to_owned(),
                (holds, known[format.parse::<usize>().unwrap()].clone()),
            )
        })
        .collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let tag = tag.split('>').next()?;
    let (_, rest) = tag
        .split_once(&format!("{name}=\""))
        .filter(|(before, _)| before.is_empty() || before.ends_with(' '))?;
    rest.split('"').next()
}

/// The cells of a sheet with their texts. In the table of texts of a streamed one, they stand in another order, and those
/// in several looks are not in it.
fn with_texts(workbook: &[u8]) -> BTreeMap<String, (String, String)> {
    let texts = part(workbook, "xl/sharedStrings.xml");
    let texts: Vec<&str> =
        texts.split("<si>").skip(1).map(|text| text.split("</si>").next().unwrap()).collect();
    let mut all = cells(workbook);
    for (holds, _) in all.values_mut() {
        if let Some((before, rest)) = holds.split_once(" t=\"s\"><v>") {
            let number: usize = rest.split('<').next().unwrap().parse().unwrap();
            *holds = format!("{before} holds {}", texts[number]);
        } else if let Some((before, rest)) = holds.split_once(" t=\"inlineStr\"><is>") {
            *holds = format!("{before} holds {}", rest.split("</is>").next().unwrap());
        }
    }
    all
}

/// Leaves out joints of cells that are joined already, which Excel does not take.
fn without_overlaps(steps: Vec<Step>) -> Vec<Step> {
    let mut joined = Vec::new();
    let mut kept = Vec::new();
    for step in steps {
        if let Step::Join(row, first, last, _) = step {
            if joined.iter().any(|(r, a, b)| *r == row && first <= *b && *a <= last) {
                continue;
            }
            joined.push((row, first, last));
        }
        kept.push(step);
    }
    kept
}

proptest! {
    #[test]
    fn every_cell_ends_with_what_it_was_given_last(steps in prop::collection::vec(step(), 1..40)) {
        let steps = without_overlaps(steps);
        prop_assert_eq!(cells(&written(&steps)), cells(&one_by_one(&steps)));
    }

    #[test]
    fn a_streamed_sheet_holds_the_same_cells_and_formats(steps in prop::collection::vec(step(), 1..40)) {
        let mut steps = without_overlaps(steps);
        steps.sort_by_key(Step::row);
        // So that there is a table of texts.
        steps.push(Step::Text(9, 0, "end", 0));
        prop_assert_eq!(with_texts(&streamed(&steps)), with_texts(&written(&steps)));
    }
}

#[test]
fn what_is_meant_for_a_finished_row_of_a_streamed_sheet_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let style = Style::default();
    let mut book = Workbook::new();
    put::keep_rows_in(&mut book, folder.path()).unwrap();
    let mut sheet = Sheet::streamed(&mut book, "Sheet").unwrap();
    sheet.number(3, 0, 1.0, &style).unwrap();
    sheet.height(3, 30.0).unwrap();
    let late = [
        sheet.text(2, 0, "late", &style),
        sheet.number(2, 0, 1.0, &style),
        sheet.blank(2, 0, &style),
        sheet.fill(2, 0, 3, &style),
        sheet.restyle(2, 0, &style),
        sheet.join(2, (0, 1), &style),
        sheet.computed(2, 0, &Computed::new("1+1"), "2", &style),
        sheet.link(2, 0, ("Sheet", Address::new(0, 0)), "there", &style),
        sheet.runs(2, 0, &[(&Format::new(), "a"), (&Format::new(), "b")], &style),
        sheet.bare_text(2, 0, "late"),
        sheet.bare_number(2, 0, 1.0),
        sheet.height(2, 30.0),
    ];
    for error in late {
        assert!(error.unwrap_err().to_string().contains("row 3 of a streamed sheet comes after row 4"));
    }
    assert!(put::keep_rows_in(&mut Workbook::new(), &folder.path().join("absent")).is_err());
}

#[test]
fn panics_that_the_disk_did_not_cause_are_not_taken_for_its_errors() {
    let panicked = std::panic::catch_unwind(|| put::with_rows_on_disk(|| panic!("another one, code: 28")));
    assert!(panicked.is_err());
}

#[test]
fn a_table_is_formatted_column_by_column() {
    let steps: Vec<Step> = (0..20)
        .flat_map(|row| [Step::Text(row, 0, "text", 1), Step::Number(row, 1, 1.5, 2), Step::Blank(row, 2, 3)])
        .collect();
    let found = cells(&written(&steps));
    assert_eq!(found.len(), 60);
    for (name, (_, format)) in &found {
        let expected = match name.as_bytes()[0] {
            b'A' => "0.0 ",
            b'B' => "0.00 ",
            _ => "0.000 ",
        };
        assert_eq!(format, expected, "{name}");
    }
    assert_eq!(found, cells(&one_by_one(&steps)));
}
