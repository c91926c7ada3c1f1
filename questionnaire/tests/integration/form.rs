//! The online form of the bundled instrument, and the exports that come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use maturity::cell::{Address, CellValue, Sheet, Span};
use maturity::finding::{Finding, Severity};
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
         Kenya|Français|{choice}|{option}|1|1|https://example.org|uuid-1|2022-11-01T10:00:00|validation_status_on_hold|1
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

/// An export with a row for each line of cells behind the economy, the time and the key.
fn export(headings: &str, rows: &[&str]) -> String {
    let lead = "economy|_submission_time|_uuid|I-1|I-2|I-3";
    format!("{lead}|{headings}\n{}", rows.join("\n"))
}

#[test]
fn a_column_for_each_choice_says_yes_or_no_or_is_asked_about() {
    for (cells, expected, place) in [
        ("1|0|1", "1 3", "data!G2"),
        ("TRUE|FALSE|FALSE", "1", "data!G2"),
        ("VRAI|FAUX|VRAI", "1 3", "data!G2"),
        ("Falso|Verdadero|Falso", "2", "data!G2"),
        ("Non|Oui|no", "2", "data!G2"),
        ("1.0|0.0|", "1", "data!G2"),
        ("1|n/a|-", "1", "data!G2"),
        ("n/a|n/a|n/a", "n/a", "data!G2"),
        ("0|0|0", "", "data!G2"),
        ("1|N|0", "I-17.4/2 = N", "data!H2"),
        ("1|0|2", "I-17.4/3 = 2", "data!I2"),
        ("1|2|", "1 2", "data!G2"),
        ("0|2.0|3", "2 3", "data!G2"),
        ("X||\u{2713}", "1 3", "data!G2"),
    ] {
        let table = export("I-17.4/1|I-17.4/2|I-17.4/3", &[&format!("KEN|2022-11-25|u1|1|1|1|{cells}")]);
        let all = received(&table);
        let found = of(&all[0], "I-17.4", Field::Answer)[0];
        assert_eq!(
            (found.value.display().as_str(), found.place.to_string().as_str()),
            (expected, place),
            "{cells}"
        );
    }
}

#[test]
fn errors_and_formulas_in_the_column_of_a_choice_are_not_taken_for_yes() {
    let table = export("I-17.4/1|I-17.4/2", &["KEN|2022-11-25|u1|1|1|1|1|x"]);
    for (value, formula) in [(CellValue::Error("#REF!".to_owned()), false), (CellValue::Blank, true)] {
        let mut data = sheet("data", &table);
        let odd = data.cells.last_mut().unwrap();
        (odd.value, odd.formula) = (value.clone(), formula);
        let all = recognise(&book(vec![data]), &framework()).unwrap();
        let found = of(&all[0], "I-17.4", Field::Answer)[0];
        assert_eq!(
            (&found.value, found.formula, found.place.to_string()),
            (&value, formula, "data!H2".to_owned())
        );
    }
}

#[test]
fn an_answer_that_its_columns_of_choices_contradict_is_told() {
    let framework = framework();
    let list = framework.choices(framework.question(&"I-17.4".into()).unwrap()).unwrap();
    let label = |at: usize| list.choices[at].label.get(&Language::new("fr")).to_owned();
    let (second, third) = (label(1), label(2));
    for (whole, told) in [
        ("1 2", true),
        ("2", false),
        ("2.0", false),
        ("mots", true),
        ("", false),
        ("n/a", false),
        ("2 9", true),
        (&second, false),
        (&third, true),
        (&format!("{third} {second}"), true),
        (&format!("{second}; {second}"), false),
    ] {
        let row = format!("KEN|2022-11-25|u1|1|1|1|{whole}|0|1");
        let all = received(&export("I-17.4|I-17.4/1|I-17.4/2", &[&row]));
        assert_eq!(of(&all[0], "I-17.4", Field::Answer)[0].value.display(), "2");
        let rules: Vec<_> =
            all[0].findings.iter().map(|found| (found.rule(), found.message(&Language::english()))).collect();
        assert_eq!(rules.len(), usize::from(told), "{rules:?}");
        if told {
            let (rule, message) = &rules[0];
            assert_eq!(*rule, "QUESTION-002");
            assert!(
                message.starts_with("data!G2, question I-17.4:") && message.contains("data!H2"),
                "{message}"
            );
        }
    }
}

