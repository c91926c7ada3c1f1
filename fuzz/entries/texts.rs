//! Texts on their way into a workbook and back.

use maturity::cell::{Address, CellValue};
use maturity::framework::Date;
use questionnaire::put::{self, Computed, Sheet, Side, Style, clean, sheet_name};
use reader::Limits;
use rust_xlsxwriter::{Format, Workbook};

/// No more texts of one input than these.
const MOST: usize = 8;

/// Texts, divided by zero bytes, in every place of a workbook that takes text: it is written, it can be read, and what
/// stands there is the text as it can be shown, or the same behind a blank. The first also names the sheet.
pub(crate) fn texts(bytes: &[u8]) {
    let Ok(all) = std::str::from_utf8(bytes) else { return };
    let texts: Vec<&str> = all.split('\0').take(MOST).collect();
    let first = texts.first().copied().unwrap_or_default();
    let mut book = Workbook::new();
    let as_of = Date { year: 2022, month: 12, day: 31 };
    book.set_properties(&put::properties(first, as_of).expect("a date of Excel's"));
    fill(&mut Sheet::add(&mut book, first).expect("a name"), &texts);
    let bytes = put::save(&mut book).expect("a workbook");

    let book =
        reader::read(&bytes, &Limits::default()).unwrap_or_else(|refusal| panic!("{texts:?}: {refusal:?}"));
    super::assert_sound(&book);
    let sheet = book.sheets.first().expect("a sheet");
    assert_eq!(sheet.name, sheet_name(first));
    for (row, text) in (0..).zip(&texts) {
        let shown = clean(text);
        for column in [0, 1, 2, 5] {
            let found = sheet.get(Address::new(row, column)).map_or(&CellValue::Blank, |cell| &cell.value);
            let as_is = match &*shown {
                "" => *found == CellValue::Blank,
                text => *found == CellValue::Text(text.to_owned()),
            };
            let behind = *found == CellValue::Text(clean(&format!(" {shown}")).into_owned());
            let with_mark = *found == CellValue::Text(clean(&format!("{shown}!")).into_owned());
            assert!(as_is || behind || (column == 2 && with_mark), "{text:?} became {found:?}");
        }
    }
}

fn fill(sheet: &mut Sheet<'_>, texts: &[&str]) {
    let (style, plain, bold) = (Style::default(), Format::new(), Format::new().set_bold());
    for (row, text) in (0..).zip(texts) {
        sheet.text(row, 0, text, &style).expect("a text");
        sheet.link(row, 1, (text, Address::new(0, 0)), text, &style).expect("a link");
        sheet.runs(row, 2, &[(&plain, text), (&bold, "!")], &style).expect("runs");
        sheet.computed(row, 3, &Computed::new("1+1"), text, &style).expect("a formula");
        sheet.note(row, 4, text, (200, 100)).expect("a note");
        sheet.bare_text(row, 5, text).expect("a text without a look");
    }
    if let Some(first) = texts.first() {
        sheet.footer([Side::Text(first), Side::Empty, Side::Text(first)]);
    }
}

/// Honest texts, and some that mean something to a spreadsheet or to the library that writes it.
pub(crate) fn honest() -> Vec<Vec<u8>> {
    [
        "Sheet\0Yes, a platform for all entities\0 2016\0",
        "<r>\0<r><t>a</t></r>\0_x0041_\0&amp;<b>",
        "=1+1\0+1\0-\0@a\0'quoted'\0{=1}",
        "l'été\0two\nlines\0tab\tbell\u{7}\0 blanks \0\u{202e}x",
        "#N/A\0TRUE\0 1e400\0NaN\0&P of &N\0https://example.org/a?b#c",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
