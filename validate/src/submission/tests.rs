//! Whole submissions: each rule says its sentence, in its place, with its gravity.

mod cover;
mod evidence;

use maturity::cell::{Address, Place};
use maturity::economy::Economy;
use maturity::framework::{EarlierVersion, FrameworkSources};
use maturity::language::Text;
use maturity::review::Contest;
use maturity::submission::{HeaderField, HeaderValue, Layout, State};

use super::*;

pub(crate) fn framework() -> Framework {
    framework_with("")
}

/// The framework with further tables in `framework.toml`.
fn framework_with(tables: &str) -> Framework {
    load(&sources(tables))
}

fn load(sources: &FrameworkSources) -> Framework {
    Framework::load(sources).unwrap_or_else(|problems| panic!("{problems}"))
}

fn sources(tables: &str) -> FrameworkSources {
    FrameworkSources {
        framework: r#"
id = "demo-2030"
version = "2030.2"
wave = 2030
as_of = "2030-06-30"
title = { en = "Demo" }
language = "en"
[languages]
en = "English"
[composite]
id = "ALL"
title = { en = "All" }
method = "arithmetic-mean"
[[subindex]]
id = "S1"
title = { en = "Systems" }
weight = 1.0
method = "share-of-points"
[[maturity_group]]
id = "A"
title = { en = "All" }
at_least = 0.0
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-", "..", "na"]
required = "error"
not_relevant = "warning"
[evidence]
needed = "scored"
placeholders = ["n/a", "en cours", "to be confirmed"]
[[rule]]
id = "EVIDENCE-001"
severity = "info"
blocking_from = 2032
"#
        .to_owned()
            + tables,
        indicators: "id,label\nQ-1,Cloud\n".to_owned(),
        survey: "type,name,label,indicator,subindex,required,relevant,constraint,constraint_message,constraint_severity,format,evidence_for,scoring,points\n\
                 select_one status,Q-1,Is there a cloud?,Q-1,S1,yes,,,,,,,level,6\n\
                 text,Q-1.1,Its address,Q-1,S1,,${Q-1} > 0,,,,link,Q-1,,\n\
                 integer,Q-1.2,Since when?,Q-1,S1,,${Q-1} > 0,. >= 1900 and . <= 2030,Enter a year.,warning,,,,\n\
                 select_one status,Q-1.3,Is it shared?,Q-1,S1,,${Q-1} > 0,. != '2' or ${Q-1} = '2',It needs a cloud in use.,warning,,,any,1\n\
                 decimal,Q-1.4,Which share?,Q-1,S1,,,,,,,,,\n\
                 select_multiple kinds,Q-1.5,Which kinds?,Q-1,S1,,,,,,,,any,1\n"
            .to_owned(),
        choices: "list_name,name,label,level\nstatus,0,No,0\nstatus,1,Planned,1\nstatus,2,\"Yes, in use\",2\n\
                  kinds,1,Public,1\nkinds,2,Private,1\n"
            .to_owned(),
    }
}

