//! Country reports, read back as the pipeline reads the workbooks of others.

use maturity::answer::{Answer, Missing};
use maturity::cell::{CellValue, Place};
use maturity::comparator::{Comparator, ComparatorSet, Level, Origin, Panel};
use maturity::economy::Economies;
use maturity::finding::Problem;
use maturity::standing::{Outlook, Step};
use maturity::uncertainty::{Bounds, Distribution};

use super::*;
use crate::comparison::Comparators;
use crate::testing::{self, exact, row_of, value};

mod movement;

struct Case {
    framework: Framework,
    economy: Economy,
    answers: BTreeMap<Id, AnswerRecord>,
    scores: EconomyScores,
    findings: Vec<Finding>,
    history: Vec<PublishedScore>,
    computed: Vec<PublishedScore>,
    provenance: Provenance,
    comparators: Option<Comparators>,
    uncertainty: Vec<ScoreUncertainty>,
    standing: Option<Standing>,
    review: ReviewBasis,
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
            others: Vec::new(),
            origins: BTreeMap::new(),
            rule: "latest",
            vintages: vec![Vintage {
                index: "TII".to_owned(),
                edition: 2022,
                value: 0.25,
                source: "A publisher".to_owned(),
                licence: "CC BY 4.0".to_owned(),
            }],
        };
        Self {
            comparators: Some(comparators(&framework, framework.wave)),
            uncertainty: uncertainty(&scores),
            standing: Some(standing(&framework)),
            review: ReviewBasis::default(),
            framework,
            economy,
            answers,
            scores,
            findings,
            history,
            computed: Vec::new(),
            provenance,
        }
    }

    fn write(&self, tag: &str) -> Vec<u8> {
        let language = Language::new(tag);
        self.write_with(&Writer::new(&self.framework, &language))
    }

    fn write_with(&self, writer: &Writer) -> Vec<u8> {
        let backed = maturity::backing::evidence_shares(&self.framework, &self.scores, &self.answers);
        let shares = shares_of_score(&self.framework, &self.scores);
        let report = CountryReport {
            framework: &self.framework,
            economy: &self.economy,
            scores: &self.scores,
            answers: &self.answers,
            findings: &self.findings,
            history: &self.history,
            computed: &self.computed,
            beside: self.comparators.as_ref().map(|set| set.of(&self.economy.code)),
            uncertainty: &self.uncertainty,
            standing: self.standing.as_ref(),
            backed: &backed,
            shares: &shares,
            review: &self.review,
            provenance: &self.provenance,
        };
        writer.write(&report).unwrap()
    }
}

/// Three economies of one region, each with the same score in everything: 0.25, 0.5 and 1.
fn comparators(framework: &Framework, wave: Wave) -> Comparators {
    let all = [("AGO", "AFR", 0.25), ("KEN", "AFR", 0.5), ("UGA", "AFR", 1.0)];
    comparators_of(framework, wave, &all)
}

/// Economies of one income group with their regions, each with the same score in everything.
fn comparators_of(framework: &Framework, wave: Wave, all: &[(&str, &str, f64)]) -> Comparators {
    let codes = all.iter().map(|(code, region, _)| testing::economy(code, code, region, "LM"));
    let (economies, _) = Economies::new(codes.collect());
    let mut panel = Panel::new(wave, Origin::Published);
    for (economy, (_, _, score)) in economies.iter().zip(all) {
        let mut add = |level, id: &Id| panel.add(&economy.code, level, id, Some(*score), Some(*score >= 1.0));
        add(Level::Index, &framework.composite.id);
        framework.subindexes.iter().for_each(|subindex| add(Level::Subindex, &subindex.id));
        framework.indicators.iter().for_each(|indicator| add(Level::Indicator, &indicator.id));
    }
    let groups = Comparator::all(&economies, &BTreeMap::new());
    let set = ComparatorSet::compute(Some("test"), Some("2022"), wave, groups, &[panel]);
    Comparators::new(set, framework)
}

