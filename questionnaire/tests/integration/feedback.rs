//! The marked return: what was sent stands there again, every finding at its cell, and it is read as what it is.

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::cell::{Address, Book, Cell, CellValue, Place};
use maturity::economy::Economy;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::receipt::Receipt;
use maturity::submission::{Field, Received, Response, State};
use questionnaire::{Return, receipt_line, write_return};
use reader::{Limits, read};

use crate::support::{economy, framework, of, recognise};

fn response(question: &str, field: Field, text: &str) -> Response {
    Response {
        question: question.to_owned(),
        field,
        value: CellValue::Text(text.to_owned()),
        formula: false,
        place: Place::cell("My answers", Address::new(90, field as u32)),
    }
}

/// What was sent: one answer that is no choice, one that is, a placeholder as evidence, a comment.
fn responses() -> Vec<Response> {
    vec![
        response("I-1", Field::Answer, "Maybe"),
        response("I-1.4", Field::Answer, "2"),
        response("I-1.4", Field::Evidence, "TBD"),
        response("I-1.4", Field::Comment, "=see the annex"),
        response("I-99", Field::Answer, "1"),
    ]
}

fn findings() -> Vec<Finding> {
    let at = |row, column| Some(Place::cell("My answers", Address::new(row, column)));
    let unknown = Problem::ChoiceUnknown { found: "Maybe".to_owned(), accepted: "0 = No".to_owned() };
    let placeholder = Problem::EvidencePlaceholder { found: "TBD".to_owned(), target: "I-1.4".to_owned() };
    let missing = Problem::EvidenceMissing { found: "2 = Yes".to_owned(), target: "I-1.2".to_owned() };
    let strange = Problem::QuestionUnknown { found: "I-99".to_owned(), proposal: String::new() };
    let mut settled = Finding::new(Severity::Error, Problem::AnswerMissing).about(&Id::from("I-2"));
    settled.standing.accepted = true;
    let mut contested = Finding::new(Severity::Error, unknown).about(&Id::from("I-1")).at(at(90, 0));
    contested.standing.contest = Some("We mean it.".to_owned());
    vec![
        Finding::new(Severity::Warning, strange).at(at(95, 3)),
        contested,
        Finding::new(Severity::Info, missing).about(&Id::from("I-1")),
        Finding::new(Severity::Warning, placeholder).about(&Id::from("I-1.4")).at(at(90, 1)),
        settled,
    ]
}

fn returned(framework: &Framework, economy: &Economy, language: &str) -> Vec<u8> {
    let record =
        |id: &str, answer| AnswerRecord { question: Id::from(id), answer, evidence: None, place: None };
    let answers = [
        record("I-1", Answer::Missing(Missing::Unreadable)),
        record("I-1.4", Answer::Choice("2".to_owned())),
        record("I-2", Answer::Missing(Missing::Blank)),
    ];
    write_return(&Return {
        framework,
        economy,
        language: Language::new(language),
        collected: None,
        state: State::Returned,
        answers: &answers,
        responses: &responses(),
        findings: &findings(),
        previous: None,
        file: "Kenya final.xlsx",
        sha256: "00f4db43",
    })
    .unwrap()
}

fn book(bytes: &[u8]) -> Book {
    read(bytes, &Limits::default()).unwrap()
}

fn received(book: &Book, framework: &Framework) -> Received {
    recognise(book, framework).unwrap().remove(0)
}

#[test]
fn what_was_sent_is_read_again_and_so_is_the_objection() {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    for language in ["en", "fr", "es"] {
        let bytes = returned(&framework, &economy, language);
        assert!(bytes == returned(&framework, &economy, language), "the same return, the same bytes");
        let received = received(&book(&bytes), &framework);
        let text = |question: &str, field| of(&received, question, field)[0].value.display();
        assert_eq!(text("I-1", Field::Answer), "Maybe");
        let label =
            framework.choices(framework.question(&"I-1.4".into()).unwrap()).unwrap().choice("2").unwrap();
        assert_eq!(text("I-1.4", Field::Answer), label.label.get(&Language::new(language)));
        assert_eq!(text("I-1.4", Field::Evidence), "TBD");
        assert_eq!(text("I-1.4", Field::Comment), "=see the annex");
        let contests: Vec<_> = received
            .contests
            .iter()
            .map(|contest| (contest.rule.as_str(), contest.question.as_str(), contest.text.as_str()))
            .collect();
        assert_eq!(contests, [("CHOICE-001", "I-1", "We mean it.")]);
        // Nothing of the receipt is taken for an answer, and nothing personal is in the file.
        assert!(
            received
                .responses
                .iter()
                .all(|response| response.place.sheet != received.contests[0].place.sheet)
        );
        assert!(received.findings.is_empty(), "{:?}", received.findings);
        assert!(received.header.iter().all(|value| !value.field.is_personal() || value.value.is_blank()));
    }
}

