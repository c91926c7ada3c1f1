#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use maturity::cell::{Book, CellValue};
use reader::{Limits, read};
use rust_xlsxwriter::{Chart, ChartType, ExcelDateTime, Format, Formula, Workbook};

use crate::package::{Package, cell};

fn text(text: &str) -> CellValue {
    CellValue::Text(text.to_owned())
}

fn addresses(book: &Book) -> Vec<String> {
    book.sheets[0].cells.iter().map(|cell| cell.address.to_string()).collect()
}

#[test]
fn a_sheet_whose_data_start_at_c7_keeps_its_addresses() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Answers").unwrap();
    sheet.write(6, 2, "economy").unwrap().write(6, 3, 2.5).unwrap().write(9, 0, true).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    let date = ExcelDateTime::from_ymd(2022, 4, 3).unwrap();
    sheet.write_with_format(9, 1, &date, &format).unwrap();
    sheet.write_blank(20, 20, &format).unwrap();
    let book = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    assert_eq!(book.sheets[0].name, "Answers");
    assert_eq!(addresses(&book), ["C7", "D7", "A10", "B10"]);
    assert_eq!(cell(&book, "C7").value, text("economy"));
    assert_eq!(cell(&book, "D7").value, CellValue::Number(2.5));
    assert_eq!(cell(&book, "A10").value, CellValue::Boolean(true));
    assert_eq!(cell(&book, "B10").value, CellValue::Date("2022-04-03".to_owned()));
}

#[test]
fn a_number_that_is_shown_in_percent_says_so() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, format) in ["0%", "0.00%", "0\"%\"", "0.0\\ %"].into_iter().enumerate() {
        let format = Format::new().set_num_format(format);
        sheet.write_with_format(u32::try_from(row).unwrap(), 0, 0.57, &format).unwrap();
    }
    let book = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    for (address, value) in [
        ("A1", CellValue::Percent(0.57)),
        ("A2", CellValue::Percent(0.57)),
        ("A3", CellValue::Number(0.57)),
        ("A4", CellValue::Percent(0.57)),
    ] {
        assert_eq!(cell(&book, address).value, value, "{address}");
    }
    assert_eq!(cell(&book, "A1").value.display(), "57%");
}

#[test]
fn a_number_that_its_cell_shows_as_something_else_says_so() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let formats = [";;;", "[=2]\"No, or not known\";General", "0,", "0\" years\""];
    for (row, format) in formats.into_iter().enumerate() {
        let format = Format::new().set_num_format(format);
        sheet.write_with_format(u32::try_from(row).unwrap(), 0, 2, &format).unwrap();
    }
    let book = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    for address in ["A1", "A2", "A3"] {
        assert_eq!(cell(&book, address).value, CellValue::Masked(2.0), "{address}");
    }
    assert_eq!(cell(&book, "A4").value, CellValue::Number(2.0));
}

#[test]
fn hidden_sheets_are_read_and_marked_and_chart_sheets_left_out() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Seen").unwrap().write(0, 0, 1).unwrap();
    workbook.add_worksheet().set_name("Hidden").unwrap().set_hidden(true).write(0, 0, 2).unwrap();
    workbook.add_worksheet().set_name("Very").unwrap().set_very_hidden(true).write(0, 0, 3).unwrap();
    let mut chart = Chart::new(ChartType::Bar);
    chart.add_series().set_values("Seen!$A$1:$A$1");
    workbook.add_chartsheet().insert_chart(0, 0, &chart).unwrap();
    let book = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    let seen: Vec<_> = book.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.visible)).collect();
    assert_eq!(seen, [("Seen", true), ("Hidden", false), ("Very", false)]);
    assert_eq!(book.sheets[1].cells.len(), 1);
}

#[test]
fn a_formula_is_marked_with_and_without_a_stored_result() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(0, 1, Formula::new("=A1&\"x\"").set_result("2x")).unwrap();
    let book = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    assert_eq!((cell(&book, "A1").value, cell(&book, "A1").formula), (CellValue::Number(2.0), true));
    assert_eq!((cell(&book, "B1").value, cell(&book, "B1").formula), (text("2x"), true));

    let rows = r#"<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v></v></c><c r="C1"><v>3</v><f>1+2</f></c>
        <c r="D1"><f t="shared" si="0"/><v>4</v></c><c r="E1" s="1"/></row>"#;
    let book = Package::with_rows(rows).read().unwrap();
    assert_eq!(addresses(&book), ["A1", "B1", "C1", "D1"]);
    assert!(book.sheets[0].cells.iter().all(|cell| cell.formula));
    assert_eq!(cell(&book, "A1").value, CellValue::Blank);
    assert_eq!(cell(&book, "B1").value, CellValue::Blank);
    assert_eq!(cell(&book, "C1").value, CellValue::Number(3.0));
}