#[test]
fn columns_of_choices_that_say_nothing_do_not_undo_what_was_chosen() {
    for (cells, expected, told) in
        [("1 2|0|0", "1 2", 1), ("|0|0", "", 0), ("n/a|0|0", "", 0), ("2|n/a|n/a", "2", 1)]
    {
        let all =
            received(&export("I-17.4|I-17.4/1|I-17.4/2", &[&format!("KEN|2022-11-25|u1|1|1|1|{cells}")]));
        assert_eq!(of(&all[0], "I-17.4", Field::Answer)[0].value.display(), expected, "{cells}");
        let rules: Vec<_> = all[0].findings.iter().map(Finding::rule).collect();
        assert_eq!(rules, vec!["QUESTION-002"; told], "{cells}");
    }
}

#[test]
fn a_row_without_what_a_server_writes_is_read_if_somebody_answered() {
    let all = received(&export(
        "Remark",
        &[
            "KEN|||1|1|1|",
            "FJI|2022-11-25|u2|1|1|1|",
            "|||||2|",
            "Total|||2|2|2|",
            "||||||| a note",
            "||||sum|3|3|",
        ],
    ));
    let economies: Vec<_> = all.iter().map(|one| header(one, HeaderField::Economy)).collect();
    assert_eq!(economies, ["KEN", "FJI", ""]);
}

#[test]
fn submissions_above_the_headings_are_sent_back() {
    let table =
        format!("Title|of|all|this\nFRA|2022-11-24|u0|2|1|1\n{}", export("", &["KEN|2022-11-25|u1|1|1|1|2"]));
    let all = received(&table);
    let told: Vec<_> = all
        .iter()
        .flat_map(|one| one.findings.iter().map(|f| (f.rule(), f.place.clone().unwrap().to_string())))
        .collect();
    assert_eq!(told, [("LAYOUT-012", "data!A2".to_owned()), ("STRAY-004", "data!G4".to_owned())]);
}

#[test]
fn groups_may_be_set_off_by_colons_and_missing_headings_are_named() {
    for mark in [":", "::"] {
        let heading = ["economy|_uuid|_submission_time|a_I-1", "a_b_I-2", "a_I-3", "a_I-17.4", "a_I-17.4_2"];
        let heading = heading.join("|").replace("a_", &format!("a{mark}")).replace("b_", &format!("b{mark}"));
        let heading = heading.replace("17.4_", &format!("17.4{mark}"));
        let all = received(&format!("{heading}\nKEN|u|2022-11-25|1|1|1||1"));
        assert_eq!(of(&all[0], "I-2", Field::Answer).len(), 1, "{heading}");
        assert_eq!(of(&all[0], "I-17.4", Field::Answer)[0].value.display(), "2", "{heading}");
    }
    let table = "framework|wave|respondent/economy|_uuid|a/I-1|a/I-2|a/I-3\ngtmi-2022|2022|KEN|u|1|1|1";
    let refusal = recognise(&book(vec![sheet("data", table)]), &framework()).unwrap_err();
    assert!(
        refusal.to_string().contains("with 3 questions was found")
            && refusal.to_string().contains("missing: _submission_time."),
        "{refusal}"
    );
}

