//! The live marks: what they say, and that spreadsheet programs compute what is stored.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::cell::{Address, Book, CellValue};
use maturity::framework::{EvidenceNeed, Framework, Kind};
use maturity::id::Id;
use maturity::submission::Field;
use questionnaire::{Entered, Request, Writer, write};

use crate::office::{converted, recalculated};
use crate::support::{answers, economy, evidence, framework, previous, recognise, request};
use crate::workbook::{attributes, parts_of};

fn read(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap()
}

/// The live mark of a question and what is said about it.
fn mark(book: &Book, question: &str) -> (String, String) {
    for sheet in &book.sheets {
        let text = |row, column| sheet.get(Address::new(row, column)).map(|cell| cell.value.display());
        let keys: BTreeMap<String, u32> = (0..12).filter_map(|at| Some((text(2, at)?, at))).collect();
        let (Some(id), Some(status), Some(check)) = (keys.get("id"), keys.get("status"), keys.get("check"))
        else {
            continue;
        };
        for (row, _) in sheet.rows() {
            if text(row, *id).as_deref() == Some(question) {
                let shown = |column| text(row, column).unwrap_or_default().trim().to_owned();
                return (shown(*status), shown(*check));
            }
        }
    }
    panic!("no row of {question}")
}

fn choice(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

#[test]
fn each_mark_says_what_the_answers_ask_for() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let none = Entered::default();
    let link = || evidence("I-1.4", "https://example.org");
    let text = |text: &str| Answer::Text(text.to_owned());
    for (question, given, entered, expected) in [
        ("I-1", vec![], none.clone(), ("●", "Answer required")),
        ("I-1", vec![("I-1", choice("0"))], none.clone(), ("✓", "")),
        ("I-1", vec![("I-1", choice("2"))], none.clone(), ("○", "Evidence missing")),
        ("I-1", vec![("I-1", choice("2")), ("I-1.2", text("https://a.example"))], none.clone(), ("✓", "")),
        ("I-1", vec![("I-1", text("perhaps"))], none.clone(), ("¿", "Not understood")),
        ("I-1", vec![("I-1", text("n/a"))], none.clone(), ("●", "Answer required")),
        ("I-1.1", vec![], none.clone(), ("–", "Does not apply")),
        ("I-1.1", vec![("I-1.1", text("Cloud"))], none.clone(), ("×", "Does not apply: please clear")),
        ("I-1.1", vec![("I-1", choice("2"))], none.clone(), ("·", "")),
        ("I-1.1", vec![("I-1", choice("2")), ("I-1.1", text("Cloud"))], none.clone(), ("✓", "")),
        ("I-1.4", vec![("I-1", choice("0")), ("I-1.4", choice("0"))], none.clone(), ("–", "Does not apply")),
        ("I-1.4", vec![("I-1", choice("2"))], none.clone(), ("●", "Answer required")),
        ("I-1.4", vec![("I-1", choice("2")), ("I-1.4", choice("1"))], link(), ("✓", "")),
        (
            "I-1.3",
            vec![("I-1", choice("2")), ("I-1.3", Answer::Number(20160.0))],
            none.clone(),
            ("!", "Enter a year with four digits between 1600 and 2030."),
        ),
        ("I-1.3", vec![("I-1", choice("2")), ("I-1.3", text("soon"))], none.clone(), ("¿", "Not understood")),
        (
            "I-1.3",
            vec![("I-1", choice("2")), ("I-1.3", text("2016 2018"))],
            none.clone(),
            ("¿", "Not understood"),
        ),
        (
            "I-1.3",
            vec![("I-1", choice("2")), ("I-1.3", Answer::Number(2016.5))],
            none.clone(),
            ("¿", "Not understood"),
        ),
        (
            "I-1.3",
            vec![("I-1", choice("0")), ("I-1.3", text("soon"))],
            none.clone(),
            ("×", "Does not apply: please clear"),
        ),
        ("I-1.3", vec![("I-1", text("Yes")), ("I-1.3", Answer::Number(2016.0))], none.clone(), ("·", "")),
        ("I-1.4", vec![("I-1", text("Yes")), ("I-1.4", choice("1"))], none.clone(), ("·", "")),
        ("I-1", vec![("I-1", text(" No, or not  known "))], none.clone(), ("✓", "")),
        (
            "I-1.4",
            vec![("I-1", choice("0")), ("I-1.4", text("perhaps"))],
            none.clone(),
            ("×", "Does not apply: please clear"),
        ),
    ] {
        let given: BTreeMap<Id, Answer> =
            given.into_iter().map(|(id, answer)| (Id::from(id), answer)).collect();
        let book = read(&write(&request(&framework, &kenya, "en", &given, &entered)).unwrap());
        let found = mark(&book, question);
        assert_eq!((found.0.as_str(), found.1.as_str()), expected, "{question} with {given:?}");
    }
}

