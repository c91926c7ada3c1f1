//! The conditions of all cases in one form, converted by `pyxform` and evaluated by an `XPath` implementation that
//! is not ours.

use std::fs;
use std::path::Path;

use maturity::framework::{Framework, FrameworkSources};
use maturity::language::Language;
use maturity::logic::Expression;
use questionnaire::{FormRequest, write_form};
use serde_json::json;

use super::cases::{Case, QUESTIONS, cases, label};
use crate::python;
use crate::support::economy;

/// Fewer than in the spreadsheet: `pyxform` takes its time for each row.
const CASES: usize = 600;

/// A framework that asks the six questions, and one more for each case whose constraint is the expression.
fn framework(cases: &[Case]) -> Framework {
    let write = |rows: Vec<Vec<String>>| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<String>>();
    let headings = [
        "type",
        "name",
        "label",
        "indicator",
        "subindex",
        "relevant",
        "constraint",
        "constraint_message",
        "scoring",
        "points",
    ];
    let mut survey = vec![texts(&headings)];
    let mut choices = vec![texts(&["list_name", "name", "label", "level"])];
    for (question, codes) in QUESTIONS {
        let kind = match question {
            "one" | "other" => format!("select_one {question}"),
            "many" => format!("select_multiple {question}"),
            "year" => "integer".to_owned(),
            "share" => "decimal".to_owned(),
            _ => "text".to_owned(),
        };
        let (scoring, points) = if question == "one" { ("level", "1") } else { ("", "") };
        survey.push(texts(&[&kind, question, question, "I", "S", "", "", "", scoring, points]));
        for code in codes {
            choices.push(texts(&[question, code, &label(question, code), "1"]));
        }
    }
    for (number, case) in cases.iter().enumerate() {
        let expression = case.expression.to_string();
        let relevant = if case.expression.uses_this() { "" } else { &expression };
        let name = format!("case-{number}");
        survey.push(texts(&["select_one one", &name, &name, "I", "S", relevant, &expression, "No.", "", ""]));
    }
    Framework::load(&FrameworkSources {
        framework: r#"
id = "demo-2030"
version = "1"
wave = 2030
as_of = "2030-06-30"
title = { en = "Demo" }
language = "en"
languages = { en = "English" }
composite = { id = "ALL", title = { en = "All" }, method = "arithmetic-mean" }
subindex = [{ id = "S", title = { en = "Systems" }, weight = 1.0, method = "share-of-points" }]
maturity_group = [{ id = "A", title = { en = "All" }, at_least = 0.0 }]
missing = { answer = "no-points", external_index = "leave-out", marks = ["-"], required = "error", not_relevant = "warning" }
"#
        .to_owned(),
        indicators: "id,label\nI,Cloud\n".to_owned(),
        survey: write(survey),
        choices: write(choices),
    })
    .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn online_forms_decide_as_the_validator_does() {
    let cases = cases(CASES);
    let framework = framework(&cases);
    let kenya = economy("KEN", "Kenya");
    let request = FormRequest { framework: &framework, economies: &[&kenya], language: Language::english() };
    let folder = tempfile::tempdir().unwrap();
    let (form, list) = (folder.path().join("form.xlsx"), folder.path().join("cases.json"));
    fs::write(&form, write_form(&request).unwrap()).unwrap();
    let asked: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(number, case)| {
            let question = format!("case-{number}");
            let mut answers: serde_json::Map<String, serde_json::Value> =
                case.values().into_iter().map(|(id, value)| (id.to_string(), value.into())).collect();
            answers.insert(question.clone(), case.answers[0].1.clone().into());
            json!({ "question": question, "answers": answers })
        })
        .collect();
    fs::write(&list, serde_json::to_vec(&asked).unwrap()).unwrap();
    let Some(decided) = python::form(&[Path::new("evaluate"), &form, &list]) else { return };
    assert_eq!(decided.as_array().map(Vec::len), Some(CASES));
    for (case, decided) in cases.iter().zip(decided.as_array().unwrap()) {
        let holds = case.holds();
        let relevant = if case.expression.uses_this() { json!(null) } else { json!(holds) };
        assert_eq!(*decided, json!([holds, relevant]), "{}\n{:?}", case.expression, case.answers);
    }
}

#[test]
fn an_expression_that_was_written_reads_the_same() {
    for case in cases(CASES) {
        let text = case.expression.to_string();
        assert_eq!(Expression::parse(&text), Ok(case.expression), "{text}");
    }
}