fn uncertainty(scores: &EconomyScores) -> Vec<ScoreUncertainty> {
    vec![ScoreUncertainty {
        id: scores.id.clone(),
        bounds: Some(Bounds { lower: 0.125, upper: 0.875 }),
        distribution: Some(Distribution {
            p05: 0.375,
            p50: 0.5,
            p95: 0.625,
            groups: [("A", 0.0), ("B", 0.75), ("C", 0.25)].map(|(id, chance)| (id.to_owned(), chance)).into(),
        }),
        sensitivity: Vec::new(),
    }]
}

fn standing(framework: &Framework) -> Standing {
    let question = framework.asked_questions().find(|question| question.scoring.is_some()).unwrap();
    let step = Step {
        question: question.id.clone(),
        from: Answer::Choice("0".to_owned()),
        to: Answer::Choice("2".to_owned()),
        gain: 0.0625,
    };
    let outlook = Outlook::Within {
        target: "A".to_owned(),
        threshold: 0.5,
        score: 0.5625,
        proven: true,
        steps: vec![step],
    };
    Standing { outlook, movement: None }
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
    assert_eq!(value(&book, "Summary", 5, 5), exact(0.25), "the chance of group C");
    let mut row = 7;
    for subindex in &case.scores.subindexes {
        row += 1;
        assert_eq!(value(&book, "Summary", row, 0), text(subindex.id.as_str()));
        assert_eq!(value(&book, "Summary", row, 2), exact(subindex.score.unwrap()));
        for column in 4..7 {
            assert_eq!(value(&book, "Summary", row, column), exact(1.75 / 3.0), "mean of 0.25, 0.5, 1");
        }
        let total = row_of(&book, "Indicators", 0, subindex.id.as_str());
        assert_eq!(value(&book, "Indicators", total, 4), exact(subindex.points));
        assert_eq!(value(&book, "Indicators", total, 5), exact(subindex.max_points));
        assert_eq!(value(&book, "Indicators", total, 6), exact(subindex.score.unwrap()));
        assert_eq!(value(&book, "Indicators", total, 13), exact(f64::from(subindex.coverage.asked)));
    }
    let (now, then) = (case.scores.score.unwrap(), 0.576_081_834_504_293_6);
    assert_eq!(value(&book, "Summary", row + 1, 2), exact(now));
    assert_eq!(value(&book, "Summary", row + 1, 7), exact(now - then));
    assert_eq!(value(&book, "Progress", row_of(&book, "Progress", 0, "2020"), 3), exact(then));
    assert_eq!(value(&book, "Progress", row_of(&book, "Progress", 0, "GTMI"), 5), exact(now - then));
    let step = row_of(&book, "Progress", 3, "Answer now") + 1;
    assert_eq!(value(&book, "Progress", step, 2), exact(0.0625));
    let region = row_of(&book, "Peers", 0, "Region: Sub-Saharan Africa");
    assert_eq!(value(&book, "Peers", region, 3), exact(now));
    assert_eq!(value(&book, "Peers", region, 5), exact(now - 1.75 / 3.0));
    assert_eq!(value(&book, "Peers", region, 7), exact(0.5));
    let carried: f64 = shares_of_score(&case.framework, &case.scores).values().sum();
    assert!((carried - 1.0).abs() < 1e-12, "the answers carry the whole score: {carried}");
    for (_, indicator) in case.scores.indicators() {
        let row = row_of(&book, "Indicators", 0, indicator.id.as_str());
        // What is not asked in this wave has no points, and not none of none.
        let has_points = case.framework.has_points(&indicator.id);
        let expected = |points| if has_points { exact(points) } else { CellValue::Blank };
        let (points, most) = (expected(indicator.points), expected(indicator.max_points));
        assert_eq!(value(&book, "Indicators", row, 4), points, "{}", indicator.id);
        assert_eq!(value(&book, "Indicators", row, 5), most, "{}", indicator.id);
        assert_eq!(value(&book, "Indicators", row, 9), exact(1.0 / 3.0), "one of three is at full level");
        let shown = value(&book, "Indicators", row, 6);
        let none = if case.framework.is_scored(&indicator.id) { "n/a" } else { "Not scored" };
        assert_eq!(shown, indicator.score.map_or(text(none), CellValue::Number), "{}", indicator.id);
        for term in &indicator.terms {
            let row = row_of(&book, "Answers", 0, term.question.as_str());
            assert_eq!(value(&book, "Answers", row, 5), exact(term.points), "{}", term.question);
            assert_eq!(value(&book, "Answers", row, 6), exact(term.max_points), "{}", term.question);
        }
    }
}