#[test]
fn no_mark_asks_for_evidence_that_the_framework_does_not_need() {
    let (mut framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let none = Entered::default();
    let given = BTreeMap::from([("I-1", "2"), ("I-1.4", "1")].map(|(id, code)| (Id::from(id), choice(code))));
    // Of the two only the first has a question of its own for its evidence.
    for (needed, expected) in [
        (EvidenceNeed::Scored, ["○", "○"]),
        (EvidenceNeed::Asked, ["○", "✓"]),
        (EvidenceNeed::None, ["✓", "✓"]),
    ] {
        framework.evidence.needed = needed;
        let book = read(&write(&request(&framework, &kenya, "en", &given, &none)).unwrap());
        assert_eq!(["I-1", "I-1.4"].map(|id| mark(&book, id).0), expected, "{needed:?}");
    }
}

#[test]
fn a_previous_answer_asks_to_be_confirmed_and_a_fall_to_be_explained() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let before = previous(&framework, &BTreeMap::from([(Id::from("I-1"), choice("1"))]));
    let entered = |fields: &[(Field, &str)]| {
        let mut entered = evidence("I-1", "https://a.example");
        for (field, text) in fields {
            entered.insert(Id::from("I-1"), *field, (*text).to_owned());
        }
        entered
    };
    let (confirmed, changed) = ((Field::Confirm, "confirmed"), (Field::Confirm, "changed"));
    for (code, fields, expected) in [
        ("1", vec![], "□"),
        ("1", vec![confirmed], "✓"),
        ("1", vec![changed], "□"),
        ("2", vec![], "✓"),
        ("2", vec![changed], "✓"),
        ("2", vec![confirmed], "□"),
        ("0", vec![changed], "▼"),
        ("0", vec![changed, (Field::Reason, "n/a")], "▼"),
        ("1", vec![(Field::Confirm, "confirmed ")], "✓"),
        ("0", vec![changed, (Field::Reason, "The platform was closed.")], "✓"),
    ] {
        let (given, entered) = (BTreeMap::from([(Id::from("I-1"), choice(code))]), entered(&fields));
        let request =
            Request { previous: Some(&before), ..request(&framework, &kenya, "en", &given, &entered) };
        let book = read(&write(&request).unwrap());
        assert_eq!(mark(&book, "I-1").0, expected, "{code} with {fields:?}");
    }
}

/// Answers of all sorts: given, missing, wrong in kind, not among the choices.
fn mixed(framework: &Framework) -> BTreeMap<Id, Answer> {
    let mut mixed = answers(framework);
    for (number, question) in framework.asked_questions().enumerate() {
        let answer = match (number % 7, &question.kind) {
            (1, _) => None,
            (3, Kind::SelectOne(_)) => Some(Answer::Text("perhaps".to_owned())),
            (3, _) => Some(Answer::Text("n/a".to_owned())),
            (6, Kind::SelectOne(_)) => Some(choice("0")),
            (5, Kind::Integer) => Some(Answer::Number(16.5)),
            _ => continue,
        };
        match answer {
            Some(answer) => mixed.insert(question.id.clone(), answer),
            None => mixed.remove(&question.id),
        };
    }
    mixed
}

#[test]
fn a_writer_that_has_written_others_gives_the_same_bytes() {
    let (framework, kenya, peru) = (framework(), economy("KEN", "Kenya"), economy("PER", "Peru"));
    let some_before = previous(&framework, &BTreeMap::from([(Id::from("I-1"), choice("1"))]));
    let (nothing, mixed) = (BTreeMap::new(), mixed(&framework));
    let untouched = Entered::default();
    // Evidence where another question asks for it, and where none does.
    let here = evidence("I-1", "https://a.example");
    let there = evidence("I-1.4", "https://a.example");
    let writer = Writer::new(&framework);
    for (economy, language) in [(&kenya, "en"), (&peru, "en"), (&kenya, "fr")] {
        for entered in [&here, &untouched, &there] {
            for (given, previous) in [(&mixed, None), (&nothing, Some(&some_before)), (&nothing, None)] {
                let request = Request { previous, ..request(&framework, economy, language, given, entered) };
                let same = writer.write(&request).unwrap() == write(&request).unwrap();
                assert!(same, "{} in {language}", economy.code);
            }
        }
    }
}

/// Every formula's cell with its value.
fn computed(book: &Book) -> BTreeMap<String, CellValue> {
    let cells = book.sheets.iter().flat_map(|sheet| {
        let formulas = sheet.cells.iter().filter(|cell| cell.formula);
        formulas.map(|cell| (format!("{}!{}", sheet.name, cell.address), cell.value.clone()))
    });
    cells.collect()
}

