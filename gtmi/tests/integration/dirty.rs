//! Folders with files that people really send: each bad one gets a reason, the others are untouched.

#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use maturity::cell::{Address, CellValue};
use rust_xlsxwriter::{Format, Workbook};

use crate::desk::{Desk, is_workbook, root};
use crate::fuzzed::entries::office_file::office_file;
use crate::office::saved_as;

/// A returned questionnaire: the bundled one of an economy, with some cells replaced. Built by reading the
/// file and writing its cells again, which is also what many spreadsheet programs do. `The law -> https://a.example` is a
/// text with an address behind it.
pub(crate) fn altered(desk: &Desk, economy: &str, changes: &[(&str, &str, &str)]) -> Vec<u8> {
    let bytes = fs::read(desk.path(&format!("inbox/{economy}.xlsx"))).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let mut copy = Workbook::new();
    for sheet in &book.sheets {
        let target = copy.add_worksheet();
        target.set_name(&sheet.name).unwrap().set_hidden(!sheet.visible);
        let is_changed = |address: Address| {
            changes.iter().any(|(name, cell, _)| *name == sheet.name && *cell == address.to_string())
        };
        for cell in sheet.cells.iter().filter(|cell| !is_changed(cell.address)) {
            let (row, column) = (cell.address.row, u16::try_from(cell.address.column).unwrap());
            match &cell.value {
                CellValue::Number(number) => target.write_number(row, column, *number).unwrap(),
                value => target.write_string(row, column, value.display()).unwrap(),
            };
        }
        for (_, cell, text) in changes.iter().filter(|(name, ..)| *name == sheet.name) {
            let address: Address = cell.parse().unwrap();
            let column = u16::try_from(address.column).unwrap();
            if let Some((text, link)) = text.split_once(" -> ") {
                target.write_url_with_text(address.row, column, link, text).unwrap();
            } else if text.starts_with("<r>") {
                // As plain text the library writes it unescaped.
                target.write_rich_string(address.row, column, &[(&Format::new(), text)]).unwrap();
            } else {
                target.write_string(address.row, column, *text).unwrap();
            }
        }
    }
    copy.save_to_buffer().unwrap()
}

/// The cell of the cover that holds the economy's code.
fn economy_cell(desk: &Desk, economy: &str) -> (String, String) {
    let bytes = fs::read(desk.path(&format!("inbox/{economy}.xlsx"))).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let code = CellValue::Text(economy.to_owned());
    let found = book.sheets.iter().find_map(|sheet| {
        let cell = sheet.cells.iter().find(|cell| cell.value == code)?;
        Some((sheet.name.clone(), cell.address.to_string()))
    });
    found.unwrap()
}

