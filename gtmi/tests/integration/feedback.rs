//! The return: from the empty questionnaire through mistakes and corrections to accepted answers.

use std::fs;
use std::io::Read;
use std::path::Path;

use maturity::cell::{Book, CellValue, Sheet};
use maturity::framework::FrameworkSources;

use crate::desk::{Desk, root};
use crate::dirty::altered;
use crate::office::fill;
use crate::wave::published;

fn book(path: &Path) -> Book {
    reader::read(&fs::read(path).unwrap(), &reader::Limits::default()).unwrap()
}

fn texts(sheet: &Sheet) -> String {
    sheet.cells.iter().map(|cell| cell.value.display()).collect::<Vec<_>>().join("\n")
}

/// The text of a cell, by its address.
fn at(sheet: &Sheet, address: &str) -> String {
    sheet.get(address.parse().unwrap()).map(|cell| cell.value.display()).unwrap_or_default()
}

/// The row of a question: its mark and its answer.
fn row(book: &Book, question: &str) -> (String, String) {
    let id = CellValue::Text(question.to_owned());
    let sheet =
        book.sheets.iter().skip(2).find(|sheet| sheet.cells.iter().any(|cell| cell.value == id)).unwrap();
    let cell = sheet.cells.iter().find(|cell| cell.value == id).unwrap();
    let column = |key: &str| {
        let key = CellValue::Text(key.to_owned());
        let heading = sheet.cells.iter().find(|cell| cell.value == key).unwrap();
        let address = maturity::cell::Address::new(cell.address.row, heading.address.column);
        sheet.get(address).map(|cell| cell.value.display()).unwrap_or_default()
    };
    (column("marked"), column("answer"))
}

/// All texts of the notes in a workbook.
fn notes(path: &Path) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut all = String::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        if file.name().unwrap().contains("comments") {
            file.read_to_string(&mut all).unwrap();
        }
    }
    all
}

#[test]
fn every_run_answers_each_sender_with_the_marked_workbook() {
    let desk = Desk::with(&["SEN"]).returning();
    let broken = altered(&desk, "SEN", &[("CGSI", "D6", "Peut-être"), ("CGSI", "D19", "")]);
    fs::write(desk.path("inbox/SEN.xlsx"), broken).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let path = desk.path("out/feedback/SEN.xlsx");
    let returned = book(&path);

    // In the language of the questionnaire, the receipt first.
    let receipt = &returned.sheets[0];
    assert_eq!(receipt.name, "Accusé de réception");
    let text = texts(receipt);
    assert!(text.contains("une n'a pas été comprise."), "{text}");
    assert!(at(receipt, "A2").starts_with("✖  Renvoyé"), "{text}");
    assert!(text.contains("CHOICE-001") && text.contains("ANSWER-001"), "{text}");
    // What was sent stands there again, and the marks do not need colours.
    let (mark, answer) = row(&returned, "I-1");
    assert_eq!((mark.as_str(), answer.as_str()), ("✖ CHOICE-001", "Peut-être"));
    assert_eq!(row(&returned, "I-2"), ("✖ ANSWER-001".to_owned(), String::new()));
    let notes = notes(&path);
    assert!(
        notes.contains("La réponse «\u{a0}Peut-être\u{a0}» n'est pas dans la liste"),
        "notes lack the message"
    );

    // Nothing new, nothing written; a lost one is made again, byte by byte.
    let before = fs::read(&path).unwrap();
    assert!(desk.gtmi(&["run"]).stderr.contains("nothing changed"));
    fs::remove_file(&path).unwrap();
    desk.gtmi(&["run"]);
    assert!(fs::read(&path).unwrap() == before);

    // The same by hand, without a store.
    let check = desk.gtmi(&["check", "inbox/SEN.xlsx", "--out", "mine.xlsx"]);
    assert_eq!(check.code, 1);
    assert!(fs::read(desk.path("mine.xlsx")).unwrap() == before, "check and run write the same return");

    // Switched off, it is gone.
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace("feedback = true", "feedback = false")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert!(!path.exists());
}