#[test]
fn what_is_a_number_from_0_to_1_has_no_points() {
    let mut framework = testing::with_number();
    let lower = framework.indicators.iter_mut().find(|indicator| indicator.id.as_str() == "Q-2").unwrap();
    lower.direction = maturity::framework::Direction::Lower;
    let title = text(&format!("{} (less is better)", lower.title.default_text()));
    let book = testing::read(&Case::new(framework, Some(0.75)).write("en"));
    assert_eq!(value(&book, "Indicators", row_of(&book, "Indicators", 0, "Q-2"), 1), title);
    for id in ["Q-2", "S2"] {
        let row = row_of(&book, "Indicators", 0, id);
        let shown: Vec<CellValue> = (4..7).map(|column| value(&book, "Indicators", row, column)).collect();
        assert_eq!(shown, [CellValue::Blank, CellValue::Blank, exact(0.75)], "{id}");
    }
    let row = row_of(&book, "Indicators", 0, "S1");
    assert_eq!(value(&book, "Indicators", row, 5), exact(12.2));
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
                    value(&book, "Answers", row, 12),
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
    assert_eq!(value(&book, "Summary", 5, 5), text("n/a"), "no certainty of a group that there is not");
    let row = row_of(&book, "Summary", 1, "Networks");
    for column in [2, 3, 7] {
        assert_eq!(value(&book, "Summary", row, column), text("n/a"));
    }
    for (sheet, column) in [("Summary", 2), ("Indicators", 6)] {
        let total = row_of(&book, sheet, 0, "ALL");
        assert_eq!(value(&book, sheet, total, column), text("n/a"), "{sheet}");
    }
    let wave = row_of(&book, "Progress", 0, "2030");
    assert_eq!(value(&book, "Progress", wave, 3), CellValue::Blank, "a gap in the chart");
    let row = row_of(&book, "Answers", 0, "Q-2");
    assert_eq!(value(&book, "Answers", row, 7), text("Left out: no value, neither points nor maximum"));
}

#[test]
fn an_answer_to_what_has_no_score_does_not_count_and_what_is_not_scored_lacks_no_value() {
    let mut case = Case::new(testing::with_unscored(), Some(0.5));
    let of = |case: &Case, sheet: &str, id: &str, column: u32| {
        let book = testing::read(&case.write("en"));
        value(&book, sheet, row_of(&book, sheet, 0, id), column)
    };
    assert_eq!(of(&case, "Answers", "Q-1", 7), text("Counts"));
    assert_eq!(of(&case, "Indicators", "Q-3", 6), text("Not scored"));
    // Too few of its parts have a value.
    case.scores.subindexes[0].score = None;
    case.scores.score = None;
    assert_eq!(of(&case, "Answers", "Q-1", 7), text("Does not count: S1 has no score"));
    assert_eq!(of(&case, "Answers", "Q-2", 7), text("Counts"));

    // The mean of a number that cannot be scaled.
    let mut case = Case::new(testing::with_number(), Some(0.75));
    assert_eq!(of(&case, "Answers", "Q-2", 7), text("Counts"));
    case.scores.subindexes[1].indicators[0].score = None;
    assert_eq!(of(&case, "Answers", "Q-2", 7), text("Does not count: Q-2 has no score"));
}

