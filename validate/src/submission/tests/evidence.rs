//! What backs an answer, and what only stands in the cell for it.

use super::*;

/// An evidence cell beside the answer in `row`.
fn evidence(row: u32, question: &str, value: CellValue) -> Response {
    let place = Place::cell("S1", Address::new(row, 4));
    Response { field: Field::Evidence, place, ..response(row, question, value) }
}

#[test]
fn an_answer_that_earns_points_needs_evidence_in_its_cell_or_in_the_question_that_asks_for_it() {
    let answers = [
        response(8, "Q-1", text("2")),
        response(9, "Q-1.1", CellValue::Blank),
        evidence(11, "Q-1.3", CellValue::Blank),
        response(11, "Q-1.3", text("1")),
        response(13, "Q-1.5", text("1")),
        evidence(13, "Q-1.5", text("Act 12 of 2019")),
    ];
    let validation = check(&[KENYA], &answers, None);
    assert_eq!(
        lines(&validation),
        [
            "info EVIDENCE-001 S1!D10, question Q-1: The answer \"2 = Yes, in use\" earns points, but nothing is given \
             as evidence for it. Enter a web address, or the title and date of a document, at question Q-1.1.",
            "info EVIDENCE-001 S1!E12, question Q-1.3: The answer \"1 = Planned\" earns points, but nothing is given \
             as evidence for it. Enter a web address, or the title and date of a document, at question Q-1.3.",
        ]
    );
    assert_eq!(validation.state, State::Accepted);
    let evidence_of = |id: &str| {
        let id = Id::from(id);
        validation.answers.iter().find(|record| record.question == id).unwrap().evidence.clone()
    };
    assert_eq!(evidence_of("Q-1.5").as_deref(), Some("Act 12 of 2019"));
    // A file without cells for evidence, and answers that earn nothing, need none.
    assert_eq!(lines(&check(&[KENYA], &[response(8, "Q-1", text("2"))], None)), Vec::<String>::new());
    let no = [response(8, "Q-1", text("0")), evidence(8, "Q-1", CellValue::Blank)];
    assert_eq!(lines(&check(&[KENYA], &no, None)), Vec::<String>::new());
}

#[test]
fn placeholders_and_broken_links_are_no_evidence() {
    for (given, expected) in [
        (
            "N/A",
            Some("warning EVIDENCE-002 S1!E12, question Q-1.3: \"N/A\" is a placeholder and no evidence"),
        ),
        (
            "[En cours…]",
            Some("warning EVIDENCE-002 S1!E12, question Q-1.3: \"[En cours…]\" is a placeholder"),
        ),
        ("https://", Some("warning EVIDENCE-002 S1!E12, question Q-1.3: \"https://\" is a placeholder")),
        (
            "#REF!",
            Some(
                "warning EVIDENCE-003 S1!E12, question Q-1.3: The cell for evidence shows the error #REF!, so",
            ),
        ),
        ("???", Some("warning EVIDENCE-002 S1!E12, question Q-1.3: \"???\" is a placeholder")),
        ("-", Some("info EVIDENCE-001 S1!E12, question Q-1.3: The answer \"1 = Planned\" earns points")),
        (
            "www.example.org",
            Some("warning LINK-001 S1!E12, question Q-1.3: \"www.example.org\" is not a web address"),
        ),
        ("To be confirmed by Act 12", None),
        ("https://example.org", None),
    ] {
        let answers = [
            response(8, "Q-1", text("2")),
            response(9, "Q-1.1", text("https://cloud.example")),
            response(11, "Q-1.3", text("1")),
            evidence(11, "Q-1.3", text(given)),
        ];
        let validation = check(&[KENYA], &answers, None);
        let found = lines(&validation);
        assert_eq!(found.len(), usize::from(expected.is_some()), "{given}: {found:?}");
        if let Some(expected) = expected {
            assert!(found[0].starts_with(expected), "{given}: {}", found[0]);
        }
        let shared = validation.answers.iter().find(|record| record.question.as_str() == "Q-1.3").unwrap();
        let counts = expected.is_none_or(|expected| expected.contains("LINK"));
        assert_eq!(shared.evidence.is_some(), counts, "{given}");
    }
}

#[test]
fn an_answer_in_the_cell_beside_is_told_and_is_no_evidence() {
    let beside = |field, question: &str, value: &str| Response {
        field,
        place: Place::cell("S1", Address::new(8, 4)),
        ..response(8, question, text(value))
    };
    let of = |answer: &str, field, question: &str, value: &str| {
        let all = [response(8, question, text(answer)), beside(field, question, value)];
        let told = lines(&check(&[KENYA], &all, None));
        let rules = ["STRAY-001", "EVIDENCE-001", "EVIDENCE-002"];
        let rules = rules.into_iter().filter(|rule| told.iter().any(|line| line.contains(rule)));
        rules.collect::<Vec<_>>().join(" ")
    };
    for (answer, field, question, value, expected) in [
        ("", Field::Evidence, "Q-1", "2", "STRAY-001"),
        ("", Field::Evidence, "Q-1", "Yes, in use", "STRAY-001"),
        ("", Field::Comment, "Q-1", "Planned", "STRAY-001"),
        ("", Field::Comment, "Q-1", "na", ""),
        ("", Field::Comment, "Q-1", "later", ""),
        ("", Field::Evidence, "Q-1.2", "2016", "STRAY-001"),
        ("", Field::Evidence, "Q-1.2", "12", ""),
        ("", Field::Evidence, "Q-1.1", "2016", ""),
        ("", Field::Evidence, "Q-1.5", "1 2", "STRAY-001"),
        ("2", Field::Evidence, "Q-1", "2", "EVIDENCE-002"),
        ("2", Field::Evidence, "Q-1", "14", "EVIDENCE-002"),
        ("2", Field::Evidence, "Q-1", "z", "EVIDENCE-002"),
        ("2", Field::Evidence, "Q-1", "Act 12", ""),
        ("2", Field::Comment, "Q-1", "1", ""),
    ] {
        assert_eq!(of(answer, field, question, value), expected, "{answer} {question} {value}");
    }
    // Codes need not be short.
    let mut sources = sources("");
    sources.choices += "status,part,In part,0\n";
    let all = [response(8, "Q-1", text("2")), beside(Field::Evidence, "Q-1", "part")];
    let told = lines(&check_against(&load(&sources), &[KENYA], &all, None));
    assert!(told.iter().any(|line| line.contains("EVIDENCE-002")), "{told:?}");
}

#[test]
fn neither_an_error_nor_a_truth_value_is_evidence() {
    let error = CellValue::Error("#REF!".to_owned());
    for (value, rule) in [(error, "EVIDENCE-003"), (CellValue::Boolean(true), "EVIDENCE-002")] {
        let answers = [evidence(11, "Q-1.3", value.clone()), response(8, "Q-1", text("0"))];
        let answers =
            [answers.as_slice(), &[response(13, "Q-1.5", text("1")), evidence(13, "Q-1.5", value)]].concat();
        let validation = check(&[KENYA], &answers, None);
        let told = lines(&validation);
        assert!(told.iter().any(|line| line.contains(rule)), "{told:?}");
        assert!(validation.answers.iter().all(|record| record.evidence.is_none()));
    }
}
