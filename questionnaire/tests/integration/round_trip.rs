//! What is written is read again, through the gate.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::{Answer, Missing};
use maturity::cell::{Book, CellValue};
use maturity::framework::{Date, Framework};
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::submission::{Collected, Field, HeaderField, Received, Wave};
use questionnaire::{DatasetRequest, DatasetRow, Entered, PublishedScores, Request, write, write_dataset};

use crate::support::{answers, economy, evidence, framework, of, recognise, request};

fn read(bytes: &[u8]) -> Book {
    reader::read(bytes, &reader::Limits::default()).unwrap()
}

/// What the cell of an answer shows.
fn shown(framework: &Framework, id: &Id, answer: &Answer, language: &Language) -> CellValue {
    match answer {
        Answer::Choice(code) => {
            let list = framework.choices(framework.question(id).unwrap()).unwrap();
            CellValue::Text(list.choice(code).unwrap().label.get(language).to_owned())
        }
        Answer::Choices(codes) => CellValue::Text(codes.join(", ")),
        Answer::Number(number) => CellValue::Number(*number),
        Answer::Text(text) => CellValue::Text(text.clone()),
        Answer::Missing(_) => CellValue::Text("-".to_owned()),
    }
}

fn header(received: &Received, field: HeaderField) -> String {
    received.header(field).map(|value| value.value.display()).unwrap_or_default()
}

#[test]
fn a_filled_questionnaire_is_read_back_in_every_language() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya & <Co>"));
    let (answers, evidence) = (answers(&framework), evidence("I-1.1", "=a link"));
    for tag in ["en", "fr", "es", "xx"] {
        let language = Language::new(tag);
        let bytes = write(&request(&framework, &kenya, tag, &answers, &evidence)).unwrap();
        let received = recognise(&read(&bytes), &framework).unwrap();
        let [received] = received.as_slice() else { panic!("one submission") };
        assert_eq!(header(received, HeaderField::Economy), "KEN");
        assert_eq!(header(received, HeaderField::Wave), "2022");
        assert_eq!(header(received, HeaderField::Framework), framework.id);
        assert_eq!(header(received, HeaderField::Version), framework.version);
        assert_eq!(header(received, HeaderField::InstrumentHash), framework.instrument_hash);
        assert_eq!(header(received, HeaderField::Language), tag);
        assert_eq!(header(received, HeaderField::Collected), Collected::Survey.as_str());
        assert_eq!(received.header.len(), HeaderField::ALL.len());

        let asked: Vec<_> = framework.asked_questions().map(|question| question.id.to_string()).collect();
        let read: Vec<_> = received
            .responses
            .iter()
            .filter(|r| r.field == Field::Answer)
            .map(|r| r.question.clone())
            .collect();
        assert_eq!(read.iter().collect::<BTreeSet<_>>(), asked.iter().collect::<BTreeSet<_>>());
        assert_eq!(read.len(), asked.len());
        for question in framework.asked_questions() {
            let found = of(received, question.id.as_str(), Field::Answer);
            let expected = shown(&framework, &question.id, &answers[&question.id], &language);
            assert_eq!(found[0].value, expected, "{} in {tag}", question.id);
            assert!(!found[0].formula);
        }
        let given = received.responses.iter().filter(|r| !r.value.is_blank());
        let others: Vec<_> = given.filter(|r| r.field != Field::Answer).collect();
        assert_eq!(others.len(), 1, "pointers to other questions are no evidence: {others:?}");
        assert_eq!((others[0].question.as_str(), others[0].value.display().as_str()), ("I-1.1", "=a link"));
    }
}

#[test]
fn a_blank_questionnaire_has_a_place_for_every_answer() {
    let (framework, kenya, none) = (framework(), economy("KEN", "Kenya"), BTreeMap::new());
    let evidence = Entered::default();
    let bytes = write(&request(&framework, &kenya, "fr", &none, &evidence)).unwrap();
    let received = recognise(&read(&bytes), &framework).unwrap().remove(0);
    let of_field = |field| received.responses.iter().filter(|response| response.field == field).count();
    assert_eq!(of_field(Field::Answer), framework.asked_questions().count());
    // Where evidence is needed and belongs into the row itself, its cell has a place too.
    let beside = |question: &&maturity::framework::Question| {
        framework.needs_evidence(question) && framework.evidence_question(&question.id).is_none()
    };
    assert_eq!(of_field(Field::Evidence), framework.asked_questions().filter(beside).count());
    assert_eq!(of_field(Field::Comment), 0);
    assert!(
        received.responses.iter().all(|response| response.value.is_blank() && response.place.cell.is_some())
    );
    assert_eq!(of(&received, "I-1", Field::Answer)[0].place.to_string(), "CGSI!D6");
}

#[test]
fn evidence_is_kept_even_where_another_question_asks_for_it() {
    let (framework, kenya, none) = (framework(), economy("KEN", "Kenya"), BTreeMap::new());
    let evidence = evidence("I-1", "https://a.example");
    let bytes = write(&request(&framework, &kenya, "en", &none, &evidence)).unwrap();
    let received = recognise(&read(&bytes), &framework).unwrap().remove(0);
    assert_eq!(of(&received, "I-1", Field::Evidence)[0].value.display(), "https://a.example");
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let (framework, kenya) = (framework(), economy("KEN", "Kenya"));
    let (answers, evidence) = (answers(&framework), Entered::default());
    let request = request(&framework, &kenya, "es", &answers, &evidence);
    assert!(write(&request).unwrap() == write(&request).unwrap());
    let dataset = DatasetRequest { framework: &framework, rows: &[] };
    assert!(write_dataset(&dataset).unwrap() == write_dataset(&dataset).unwrap());
}