#[test]
fn nothing_is_missing_in_a_column_of_changes_without_a_wave_before() {
    let mut case = Case::new(testing::small(), Some(0.5));
    let column = |case: &Case| {
        let book = testing::read(&case.write("en"));
        let head = row_of(&book, "Summary", 0, "Id");
        let rows = ["Id", "S1", "S2", "ALL"].map(|id| row_of(&book, "Summary", 0, id));
        assert_eq!(rows[0], head);
        rows.map(|row| value(&book, "Summary", row, 7))
    };
    let [head, changes @ ..] = column(&case);
    assert_eq!(head, text("Change since 2020"));
    assert!(changes.iter().all(|change| *change != CellValue::Blank), "{changes:?}");
    case.history.clear();
    assert_eq!(column(&case), [const { CellValue::Blank }; 4]);
}

#[test]
fn an_index_without_groups_has_reports_without_them() {
    let mut framework = testing::small();
    framework.groups.clear();
    let mut case = Case::new(framework, Some(0.5));
    case.history[0].group = None;
    let book = testing::read(&case.write("en"));
    let row = row_of(&book, "Summary", 1, "Systems");
    assert_eq!(value(&book, "Summary", row, 3), CellValue::Blank);
    let wave = row_of(&book, "Progress", 0, "2030");
    assert_eq!(value(&book, "Progress", wave, 2), CellValue::Blank);
    for sheet in ["Summary", "Indicators", "Progress"] {
        let sheet = book.sheet(sheet).unwrap();
        assert!(sheet.cells.iter().all(|cell| cell.value != text("Group")), "{}", sheet.name);
    }
}

#[test]
fn a_language_from_right_to_left_turns_the_sheets_around() {
    let mut case = Case::new(testing::small(), Some(0.5));
    let turned = |case: &Case| {
        testing::part(&case.write("fr"), "xl/worksheets/sheet1.xml").contains("rightToLeft=\"1\"")
    };
    assert!(!turned(&case));
    case.framework.right_to_left.insert(Language::new("fr"));
    assert!(turned(&case));
}

#[test]
fn economies_bear_their_names_in_the_readers_language() {
    let mut case = Case::new(testing::small(), Some(0.5));
    case.economy.names.insert(Language::new("fr"), "Kénya".to_owned());
    let name = |tag: &str, sheet: &str| value(&testing::read(&case.write(tag)), sheet, 0, 0);
    assert_eq!((name("en", "Summary"), name("fr", "Synthèse")), (text("Kenya"), text("Kénya")));
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
    assert_eq!(value(&book, "Constats", 6, 4), text("La réponse est «\u{a0}1066\u{a0}». Une année."));
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
        for column in [3, 10, 12] {
            assert_eq!(value(&book, "Answers", row, column), text(&shown));
        }
        let formulas = book.sheets.iter().flat_map(|sheet| &sheet.cells).filter(|cell| cell.formula);
        assert!(formulas.into_iter().all(|cell| matches!(cell.value, CellValue::Number(_))));
        assert!(book.sheet("Answers").unwrap().cells.iter().all(|cell| !cell.formula));
        assert_eq!(value(&book, "Summary", 0, 0), text("=1+1 & <b>[3]</b>"));
    }
}

#[test]
fn numbers_that_are_none_are_shown_as_absent() {
    let mut case = Case::new(testing::small(), Some(0.5));
    case.scores.score = Some(f64::NAN);
    case.scores.subindexes[0].points = f64::INFINITY;
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Indicators", row_of(&book, "Indicators", 0, "S1"), 4), text("n/a"));
}

