//! Further ways in which a workbook can hurt or mislead, each made by bending one thing in an honest one.

use std::fmt::Write;

use maturity::cell::CellValue;
use maturity::finding::Problem;
use reader::{Limits, read};

use crate::package::{Package, cell, reason, sheet};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn honest() -> Package {
    Package::with_rows(r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>"#)
}

#[test]
fn a_macro_sheet_is_refused_by_name_whatever_its_relation_is_called() {
    for kind in [
        "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        "http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet",
    ] {
        let mut package = honest();
        package.set("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>");
        package.set(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships><Relationship Id="s1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="m" Type="{kind}" Target="macrosheets/sheet1.xml"/></Relationships>"#
            ),
        );
        package.set("xl/macrosheets/sheet1.xml", &sheet(""));
        package.set_workbook(
            r#"<sheets><sheet name="Data" sheetId="1" r:id="s1"/><sheet name="Auto" state="veryHidden" sheetId="2" r:id="m"/></sheets>"#,
        );
        let refusal = package.read().unwrap_err();
        assert_eq!(refusal.place.as_ref().unwrap().sheet, "Auto");
        assert_eq!(reason(Err(refusal)), "it holds a macro sheet, which can run programs");
    }
}

#[test]
fn what_the_table_of_texts_says_about_its_size_is_not_believed() {
    for count in ["4294967295", "18446744073709551616", "-1", "0", "x"] {
        let mut package = honest();
        let table = format!(r#"<sst count="{count}" uniqueCount="{count}"><si><t>north</t></si></sst>"#);
        package.set("xl/sharedStrings.xml", &table);
        assert_eq!(
            cell(&package.read().unwrap(), "B1").value,
            CellValue::Text("north".to_owned()),
            "{count}"
        );
    }
}

#[test]
fn more_formats_than_excel_knows_are_refused() {
    let mut package = honest();
    package.set("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>");
    let formats =
        |count: usize| format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(count));
    let limits = Limits { formats: 1000, ..Limits::default() };
    package.set("xl/styles.xml", &formats(1000));
    assert!(read(&package.bytes(), &limits).is_ok());
    package.set("xl/styles.xml", &formats(1001));
    assert_eq!(reason(read(&package.bytes(), &limits)), "too many cell formats");
}

#[test]
fn merged_regions_that_overlap_or_lie_outside_lose_no_cell() {
    let mut package = honest();
    package.set("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>");
    let merged = r#"<mergeCells count="9"><mergeCell ref="A1:B2"/><mergeCell ref="B1:C3"/><mergeCell ref="A1:B2"/><mergeCell ref="XFD1:XFE1"/><mergeCell ref="A9:A4294967299"/><mergeCell ref="zzz"/></mergeCells></worksheet>"#;
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>"#;
    package.set("xl/worksheets/sheet1.xml", &sheet(rows).replace("</worksheet>", merged));
    let book = package.read().unwrap();
    assert_eq!(cell(&book, "A1").value, CellValue::Number(1.0));
    assert_eq!(cell(&book, "B1").value, CellValue::Number(2.0));
    assert_eq!(book.sheets[0].view.merged.len(), 3);
}

#[test]
fn shared_formulas_are_never_written_out() {
    // A formula of 8,000 characters shared by 20,000 cells would be 160 MB of text.
    let formula = "A1+".repeat(2_600);
    let mut rows = format!(
        r#"<row r="1"><c r="A1"><f t="shared" ref="A1:A20000" si="0">{formula}1</f><v>1</v></c></row>"#
    );
    for row in 2..=20_000 {
        // Writing to a String cannot fail.
        let _ = write!(rows, r#"<row r="{row}"><c r="A{row}"><f t="shared" si="0"/><v>1</v></c></row>"#);
    }
    let book = Package::with_rows(&rows).read().unwrap();
    assert_eq!(book.sheets[0].cells.len(), 20_000);
    assert!(book.sheets[0].cells.iter().all(|cell| cell.formula));
}

#[test]
fn deep_nesting_and_very_many_attributes_end_in_an_answer() {
    let deep = format!("{}{}", "<x>".repeat(200_000), "</x>".repeat(200_000));
    let mut wide = String::new();
    for number in 0..50_000 {
        let _ = write!(wide, r#" a{number}="1""#);
    }
    for rows in [
        format!("<row>{deep}</row>"),
        format!("{deep}<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"),
        format!("<row{wide}><c r=\"A1\"{wide}><v>1</v></c></row>"),
        format!("<row><c r=\"A1\">{deep}</c></row>"),
    ] {
        match Package::with_rows(&rows).read() {
            Ok(book) => assert!(book.sheets[0].cells.len() <= 1),
            Err(refusal) => assert!(matches!(
                refusal.problem,
                Problem::FileDamaged { .. } | Problem::FileUnreadable { .. } | Problem::FileTooLarge { .. }
            )),
        }
    }
}

#[test]
fn names_that_lead_out_of_a_folder_are_names_and_nothing_else() {
    let mut package = honest();
    package.set("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>");
    package.set("../../../../tmp/evil.xml", "<x/>");
    package.set("/etc/passwd", "x");
    package.set("C:\\evil.dll", "x");
    assert_eq!(cell(&package.read().unwrap(), "A1").value, CellValue::Number(1.0));
}
