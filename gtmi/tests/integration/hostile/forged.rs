//! The hostile files: what each does, and what its sender is told.

use super::package::{Package, first, last};
use crate::fuzzed::entries::office_file::office_file;

const SHEET: &str = "xl/worksheets/sheet2.xml";
const WORKBOOK: &str = "xl/workbook.xml";
const TEXTS: &str = "xl/sharedStrings.xml";

/// A file that must be refused.
pub(super) struct Forged {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    /// The rule that refuses it.
    pub(super) rule: &'static str,
    /// What the reason says.
    pub(super) says: &'static str,
}

/// Every hostile file, made from an honest questionnaire.
pub(super) fn all(honest: &[u8]) -> Vec<Forged> {
    [archives(honest), parts(honest), cells(honest), others(honest)].into_iter().flatten().collect()
}

fn forged(name: &'static str, rule: &'static str, says: &'static str, bytes: Vec<u8>) -> Forged {
    Forged { name, bytes, rule, says }
}

/// What is wrong with the packing.
fn archives(honest: &[u8]) -> Vec<Forged> {
    let package = Package::of(honest);
    let stored = package.stored();

    let mut flipped = stored.clone();
    let at = first(&flipped, b"<sheetData>") + 11;
    flipped[at + 2] ^= 1;
    let twice = package.clone().with("xl/worksheets/SHEET2.xml", b"<worksheet/>");
    let mut locked = honest.to_vec();
    let entry = first(&locked, b"PK\x01\x02");
    locked[entry + 8] |= 1;
    let mut renamed = stored.clone();
    let name = last(&renamed, SHEET.as_bytes());
    renamed[name] = b'X';
    // The entry of one sheet points to the bytes of another one.
    let mut shared = stored.clone();
    let other = last(&shared, b"xl/worksheets/sheet1.xml") - 46;
    let header: [u8; 4] = shared[other + 42..other + 46].try_into().unwrap();
    let entry = last(&shared, SHEET.as_bytes()) - 46;
    shared[entry + 42..entry + 46].copy_from_slice(&header);
    let mut lying = honest.to_vec();
    let entry = last(&lying, SHEET.as_bytes()) - 46;
    lying[entry + 24..entry + 28].copy_from_slice(&9_u32.to_le_bytes());
    let mut many = package.clone();
    many.0.extend((0..4100).map(|number| (format!("xl/media/{number}.bin"), Vec::new())));
    // One MiB more than all parts together may have.
    let bomb = package.packed_with_blanks("xl/media/image.xml", 257);

    vec![
        forged(
            "archive-cut.xlsx",
            "FILE-004",
            "the zip archive ends early",
            honest[..honest.len() / 2].to_vec(),
        ),
        forged("archive-flipped-bit.xlsx", "FILE-004", "does not match its check sum", flipped),
        forged("archive-same-name-twice.xlsx", "FILE-004", "two parts have the same name", twice.packed()),
        forged(
            "archive-joined.xlsx",
            "FILE-004",
            "something stands before its beginning",
            [honest, honest].concat(),
        ),
        forged(
            "archive-with-tail.xlsx",
            "FILE-004",
            "after the end of the zip archive",
            [honest, b"tail"].concat(),
        ),
        forged("archive-locked-part.xlsx", "FILE-003", "password", locked),
        forged("archive-two-names.xlsx", "FILE-004", "described in two different ways", renamed),
        forged("archive-shared-bytes.xlsx", "FILE-004", "described in two different ways", shared),
        forged("archive-lying-size.xlsx", "FILE-004", "does not match its check sum", lying),
        forged("archive-many-parts.xlsx", "FILE-005", "parts in the file", many.packed()),
        forged("archive-bomb.xlsx", "FILE-005", "after unpacking", bomb),
    ]
}