#[test]
fn the_table_is_known_by_its_headings_where_the_keys_are_gone() {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    let mut book = book(&returned(&framework, &economy, "fr"));
    let is_key = |cell: &Cell| cell.value.display().starts_with("finding-");
    book.sheets[0].cells.retain(|cell| !is_key(cell));
    assert_eq!(received(&book, &framework).contests.len(), 1);
}

#[test]
fn marks_stand_at_the_rows_and_never_depend_on_colour() {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    let book = book(&returned(&framework, &economy, "en"));
    let sheet = book.sheet("CGSI").unwrap();
    let key = sheet.cells.iter().find(|cell| cell.value.display() == "marked").unwrap().address;
    let mark = |question: &str| {
        let id = sheet.cells.iter().find(|cell| cell.value.display() == question).unwrap().address;
        sheet.get(Address::new(id.row, key.column)).map(|cell| cell.value.display()).unwrap_or_default()
    };
    assert_eq!(mark("I-1"), "✖ CHOICE-001");
    assert_eq!(mark("I-1.2"), "i EVIDENCE-001", "where the evidence belongs");
    assert_eq!(mark("I-1.4"), "! EVIDENCE-002");
    assert_eq!(mark("I-2"), "", "a reviewer settled it");
    let receipt: Vec<String> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    for expected in [
        "✖  Returned: please correct the cells marked ✖ and send this workbook again",
        "Read 1 of 2 answers; one was not understood.",
        "✖ errors: 1   ! warnings: 2   i for information: 1",
        "Kenya final.xlsx",
        "00f4db43",
        "✔ Settled",
        "My answers!B91",
        "CGSI!E6",
    ] {
        assert!(receipt.iter().any(|text| text == expected), "{expected} is not in\n{}", receipt.join("\n"));
    }
}

#[test]
fn cells_that_a_finding_names_are_said_to_be_those_of_the_file_that_was_sent() {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    let hidden = Finding::new(Severity::Warning, Problem::RowsHidden { count: 1, cells: "D6".to_owned() })
        .about(&Id::from("I-1"))
        .at(Some(Place::cell("CGSI", Address::new(5, 3))));
    let missing = Finding::new(Severity::Error, Problem::AnswerMissing).about(&Id::from("I-2"));
    let bytes = write_return(&Return {
        framework: &framework,
        economy: &economy,
        language: Language::english(),
        collected: None,
        state: State::Returned,
        answers: &[],
        responses: &[],
        findings: &[hidden, missing],
        previous: None,
        file: "Kenya final.xlsx",
        sha256: "00f4db43",
    })
    .unwrap();
    let receipt: Vec<String> = book(&bytes).sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    let told: Vec<bool> = ["There are answers in hidden rows", "An answer is required"]
        .iter()
        .filter_map(|start| receipt.iter().find(|text| text.contains(start)))
        .map(|text| text.ends_with("(Cells as they are named in the file that you sent.)"))
        .collect();
    assert_eq!(told.first(), Some(&true), "{receipt:#?}");
    assert!(told.len() < 2 || !told[1]);
}