#[test]
fn a_text_longer_than_a_cell_is_cut_and_never_fails() {
    let (framework, kenya, evidence) = (framework(), economy("KEN", "Kenya"), Entered::default());
    let answers = BTreeMap::from([(Id::from("I-1.1"), Answer::Text("word ".repeat(10_000)))]);
    let bytes = write(&request(&framework, &kenya, "en", &answers, &evidence)).unwrap();
    let received = recognise(&read(&bytes), &framework).unwrap().remove(0);
    assert!(of(&received, "I-1.1", Field::Answer)[0].value.display().ends_with(" […]"));
}

#[test]
fn the_wide_table_is_read_back() {
    let framework = framework();
    let economies = [economy("KEN", "Kenya"), economy("FJI", "Fiji"), economy("WBG", "West Bank and Gaza")];
    let (full, empty) = (answers(&framework), BTreeMap::new());
    let (values, no_values) = (BTreeMap::from([(Id::from("I-16"), 0.6037)]), BTreeMap::new());
    let scores = PublishedScores {
        group: Some("A".to_owned()),
        composite: Some(0.76),
        subindexes: BTreeMap::from([(Id::from("CGSI"), 0.8)]),
    };
    let row = |at: usize, collected, answers, external, scores| DatasetRow {
        economy: &economies[at],
        collected,
        answers,
        external,
        population: None,
        scores,
    };
    let rows = [
        row(0, Some(Collected::Survey), &full, &values, Some(&scores)),
        row(1, Some(Collected::Remote), &empty, &no_values, None),
        row(2, None, &full, &no_values, None),
    ];
    let bytes = write_dataset(&DatasetRequest { framework: &framework, rows: &rows }).unwrap();
    let book = read(&bytes);
    assert_eq!(book.sheets[0].name, "CG_GTMI_Data");
    assert!(book.sheets[0].rows().count() >= 3 + 1 + 5, "summary rows follow");
    let received = recognise(&book, &framework).unwrap();
    assert_eq!(received.len(), 3);
    let codes: Vec<_> = received.iter().map(|one| header(one, HeaderField::Economy)).collect();
    assert_eq!(codes, ["KEN", "FJI", "WBG"]);
    assert_eq!(header(&received[1], HeaderField::Collected), "R");
    assert_eq!(header(&received[0], HeaderField::Wave), "2022");
    for one in &received {
        assert_eq!(one.responses.len(), 351);
    }
    let external = CellValue::Text("0.60370000000000001".to_owned());
    assert_eq!(of(&received[0], "I-16", Field::Answer)[0].value, external);
    assert_eq!(of(&received[1], "I-16", Field::Answer)[0].value.display(), "-");
    for question in framework.asked_questions() {
        let found = of(&received[2], question.id.as_str(), Field::Answer)[0].value.display();
        let expected = match &full[&question.id] {
            Answer::Choice(code) => code.clone(),
            Answer::Choices(codes) => codes.join(", "),
            Answer::Number(number) => number.to_string(),
            Answer::Text(text) => text.clone(),
            Answer::Missing(Missing::NotApplicable | Missing::Blank | Missing::Unreadable) => "-".to_owned(),
        };
        assert_eq!(found, expected, "{}", question.id);
    }
}

#[test]
fn a_prefilled_questionnaire_is_read_back_with_what_was_confirmed() {
    let (framework, kenya, full) = (framework(), economy("KEN", "Kenya"), answers(&framework()));
    let previous = PreviousAnswers::new(
        Wave(2020),
        Date { year: 2020, month: 11, day: 30 },
        full.iter()
            .filter(|(id, _)| *id != &Id::from("I-2"))
            .map(|(id, answer)| (id.clone(), answer.clone())),
        &framework,
    );
    let mut entered = Entered::default();
    entered.insert(Id::from("I-1"), Field::Confirm, "confirmed".to_owned());
    entered.insert(Id::from("I-3"), Field::Confirm, "changed".to_owned());
    entered.insert(Id::from("I-3"), Field::Reason, "The platform was closed.".to_owned());
    for tag in ["en", "fr", "es"] {
        let request = Request {
            previous: Some(&previous),
            ..request(&framework, &kenya, tag, &previous.answers, &entered)
        };
        let received = recognise(&read(&write(&request).unwrap()), &framework).unwrap().remove(0);
        let value =
            |id, field| of(&received, id, field).iter().map(|r| r.value.display()).collect::<String>();
        assert_eq!(value("I-1", Field::Confirm), "confirmed", "{tag}");
        assert_eq!(value("I-3", Field::Confirm), "changed", "{tag}");
        assert_eq!(value("I-3", Field::Reason), "The platform was closed.");
        assert_eq!(of(&received, "I-4", Field::Confirm)[0].value, CellValue::Blank, "not yet confirmed");
        assert_eq!(
            of(&received, "I-4", Field::Reason)[0].value,
            CellValue::Blank,
            "a finding can point there"
        );
        let asked = framework.asked_questions().count();
        assert_eq!(received.responses.iter().filter(|r| r.field == Field::Answer).count(), asked);
        assert_eq!(received.responses.iter().filter(|r| r.field == Field::Confirm).count(), asked);
    }
}