/// What is wrong with the parts of the workbook.
fn parts(honest: &[u8]) -> Vec<Forged> {
    let package = || Package::of(honest);
    let entity = "<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet";
    let text =
        String::from_utf8(package().0.iter().find(|(name, _)| name == SHEET).unwrap().1.clone()).unwrap();
    let half = text.as_bytes()[..text.find("</sheetData>").unwrap() - 40].to_vec();
    let names = |to: &str| package().bent(WORKBOOK, "<sheet name=\"PSDI\"", &format!("<sheet name=\"{to}\""));
    let external =
        package().bent(SHEET, "<worksheet", "<!DOCTYPE x SYSTEM \"http://example.org/x.dtd\"><worksheet");
    vec![
        forged(
            "part-entities.xlsx",
            "FILE-007",
            "document type",
            package().bent(SHEET, "<worksheet", entity).packed(),
        ),
        forged("part-external-type.xlsx", "FILE-007", "document type", external.packed()),
        forged(
            "part-cut.xlsx",
            "FILE-004",
            "breaks off before its end",
            package().replaced(SHEET, &half).packed(),
        ),
        forged(
            "part-sheets-of-one-name.xlsx",
            "FILE-004",
            "two sheets have the same name",
            names("cgsi").packed(),
        ),
        forged(
            "part-sheets-of-one-content.xlsx",
            "FILE-004",
            "two sheets share one content",
            package().bent(WORKBOOK, "r:id=\"rId2\"", "r:id=\"rId1\"").packed(),
        ),
        forged(
            "part-cells-in-two-places.xlsx",
            "FILE-004",
            "holds its cells in two places",
            package()
                .bent(
                    SHEET,
                    "</sheetData>",
                    "</sheetData><sheetData><row r=\"2000\"><c r=\"A2000\"><v>1</v></c></row></sheetData>",
                )
                .packed(),
        ),
        forged(
            "part-sheet-missing.xlsx",
            "FILE-004",
            "its content is missing",
            package().bent(WORKBOOK, "r:id=\"rId2\"", "r:id=\"rId777\"").packed(),
        ),
        forged(
            "part-endless-text.xlsx",
            "FILE-005",
            "a single piece of 2 MiB",
            package()
                .bent(TEXTS, "</sst>", &format!("<si><t>{}</t></si></sst>", "x".repeat(2_000_000)))
                .packed(),
        ),
    ]
}

/// What is wrong with single cells.
fn cells(honest: &[u8]) -> Vec<Forged> {
    let with = |cells: &str| Package::of(honest).bent(SHEET, "</row>", &format!("{cells}</row>")).packed();
    vec![
        forged(
            "cell-wrapped-reference.xlsx",
            "FILE-004",
            "A4294967298",
            with(r#"<c r="A4294967298"><v>2</v></c>"#),
        ),
        forged(
            "cell-outside-the-grid.xlsx",
            "FILE-004",
            "AAAA1 is outside the grid",
            with(r#"<c r="AAAA1"><v>2</v></c>"#),
        ),
        forged(
            "cell-twice.xlsx",
            "FILE-004",
            "the cell Z1 is in the sheet CGSI twice",
            with(r#"<c r="Z1"><v>1</v></c><c r="Z1"><v>2</v></c>"#),
        ),
        forged(
            "cell-two-values.xlsx",
            "FILE-004",
            "the cell Z1 holds two values",
            with(r#"<c r="Z1"><v>1</v><v>2</v></c>"#),
        ),
        forged(
            "cell-text-out-of-range.xlsx",
            "FILE-004",
            "the cell Z1 holds a text that is missing",
            with(r#"<c r="Z1" t="s"><v>4000000000</v></c>"#),
        ),
        forged(
            "cell-unknown-type.xlsx",
            "FILE-007",
            "the cell Z1 is of a kind",
            with(r#"<c r="Z1" t="z"><v>1</v></c>"#),
        ),
    ]
}

/// What is no such workbook, or one of another kind.
fn others(honest: &[u8]) -> Vec<Forged> {
    let ods = |content: &str| {
        Package(vec![
            ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
            (
                "content.xml".to_owned(),
                format!("<o><table:table table:name=\"T\">{content}</table:table></o>").into_bytes(),
            ),
        ])
        .packed()
    };
    let repeated = r#"<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/></table:table-row>"#;
    let far = r#"<table:table-row table:number-rows-repeated="99999999999"><table:table-cell/></table:table-row><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>"#;
    let blanks = r#"<table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="9999999999"/></text:p></table:table-cell></table:table-row>"#;
    let mut binary = Package::of(honest);
    for (name, _) in &mut binary.0 {
        *name = name.replace(".xml", ".bin").replace("[Content_Types].bin", "[Content_Types].xml");
    }
    let document = Package(vec![
        ("[Content_Types].xml".to_owned(), b"<Types/>".to_vec()),
        ("word/document.xml".to_owned(), b"<w:document/>".to_vec()),
    ]);
    vec![
        forged("other-repeated-cells.ods", "FILE-005", "cells with content", ods(repeated)),
        forged("other-far-cell.ods", "FILE-004", "outside the grid", ods(far)),
        forged("other-blanks.ods", "FILE-005", "in one cell", ods(blanks)),
        forged("other-binary-workbook.xlsx", "FILE-006", "xlsb", binary.packed()),
        forged("other-document.xlsx", "FILE-002", "Word document", document.packed()),
        forged(
            "other-page.xls",
            "FILE-002",
            "web page",
            b"<html><table><tr><td>1</td></tr></table></html>".to_vec(),
        ),
        forged("other-pdf.xlsx", "FILE-002", "PDF", b"%PDF-1.7\n1 0 obj\n".to_vec()),
        forged("other-chain-in-a-circle.xls", "FILE-004", "runs in a circle", office_file(&[], true)),
        forged("other-empty.xlsx", "FILE-001", "empty", Vec::new()),
    ]
}