#[test]
fn what_is_stored_is_what_a_spreadsheet_program_computes() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let before = previous(&framework, &answers(&framework));
    let mut entered = evidence("I-1.4", "https://a.example");
    for (number, question) in framework.asked_questions().enumerate() {
        let confirmation = ["", "confirmed", "changed"][number % 3].to_owned();
        entered.insert(question.id.clone(), Field::Confirm, confirmation);
    }
    let mixed = mixed(&framework);
    let filled = Request { previous: Some(&before), ..request(&framework, &kenya, "fr", &mixed, &entered) };
    let (nothing, untouched) = (BTreeMap::new(), Entered::default());
    let empty = request(&framework, &kenya, "es", &nothing, &untouched);
    for request in [&filled, &empty] {
        let bytes = write(request).unwrap();
        let Some(again) = recalculated(&bytes) else { return };
        let (stored, computed) = (computed(&read(&bytes)), computed(&read(&again)));
        // Two for each question, one for each section, four for each row of counts on the cover, five for each of
        // the progress.
        assert!(stored.len() > 2 * framework.asked_questions().count() + 40, "{}", stored.len());
        assert_eq!(stored.len(), computed.len());
        for (cell, value) in &stored {
            let other = &computed[cell];
            let same = match (value, other) {
                (CellValue::Number(one), CellValue::Number(other))
                | (CellValue::Percent(one), CellValue::Percent(other)) => (one - other).abs() < 1e-12,
                _ => value == other,
            };
            assert!(same, "{cell}: stored {value:?}, computed {other:?}");
        }
        let marks: std::collections::BTreeSet<String> =
            stored.values().map(CellValue::display).filter(|text| text.chars().count() == 1).collect();
        let expected = if request.previous.is_some() { "!·×–¿○●□▼✓" } else { "·–●" };
        for mark in expected.chars() {
            assert!(marks.contains(&mark.to_string()), "{mark} does not occur: {marks:?}");
        }
    }
}

#[test]
fn a_questionnaire_survives_the_open_document_format() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let (given, entered) = (answers(&framework), evidence("I-1.1", "Decree 12"));
    let before = previous(&framework, &given);
    let request = Request { previous: Some(&before), ..request(&framework, &kenya, "en", &given, &entered) };
    let bytes = write(&request).unwrap();
    let Some(ods) = converted(&bytes, "xlsx", "ods") else { return };
    let back = converted(&ods, "ods", "xlsx:Calc MS Excel 2007 XML").unwrap();
    let direct = recognise(&read(&bytes), &framework).unwrap().remove(0);
    for (name, file) in [("ods", &ods), ("xlsx", &back)] {
        let received = recognise(&read(file), &framework).unwrap().remove(0);
        assert_eq!(received.responses, direct.responses, "{name}");
        assert_eq!(received.header, direct.header, "{name}");
    }
    let (before, after) = (parts_of(bytes), parts_of(back));
    let dropdowns = |xml: &str| xml.matches("type=\"list\"").count();
    for sheet in 2..=5 {
        let name = format!("xl/worksheets/sheet{sheet}.xml");
        let (before, after) = (&before[&name], &after[&name]);
        assert!(dropdowns(before) > 0 && dropdowns(after) > 0, "{name}");
        let cells = |xml: &str| -> usize {
            xml.split("<dataValidation ")
                .skip(1)
                .filter(|validation| {
                    validation.split("</dataValidation>").next().unwrap().contains("type=\"list\"")
                })
                .map(|validation| {
                    attributes(&format!(" {validation}"), "sqref")[0].split(' ').map(range).sum::<usize>()
                })
                .sum()
        };
        assert_eq!(cells(before), cells(after), "cells with a dropdown in {name}");
        let rules = |xml: &str| xml.matches("<cfRule ").count();
        assert!(rules(after) >= rules(before), "conditional formats in {name}");
        assert!(after.contains("<sheetProtection"), "{name}");
        let keys = after.split("<row r=\"3\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(keys.contains("hidden=\"true\"") || keys.contains("hidden=\"1\""), "{keys}");
    }
    let hidden = |parts: &BTreeMap<String, String>| {
        let book = &parts["xl/workbook.xml"];
        let lists = book.split("name=\"Lists\"").nth(1).unwrap().split("/>").next().unwrap().to_owned();
        lists.to_lowercase().contains("hidden")
    };
    assert!(hidden(&before) && hidden(&after));
}

/// How many cells a range such as `D6:D9` has, in one column.
fn range(text: &str) -> usize {
    let row = |cell: &str| cell.parse::<Address>().unwrap().row;
    match text.split_once(':') {
        Some((first, last)) => usize::try_from(row(last) - row(first)).unwrap() + 1,
        None => 1,
    }
}
