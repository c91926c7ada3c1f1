//! Country reports, read back as the pipeline reads the workbooks of others.

use maturity::answer::{Answer, Missing};
use maturity::cell::{CellValue, Place};
use maturity::finding::Problem;

use super::*;
use crate::testing::{self, exact, row_of, value};

struct Case {
    framework: Framework,
    economy: Economy,
    answers: BTreeMap<Id, AnswerRecord>,
    scores: EconomyScores,
    findings: Vec<Finding>,
    history: Vec<PublishedScore>,
    provenance: Provenance,
}

impl Case {
    fn new(framework: Framework, tii: Option<f64>) -> Self {
        let economy = testing::economy("KEN", "Kenya", "AFR", "LM");
        let answers = testing::answers(&framework, 3);
        let scores = testing::scores(&framework, &economy, &answers, |_| tii);
        let finding = |severity, problem| {
            Finding::new(severity, problem)
                .about(&framework.questions[1].id)
                .at(Some(Place::cell("Data", "F42".parse().unwrap())))
        };
        let findings = vec![
            finding(Severity::Info, Problem::ReadAs { found: "1 - Yes".to_owned(), taken: "1".to_owned() }),
            finding(Severity::Error, Problem::AnswerMissing),
        ];
        let history = vec![PublishedScore {
            wave: Wave(2020),
            score: Some(0.576_081_834_504_293_6),
            subindexes: BTreeMap::new(),
            group: Some("B".to_owned()),
        }];
        let provenance = Provenance {
            submission_name: "KEN.xlsx".to_owned(),
            submission_sha256: "ab".repeat(32),
            layout: Layout::Questionnaire,
            tool_version: "0.1.0".to_owned(),
            fingerprint: "cd".repeat(32),
        };
        Self { framework, economy, answers, scores, findings, history, provenance }
    }

    fn write(&self, tag: &str) -> Vec<u8> {
        let report = CountryReport {
            framework: &self.framework,
            economy: &self.economy,
            scores: &self.scores,
            answers: &self.answers,
            findings: &self.findings,
            history: &self.history,
            provenance: &self.provenance,
        };
        write(&report, &Language::new(tag)).unwrap()
    }
}

fn gtmi() -> Case {
    Case::new(testing::gtmi(), Some(0.1 + 0.2))
}

fn text(text: &str) -> CellValue {
    CellValue::Text(text.to_owned())
}

#[test]
fn every_score_stands_in_full_precision() {
    let case = gtmi();
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Summary", 5, 0), exact(case.scores.score.unwrap()));
    let mut row = row_of(&book, "Summary", 0, "Subindex");
    for subindex in &case.scores.subindexes {
        row += 1;
        assert_eq!(value(&book, "Summary", row, 1), exact(subindex.score.unwrap()));
        assert_eq!(value(&book, "Summary", row, 3), exact(subindex.points));
        assert_eq!(value(&book, "Summary", row, 4), exact(subindex.max_points));
        assert_eq!(value(&book, "Summary", row, 6), exact(f64::from(subindex.coverage.asked)));
    }
    assert_eq!(
        value(&book, "Summary", row_of(&book, "Summary", 0, "2020, as published"), 1),
        exact(0.576_081_834_504_293_6)
    );
    assert_eq!(value(&book, "Summary", row_of(&book, "Summary", 0, "Error"), 1), exact(1.0));
    for (_, indicator) in case.scores.indicators() {
        let row = row_of(&book, "Indicators", 0, indicator.id.as_str());
        assert_eq!(value(&book, "Indicators", row, 3), exact(indicator.points), "{}", indicator.id);
        assert_eq!(value(&book, "Indicators", row, 4), exact(indicator.max_points), "{}", indicator.id);
        let shown = value(&book, "Indicators", row, 5);
        assert_eq!(shown, indicator.score.map_or(text("n/a"), CellValue::Number), "{}", indicator.id);
        for term in &indicator.terms {
            let row = row_of(&book, "Answers", 0, term.question.as_str());
            assert_eq!(value(&book, "Answers", row, 5), exact(term.points), "{}", term.question);
            assert_eq!(value(&book, "Answers", row, 6), exact(term.max_points), "{}", term.question);
        }
    }
}

