//! The online form: what comes back through `KoboToolbox` and ODK Central scores as the questionnaire does.

#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use std::collections::BTreeMap;
use std::fs;

use rust_xlsxwriter::Workbook;

use crate::desk::{Desk, root};
use crate::export::assert_as_described;

/// Economies whose coded answers could all have been given in the form.
const ECONOMIES: [&str; 6] = ["KEN", "FRA", "PER", "SEN", "KOR", "MAR"];

type Record = BTreeMap<String, String>;

fn records(path: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(root().join(path)).unwrap();
    let headings = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A question with its choices, as the framework's tables have it.
struct Question {
    row: Record,
    choices: Vec<Record>,
}

impl Question {
    fn several(&self) -> bool {
        self.row["type"].starts_with("select_multiple")
    }

    /// What a label column of an export shows.
    fn label(&self, code: &str) -> String {
        let choice = self.choices.iter().find(|choice| choice["name"] == code);
        choice.map_or_else(|| code.to_owned(), |choice| choice["label::French (fr)"].clone())
    }
}

fn questions() -> Vec<Question> {
    let choices = records("frameworks/gtmi-2022/choices.csv");
    records("frameworks/gtmi-2022/survey.csv")
        .into_iter()
        .filter(|row| row["disabled"] != "yes" && !row["type"].starts_with("external"))
        .map(|row| {
            let list = row["type"].split(' ').nth(1).unwrap_or_default().to_owned();
            let choices = choices.iter().filter(|choice| choice["list_name"] == list).cloned().collect();
            Question { row, choices }
        })
        .collect()
}

/// The coded answers of an economy to a question; blank where the form asks nothing or takes no answer.
fn codes(economy: &Record, question: &Question) -> Vec<String> {
    let given = economy.get(&question.row["name"]).map_or("", String::as_str);
    if given == "-" {
        return Vec::new();
    }
    given.split(',').map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).collect()
}

/// How a server writes an export.
#[derive(Clone, Copy)]
enum Style {
    /// `KoboToolbox` with names: groups and slashes, several choices both ways.
    KoboNames,
    /// `KoboToolbox` with French labels, without groups.
    KoboLabels,
    /// ODK Central: groups and hyphens, several choices in columns of their own.
    Central,
}

/// The whole export: headings and rows.
fn export(style: Style) -> Vec<Vec<String>> {
    let questions = questions();
    let path = |question: &Question| {
        let (id, indicator) = (&question.row["name"], &question.row["indicator"]);
        match style {
            Style::KoboNames => format!("part_{}/section_{indicator}/{id}", question.row["subindex"]),
            Style::KoboLabels => format!("{id} {}", question.row["label::French (fr)"]),
            Style::Central => format!("part_{}-section_{indicator}-{id}", question.row["subindex"]),
        }
    };
    let (before, after): (&[&str], &[&str]) = match style {
        Style::Central => (
            &["SubmissionDate", "framework", "respondent-economy", "respondent-contact-email"],
            &["meta-instanceID", "KEY", "SubmitterName", "ReviewState", "Edits"],
        ),
        Style::KoboNames => (
            &["framework", "respondent/economy", "respondent/contact-email"],
            &["_id", "_uuid", "_submission_time", "_validation_status", "meta/rootUuid", "_index"],
        ),
        Style::KoboLabels => (
            &[
                "framework",
                "Quelle économie ces réponses décrivent-elles\u{a0}?",
                "Votre adresse électronique",
            ],
            &["_id", "_uuid", "_submission_time", "_validation_status", "meta/rootUuid", "_index"],
        ),
    };
    let mut headings: Vec<String> = before.iter().map(|heading| (*heading).to_owned()).collect();
    for question in &questions {
        headings.push(path(question));
        if question.several() {
            for choice in &question.choices {
                let last = match style {
                    Style::KoboLabels => &choice["label::French (fr)"],
                    _ => &choice["name"],
                };
                headings.push(format!("{}/{last}", path(question)));
            }
        }
    }
    headings.extend(after.iter().map(|heading| (*heading).to_owned()));
    let mut rows = vec![headings];
    let economies = records("data/answers-2022.csv");
    for (number, code) in ECONOMIES.into_iter().enumerate() {
        let economy = economies.iter().find(|economy| economy["economy"] == code).unwrap();
        // The first row of each economy is one that reviewers rejected: nothing but the lowest answers.
        for rejected in [true, false] {
            let time = format!("2022-11-0{}T0{}:00:00", number + 1, if rejected { 1 } else { 2 });
            let key = format!("uuid:{number}-{rejected}");
            let mail = format!("focal.{code}@example.org");
            let mut row: Vec<String> = match style {
                Style::Central => vec![format!("{time}.825Z"), "gtmi-2022".into(), code.into(), mail],
                _ => vec!["gtmi-2022".into(), code.into(), mail],
            };
            for question in &questions {
                let given = match (rejected, question.choices.first()) {
                    (true, Some(lowest)) => vec![lowest["name"].clone()],
                    (true, None) => Vec::new(),
                    _ => codes(economy, question),
                };
                row.push(match style {
                    Style::KoboLabels => {
                        given.iter().map(|code| question.label(code)).collect::<Vec<_>>().join(" ")
                    }
                    _ => given.join(" "),
                });
                if question.several() {
                    for choice in &question.choices {
                        let taken = if given.contains(&choice["name"]) { "1" } else { "0" };
                        row.push(if given.is_empty() { String::new() } else { taken.to_owned() });
                    }
                }
            }
            let review = match (style, rejected) {
                (Style::Central, true) => "rejected",
                (Style::Central, false) => "approved",
                (_, true) => "Not Approved",
                (_, false) => "",
            };
            row.extend(match style {
                Style::Central => vec![key.clone(), key, "ops".to_owned(), review.to_owned(), "0".to_owned()],
                _ => vec![
                    format!("{}", 100 + number),
                    key.clone(),
                    time,
                    review.to_owned(),
                    key,
                    format!("{}", number + 1),
                ],
            });
            rows.push(row);
        }
    }
    rows
}

fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("gtmi-2022").unwrap();
    for (number, row) in (0_u32..).zip(rows) {
        for (column, value) in (0_u16..).zip(row) {
            match value.parse::<f64>() {
                _ if value.is_empty() => {}
                Ok(parsed) if number > 0 => drop(sheet.write_number(number, column, parsed).unwrap()),
                _ => drop(sheet.write_string(number, column, value).unwrap()),
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn table(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

/// What counts of a run: scores, and answers without the file and cell that they stand in.
fn results(desk: &Desk) -> (Vec<Record>, Vec<Record>) {
    let export = desk.gtmi(&["export", "--out", "export"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let keep = |table: &str, columns: &[&str]| {
        let mut rows = desk.table(table);
        rows.retain(|row| ECONOMIES.contains(&row["economy"].as_str()));
        for row in &mut rows {
            row.retain(|column, _| columns.contains(&column.as_str()));
        }
        rows
    };
    let scores = keep("scores", &["economy", "level", "id", "points", "max_points", "score", "group"]);
    (scores, keep("answers", &["economy", "question", "code", "value", "text"]))
}

#[test]
fn exports_of_the_form_give_the_answers_and_scores_of_the_questionnaire() {
    let questionnaires = Desk::empty();
    let economies = ECONOMIES.join(",");
    assert_eq!(questionnaires.gtmi(&["demo", "--out", "inbox", "--economy", &economies]).code, 0);
    assert_eq!(questionnaires.gtmi(&["run"]).code, 0);
    let (scores, answers) = results(&questionnaires);
    assert!(scores.iter().filter(|row| row["level"] == "index").count() == ECONOMIES.len());
    for (name, bytes) in [
        ("kobo.xlsx", workbook(&export(Style::KoboNames))),
        ("kobo-fr.xlsx", workbook(&export(Style::KoboLabels))),
        ("central.csv", table(&export(Style::Central))),
    ] {
        let desk = Desk::empty();
        fs::write(desk.path("inbox").join(name), bytes).unwrap();
        let run = desk.gtmi(&["run"]);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        let (form_scores, form_answers) = results(&desk);
        assert!(form_answers == answers, "{name}: other answers");
        assert!(form_scores == scores, "{name}: other scores");
        assert_as_described(&desk);
        let submissions = desk.table("submissions");
        assert!(submissions.iter().all(|row| row["layout"] == "form"));
        let rejected = submissions.iter().filter(|row| row["state"] == "returned").count();
        assert_eq!(rejected, ECONOMIES.len(), "{name}: rejected rows are not taken");
    }
}

#[test]
fn a_rejected_row_waits_for_its_sender_and_says_why() {
    let desk = Desk::empty();
    let mut rows = export(Style::Central);
    rows.truncate(2);
    fs::write(desk.path("inbox/central.csv"), table(&rows)).unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("the state of review") || run.stderr.contains("The state of review"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("REVIEW-001"), "{}", run.stderr);
}

#[test]
fn the_form_is_written_with_its_languages() {
    let desk = Desk::empty();
    let wrote = desk.gtmi(&["xlsform", "--out", "form.xlsx", "--language", "fr", "--json"]);
    assert_eq!(wrote.code, 0, "{}", wrote.stderr);
    assert_eq!(wrote.json()["questions"], 345);
    let book = reader::read(&fs::read(desk.path("form.xlsx")).unwrap(), &reader::Limits::default()).unwrap();
    let text = |name: &str| {
        let sheet = book.sheet(name).unwrap();
        sheet.cells.iter().map(|cell| cell.value.display()).collect::<Vec<_>>()
    };
    assert!(text("settings").contains(&"Français (fr)".to_owned()));
    assert!(text("settings").contains(&"2022113001".to_owned()));
    assert_eq!(desk.gtmi(&["xlsform", "--out", "form.xlsx", "--language", "de"]).code, 2);
}