#[test]
fn check_counts_what_it_hides_and_tells_what_is_new() {
    let desk = Desk::with(&["KEN"]).returning();
    let first = desk.gtmi(&["check", "inbox/KEN.xlsx", "--json"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("all were understood."), "{}", first.stderr);
    assert!(first.stderr.contains(" more of EVIDENCE-001 (-v shows all)"), "{}", first.stderr);
    assert!(!desk.gtmi(&["check", "inbox/KEN.xlsx", "-v"]).stderr.contains("more of"));
    fs::write(desk.path("first.json"), &first.stdout).unwrap();
    let broken = altered(&desk, "KEN", &[("CGSI", "D6", "Maybe")]);
    fs::write(desk.path("second.xlsx"), broken).unwrap();
    let second = desk.gtmi(&["check", "second.xlsx", "--against", "first.json", "--json"]);
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("  + CHOICE-001: CGSI!D6"), "{}", second.stderr);
    let document = second.json();
    let new: Vec<&str> = document[0]["new"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| {
            document[0]["findings"][usize::try_from(at.as_u64().unwrap()).unwrap()]["rule"].as_str().unwrap()
        })
        .collect();
    assert!(new.contains(&"CHOICE-001"), "{new:?}");
    assert!(new.len() < 10, "{new:?}");
    let wrong = desk.gtmi(&["check", "second.xlsx", "--against", "pipeline.toml"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
}

#[test]
fn mistakes_come_back_marked_and_the_corrected_return_is_accepted_with_the_published_scores() {
    let desk = Desk::empty().returning();
    let template = desk.gtmi(&["template", "--economy", "KEN", "--out", "KEN.xlsx"]);
    assert_eq!(template.code, 0, "{}", template.stderr);
    let answers = root().join("data/answers-2022.csv");
    let filled = fill(
        &desk.path("KEN.xlsx"),
        &desk.path("inbox/KEN.xlsx"),
        &[
            "--answers",
            answers.to_str().unwrap(),
            "--economy",
            "KEN",
            // An answer of the sender's own, none where one is required, half a sentence as evidence.
            "--set",
            "I-1=Maybe",
            "--set",
            "I-2=",
            "--evidence",
            "I-1.4=to be confirmed",
        ],
    );
    if !filled {
        return;
    }
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let path = desk.path("out/feedback/KEN.xlsx");
    let returned = book(&path);
    assert!(at(&returned.sheets[0], "A2").starts_with("✖  Returned"));
    assert!(texts(&returned.sheets[0]).contains("one was not understood."));
    assert_eq!(row(&returned, "I-1"), ("✖ CHOICE-001".to_owned(), "Maybe".to_owned()));
    assert_eq!(row(&returned, "I-2").0, "✖ ANSWER-001");
    assert!(row(&returned, "I-1.4").0.contains("! EVIDENCE-002"), "{:?}", row(&returned, "I-1.4"));

    // Corrected in the return itself, with an objection to one of the warnings.
    let constraint = desk.gtmi(&["check", "inbox/KEN.xlsx", "--json"]).json();
    let contested = constraint[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "CONSTRAINT-001")
        .map(|finding| finding["question"].as_str().unwrap().to_owned())
        .unwrap();
    let row_of = |question: &str| {
        let mut table = csv::Reader::from_path(&answers).unwrap();
        let column = table.headers().unwrap().iter().position(|heading| heading == question).unwrap();
        let record = table.records().map(Result::unwrap).find(|record| &record[0] == "KEN").unwrap();
        record[column].to_owned()
    };
    fill(
        &path,
        &desk.path("inbox/KEN corrected.xlsx"),
        &[
            "--choose",
            &format!("I-1={}", row_of("I-1")),
            "--choose",
            &format!("I-2={}", row_of("I-2")),
            "--evidence",
            "I-1.4=Cloud strategy of 2019, page 4",
            "--contest",
            &format!("CONSTRAINT-001:{contested}=The service bus is in use since May."),
        ],
    );
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let score = |id: &str| desk.gtmi(&["explain", "KEN", id, "--json"]).json()["score"].as_f64().unwrap();
    for (id, expected) in &published()["KEN"].0 {
        assert!((score(id) - expected).abs() <= 1e-12, "{id}: {} is not {expected}", score(id));
    }
    // The objection reached the reviewers.
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let contests: Vec<_> = desk
        .table("findings")
        .into_iter()
        .filter(|row| !row["contest"].is_empty())
        .map(|row| (row["question"].clone(), row["contest"].clone(), row["status"].clone()))
        .collect();
    let expected = (contested, "The service bus is in use since May.".to_owned(), "open".to_owned());
    assert_eq!(contests, [expected]);
    let report = book(&desk.path("out/reports/KEN.xlsx"));
    let findings = report.sheets.iter().find(|sheet| sheet.name == "Findings").unwrap();
    assert!(texts(findings).contains("The sender objects: “The service bus is in use since May.”"));
    let accepted = book(&path);
    assert!(at(&accepted.sheets[0], "A2").starts_with("✔  Accepted"));
}

/// What was sent under the number that a question had then.
#[test]
fn the_return_of_an_earlier_version_has_everything_under_the_present_numbers() {
    let desk = Desk::with(&["SEN"]).returning();
    let bundled = root().join("frameworks/gtmi-2022");
    let folder = desk.path("gtmi-2022");
    fs::create_dir(&folder).unwrap();
    for file in FrameworkSources::FILES {
        fs::copy(bundled.join(file), folder.join(file)).unwrap();
    }
    // I-1 was numbered I-2 then, and I-2 was I-1; the file carries the fingerprint of that version.
    let text = fs::read_to_string(folder.join("framework.toml")).unwrap();
    let earlier = "[[earlier_version]]\nversion = \"2021.9\"\ninstrument_hash = \"of-then\"\n[earlier_version.questions]\n";
    let framework = format!("{text}\n{earlier}\"I-1\" = \"I-2\"\n\"I-2\" = \"I-1\"\n");
    fs::write(folder.join("framework.toml"), framework).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let bundled = bundled.parent().unwrap().canonicalize().unwrap().join("gtmi-2022");
    fs::write(desk.path("pipeline.toml"), config.replace(bundled.to_str().unwrap(), "gtmi-2022")).unwrap();

    let original = book(&desk.path("inbox/SEN.xlsx"));
    let cover = original.sheets.iter().find(|sheet| texts(sheet).contains("instrument-hash")).unwrap();
    let key = CellValue::Text("instrument-hash".to_owned());
    let on = cover.cells.iter().find(|cell| cell.value == key).unwrap().address.row;
    let value = cover.cells.iter().rfind(|cell| cell.address.row == on).unwrap();
    let (cover, hash) = (cover.name.clone(), value.address.to_string());
    let changes = [
        (cover.as_str(), hash.as_str(), "of-then"),
        ("CGSI", "D6", "Peut-être"),
        ("CGSI", "F6", "Remarque sur I-2"),
    ];
    fs::write(desk.path("inbox/SEN.xlsx"), altered(&desk, "SEN", &changes)).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let checked = desk.gtmi(&["check", "inbox/SEN.xlsx", "--out", "checked.xlsx"]);
    assert_eq!(checked.code, 1, "{}", checked.stderr);
    for path in ["out/feedback/SEN.xlsx", "checked.xlsx"] {
        let returned = book(&desk.path(path));
        assert_eq!(row(&returned, "I-2").1, "Peut-être", "{path}");
        assert_ne!(row(&returned, "I-1").1, "Peut-être", "{path}");
        let sheet = returned.sheets.iter().find(|sheet| sheet.name == "CGSI").unwrap();
        let at = |text: &str| {
            let value = CellValue::Text(text.to_owned());
            sheet.cells.iter().find(|cell| cell.value == value).map(|cell| cell.address.row)
        };
        assert_eq!(at("Remarque sur I-2"), at("I-2"), "{path}");
    }
}