fn economies() -> Economies {
    let kenya = Economy {
        code: EconomyCode::new("KEN"),
        name: "Kenya".to_owned(),
        names: BTreeMap::new(),
        iso3: "KEN".to_owned(),
        iso2: "KE".to_owned(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: "AFR".to_owned(),
        income: "LM".to_owned(),
    };
    Economies::new(vec![kenya]).0
}

fn text(text: &str) -> CellValue {
    CellValue::Text(text.to_owned())
}

/// A response; row 9 and column D, and further down for each next one.
fn response(row: u32, question: &str, value: CellValue) -> Response {
    Response {
        question: question.to_owned(),
        field: Field::Answer,
        value,
        formula: false,
        place: Place::cell("S1", Address::new(row, 3)),
    }
}

fn header(pairs: &[(HeaderField, &str)]) -> Vec<HeaderValue> {
    let value = |(row, (field, value)): (u32, &(HeaderField, &str))| HeaderValue {
        field: *field,
        value: text(value),
        place: Place::cell("Cover", Address::new(row, 2)),
    };
    (0..).zip(pairs).map(value).collect()
}

const KENYA: (HeaderField, &str) = (HeaderField::Economy, "KEN");

fn check(pairs: &[(HeaderField, &str)], responses: &[Response], doubled: Option<&str>) -> Validation {
    check_against(&framework(), pairs, responses, doubled)
}

fn check_against(
    framework: &Framework,
    pairs: &[(HeaderField, &str)],
    responses: &[Response],
    doubled: Option<&str>,
) -> Validation {
    let economies = economies();
    let external_indices = ExternalIndices::default();
    let previous = BTreeMap::new();
    let instruments = Instruments {
        lookup: &Lookup::of(framework),
        economies: &economies,
        external_indices: &external_indices,
        previous: &previous,
        links: &BTreeMap::new(),
    };
    let received = Received {
        layout: Layout::Questionnaire,
        place: Place::sheet("Cover"),
        header: header(pairs),
        responses: responses.to_vec(),
        findings: Vec::new(),
        contests: Vec::new(),
    };
    validate(&instruments, &received, doubled)
}

/// The findings, one a line: severity, rule, message.
fn lines(validation: &Validation) -> Vec<String> {
    let line = |finding: &Finding| {
        format!("{} {} {}", finding.severity.as_str(), finding.rule(), finding.message(&Language::english()))
    };
    validation.findings.iter().map(line).collect()
}

/// The findings about these responses, with Q-1 in use unless one of them says otherwise.
fn findings(responses: &[(&str, CellValue)]) -> Vec<String> {
    let mut all: Vec<Response> =
        (8..).zip(responses).map(|(row, (id, value))| response(row, id, value.clone())).collect();
    if !responses.iter().any(|(id, _)| *id == "Q-1") {
        all.push(response(40, "Q-1", text("2")));
    }
    lines(&check(&[KENYA], &all, None))
}

#[test]
fn a_clean_submission_has_no_findings_and_typed_answers() {
    let responses = [
        response(8, "Q-1", text("Yes, in use")),
        response(9, "Q-1.1", text("https://cloud.example")),
        response(10, "Q-1.2", CellValue::Number(2016.0)),
        response(11, "Q-1.3", CellValue::Number(1.0)),
        response(12, "Q-1.4", CellValue::Number(0.5)),
        response(13, "Q-1.5", text("2, 1")),
    ];
    let validation = check(&[KENYA], &responses, None);
    assert_eq!(lines(&validation), Vec::<String>::new());
    assert_eq!(validation.state, State::Accepted);
    let answers: Vec<Answer> = validation.answers.iter().map(|record| record.answer.clone()).collect();
    assert_eq!(
        answers,
        [
            Answer::Choice("2".to_owned()),
            Answer::Text("https://cloud.example".to_owned()),
            Answer::Number(2016.0),
            Answer::Choice("1".to_owned()),
            Answer::Number(0.5),
            Answer::Choices(vec!["1".to_owned(), "2".to_owned()]),
        ]
    );
    assert_eq!(validation.answers[0].evidence.as_deref(), Some("https://cloud.example"));
    assert_eq!(validation.answers[0].place, Some(Place::cell("S1", Address::new(8, 3))));
}

#[test]
fn each_rule_about_one_answer_says_its_sentence() {
    for (id, value, expected) in [
        (
            "Q-1",
            text("Maybe"),
            "error CHOICE-001 S1!D9, question Q-1: The answer \"Maybe\" is not in the list: 0 = No, 1 = Planned, 2 = Yes, in use. Choose from these.",
        ),
        (
            "Q-1",
            text(" - "),
            "error ANSWER-001 S1!D9, question Q-1: This question has no answer, but an answer is required. Give one, from the list where there is one; a dash or a word for \"not applicable\" counts as no answer.",
        ),
        (
            "Q-1",
            CellValue::Error("#REF!".to_owned()),
            "error CELL-001 S1!D9, question Q-1: The cell shows the error #REF! instead of an answer.",
        ),
        (
            "Q-1",
            text("2 - yes,  IN use"),
            "info READ-001 S1!D9, question Q-1: \"2 - yes,  IN use\" was read as 2.",
        ),
        (
            "Q-1.1",
            text("not public"),
            "warning LINK-001 S1!D9, question Q-1.1: \"not public\" is not a web address.",
        ),
        (
            "Q-1.2",
            text("20160"),
            "warning CONSTRAINT-001 S1!D9, question Q-1.2: The answer is \"20160\". Enter a year.",
        ),
        (
            "Q-1.2",
            CellValue::Date("1905-07-08".to_owned()),
            "warning CELL-003 S1!D9, question Q-1.2: The cell holds the date 1905-07-08",
        ),
        (
            "Q-1.2",
            CellValue::Number(2016.5),
            "warning NUMBER-003 S1!D9, question Q-1.2: 2016.5 is not a whole number",
        ),
        (
            "Q-1.4",
            text("95%+"),
            "warning NUMBER-001 S1!D9, question Q-1.4: \"95%+\" is not a number, so it is not used.",
        ),
        (
            "Q-1.4",
            text("1,234"),
            "warning NUMBER-002 S1!D9, question Q-1.4: \"1,234\" can be read as 1234 or as 1.234, so it is not used. Which one do you mean?",
        ),
        ("Q-1.4", text("0,5"), "info READ-001 S1!D9, question Q-1.4: \"0,5\" was read as 0.5."),
        (
            "Q-1.5",
            text("1, 7"),
            "error CHOICE-001 S1!D9, question Q-1.5: The answer \"1, 7\" is not in the list: 1 = Public, 2 = Private.",
        ),
        (
            "Q-1.33",
            text("x"),
            "warning QUESTION-001 S1!D9: The question number \"Q-1.33\" is not in the instrument of this wave (Q-1.3?), so its answer is not used.",
        ),
    ] {
        let found = findings(&[(id, value)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "expected {expected}\nfound    {}", found[0]);
    }
}

#[test]
fn rules_about_several_answers_say_what_does_not_fit() {
    let found = findings(&[("Q-1", text("0")), ("Q-1.3", text("1")), ("Q-1.2", text("-"))]);
    assert_eq!(
        found,
        [
            "warning RELEVANT-001 S1!D10, question Q-1.3: The answer is \"1 = Planned\", but the question applies only if \
          Q-1 > 0. Clear this answer, or correct the answer that it depends on."
        ]
    );
    // "No" to a question that does not apply claims nothing.
    assert_eq!(findings(&[("Q-1", text("0")), ("Q-1.3", text("0"))]), Vec::<String>::new());
    let found = findings(&[("Q-1", text("1")), ("Q-1.3", text("2"))]);
    assert_eq!(
        found,
        [
            "warning CONSTRAINT-001 S1!D10, question Q-1.3: The answer is \"2 = Yes, in use\". It needs a cloud in use."
        ]
    );
}

#[test]
fn an_answer_given_twice_is_used_once_and_reported() {
    let found = findings(&[("Q-1", text("2")), ("q-1", text("1"))]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("warning QUESTION-002 S1!D10, question Q-1:") && found[0].contains("S1!D9"),
        "{found:?}"
    );
    assert_eq!(findings(&[("Q-1", text("2")), ("Q-1", text("2"))]), Vec::<String>::new());
    assert_eq!(findings(&[("Q-1", CellValue::Blank), ("Q-1", text("2"))]), Vec::<String>::new());
}

/// The sheet as it was sent out and a copy of it that was filled in.
#[test]
fn evidence_in_a_copy_of_an_empty_row_is_that_of_its_answer() {
    let blank = |field| Response { field, ..response(8, "Q-1.3", CellValue::Blank) };
    let filled = |field, value: &str| Response { field, ..response(30, "Q-1.3", text(value)) };
    let all = [
        response(7, "Q-1", text("2")),
        blank(Field::Answer),
        blank(Field::Evidence),
        filled(Field::Answer, "2"),
        filled(Field::Evidence, "https://cloud.example/act"),
    ];
    let validation = check(&[KENYA], &all, None);
    let record = validation.answers.iter().find(|record| record.question.as_str() == "Q-1.3").unwrap();
    assert_eq!(record.evidence.as_deref(), Some("https://cloud.example/act"));
    assert!(!lines(&validation).iter().any(|line| line.contains("Q-1.3")), "{validation:?}");
}

#[test]
fn formulas_are_reported_and_one_without_result_is_no_answer() {
    let formula = |value| Response { formula: true, ..response(8, "Q-1", value) };
    let found = lines(&check(&[KENYA], &[formula(CellValue::Number(2.0))], None));
    assert!(
        found[0].starts_with("warning CELL-002 S1!D9, question Q-1: The answer is the result of a formula")
    );
    let validation = check(&[KENYA], &[formula(CellValue::Blank)], None);
    assert!(lines(&validation)[0].starts_with("error CELL-004"));
    assert_eq!(validation.answers[0].answer, Answer::Missing(Missing::Unreadable));
}

#[test]
fn evidence_by_a_formula_without_result_is_not_called_missing() {
    let evidence =
        |value, row| Response { field: Field::Evidence, formula: true, ..response(row, "Q-1.3", value) };
    let rules = |value| -> Vec<String> {
        let all = [response(7, "Q-1", text("2")), response(8, "Q-1.3", text("2")), evidence(value, 8)];
        let lines = lines(&check(&[KENYA], &all, None));
        let of_question = lines.iter().filter(|line| line.contains("question Q-1.3"));
        of_question.filter_map(|line| line.split(' ').nth(1)).map(str::to_owned).collect()
    };
    assert_eq!(rules(CellValue::Blank), ["CELL-004"]);
    assert_eq!(rules(text("")), ["EVIDENCE-001"], "the result is an empty text");
    assert_eq!(rules(text("#SPILL!")), ["EVIDENCE-003"]);
}

#[test]
fn what_people_see_otherwise_than_it_is_stored_is_asked_about() {
    for (question, value) in [
        ("Q-1", CellValue::Masked(2.0)),
        ("Q-1.4", CellValue::Masked(0.5)),
        ("Q-1.4", text("\u{202e}1.0\u{202c}")),
    ] {
        let found = findings(&[(question, value)]);
        assert!(found.iter().any(|line| line.contains("CELL-005")), "{found:?}");
    }
    // The mark that keeps characters in their order changes nothing that is seen.
    let found = findings(&[("Q-1.4", text("\u{202d}0.5\u{202c}"))]);
    assert!(!found.iter().any(|line| line.contains("CELL-005")), "{found:?}");
}

#[test]
fn error_values_as_texts_and_raised_digits_are_no_answers() {
    let rules = |question, value: &str| -> Vec<String> {
        let found = findings(&[(question, text(value))]);
        found.iter().filter_map(|line| line.split(' ').nth(1)).map(str::to_owned).collect()
    };
    assert_eq!(rules("Q-1", "#REF!"), ["CELL-001"]);
    assert_eq!(rules("Q-1", "2\u{b9}"), ["CHOICE-001"]);
    assert_eq!(rules("Q-1.4", "0.5\u{b9}"), ["NUMBER-001"]);
}

#[test]
fn other_evidence_in_a_second_place_is_reported() {
    let evidence =
        |row, value: &str| Response { field: Field::Evidence, ..response(row, "Q-1.3", text(value)) };
    let all = [
        response(7, "Q-1", text("2")),
        response(8, "Q-1.3", text("2")),
        evidence(8, "https://cloud.example/act"),
        evidence(30, "https://cloud.example/other"),
        evidence(31, "https://cloud.example/act"),
    ];
    let found = lines(&check(&[KENYA], &all, None));
    let doubled: Vec<_> = found.iter().filter(|line| line.contains("QUESTION-002")).collect();
    assert_eq!(doubled.len(), 1, "{found:?}");
    assert!(doubled[0].contains("S1!D31"), "{found:?}");
}

#[test]
fn all_findings_are_collected() {
    let found =
        findings(&[("Q-1", text("Maybe")), ("Q-1.4", text("x")), ("Q-1.5", text("9")), ("Z-9", text("1"))]);
    let rules: Vec<_> = found.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(rules, ["QUESTION-001", "CHOICE-001", "NUMBER-001", "CHOICE-001"]);
}

#[test]
fn the_framework_says_from_which_wave_a_rule_blocks() {
    // NUMBER-001 of a question that counts nowhere is usually a warning.
    for (tables, severity, state) in [
        ("", "warning", State::Accepted),
        ("[[rule]]\nid = \"NUMBER-001\"\nblocking_from = 2030\n", "error", State::Returned),
        (
            "[[rule]]\nid = \"NUMBER-001\"\nseverity = \"info\"\nblocking_from = 2031\n",
            "info",
            State::Accepted,
        ),
    ] {
        let framework = framework_with(tables);
        let answers = [response(8, "Q-1", text("2")), response(9, "Q-1.4", text("much"))];
        let validation = check_against(&framework, &[KENYA], &answers, None);
        assert!(lines(&validation)[0].starts_with(&format!("{severity} NUMBER-001")), "{tables}");
        assert_eq!(validation.state, state, "{tables}");
    }
}

#[test]
fn an_accepted_finding_blocks_nothing_until_the_answer_changes_and_a_contested_one_still_blocks() {
    use crate::judge::judge;
    use maturity::review::{Acceptance, Contest, seen};

    let broken = |value: &str| check(&[KENYA], &[response(8, "Q-1", text(value))], None);
    let mut validation = broken("Maybe");
    let contest = Contest {
        rule: "choice-001 ".to_owned(),
        question: "q-1".to_owned(),
        text: "We mean it.".to_owned(),
        place: Place::cell("Receipt", Address::new(20, 6)),
    };
    judge(&mut validation, std::slice::from_ref(&contest), &[]);
    assert_eq!(validation.findings[0].standing.contest.as_deref(), Some("We mean it."));
    assert_eq!(validation.state, State::Returned);

    let finding = validation.findings[0].clone();
    let answer = validation.answers.iter().find(|record| record.question.as_str() == "Q-1");
    let acceptance = Acceptance {
        wave: maturity::submission::Wave(2030),
        economy: EconomyCode::new("KEN"),
        rule: "CHOICE-001".to_owned(),
        question: Some(Id::from("Q-1")),
        seen: seen(&finding, answer),
        by: "A. Reviewer".to_owned(),
        reason: "agreed by telephone".to_owned(),
        at: String::new(),
    };
    judge(&mut validation, &[contest], std::slice::from_ref(&acceptance));
    assert!(validation.findings[0].standing.accepted && validation.findings[0].standing.contest.is_some());
    assert_eq!(validation.state, State::Accepted);
    let mut other = broken("Perhaps");
    judge(&mut other, &[], std::slice::from_ref(&acceptance));
    assert_eq!((other.findings[0].standing.accepted, other.state), (false, State::Returned));

    // Nobody can accept that an economy is unknown.
    let mut nameless = check(&[], &[response(8, "Q-1", text("2"))], None);
    let finding = nameless.findings[0].clone();
    let all = Acceptance {
        rule: "ECONOMY-001".to_owned(),
        question: None,
        seen: seen(&finding, None),
        ..acceptance
    };
    judge(&mut nameless, &[], &[all]);
    assert_eq!(nameless.state, State::Returned);
}

#[test]
fn what_depends_on_an_answer_that_was_not_understood_is_left_alone() {
    let answers = [response(8, "Q-1", text("Maybe")), response(10, "Q-1.2", CellValue::Number(2016.0))];
    let found = lines(&check(&[KENYA], &answers, None));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error CHOICE-001"), "{found:?}");
}

#[test]
fn no_rule_is_broken_by_what_was_not_understood_and_none_blocks_where_nothing_is_asked() {
    let mut sources = sources("");
    // Every rule is an error; Q-1.6 compares with Q-1.4, and Q-1.2 is asked only where there is a cloud.
    sources.survey = sources.survey.replace(",warning,", ",,");
    sources.survey += "decimal,Q-1.6,A part?,Q-1,S1,,,. <= ${Q-1.4},It is a part of Q-1.4.,,,,,\n";
    let framework = load(&sources);
    let rules = |responses: &[(&str, &str)]| -> Vec<String> {
        let all: Vec<Response> =
            (8..).zip(responses).map(|(row, (id, value))| response(row, id, text(value))).collect();
        let found = check_against(&framework, &[KENYA], &all, None).findings;
        let line = |finding: &Finding| format!("{} {}", finding.severity.as_str(), finding.rule());
        found.iter().filter(|finding| finding.rule() == "CONSTRAINT-001").map(line).collect()
    };
    assert_eq!(rules(&[("Q-1", "2"), ("Q-1.4", "5"), ("Q-1.6", "7")]), ["error CONSTRAINT-001"]);
    assert_eq!(rules(&[("Q-1", "2"), ("Q-1.6", "7")]), ["error CONSTRAINT-001"], "as in the form");
    assert_eq!(rules(&[("Q-1", "2"), ("Q-1.4", "about 10"), ("Q-1.6", "7")]), Vec::<String>::new());
    assert_eq!(rules(&[("Q-1", "2"), ("Q-1.2", "1500")]), ["error CONSTRAINT-001"]);
    assert_eq!(rules(&[("Q-1", "0"), ("Q-1.2", "1500")]), ["warning CONSTRAINT-001"]);
}

#[test]
fn thousands_of_objections_to_thousands_of_findings_are_put_beside_them_in_time() {
    let responses: Vec<Response> =
        (0..40_000).map(|row| response(row, &format!("Q-{}", 100 + row), text("2"))).collect();
    let mut validation = check(&[KENYA, (HeaderField::InstrumentHash, "00")], &responses, None);
    let contest = |at: u32| Contest {
        rule: "QUESTION-001".to_owned(),
        question: if at == 39_999 { String::new() } else { at.to_string() },
        text: "We asked about it.".to_owned(),
        place: Place::sheet("F"),
    };
    let contests: Vec<Contest> = (0..40_000).map(contest).collect();
    let began = std::time::Instant::now();
    judge::judge(&mut validation, &contests, &[]);
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let contested = validation.findings.iter().filter(|finding| finding.standing.contest.is_some()).count();
    assert_eq!(contested, 40_000);
}

#[test]
fn a_question_that_the_file_lacks_is_proposed_before_one_that_it_has() {
    let unknown = |others: &[&str]| {
        let known = others.iter().map(|id| response(8, id, text("1")));
        let responses: Vec<Response> = known.chain([response(9, "Q-1.6", text("x"))]).collect();
        let found = check(&[KENYA], &responses, None).findings;
        let proposal = found.into_iter().find_map(|finding| match finding.problem {
            Problem::QuestionUnknown { proposal, .. } => Some(proposal),
            _ => None,
        });
        proposal.unwrap()
    };
    assert_eq!(unknown(&[]), " (Q-1.1?)");
    assert_eq!(unknown(&["Q-1.1", "Q-1.2", "Q-1.4"]), " (Q-1.3?)");
    assert_eq!(unknown(&["Q-1", "Q-1.1", "Q-1.2", "Q-1.3", "Q-1.4", "Q-1.5"]), " (Q-1.1?)");
}

/// A label may hold blanks and what is a code by itself: only several choices are taken apart, and only where every part
/// is one.
#[test]
fn answers_of_an_earlier_version_are_taken_apart_only_where_every_part_is_a_choice() {
    let mut framework = framework();
    let renamed = [("1", "2"), ("x", "1")].map(|(old, now)| (old.to_owned(), now.to_owned()));
    let renamed = BTreeMap::from(renamed);
    framework.earlier_versions.push(EarlierVersion {
        version: "0".to_owned(),
        instrument_hash: "old".to_owned(),
        questions: BTreeMap::new(),
        choices: BTreeMap::from([("status".to_owned(), renamed.clone()), ("kinds".to_owned(), renamed)]),
    });
    let list = framework.choice_lists.get_mut("status").unwrap();
    list.choices[1].label = Text::new("About 1 time a year");
    let list = framework.choice_lists.get_mut("kinds").unwrap();
    list.choices[1].label = Text::new("Private, 1 of many");
    let header = [KENYA, (HeaderField::InstrumentHash, "old")];
    for (question, given, expected) in [
        ("Q-1", "About 1 time a year", "1"),
        ("Q-1", "1", "2"),
        ("Q-1.5", "1", "2"),
        ("Q-1.5", "x 2", "1 2"),
        ("Q-1.5", "Private, 1 of many", "2"),
        // A code of then is one however it is written: as it stands it would be read as a code of now.
        ("Q-1", "1.0", "2"),
        ("Q-1", "(1)", "2"),
        ("Q-1", "١", "2"),
        ("Q-1.5", "1.0", "2"),
        ("Q-1.5", "x, 2.0", "1 2"),
        ("Q-1.5", "1.0, x", "1 2"),
    ] {
        let found = check_against(&framework, &header, &[response(9, question, text(given))], None);
        let answer = found.answers.iter().find(|record| record.question.as_str() == question).unwrap();
        assert_eq!(answer.answer.expression_value(), expected, "{question}: {given}");
    }
}

#[test]
fn a_percentage_is_read_as_the_rule_of_its_question_allows() {
    let mut sources = sources("");
    sources.survey += "decimal,P-1,Percent?,Q-1,S1,,,. >= 0 and . <= 100,Enter 0 to 100.,warning,,,,\n\
                       decimal,P-2,Percent?,Q-1,S1,,,. >= 2 and . <= 100,Enter 2 to 100.,warning,,,,\n\
                       decimal,P-3,Share?,Q-1,S1,,,. >= 0 and . <= 1,Enter 0 to 1.,warning,,,,\n\
                       integer,P-4,Percent?,Q-1,S1,,,. >= 0 and . <= 100,Enter 0 to 100.,warning,,,,\n\
                       integer,P-5,Year?,Q-1,S1,,,,,,year,,,\n";
    let framework = load(&sources);
    for (question, value, expected, rule) in [
        ("P-1", text("95%"), None, "NUMBER-002"),
        ("P-1", text("95"), Some(95.0), ""),
        ("P-1", text("0%"), Some(0.0), "READ-001"),
        ("P-2", text("95 %"), Some(95.0), "READ-001"),
        ("P-3", text("95%"), Some(0.95), "READ-001"),
        ("P-4", text("7%"), Some(7.0), "READ-001"),
        ("Q-1.4", text("95%"), Some(0.95), "READ-001"),
        ("P-1", CellValue::Percent(0.95), None, "NUMBER-002"),
        ("P-1", CellValue::Percent(0.0), Some(0.0), ""),
        ("P-2", CellValue::Percent(0.57), Some(57.0), "READ-001"),
        ("P-3", CellValue::Percent(0.57), Some(0.57), ""),
        ("P-4", CellValue::Percent(0.07), Some(7.0), "READ-001"),
        ("Q-1.4", CellValue::Percent(1.0 / 3.0), Some(1.0 / 3.0), "READ-001"),
        ("P-5", CellValue::Number(2019.5), None, "NUMBER-003"),
        ("P-5", text("2019.5"), Some(2019.0), "READ-001"),
        ("P-5", CellValue::Date("1900-01-15".to_owned()), None, "YEAR-002"),
    ] {
        let all = [response(8, "Q-1", text("1")), response(9, question, value.clone())];
        let validation = check_against(&framework, &[KENYA], &all, None);
        let record = validation.answers.iter().find(|record| record.question.as_str() == question).unwrap();
        let number = match &record.answer {
            Answer::Number(number) => Some(*number),
            _ => None,
        };
        let about = |found: &&Finding| found.question.as_ref().is_some_and(|id| id.as_str() == question);
        let rules: Vec<_> = validation.findings.iter().filter(about).map(Finding::rule).collect();
        assert_eq!((number, rules.join(" ").as_str()), (expected, rule), "{question} {value:?}");
    }
}

#[test]
fn what_cannot_be_used_where_nothing_is_asked_sends_nothing_back() {
    let given = |deciding: &str| {
        let answers = [("Q-1", text(deciding)), ("Q-1.3", text("Sans objet"))];
        findings(&answers).iter().map(|line| line.chars().take(18).collect()).collect::<Vec<String>>()
    };
    assert_eq!(given("0"), ["warning CHOICE-001"]);
    assert_eq!(given("1"), ["error CHOICE-001 S"]);
    assert_eq!(given("perhaps"), ["error CHOICE-001 S", "error CHOICE-001 S"], "nobody knows");
}

#[test]
fn of_a_number_that_is_not_used_nobody_says_how_it_was_read() {
    for sent in ["95%", "2016,5"] {
        let found = findings(&[("Q-1", text("1")), ("Q-1.2", text(sent))]);
        assert!(!found.iter().any(|line| line.contains("READ-001")), "{sent}: {found:?}");
        assert!(found.iter().any(|line| line.contains("NUMBER-003")), "{sent}: {found:?}");
    }
}

#[test]
fn a_nothing_has_no_sign() {
    let validation = check(&[KENYA], &[response(8, "Q-1.4", text("-0"))], None);
    let record = validation.answers.iter().find(|record| record.question.as_str() == "Q-1.4").unwrap();
    assert_eq!(record.answer.expression_value(), "0");
}

#[test]
fn a_questionnaire_of_the_same_version_with_other_wording_is_told_apart() {
    let header = [KENYA, (HeaderField::Version, "2030.2"), (HeaderField::InstrumentHash, "00f4db43aa")];
    let all: Vec<Response> = ["Q-1", "Q-1.1", "Q-1.2", "Q-1.3", "Q-1.4", "Q-1.5"]
        .into_iter()
        .zip(8..)
        .map(|(id, row)| response(row, id, if id == "Q-1" { text("0") } else { CellValue::Blank }))
        .collect();
    let found = lines(&check(&header, &all, None));
    assert!(found[0].contains("version 2030.2 (00f4db43); the current one is 2030.2 ("), "{found:?}");
}