#[test]
fn every_asked_question_has_its_answer_and_the_cell_it_came_from() {
    let case = gtmi();
    let book = testing::read(&case.write("en"));
    for question in case.framework.asked_questions() {
        let row = row_of(&book, "Answers", 0, question.id.as_str());
        assert_eq!(value(&book, "Answers", row, 2), text(question.label.default_text()));
        match case.answers.get(&question.id) {
            Some(record) => {
                assert_eq!(
                    value(&book, "Answers", row, 9),
                    text(&record.place.as_ref().unwrap().to_string())
                );
                let expected = match &record.answer {
                    Answer::Choice(code) => {
                        assert_eq!(value(&book, "Answers", row, 4), text(code));
                        text(
                            case.framework
                                .choices(question)
                                .unwrap()
                                .choice(code)
                                .unwrap()
                                .label
                                .default_text(),
                        )
                    }
                    Answer::Number(number) => CellValue::Number(*number),
                    Answer::Text(given) => text(given),
                    _ => continue,
                };
                assert_eq!(value(&book, "Answers", row, 3), expected);
            }
            None => assert_eq!(value(&book, "Answers", row, 3), text("no answer")),
        }
    }
    let disabled = case.framework.questions.iter().filter(|question| question.disabled).count();
    let rows = book.sheet("Answers").unwrap().rows().count();
    assert_eq!(
        rows,
        case.framework.questions.len() - disabled + 3,
        "title, note and headings beside the questions"
    );
}

#[test]
fn a_missing_score_is_never_zero() {
    let case = Case::new(testing::small(), None);
    assert_eq!(case.scores.score, None);
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Summary", 5, 0), text("n/a"));
    assert_eq!(value(&book, "Summary", 5, 2), text("n/a"));
    let row = row_of(&book, "Summary", 0, "Networks (S2)");
    assert_eq!(
        (value(&book, "Summary", row, 1), value(&book, "Summary", row, 2)),
        (text("n/a"), text("n/a"))
    );
    let total = row_of(&book, "Summary", 0, "All (ALL)");
    assert_eq!(value(&book, "Summary", total, 1), text("n/a"));
    let row = row_of(&book, "Answers", 0, "Q-2");
    assert_eq!(value(&book, "Answers", row, 7), text("Left out: no value, neither points nor maximum"));
}

#[test]
fn findings_are_told_in_the_readers_language_gravest_first() {
    let mut case = Case::new(testing::small(), Some(0.5));
    let constraint = Problem::ConstraintBroken { found: "1066".to_owned(), message: "stale".to_owned() };
    case.findings.push(Finding { problem: constraint, ..case.findings[0].clone() });
    let book = testing::read(&case.write("fr"));
    let rules: Vec<_> = (4..7).map(|row| value(&book, "Constats", row, 1)).collect();
    assert_eq!(rules, [text("ANSWER-001"), text("READ-001"), text("CONSTRAINT-001")]);
    assert_eq!(value(&book, "Constats", 4, 0), text("Erreur"));
    assert_eq!(value(&book, "Constats", 4, 3), text("Data!F42"));
    assert_eq!(value(&book, "Constats", 6, 4), text("La réponse est « 1066 ». Une année."));
    case.findings.clear();
    let book = testing::read(&case.write("fr"));
    assert_eq!(value(&book, "Constats", 4, 0), text("Aucun constat."));
}