#[test]
fn the_same_values_give_the_same_bytes_in_every_language() {
    let case = gtmi();
    let mut seen = Vec::new();
    for tag in ["en", "fr", "es", "sw"] {
        let bytes = case.write(tag);
        assert_eq!(bytes, case.write(tag), "{tag}");
        let book = testing::read(&bytes);
        assert_eq!(book.sheets.len(), 8);
        seen.push(book.sheets[1].name.clone());
    }
    assert_eq!(seen, ["Indicators", "Indicateurs", "Indicadores", "Indicators"]);
}

#[test]
fn a_writer_remembers_nothing_of_the_reports_before() {
    let (case, mut other) = (gtmi(), gtmi());
    other.history[0].wave = Wave(2021);
    other.findings.clear();
    let language = Language::english();
    let writer = Writer::new(&case.framework, &language);
    for case in [&case, &other, &case, &other] {
        assert_eq!(case.write_with(&writer), case.write("en"));
    }
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
    row_of(&book, "Method", 1, "TII 2022: 0.2500 (A publisher; CC BY 4.0)");
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

#[test]
fn every_score_is_a_formula_over_the_rows_beneath() {
    let case = gtmi();
    let book = testing::read(&case.write("en"));
    let is_formula = |sheet: &str, row, column| {
        let cell = book.sheet(sheet).unwrap().get(maturity::cell::Address::new(row, column));
        cell.is_some_and(|cell| cell.formula)
    };
    for id in case.scores.subindexes.iter().map(|s| &s.id).chain([&case.scores.id]) {
        assert!(is_formula("Summary", row_of(&book, "Summary", 0, id.as_str()), 2), "{id}");
        assert!(is_formula("Indicators", row_of(&book, "Indicators", 0, id.as_str()), 6), "{id}");
    }
    for (_, indicator) in case.scores.indicators().filter(|(_, indicator)| indicator.score.is_some()) {
        let row = row_of(&book, "Indicators", 0, indicator.id.as_str());
        assert!((4..7).all(|column| is_formula("Indicators", row, column)), "{}", indicator.id);
    }
}

#[test]
fn a_report_without_comparators_and_standing_says_so() {
    let mut case = Case::new(testing::small(), Some(0.5));
    (case.comparators, case.standing) = (None, None);
    case.uncertainty.clear();
    case.history.clear();
    let book = testing::read(&case.write("en"));
    row_of(&book, "Summary", 0, "No averages are shown: no set of comparators is pinned for this wave.");
    row_of(&book, "Summary", 9, "How certain the score is was not computed.");
    row_of(&book, "Progress", 0, "No earlier wave is known for this economy.");
}

/// The text of the workbook as a reader sees it, row by row; long sheets up to `most` rows.
fn told(book: &maturity::cell::Book, most: usize) -> String {
    let mut out = String::new();
    for sheet in &book.sheets {
        out.push_str(&["# ", &sheet.name, "\n"].concat());
        for (_, row) in sheet.rows().take(most) {
            let cells: Vec<String> = row
                .iter()
                .filter_map(|cell| match &cell.value {
                    CellValue::Text(text) => Some(text.replace('\n', " / ")),
                    CellValue::Number(number) | CellValue::Percent(number) => Some(format!("{number:.6}")),
                    _ => None,
                })
                .collect();
            out.push_str(&cells.join(" | "));
            out.push('\n');
        }
    }
    out
}

/// `UPDATE_SENTENCES=1` writes the files anew; read them before they are committed.
#[test]
fn the_text_of_a_report_is_kept_in_each_language() {
    let case = gtmi();
    for tag in ["en", "fr", "es"] {
        let found = told(&testing::read(&case.write(tag)), 60);
        let path = format!("{}/src/country/told/{tag}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_SENTENCES").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        for (at, (found, kept)) in found.lines().zip(kept.lines()).enumerate() {
            assert_eq!(found, kept, "{path}, line {}", at + 1);
        }
        assert_eq!(found.lines().count(), kept.lines().count(), "{path}");
    }
}

#[test]
fn every_open_question_has_a_row_for_the_decision_in_the_readers_language() {
    let mut case = Case::new(testing::small(), Some(0.5));
    let id = case.framework.questions[1].id.clone();
    let replaced = Replaced {
        from: Answer::Missing(Missing::Blank),
        by: "A. Reviewer".to_owned(),
        reason: "=1+1".to_owned(),
    };
    case.review.replaced.insert(id.clone(), replaced);
    let changed = case.framework.questions.iter().rfind(|question| question.is_asked()).unwrap().id.clone();
    case.review.approved.insert(changed.clone(), Answer::Missing(Missing::Blank));
    for (tag, name, new, answers) in [
        ("en", "Review", "New", "Answers"),
        ("fr", "Examen", "Nouveau", "Réponses"),
        ("es", "Revisión", "Nuevo", "Respuestas"),
    ] {
        let book = testing::read(&case.write(tag));
        assert_eq!(questionnaire::reviewed(&book).map(|found| found.rows.len()), Some(0), "{tag}");
        let sheet = book.sheet(name).unwrap();
        let rows: Vec<Vec<String>> = sheet
            .rows()
            .filter(|(row, _)| *row > 4)
            .map(|(_, cells)| cells.iter().map(|cell| cell.value.display()).collect::<Vec<_>>())
            .filter(|texts| texts.first().is_some_and(|text| text == "KEN"))
            .collect();
        let decided = value(&book, answers, row_of(&book, answers, 0, id.as_str()), 11);
        let CellValue::Text(decided) = decided else { panic!("{tag}: {decided:?}") };
        assert!(decided.starts_with("A. Reviewer") && decided.contains("=1+1"), "{tag}: {decided}");
        let summary = &book.sheets[0].cells;
        let counted =
            summary.iter().any(|cell| matches!(&cell.value, CellValue::Text(text) if text.contains(": 1.")));
        assert!(counted, "{tag}: the summary does not count what was replaced");
        let [open, other] = rows.as_slice() else { panic!("{tag}: {rows:?}") };
        assert!(open.contains(&id.to_string()) && open.contains(&"-".to_owned()), "{tag}: {open:?}");
        assert!(other.contains(&changed.to_string()) && other.contains(&new.to_owned()), "{tag}: {other:?}");
    }
}

#[test]
fn an_answer_of_another_respondent_names_its_file() {
    let mut case = gtmi();
    let id = case.answers.iter().find(|(_, record)| record.place.is_some()).unwrap().0.clone();
    let own = value(&testing::read(&case.write("en")), "Answers", 0, 0);
    case.provenance.others = vec![("KEN-B.xlsx".to_owned(), "ef".repeat(32))];
    case.provenance.origins = BTreeMap::from([(id.clone(), 0)]);
    case.provenance.rule = "majority";
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Answers", 0, 0), own);
    let place = case.answers[&id].place.as_ref().unwrap();
    let row = row_of(&book, "Answers", 0, id.as_str());
    assert_eq!(value(&book, "Answers", row, 12), text(&format!("{place} in KEN-B.xlsx")));
    let row = row_of(&book, "Method", 0, "Rule for answers of several respondents");
    assert_eq!(value(&book, "Method", row, 1), text("majority"));
    assert_eq!(value(&book, "Method", row - 2, 1), text("KEN-B.xlsx"));
}

#[test]
fn the_averages_beside_strengths_are_headed_by_what_they_are_of() {
    let mut case = gtmi();
    let heading = |case: &Case| {
        let book = testing::read(&case.write("en"));
        let row = row_of(&book, "Summary", 0, "Id");
        value(&book, "Summary", row, 12)
    };
    assert_eq!(heading(&case), text("Region mean"));
    case.economy = testing::economy("XXX", "Nowhere", "", "");
    assert_eq!(heading(&case), text("World mean"));
}

/// The mean over the economy alone is its own score.
#[test]
fn an_economy_is_not_beside_itself() {
    let mut case = gtmi();
    let shown = |case: &Case| {
        let book = testing::read(&case.write("en"));
        let scores = row_of(&book, "Summary", 0, "CGSI");
        let means: Vec<CellValue> = (4..7).map(|column| value(&book, "Summary", scores, column)).collect();
        let indicator = value(&book, "Indicators", row_of(&book, "Indicators", 0, "I-39"), 7);
        let peers = book.sheet("Peers").unwrap().cells.iter().filter(|cell| cell.address.column == 0);
        let peers: Vec<String> = peers.map(|cell| cell.value.display()).collect();
        let heading = value(&book, "Summary", row_of(&book, "Summary", 0, "Id"), 12);
        let note = book.sheet("Summary").unwrap().cells.iter().any(|cell| {
            cell.value.display().contains("Where no other economy has a score, there is no average.")
        });
        (means, indicator, peers.iter().any(|text| text.starts_with("Region: ")), heading, note)
    };
    let mean = exact(1.75 / 3.0);
    assert_eq!(shown(&case), (vec![mean.clone(); 3], mean, true, text("Region mean"), false));
    let all = [("AGO", "EAP", 0.25), ("KEN", "AFR", 0.5), ("UGA", "EAP", 1.0)];
    case.comparators = Some(comparators_of(&case.framework, case.framework.wave, &all));
    let mean = exact(1.75 / 3.0);
    let expected = vec![text("n/a"), mean.clone(), mean];
    assert_eq!(shown(&case), (expected, text("n/a"), false, text("World mean"), true));
}

#[test]
fn averages_of_another_wave_stand_only_where_the_waves_compare() {
    let mut case = gtmi();
    let told = |case: &Case| {
        let book = testing::read(&case.write("en"));
        let of = |id| value(&book, "Indicators", row_of(&book, "Indicators", 0, id), 7);
        let mut cells = book.sheet("Summary").unwrap().cells.iter().map(|cell| cell.value.display());
        let apart = cells.any(|text| text.contains("does not compare between waves 2020 and 2022"));
        (of("I-39"), of("I-4"), apart)
    };
    let mean = exact(1.75 / 3.0);
    assert_eq!(told(&case), (mean.clone(), mean.clone(), false));
    case.comparators = Some(comparators(&case.framework, Wave(2020)));
    assert_eq!(told(&case), (mean, text("n/a"), true));
}

#[test]
fn an_indicator_without_a_question_of_its_id_has_no_answer_and_is_asked_all_the_same() {
    let case = Case::new(testing::with_other_ids(), Some(0.75));
    let book = testing::read(&case.write("en"));
    assert_eq!(value(&book, "Indicators", row_of(&book, "Indicators", 0, "Q-1"), 2), CellValue::Blank);
    let book = testing::read(&gtmi().write("en"));
    let of = |id| value(&book, "Indicators", row_of(&book, "Indicators", 0, id), 2);
    assert_eq!(of("I-26"), text("not asked in this wave"));
}

/// "1.1" and "1.10" are one number, and one criterion of SUMIF.
#[test]
fn ids_that_look_like_numbers_are_compared_as_texts() {
    let formulas = |framework| {
        let workbook = Case::new(framework, Some(0.75)).write("en");
        let number =
            testing::read(&workbook).sheets.iter().position(|sheet| sheet.name == "Indicators").unwrap() + 1;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
        let mut sheet = archive.by_name(&format!("xl/worksheets/sheet{number}.xml")).unwrap();
        let mut xml = String::new();
        std::io::Read::read_to_string(&mut sheet, &mut xml).unwrap();
        (xml.matches("<f>SUMIF(").count(), xml.matches("<f>SUMPRODUCT(--('Answers'!$B$").count())
    };
    assert_eq!(formulas(testing::small()), (4, 0));
    assert_eq!(formulas(testing::with_numbers_as_ids()), (0, 4));
}
