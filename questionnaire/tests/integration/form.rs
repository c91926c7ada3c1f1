//! The online form of the bundled instrument, and the exports that come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use maturity::cell::{Address, Sheet};
use maturity::finding::Severity;
use maturity::framework::Framework;
use maturity::language::Language;
use maturity::submission::{Field, HeaderField, Layout, Received};
use questionnaire::{FormRequest, write_form};

use crate::python;
use crate::support::{book, economy, framework, of, recognise, sheet};

fn form(framework: &Framework, language: &str) -> Vec<u8> {
    let (kenya, gaza) = (economy("KEN", "Kenya"), economy("WBG", "West Bank & \"Gaza\""));
    let economies = [&kenya, &gaza];
    write_form(&FormRequest { framework, economies: &economies, language: Language::new(language) }).unwrap()
}

/// The rows of a sheet as texts.
fn rows(sheet: &Sheet) -> Vec<Vec<String>> {
    let width = sheet.cells.iter().map(|cell| cell.address.column).max().unwrap() + 1;
    let text = |row, column| sheet.get(Address::new(row, column)).map(|cell| cell.value.display());
    let rows =
        sheet.rows().map(|(row, _)| (0..width).map(|column| text(row, column).unwrap_or_default()).collect());
    rows.collect()
}

#[test]
fn pyxform_and_odk_validate_take_the_form_without_a_warning() {
    let framework = framework();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.xlsx");
    fs::write(&path, form(&framework, "fr")).unwrap();
    let Some(converted) = python::form(&[Path::new("convert"), &path]) else { return };
    assert_eq!(converted["warnings"], serde_json::json!([]));
    let xform = converted["xform"].as_str().unwrap();
    for expected in [
        "lang=\"Français (fr)\" default=\"true()\"",
        "lang=\"Español (es)\"",
        "id=\"gtmi-2022\" version=\"2022113001\"",
        "West Bank &amp; \"Gaza\"",
    ] {
        assert!(xform.contains(expected), "{expected}");
    }
}

#[test]
fn the_same_request_gives_the_same_form() {
    let framework = framework();
    assert!(form(&framework, "en") == form(&framework, "en"));
}

#[test]
fn the_form_holds_every_question_in_every_language_and_no_points() {
    let framework = framework();
    let book = reader::read(&form(&framework, "en"), &reader::Limits::default()).unwrap();
    let survey = rows(book.sheet("survey").unwrap());
    let choices = rows(book.sheet("choices").unwrap());
    let tags = ["English (en)", "Español (es)", "Français (fr)"];
    let labels: Vec<String> = tags.iter().map(|tag| format!("label::{tag}")).collect();
    assert_eq!(choices[0], [vec!["list_name".to_owned(), "name".to_owned()], labels].concat());
    let texts = survey[0].iter().map(|heading| heading.split("::").next().unwrap());
    assert_eq!(
        texts.collect::<Vec<_>>(),
        "type name label label label hint hint hint required required_message required_message required_message \
         relevant constraint constraint_message constraint_message constraint_message calculation appearance"
            .split(' ')
            .collect::<Vec<_>>()
    );
    let column = |heading: &str| survey[0].iter().position(|known| known == heading).unwrap();
    let names: Vec<&str> =
        survey[1..].iter().map(|row| row[column("name")].as_str()).filter(|name| !name.is_empty()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "names are unique");
    for question in framework.asked_questions() {
        let row = survey.iter().find(|row| row[column("name")] == question.id.as_str()).unwrap();
        for (tag, (language, _)) in tags.iter().zip(&framework.languages) {
            let label = format!("{} {}", question.id, question.label.get(language));
            assert_eq!(row[column(&format!("label::{tag}"))], label);
            assert_eq!(row[column(&format!("hint::{tag}"))], question.hint.get(language));
        }
    }
    for question in framework.questions.iter().filter(|question| !question.is_asked()) {
        assert!(!names.contains(&question.id.as_str()), "{} is not asked", question.id);
    }
}

#[test]
fn soft_rules_are_notes_and_claims_ask_for_evidence() {
    let framework = framework();
    let book = reader::read(&form(&framework, "en"), &reader::Limits::default()).unwrap();
    let survey = rows(book.sheet("survey").unwrap());
    let value = |name: &str, heading: &str| {
        let column = |heading: &str| survey[0].iter().position(|known| known == heading).unwrap();
        let row = survey.iter().find(|row| row[column("name")] == name);
        row.map(|row| row[column(heading)].clone())
    };
    let value = |name, heading| value(name, heading).unwrap_or_default();
    assert_eq!(value("I-1.3", "constraint"), ". >= 1600 and . <= 2030");
    assert_eq!(value("I-1.3", "relevant"), "${I-1} > 0");
    assert_eq!(value("I-5.13", "constraint"), "");
    assert_eq!(
        value("I-5.13_note", "relevant"),
        "${I-5} > 0 and (${I-5.13} != '' and not(${I-5.13} != '2' or ${I-4} = '2'))"
    );
    let claimed = "selected(${I-1.4}, '1') or selected(${I-1.4}, '2') or selected(${I-1.4}, '3')";
    assert_eq!(value("I-1.4_evidence", "relevant"), claimed);
    // The instrument asks for this evidence itself.
    assert_eq!(value("I-1_evidence", "type"), "");
    assert_eq!(value("I-1_comment", "type"), "text");
}

