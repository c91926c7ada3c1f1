//! Reports against what the store holds, and against `LibreOffice`, which computes every formula itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;

use maturity::cell::{Address, Book, CellValue};

use crate::desk::Desk;

/// Complete and surveyed, collected from public sources, without external indices, with few answers.
const ECONOMIES: [&str; 4] = ["KEN", "AFG", "HKG", "MAC"];

fn book(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn number(book: &Book, sheet: &str, row: u32, column: u32) -> Option<f64> {
    match book.sheet(sheet).unwrap().get(Address::new(row, column)).map(|cell| &cell.value) {
        Some(CellValue::Number(number) | CellValue::Percent(number)) => Some(*number),
        _ => None,
    }
}

/// Rows by the text in a column.
fn rows(book: &Book, sheet: &str, column: u32) -> BTreeMap<String, u32> {
    let cells = book.sheet(sheet).unwrap().cells.iter().filter(|cell| cell.address.column == column);
    cells
        .filter_map(|cell| match &cell.value {
            CellValue::Text(text) => Some((text.clone(), cell.address.row)),
            _ => None,
        })
        .collect()
}

#[test]
fn every_number_of_a_report_is_that_of_the_store() {
    let desk = Desk::after_run();
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let parse = |text: &str| (!text.is_empty()).then(|| text.parse::<f64>().unwrap());
    let (scores, uncertainty, raise) = (desk.table("scores"), desk.table("uncertainty"), desk.table("raise"));
    for economy in ECONOMIES {
        let book = book(&fs::read(desk.path(&format!("out/reports/{economy}.xlsx"))).unwrap());
        let indicators = rows(&book, "Indicators", 0);
        let answers = rows(&book, "Answers", 0);
        let mut compared = 0;
        for row in scores.iter().filter(|row| row["economy"] == economy) {
            let at = |rows: &BTreeMap<String, u32>| *rows.get(&row["id"]).unwrap();
            let place = format!("{economy} {}", row["id"]);
            let expected = [parse(&row["points"]), parse(&row["max_points"]), parse(&row["score"])];
            // Not asked in this wave: it has no points, and not none of none.
            assert!(row["id"] != "I-26" || expected == [None; 3], "{place}");
            if row["level"] == "question" {
                let at = at(&answers);
                assert_eq!(number(&book, "Answers", at, 5), expected[0], "{place}");
                assert_eq!(number(&book, "Answers", at, 6), expected[1], "{place}");
            } else {
                let at = at(&indicators);
                let columns = if row["level"] == "index" { 6..7 } else { 4..7 };
                for column in columns {
                    let found = number(&book, "Indicators", at, column);
                    assert_eq!(found, expected[usize::try_from(column - 4).unwrap()], "{place} {column}");
                }
                let asked = parse(&row["asked"]);
                assert_eq!(number(&book, "Indicators", at, 13), asked, "{place}");
            }
            compared += 1;
        }
        assert!(compared > 200, "{compared}");
        let index = |row: &&BTreeMap<String, String>| row["economy"] == economy && row["id"] == "GTMI";
        let score = scores.iter().find(index).unwrap();
        assert_eq!(number(&book, "Summary", 5, 0), parse(&score["score"]));
        let certain = uncertainty.iter().find(index).unwrap();
        let chance = parse(&certain[&format!("p_{}", score["group"])]);
        assert_eq!(number(&book, "Summary", 5, 5), chance, "{economy}");
        let steps = rows(&book, "Progress", 0);
        let first = raise.iter().filter(|row| row["economy"] == economy && row["set"] == "1");
        for row in first {
            let found = number(&book, "Progress", steps[&row["question"]], 2);
            assert_eq!(found, parse(&row["gain"]), "{economy} {}", row["question"]);
        }
    }
    let global = book(&fs::read(desk.path("out/global.xlsx")).unwrap());
    let tidy = global.sheet("Tidy data").unwrap();
    let mut found: BTreeMap<(String, String), Option<f64>> = BTreeMap::new();
    for (row, _) in tidy.rows().skip(1) {
        let text = |column| tidy.get(Address::new(row, column)).map(|cell| cell.value.clone());
        let (Some(CellValue::Text(economy)), Some(CellValue::Text(id))) = (text(1), text(3)) else {
            continue;
        };
        found.insert((economy, id), number(&global, "Tidy data", row, 6));
    }
    let stored = scores.iter().filter(|row| row["level"] != "question");
    let stored: BTreeMap<_, _> =
        stored.map(|row| ((row["economy"].clone(), row["id"].clone()), parse(&row["score"]))).collect();
    assert_eq!(found.len(), 198 * 53);
    assert_eq!(found, stored);
}

/// A workbook whose formulas have no stored results.
fn without_results(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        if name.starts_with("xl/worksheets/sheet") {
            let text = String::from_utf8(content).unwrap();
            let mut parts = text.split("</f><v>");
            let mut stripped = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                stripped.push_str("</f>");
                stripped.push_str(part.split_once("</v>").unwrap().1);
            }
            content = stripped.into_bytes();
        }
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// Has `LibreOffice` open workbooks and save them; false where it is missing and the tests do not run for a decision.
fn saved_by_libreoffice(folder: &Path, names: &[String]) -> bool {
    if Command::new("soffice").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "soffice is missing: install LibreOffice Calc");
        return false;
    }
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "saved"])
        .args(names)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "soffice: {}", String::from_utf8_lossy(&output.stderr));
    true
}