#[test]
fn submissions_are_in_the_order_of_their_moments_or_it_is_said_that_it_is_not_known() {
    let order = |times: [&str; 2], keys: [&str; 2]| {
        let rows = [0, 1].map(|at| format!("KEN|{}|{}|{at}|1|1", times[at], keys[at]));
        let table = export("", &[&rows[0], &rows[1]]);
        let all = received(&table);
        let answers: String =
            all.iter().map(|one| of(one, "I-1", Field::Answer)[0].value.display()).collect();
        let rules: Vec<_> = all.iter().flat_map(|one| one.findings.iter().map(Finding::rule)).collect();
        (answers, rules.join(" "))
    };
    let two = |times| order(times, ["u1", "u2"]);
    let nothing = String::new;
    assert_eq!(two(["25/11/2022 08:00", "03/12/2022 09:00"]), ("01".to_owned(), nothing()));
    assert_eq!(two(["03/12/2022 09:00", "25/11/2022 08:00"]), ("10".to_owned(), nothing()));
    assert_eq!(two(["2022-11-25T23:30:00+03:00", "2022-11-25T21:00:00Z"]), ("01".to_owned(), nothing()));
    // Nobody knows which is the day: as they stand there.
    let unknown = ["10/11/2022 09:00", "09/12/2022 08:00"];
    assert_eq!(two(unknown), ("01".to_owned(), "LAYOUT-009 LAYOUT-009".to_owned()));
    // A row whose time is not clear takes nothing from the others.
    let table = export(
        "",
        &[
            "KEN|2022-11-25T08:00:00Z|u1|0|1|1",
            "KEN|2022-11-24T08:00:00Z|u2|1|1|1",
            "FRA||u3|2|1|1",
            "FJI|25/11/2022 08:00|u4|3|1|1",
            "PER|2022-11-25T08:00:00Z|u5|4|1|1",
            "PER|soon|u6|5|1|1",
        ],
    );
    let all = received(&table);
    let answers: String = all.iter().map(|one| of(one, "I-1", Field::Answer)[0].value.display()).collect();
    assert_eq!(answers, "102345");
    let told: Vec<_> = all
        .iter()
        .flat_map(|one| one.findings.iter().map(|f| f.place.clone().unwrap().to_string()))
        .collect();
    assert_eq!(told, ["data!B6", "data!B7"]);
    // Of one instance the latest is left.
    let one = |times| order(times, ["u1", "u1"]);
    assert_eq!(one(["9/12/2022 8:00", "25/11/2022 9:00"]), ("0".to_owned(), nothing()));
    assert_eq!(one(unknown), ("1".to_owned(), "LAYOUT-009".to_owned()));
}

#[test]
fn answers_that_the_sender_of_an_export_does_not_see_are_reported() {
    let table = export("I-17.4/1|I-17.4/2", &["KEN|2022-11-25|u1|1|1|1|1|0", "FJI|2022-11-25|u2|2|1|1|1|1"]);
    let mut data = sheet("data", &table);
    data.view.merged = vec!["D2:D3".parse().unwrap(), "G3:H3".parse().unwrap()];
    data.view.filtered_rows = vec![Span { first: 2, last: 2 }];
    let all = recognise(&book(vec![data]), &framework()).unwrap();
    let told = |one: &Received| {
        let line = |f: &Finding| format!("{} {}", f.rule(), f.place.as_ref().unwrap());
        one.findings.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(told(&all[0]), Vec::<String>::new());
    assert_eq!(told(&all[1]), ["HIDDEN-002 data!E3", "MERGE-001 data!D3"]);
    assert!(of(&all[1], "I-1", Field::Answer)[0].value.is_blank(), "it is not seen");
}

#[test]
fn columns_of_an_export_that_nothing_is_read_from_are_told_once() {
    let own = "Remarks|start|deviceid|__version__|_id|formhub/uuid|meta/instanceID|meta-audit|group/_geo|SubmitterName|I-4_note";
    let row = |code: &str| format!("{code}|2022-11-25|{code}|1|1|1|{}", "x|".repeat(11));
    let all = received(&export(own, &[&row("KEN"), &row("FJI")]));
    assert_eq!(all[1].findings, Vec::new());
    let told: Vec<_> = all[0].findings.iter().map(|found| found.message(&Language::english())).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("data!G1: The column \"Remarks\" of the table is not known"), "{told:?}");
}