#[test]
fn a_receipt_says_in_every_language_how_much_was_understood() {
    let receipt = |given, read| Receipt { given, read, asked: 345 };
    for (language, receipt, expected) in [
        ("en", receipt(0, 0), "No answer was found in the file."),
        ("fr", receipt(176, 176), "176 réponses lues\u{a0}; toutes ont été comprises."),
        ("es", receipt(176, 173), "Respuestas leídas: 173 de 176; 3 no se entendieron."),
        ("en", receipt(1, 1), "Read 1 answer; it was understood."),
        ("fr", receipt(1, 1), "1 réponse lue\u{a0}; elle a été comprise."),
        ("es", receipt(1, 1), "Se leyó 1 respuesta; se entendió."),
        ("es", receipt(1, 0), "La única respuesta del archivo no se entendió."),
        ("fr", receipt(2, 1), "Réponses lues\u{a0}: 1 sur 2\u{a0}; une n'a pas été comprise."),
        ("en", receipt(176, 173), "Read 173 of 176 answers; 3 were not understood."),
    ] {
        assert_eq!(receipt_line(receipt, &Language::new(language)), expected);
    }
}

#[test]
fn what_was_asked_back_is_read_again_as_it_was() {
    let (framework, economy) = (framework(), economy("KEN", "Kenya"));
    for (question, sent, expected) in [
        ("I-1.3", CellValue::Number(2016.5), CellValue::Number(2016.5)),
        ("I-1.3", CellValue::Date("1905-07-08".to_owned()), CellValue::Date("1905-07-08".to_owned())),
        ("I-1.3", CellValue::Date("1900-01-15".to_owned()), CellValue::Date("1900-01-15".to_owned())),
        ("I-1.3", CellValue::Date("60".to_owned()), CellValue::Date("60".to_owned())),
        ("I-1.3", CellValue::Date("12:00:00".to_owned()), CellValue::Date("12:00:00".to_owned())),
        (
            "I-1.4",
            CellValue::Date("2016-03-01T10:00:00".to_owned()),
            CellValue::Date("2016-03-01T10:00:00".to_owned()),
        ),
        ("I-1.3", CellValue::Percent(0.95), CellValue::Text("95%".to_owned())),
        ("I-1.4", CellValue::Number(7.0), CellValue::Number(7.0)),
        ("I-1.1", CellValue::Error("#REF!".to_owned()), CellValue::Blank),
        ("I-1.4", CellValue::Error("#N/A".to_owned()), CellValue::Blank),
        // Nobody has said yet that it is meant.
        ("I-1.4", CellValue::Masked(2.0), CellValue::Blank),
        ("I-1.3", CellValue::Text("\u{202e}1691".to_owned()), CellValue::Text("\u{fffd}1691".to_owned())),
        ("I-1.4", CellValue::Text("#SPILL!".to_owned()), CellValue::Text("#SPILL!".to_owned())),
    ] {
        let response = Response { value: sent.clone(), ..response(question, Field::Answer, "") };
        let found = sent_back(&framework, &economy, response, Answer::Missing(Missing::Unreadable));
        assert_eq!(found, expected, "{question}: {sent:?}");
    }
    // With the line breaks that its sender gave it.
    let response = response("I-1.1", Field::Answer, "One cloud\n and another");
    let found = sent_back(&framework, &economy, response, Answer::Text("One cloud and another".to_owned()));
    assert_eq!(found.display(), "One cloud\n and another");
    // As a text an error would be evidence.
    for value in [CellValue::Error("#REF!".to_owned()), CellValue::Boolean(true)] {
        let response = Response { value, ..self::response("I-1.4", Field::Evidence, "") };
        let found = sent_back(&framework, &economy, response, Answer::Missing(Missing::Blank));
        assert!(found.is_blank(), "{found:?}");
    }
}

/// What is read of a cell after it was returned with a finding about it and sent back unchanged.
fn sent_back(framework: &Framework, economy: &Economy, response: Response, answer: Answer) -> CellValue {
    let (id, field) = (Id::from(response.question.as_str()), response.field);
    let finding = Finding::new(Severity::Error, Problem::NumberInvalid { found: response.value.display() })
        .about(&id)
        .at(Some(response.place.clone()));
    let record = AnswerRecord { question: id.clone(), answer, evidence: None, place: None };
    let bytes = write_return(&Return {
        framework,
        economy,
        language: Language::english(),
        collected: None,
        state: State::Returned,
        answers: &[record],
        responses: &[response],
        findings: &[finding],
        previous: None,
        file: "Kenya final.xlsx",
        sha256: "00f4db43",
    })
    .unwrap();
    of(&received(&book(&bytes), framework), id.as_str(), field)[0].value.clone()
}