#[test]
fn a_folder_full_of_dirt_gets_reasons_and_leaves_the_others_alone() {
    let desk = Desk::with(&["IND", "KEN", "PER", "SEN"]).returning();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let before = desk.outputs();
    let whole = fs::read(desk.path("inbox/PER.xlsx")).unwrap();
    fs::write(desk.path("inbox/notes.xlsx"), "Dear colleagues,\nplease find attached\n").unwrap();
    fs::write(desk.path("inbox/empty.xlsx"), "").unwrap();
    fs::write(
        desk.path("inbox/secret.xlsx"),
        office_file(&[("EncryptedPackage", &[]), ("EncryptionInfo", &[])], false),
    )
    .unwrap();
    fs::write(desk.path("inbox/cut.xlsx"), &whole[..whole.len() / 2]).unwrap();
    let wrong = [("CGSI", "D6", "Maybe"), ("CGSI", "D10", "7"), ("CGSI", "D19", "")];
    fs::write(desk.path("inbox/Kenya corrected.xlsx"), altered(&desk, "KEN", &wrong)).unwrap();
    let (sheet, cell) = economy_cell(&desk, "IND");
    let nowhere = altered(&desk, "IND", &[(&sheet, &cell, "Atlantis")]);
    fs::write(desk.path("inbox/atlantis.xlsx"), nowhere).unwrap();

    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for expected in [
        "FILE-002: The file is not a workbook",
        "FILE-001: The file is empty",
        "FILE-003: The workbook is encrypted",
        "FILE-004: The file is damaged and cannot be read",
        "returned KEN Kenya, Kenya corrected.xlsx",
        "CHOICE-001: CGSI!D6, question I-1: The answer \"Maybe\" is not in the list: 0 = No, or not known, \
         1 = No platform yet, only a cloud strategy or policy, 2 = Yes, a platform is in use. Choose from these.",
        "CHOICE-001: CGSI!D10, question I-1.4: The answer \"7\" is not in the list",
        "ANSWER-001: CGSI!D19, question I-2: This question has no answer, but an answer is required.",
        "returned unknown economy, atlantis.xlsx",
        "The economy \"Atlantis\" is not known",
    ] {
        assert!(run.stderr.contains(expected), "{expected}\n--- is not in\n{}", run.stderr);
    }

    let after = desk.outputs();
    for (path, bytes) in before.iter().filter(|(path, _)| path.starts_with("reports/")) {
        assert!(after.get(path) == Some(bytes), "{path} changed");
    }
    let refused: Vec<_> = after.iter().filter(|(path, _)| path.starts_with("refused/")).collect();
    assert_eq!(refused.len(), 4);
    for (path, bytes) in refused {
        let record: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        for field in ["name", "sha256", "reason", "what_to_do"] {
            assert!(record[field].as_str().is_some_and(|text| !text.is_empty()), "{path}: {field}");
        }
    }

    // It stays so until something comes that is better.
    let again = desk.gtmi(&["run"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    for name in
        ["notes.xlsx", "empty.xlsx", "secret.xlsx", "cut.xlsx", "Kenya corrected.xlsx", "atlantis.xlsx"]
    {
        fs::remove_file(desk.path(&format!("inbox/{name}"))).unwrap();
    }
    let clean = desk.gtmi(&["run"]);
    assert_eq!(clean.code, 0, "{}", clean.stderr);
    assert!(!desk.outputs().keys().any(|path| path.starts_with("refused/")));
}

#[test]
fn an_address_behind_a_text_is_evidence_in_files_of_every_kind() {
    let desk = Desk::with(&["KEN"]);
    let (law, framework) = ("https://www.example.org/law?no=12", "https://www.example.org/gea");
    let (behind_law, behind_framework) =
        (format!("Act 12 -> {law}"), format!("The framework -> {framework}"));
    let changes = [("CGSI", "E10", &*behind_law), ("CGSI", "D21", &*behind_framework)];
    fs::write(desk.path("KEN.xlsx"), altered(&desk, "KEN", &changes)).unwrap();
    let workbooks = [desk.path("KEN.xlsx")];
    if !["ods", "xls"].iter().all(|format| saved_as(format, &workbooks, &desk.path(""))) {
        return;
    }
    for name in ["KEN.xlsx", "KEN.ods", "KEN.xls"] {
        let checked = desk.gtmi(&["check", name, "--json"]).json();
        let about = |question: &str| -> Vec<String> {
            let findings = checked[0]["findings"].as_array().unwrap().iter();
            let about = findings.filter(|finding| finding["question"] == question);
            about.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(about("I-1.4"), ["READ-003"], "{name}");
        assert_eq!(about("I-2.2"), ["READ-003"], "{name}");
        assert_eq!(about("I-2"), Vec::<String>::new(), "{name}");
        assert_eq!(about("I-3"), ["EVIDENCE-001"], "{name}: there is none");
    }

    fs::rename(desk.path("KEN.xls"), desk.path("inbox/KEN.xls")).unwrap();
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["export", "--out", "export", "--format", "csv"]).code, 0);
    let answers = desk.table("answers");
    let of = |question: &str, column: &str| {
        answers.iter().find(|row| row["question"] == question).unwrap()[column].clone()
    };
    assert_eq!(of("I-1.4", "evidence"), format!("Act 12 {law}"));
    assert_eq!((of("I-2", "evidence").as_str(), of("I-2.2", "text").as_str()), (framework, framework));
}

#[test]
fn check_says_the_same_as_the_pipeline_and_stores_nothing() {
    let desk = Desk::with(&["PER", "SEN"]);
    fs::write(desk.path("mine.xlsx"), altered(&desk, "SEN", &[("CGSI", "D6", "Peut-être")])).unwrap();
    let check = desk.gtmi(&["check", "mine.xlsx"]);
    assert_eq!(check.code, 1);
    // In the language of the questionnaire.
    assert!(
        check.stderr.contains(
            "CHOICE-001: CGSI!D6, question I-1\u{a0}: La réponse «\u{a0}Peut-être\u{a0}» n'est pas dans la liste"
        ),
        "{}",
        check.stderr
    );
    assert!(!desk.path("out").exists());
    let sound = desk.gtmi(&["check", "inbox/PER.xlsx", "--json"]);
    assert_eq!((sound.code, sound.json()[0]["state"].as_str()), (0, Some("accepted")));
}

#[test]
fn files_whose_names_look_alike_do_not_take_each_others_place() {
    let desk = Desk::with(&["KEN"]);
    let (first, second) = (fs::read(desk.path("inbox/KEN.xlsx")).unwrap(), altered(&desk, "KEN", &[]));
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    // Names that are no text: what cannot be read is shown by the same mark in both.
    for (byte, bytes) in [(0xfe, first), (0xff, second)] {
        let name = [b"KEN".as_slice(), &[byte], b".xlsx"].concat();
        fs::write(desk.path("inbox").join(OsStr::from_bytes(&name)), bytes).unwrap();
    }
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    for _ in 0..2 {
        let again = desk.gtmi(&["run"]);
        assert_eq!(again.code, 0, "{}", again.stderr);
        let said = again.stdout + &again.stderr;
        assert!(said.contains("2 files unchanged") && said.contains("nothing changed"), "{said}");
        assert!(!said.contains("counts as the latest"), "{said}");
    }
}

#[test]
fn a_returned_submission_never_replaces_an_accepted_one() {
    let desk = Desk::with(&["KEN", "PER"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let score = |desk: &Desk| desk.gtmi(&["explain", "KEN", "--json"]).json()["score"].clone();
    let before = score(&desk);
    fs::write(desk.path("inbox/KEN-2.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "Maybe")])).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(score(&desk), before);
    // A later sound one does, and settles the matter.
    let better = altered(&desk, "KEN", &[("CGSI", "D16", "Yes, published")]);
    fs::write(desk.path("inbox/KEN-3.xlsx"), better).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let after = score(&desk).as_f64().unwrap();
    let gained = 4.0 / 243.0 / 4.0;
    assert!((after - before.as_f64().unwrap() - gained).abs() < 1e-12);
}

#[test]
fn personal_data_stay_in_the_store() {
    let desk = Desk::with(&["KEN", "PER"]).returning();
    let bytes = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let cover = book.sheets.iter().find_map(|sheet| {
        let key =
            sheet.cells.iter().find(|cell| cell.value == CellValue::Text("contact-email".to_owned()))?;
        let target = Address::new(key.address.row, key.address.column + 1);
        Some((sheet.name.clone(), target.to_string()))
    });
    let (sheet, cell) = cover.unwrap();
    let mail = "jane.doe@treasury.example";
    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[(&sheet, &cell, mail)])).unwrap();
    let run = desk.gtmi(&["run", "-vv"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(desk.path("out/reports/KEN.xlsx").exists() && desk.path("out/feedback/KEN.xlsx").exists());
    assert!(!run.stderr.contains("jane.doe"));
    assert_eq!(desk.gtmi(&["export", "--out", "out/export"]).code, 0);
    for (path, bytes) in desk.outputs() {
        if path.starts_with("gtmi.") {
            continue;
        }
        let text = if is_workbook(&path) {
            let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
            let cells = book.sheets.iter().flat_map(|sheet| &sheet.cells);
            cells.map(|cell| cell.value.display()).collect::<Vec<_>>().join("\n")
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        assert!(!text.contains("jane.doe"), "{path}");
    }
}

#[test]
fn a_log_line_is_one_json_object() {
    let desk = Desk::with(&["KEN", "PER", "SEN"]);
    fs::File::create(desk.path("inbox/empty.xlsx")).unwrap().write_all(b"").unwrap();
    let run = desk.gtmi(&["ingest", "-v", "--log-format", "json", "--quiet"]);
    assert_eq!(run.code, 1);
    let run = desk.gtmi(&["validate", "-v", "--log-format", "json"]);
    let lines: Vec<serde_json::Value> =
        run.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().all(|line| line["timestamp"].is_string()), "{}", run.stderr);
    // What is said to people beside them is of another target.
    let (said, logged): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line["target"] == "gtmi::said");
    assert_eq!(logged.len(), 3, "{}", run.stderr);
    assert!(logged.iter().all(|line| line["economy"].is_string()), "{}", run.stderr);
    assert!(said.iter().any(|line| line["message"].as_str().unwrap().contains("3 accepted")), "{said:?}");
}

#[test]
fn a_name_in_capitals_is_a_name_and_a_source_of_which_nothing_is_read_is_told() {
    let desk = Desk::empty();
    fs::copy(root().join("examples/wave-2022/KEN.xlsx"), desk.path("inbox/KEN.XLSX")).unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("1 accepted, 0 returned"), "{}", run.stderr);

    let elsewhere = Desk::empty();
    fs::write(elsewhere.path("inbox/KEN.xslx"), "").unwrap();
    let run = elsewhere.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("the file of the source \"examples\" does not fit \"include\""),
        "{}",
        run.stderr
    );
}