fn received(table: &str) -> Vec<Received> {
    recognise(&book(vec![sheet("data", table)]), &framework()).unwrap()
}

fn header(received: &Received, field: HeaderField) -> String {
    received.header(field).map(|value| value.value.display()).unwrap_or_default()
}

#[test]
fn an_export_of_central_is_read_row_by_row_in_the_order_of_submission() {
    // The shape of a recorded export, groups, hyphens, split choices and all.
    let all = received(
        "SubmissionDate|economy|respondent-email|cgsi-I-1|cgsi-I-1.2|cgsi-I-17.4/1|cgsi-I-17.4/2|I-99|I-4_note|KEY|ReviewState
         2026-11-23T22:54:01.825Z|IND|a@example.org|2|https://example.org|1|0|||uuid:5|
         2026-11-23T22:53:59.796Z|WBG|b@example.org|0||||||uuid:4|rejected
         2026-11-23T22:53:59.168Z|BRA|c@example.org|2||1|1|3|Text|uuid:2|edited
         2026-11-23T22:53:58.854Z|FRA|d@example.org|1||0|0|||uuid:1|hasIssues
         2026-11-24T10:00:00.000Z|FRA|d@example.org|2||||||uuid:1|",
    );
    let economies: Vec<_> = all.iter().map(|one| header(one, HeaderField::Economy)).collect();
    assert_eq!(economies, ["BRA", "WBG", "IND", "FRA"], "the earlier version of one instance is gone");
    assert!(all.iter().all(|one| one.layout == Layout::Form));
    let brazil = &all[0];
    assert_eq!(header(brazil, HeaderField::ContactEmail), "c@example.org");
    let several = of(brazil, "I-17.4", Field::Answer);
    assert_eq!(
        (several[0].value.display().as_str(), several[0].place.to_string().as_str()),
        ("1 2", "data!F4")
    );
    assert_eq!(of(brazil, "I-99", Field::Answer).len(), 1, "an unknown question is told, not dropped");
    assert!(brazil.findings.is_empty());
    let rules: Vec<_> = all[1].findings.iter().map(|finding| (finding.rule(), finding.severity)).collect();
    assert_eq!(rules, [("REVIEW-001", Severity::Error)]);
    let france = &all[3];
    assert_eq!(of(france, "I-1", Field::Answer)[0].value.display(), "2");
    assert_eq!(of(france, "I-17.4", Field::Answer)[0].value.display(), "");
}

#[test]
fn an_export_of_kobo_is_read_by_names_or_by_labels_in_any_language() {
    let framework = framework();
    let french = |id: &str| {
        let question = framework.question(&id.into()).unwrap();
        format!("{id} {}", question.label.get(&Language::new("fr")))
    };
    let (one, several) = (french("I-1"), french("I-17.4"));
    let choice =
        framework.choice_lists["cloud_platform"].choices[2].label.get(&Language::new("fr")).to_owned();
    let list = framework.choices(framework.question(&"I-17.4".into()).unwrap()).unwrap();
    let option = list.choices[1].label.get(&Language::new("fr"));
    let table = format!(
        "Quelle économie ces réponses décrivent-elles ?|Dans quelle langue devons-nous vous écrire au sujet de ces réponses ?|Groupe/{one}|{several}|{several}/{option}|I-2|Justificatif pour I-1.4 : lien ou document|_uuid|_submission_time|_validation_status|_index
         Kenya|Français|{choice}|mots|1|1|https://example.org|uuid-1|2022-11-01T10:00:00|validation_status_on_hold|1
         |||||||||||"
    );
    let all = recognise(&book(vec![sheet("data", &table)]), &framework).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(header(&all[0], HeaderField::Economy), "Kenya");
    assert_eq!(header(&all[0], HeaderField::Language), "fr");
    assert_eq!(of(&all[0], "I-1", Field::Answer)[0].value.display(), choice);
    assert_eq!(of(&all[0], "I-17.4", Field::Answer)[0].value.display(), list.choices[1].code);
    assert_eq!(of(&all[0], "I-1.4", Field::Evidence)[0].value.display(), "https://example.org");
    assert_eq!(all[0].findings[0].rule(), "REVIEW-002");
}

#[test]
fn an_export_of_another_framework_is_refused() {
    let table = "framework|I-1|I-2|I-3|_uuid|_submission_time\nother-2020|1|1|1|u|2022-11-01";
    let refusal = recognise(&book(vec![sheet("data", table)]), &framework()).unwrap_err();
    assert_eq!(refusal.problem.rule(), "LAYOUT-002");
}