#[test]
fn a_question_with_two_columns_has_two_answers() {
    let all = received(&export("group/I-1", &["KEN|2022-11-25|u1|1|1|1|2"]));
    let answers: Vec<_> = of(&all[0], "I-1", Field::Answer).iter().map(|one| one.value.display()).collect();
    assert_eq!(answers, ["1", "2"]);
}

#[test]
fn what_is_no_instance_lets_no_submission_vanish() {
    let economies = |table: &str| {
        let all = received(table);
        all.iter().map(|one| header(one, HeaderField::Economy)).collect::<Vec<_>>()
    };
    let rows = |marks: [&str; 3]| {
        let row = |(at, code): (usize, &&str)| format!("{code}|2022-11-2{at}|u{at}|1|1|1|{}", marks[at]);
        let rows: Vec<_> = ["KEN", "FJI", "KEN"].iter().enumerate().map(row).collect();
        export("meta/rootUuid", &rows.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for mark in ["NA", "n/a", "#N/A", "-", "null", "1.5E+38", "123456789012345678901234567890"] {
        assert_eq!(economies(&rows([mark; 3])), ["KEN", "FJI", "KEN"], "{mark}");
    }
    // The column that counts most counts where something stands in it.
    assert_eq!(economies(&rows(["r", "NA", "r"])), ["FJI", "KEN"]);
    let table = export("", &["KEN|2022-11-24|-|1|1|1", "FJI|2022-11-25|-|2|1|1"]);
    assert_eq!(economies(&table), ["KEN", "FJI"]);
}

#[test]
fn rows_of_one_instance_that_name_different_economies_are_all_kept() {
    let all = received(&export(
        "",
        &[
            "KEN|2022-11-21|u|0|1|1",
            "ken|2022-11-22|u|1|1|1",
            "||2022-11-23|u|2|1|1",
            "FJI|2022-11-24|u|2|1|1",
            "KEN|2022-11-25|u|2|1|1",
            "||2022-11-25|v|2|1|1",
            "PER|2022-11-26|v|2|1|1",
        ],
    ));
    let told: Vec<_> = all
        .iter()
        .map(|one| {
            let other = one.header(HeaderField::OtherEconomy);
            (header(one, HeaderField::Economy), other.map(|other| other.place.to_string()))
        })
        .collect();
    let place = |place: &str| Some(place.to_owned());
    assert_eq!(
        told,
        [
            ("FJI".to_owned(), place("data!A6")),
            ("KEN".to_owned(), place("data!A5")),
            ("PER".to_owned(), None)
        ]
    );
}

#[test]
fn states_of_review_are_known_in_all_their_spellings() {
    for (heading, state, expected) in [
        ("_validation_status.uid", "validation_status_not_approved", "REVIEW-001"),
        ("_validation_status/uid", "validation_status_not_approved", "REVIEW-001"),
        ("_validation_status_uid", "validation_status_on_hold", "REVIEW-002"),
        ("__system/reviewState", "rejected", "REVIEW-001"),
        ("__system.reviewState", "Rejet\u{e9}", "REVIEW-001"),
        ("_validation_status", "{'uid': 'validation_status_not_approved', 'label': 'Not'}", "REVIEW-001"),
        ("_validation_status", "{'uid': 'validation_status_approved', 'label': 'Approved'}", ""),
        ("_validation_status", "{}", ""),
        ("_validation_status", "Non approuv\u{e9}", "REVIEW-001"),
        ("_validation_status", "No aprobado", "REVIEW-001"),
        ("ReviewState", "declined", "REVIEW-001"),
        ("ReviewState", "edited", ""),
        ("ReviewState", "Approved", ""),
        ("ReviewState", "NA", ""),
        ("ReviewState", "", ""),
        ("ReviewState", "hasIssues", "REVIEW-002"),
        ("ReviewState", "to be seen", "REVIEW-002"),
    ] {
        let all = received(&export(heading, &[&format!("KEN|2022-11-25|u1|1|1|1|{state}")]));
        let rules: Vec<_> = all[0].findings.iter().map(Finding::rule).collect();
        assert_eq!(rules.join(" "), expected, "{heading} = {state}");
    }
    let two = export(
        "_validation_status|_validation_status.uid",
        &["KEN|2022-11-25|u|1|1|1|to be seen|validation_status_rejected"],
    );
    let rules: Vec<_> = received(&two)[0].findings.iter().map(Finding::rule).collect();
    assert_eq!(rules, ["REVIEW-001"], "the gravest, once");
}

#[test]
fn of_several_columns_of_one_field_the_first_that_says_something_counts() {
    let headings = "intro/economy|wave|x/wave|I-1_evidence|g/I-1_evidence";
    let all = received(&export(
        headings,
        &[
            "KEN|2022-11-25|u1|1|1|1|Kenya|2022|2022|the law|the law",
            "NA|2022-11-25|u2|1|1|1|FJI|2022|2020||the law",
            "PER|2022-11-25|u3|1|1|1|NA||2022|one law|another law",
        ],
    ));
    let other = |one: &Received| header(one, HeaderField::OtherEconomy);
    let told: Vec<_> = all.iter().map(|one| (header(one, HeaderField::Economy), other(one))).collect();
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(told, [pair("KEN", "Kenya"), pair("FJI", ""), pair("PER", "")]);
    assert_eq!(header(&all[2], HeaderField::Wave), "2022");
    assert_eq!(of(&all[1], "I-1", Field::Evidence)[0].place.to_string(), "data!K3");
    let told: Vec<_> = all
        .iter()
        .flat_map(|one| one.findings.iter().map(|f| (f.rule(), f.place.clone().unwrap().to_string())))
        .collect();
    assert_eq!(told, [("QUESTION-002", "data!I3".to_owned()), ("QUESTION-002", "data!K4".to_owned())]);
}

#[test]
fn a_heading_that_became_a_number_is_told() {
    let all = received(&export("2019", &["KEN|2022-11-25|u1|1|1|1|4"]));
    let told: Vec<_> = all[0].findings.iter().map(|found| (found.rule(), found.found())).collect();
    assert_eq!(told, [("STRAY-003", "2019".into())]);
}

#[test]
fn submissions_of_an_export_on_hidden_sheets_are_told_unless_they_are_a_copy() {
    let hidden = |mut sheet: Sheet| {
        sheet.visible = false;
        sheet
    };
    let line = |code: &str, first: &str| format!("{code}|2022-11-25|u-{code}|{first}|1|1");
    let table = |rows: &[String]| export("", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let told = |further: Sheet| {
        let first = sheet("data", &table(&[line("KEN", "2"), line("FJI", "1")]));
        let all = recognise(&book(vec![first, further]), &framework()).unwrap();
        let economies: Vec<_> = all.iter().map(|one| header(one, HeaderField::Economy)).collect();
        assert_eq!(economies, ["KEN", "FJI"]);
        assert!(all[1].findings.is_empty());
        let line = |found: &Finding| format!("{} {}", found.place.as_ref().unwrap(), found.rule());
        all[0].findings.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(told(hidden(sheet("H", &table(&[line("KEN", "2")])))), Vec::<String>::new(), "a copy");
    assert_eq!(told(hidden(sheet("H", &table(&[line("KEN", "1")])))), ["H LAYOUT-015"], "another answer");
    assert_eq!(told(hidden(sheet("H", &table(&[line("PER", "2")])))), ["H LAYOUT-015"]);
    // Rows under the headings of the sheet that was read.
    assert_eq!(told(hidden(sheet("N", &line("PER", "2")))), ["N LAYOUT-015"]);
    assert_eq!(told(sheet("N", &line("PER", "2"))), ["N LAYOUT-015"]);
    assert_eq!(told(sheet("N", "Notes|about|the|data\nPER|soon|u|2")), Vec::<String>::new());

    // Nobody sees what would be sent.
    let whole = hidden(sheet("data", &table(&[line("KEN", "2")])));
    let refusal = recognise(&book(vec![sheet("Read me", "An export"), whole]), &framework()).unwrap_err();
    assert_eq!(refusal.problem.rule(), "LAYOUT-001");
}