#[test]
fn hostile_text_is_shown_as_text() {
    let mut case = Case::new(testing::small(), Some(0.5));
    case.economy.name = "=1+1 & <b>[3]</b>".to_owned();
    case.provenance.submission_name = "&P\u{0}=cmd|' /C calc'!A0.xlsx".to_owned();
    let hostile = [
        ("=1+1".to_owned(), "=1+1".to_owned()),
        ("+HYPERLINK(\"https://example.org\")".to_owned(), "+HYPERLINK(\"https://example.org\")".to_owned()),
        ("a\u{0}b\u{1b}[31m\u{202e}c_x0041_".to_owned(), "a\u{fffd}b\u{fffd}[31m\u{fffd}c_x0041_".to_owned()),
        ("مرحبا بالعالم".to_owned(), "مرحبا بالعالم".to_owned()),
        ("x".repeat(40_000), format!("{} […]", "x".repeat(32_763))),
        (
            format!("https://example.org/{}", "a".repeat(5_000)),
            format!("https://example.org/{}", "a".repeat(5_000)),
        ),
        ("<t>&amp;]]></t>".to_owned(), "<t>&amp;]]></t>".to_owned()),
    ];
    for (given, shown) in hostile {
        for question in ["Q-1.2", "Q-1"] {
            let (id, mut record) = testing::record(question, Answer::Text(given.clone()), "A1");
            record.evidence = Some(given.clone());
            record.place = Some(Place::sheet(&given));
            case.answers.insert(id, record);
        }
        case.findings[0].problem = Problem::ReadAs { found: given.clone(), taken: given };
        let book = testing::read(&case.write("en"));
        let row = row_of(&book, "Answers", 0, "Q-1.2");
        for column in [3, 8, 9] {
            assert_eq!(value(&book, "Answers", row, column), text(&shown));
        }
        assert!(book.sheets.iter().flat_map(|sheet| &sheet.cells).all(|cell| !cell.formula));
        assert_eq!(value(&book, "Summary", 0, 0), text("=1+1 & <b>[3]</b>"));
    }
}

#[test]
fn numbers_that_are_none_are_shown_as_absent() {
    let mut case = Case::new(testing::small(), Some(0.5));
    case.scores.score = Some(f64::NAN);
    case.scores.subindexes[0].points = f64::INFINITY;
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Summary", 8, 3), text("n/a"));
}

#[test]
fn the_same_values_give_the_same_bytes_in_every_language() {
    let case = gtmi();
    let mut seen = Vec::new();
    for tag in ["en", "fr", "es", "sw"] {
        let bytes = case.write(tag);
        assert_eq!(bytes, case.write(tag), "{tag}");
        let book = testing::read(&bytes);
        assert_eq!(book.sheets.len(), 5);
        seen.push(book.sheets[1].name.clone());
    }
    assert_eq!(seen, ["Indicators", "Indicateurs", "Indicadores", "Indicators"]);
}

#[test]
fn the_method_states_formula_and_provenance() {
    let case = Case::new(testing::small(), Some(0.5));
    let book = testing::read(&case.write("en"));
    row_of(&book, "Method", 0, "ALL = (1 × S1 + 3 × S2) / 4");
    for fact in [&case.framework.hash, &case.provenance.submission_sha256, &case.provenance.fingerprint] {
        row_of(&book, "Method", 1, fact);
    }
    let gtmi = gtmi();
    row_of(&testing::read(&gtmi.write("en")), "Method", 0, "GTMI = (CGSI + PSDI + DCEI + GTEI) / 4");
}

#[test]
fn answers_of_each_kind_are_shown() {
    let framework = testing::small();
    let question = framework.question(&Id::from("Q-1"));
    let given = |code: &str| code.to_owned();
    for (answer, expected) in [
        (Answer::Choice(given("2")), "Text(\"Oui\")"),
        (Answer::Choice(given("9")), "Text(\"9\")"),
        (Answer::Choices(vec![given("1"), given("2")]), "Text(\"Projet; Oui\")"),
        (Answer::Number(2016.0), "Number(2016.0)"),
        (Answer::Missing(Missing::Unreadable), "None(MissingUnreadable)"),
    ] {
        let shown = crate::label::answer(&framework, &Language::new("fr"), question, &answer);
        assert_eq!(format!("{shown:?}"), expected);
    }
}