#[test]
fn error_values_old_and_new_keep_their_cell_and_the_rest_of_the_sheet() {
    let errors = [
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#GETTING_DATA",
        "#PYTHON!",
    ];
    let cells = errors.map(|error| format!(r#"<c t="e"><f>x</f><v>{error}</v></c>"#)).concat();
    let book = Package::with_rows(&format!(r#"<row r="3">{cells}<c><v>7</v></c></row>"#)).read().unwrap();
    let found: Vec<_> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    assert_eq!(found[..9], errors);
    assert!(
        book.sheets[0].cells[..9]
            .iter()
            .all(|cell| matches!(cell.value, CellValue::Error(_)) && cell.formula)
    );
    assert_eq!(cell(&book, "J3").value, CellValue::Number(7.0));
}

#[test]
fn numbers_keep_every_digit_and_only_finite_ones_are_numbers() {
    let rows = r#"<row r="1"><c r="A1"><v>7.0000000000000009</v></c><c r="B1"><v>-0</v></c><c r="C1"><v>1e400</v></c>
        <c r="D1"><v>NaN</v></c><c r="E1"><v>INF</v></c><c r="F1"><v>5E-324</v></c></row>"#;
    let book = Package::with_rows(rows).read().unwrap();
    assert_eq!(cell(&book, "A1").value, CellValue::Number(7.000_000_000_000_001));
    assert_eq!(cell(&book, "F1").value, CellValue::Number(5e-324));
    for address in ["C1", "D1", "E1"] {
        assert!(matches!(cell(&book, address).value, CellValue::Error(_)), "{address}");
    }
}

#[test]
fn texts_are_kept_as_they_stand_in_the_file() {
    let mut package = Package::with_rows(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>1 &amp; 2</t></is></c>
        <c r="D1" t="str"><v>0,5&#160;%</v></c><c r="E1" t="s"><v>2</v></c></row>"#,
    );
    package.set(
        "xl/sharedStrings.xml",
        "<sst uniqueCount=\"99999999999\" count=\"1\"><si><t xml:space=\"preserve\">  a\u{a0}\u{200b} </t></si>\
         <si><r><t>ri</t></r><r><t>ch</t></r></si><si><t></t></si></sst>",
    );
    let book = package.read().unwrap();
    assert_eq!(cell(&book, "A1").value, text("  a\u{a0}\u{200b} "));
    assert_eq!(cell(&book, "B1").value, text("rich"));
    assert_eq!(cell(&book, "C1").value, text("1 & 2"));
    assert_eq!(cell(&book, "D1").value, text("0,5\u{a0}%"));
    assert_eq!(addresses(&book), ["A1", "B1", "C1", "D1"]);
}

#[test]
fn dates_are_told_in_both_date_systems() {
    let rows = r#"<row r="1"><c r="A1" s="1"><v>44654</v></c><c r="B1" s="2"><v>44654.416666666664</v></c>
        <c r="C1" s="1"><v>-1e300</v></c><c r="D1" s="3"><v>1.5</v></c><c r="E1" t="d"><v>2022-04-03</v></c><c r="F1"><v>44654</v></c></row>"#;
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd&quot;x&quot;"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"><alignment/></xf><xf numFmtId="46"/></cellXfs></styleSheet>"#;
    let mut package = Package::with_rows(rows);
    package.set("xl/styles.xml", styles);
    let shown = |package: &Package| -> Vec<String> {
        let book = package.read().unwrap();
        assert!(book.sheets[0].cells[..5].iter().all(|cell| matches!(cell.value, CellValue::Date(_))));
        book.sheets[0].cells.iter().map(|cell| cell.value.display()).take(5).collect()
    };
    let serial = (-1e300_f64).to_string();
    assert_eq!(shown(&package), ["2022-04-03", "2022-04-03T10:00:00", &serial, "1.5", "2022-04-03"]);
    package.set_workbook(
        r#"<workbookPr date1904="1"/><sheets><sheet name="Data" sheetId="1" r:id="s1"/></sheets><extLst><ext><workbookPr chartTrackingRefBase="1"/></ext></extLst>"#,
    );
    assert_eq!(shown(&package), ["2026-04-04", "2026-04-04T10:00:00", &serial, "1.5", "2022-04-03"]);
}

#[test]
fn rows_in_any_order_come_out_in_reading_order() {
    let rows = r#"<row r="9"><c r="B9"><v>4</v></c><c r="A9"><v>3</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#;
    assert_eq!(addresses(&Package::with_rows(rows).read().unwrap()), ["A2", "A9", "B9"]);
}

/// The same sheet saved by `LibreOffice` in three formats.
fn saved(extension: &str) -> Book {
    let path = format!("{}/tests/data/book.{extension}", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

#[test]
fn the_same_workbook_reads_alike_from_xls_xlsx_and_ods() {
    let [mut xls, xlsx, ods] = ["xls", "xlsx", "ods"].map(saved);
    // LibreOffice stores the result 0 for a formula with a text result when it saves to .xls unopened: no result.
    let text_formula = &mut xls.sheets[0].cells[7];
    assert_eq!((&text_formula.value, text_formula.formula), (&CellValue::Blank, true));
    text_formula.value = text("ab");
    assert_eq!(xls, xlsx);
    assert_eq!(ods, xlsx);
    let names: Vec<_> = xls.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.visible)).collect();
    assert_eq!(names, [("Réponses", true), ("Hidden", false)]);
    assert_eq!(
        addresses(&xls),
        ["C7", "D7", "E7", "F7", "A10", "B10", "C10", "D10", "E10", "F10", "G10", "H10"]
    );
    assert_eq!(cell(&xls, "E7").value, CellValue::Boolean(true));
    assert_eq!(cell(&xls, "F7").value, CellValue::Date("2022-04-03".to_owned()));
    assert_eq!(cell(&xls, "E10").value, CellValue::Date("2022-04-03T10:00:00".to_owned()));
    assert_eq!(cell(&xls, "B10").value, CellValue::Error("#DIV/0!".to_owned()));
    assert_eq!(cell(&xls, "C10").value, CellValue::Error("#N/A".to_owned()));
    assert_eq!((cell(&xls, "D10").value, cell(&xls, "D10").formula), (text("ab"), true));
    assert_eq!((cell(&xls, "A10").value, cell(&xls, "A10").formula), (CellValue::Number(14.5), true));
    assert!(!cell(&xls, "H10").formula);
    assert_eq!(xls.sheets[1].cells[0].value, text("secret"));
}

#[test]
fn a_byte_order_mark_and_other_name_spaces_do_no_harm() {
    let mut package = Package::with_rows("");
    package.set(
        "xl/worksheets/sheet1.xml",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><x:worksheet xmlns:x=\"m\"><x:sheetData><x:row r=\"2\">\
         <x:c r=\"b2\"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>",
    );
    assert_eq!(cell(&package.read().unwrap(), "B2").value, CellValue::Number(5.0));
}

#[test]
fn the_same_bytes_always_give_the_same_book() {
    let path = format!("{}/tests/data/book.xlsx", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(read(&bytes, &Limits::default()), read(&bytes, &Limits::default()));
}

#[test]
fn a_sheet_of_a_kind_that_nobody_knows_is_read() {
    let rows = r#"<row r="1"><c r="A1"><v>7</v></c></row>"#;
    for (kind, sheets) in
        [("worksheet", 1), ("Worksheet", 1), ("sheet2", 1), ("chartsheet", 0), ("dialogsheet", 0)]
    {
        let mut package = Package::with_rows(rows);
        let relations = package.parts.iter().find(|(name, _)| name == "xl/_rels/workbook.xml.rels");
        let relations = String::from_utf8(relations.unwrap().1.clone()).unwrap();
        package.set("xl/_rels/workbook.xml.rels", &relations.replace("/worksheet\"", &format!("/{kind}\"")));
        assert_eq!(package.read().unwrap().sheets.len(), sheets, "{kind}");
    }
}

#[test]
fn what_programs_add_to_a_cell_beside_its_value_costs_nothing() {
    let rows = r#"<row r="1"><c r="A1"><v>2</v><extLst><ext uri="x"><v>7</v></ext></extLst></c><c r="B1"><extLst/></c><c r="C1"><v>3</v></c></row>"#;
    let book = Package::with_rows(rows).read().unwrap();
    assert_eq!(addresses(&book), ["A1", "C1"]);
    assert_eq!(cell(&book, "A1").value, CellValue::Number(2.0));
}