#[test]
fn libreoffice_computes_every_formula_as_the_program_does() {
    let desk = Desk::after_run();
    let folder = desk.path("recalculated");
    fs::create_dir(&folder).unwrap();
    let mut written = Vec::new();
    for economy in ECONOMIES {
        let bytes = fs::read(desk.path(&format!("out/reports/{economy}.xlsx"))).unwrap();
        fs::write(folder.join(format!("{economy}.xlsx")), without_results(&bytes)).unwrap();
        written.push((economy, book(&bytes)));
    }
    let names: Vec<String> = ECONOMIES.iter().map(|economy| format!("{economy}.xlsx")).collect();
    if !saved_by_libreoffice(&folder, &names) {
        return;
    }
    for (economy, ours) in written {
        let theirs = book(&fs::read(folder.join(format!("saved/{economy}.xlsx"))).unwrap());
        let mut compared = 0;
        for sheet in &ours.sheets {
            for cell in sheet.cells.iter().filter(|cell| cell.formula) {
                let (row, column) = (cell.address.row, cell.address.column);
                let place = format!("{economy} {}!{}", sheet.name, cell.address);
                let CellValue::Number(stored) = cell.value else { panic!("{place} is no number") };
                let again = number(&theirs, &sheet.name, row, column);
                let again = again.unwrap_or_else(|| panic!("{place} was not computed"));
                assert!((again - stored).abs() <= 1e-9, "{place}: {again}, {stored}");
                compared += 1;
            }
        }
        assert!(compared > 150, "{economy}: {compared}");
    }
}

#[test]
fn a_new_workbook_makes_one_report_and_the_global_workbook() {
    let desk = Desk::empty();
    let send = |economy: &str| {
        let name = format!("{economy}.xlsx");
        let from = crate::desk::root().join("examples/wave-2022").join(&name);
        fs::copy(from, desk.path("inbox").join(name)).unwrap();
    };
    for economy in ["KEN", "FRA"] {
        send(economy);
    }
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let before = desk.outputs();
    send("AFG");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let after = desk.outputs();
    for economy in ["KEN", "FRA"] {
        let path = format!("reports/{economy}.xlsx");
        assert!(before[&path] == after[&path], "the averages stay those of the published wave: {path}");
    }
    assert!(after.contains_key("reports/AFG.xlsx"));
    assert!(before["global.xlsx"] != after["global.xlsx"]);
}
