//! Answers and findings in the short form in which the table states them.

use maturity::answer::{Answer, Missing};
use store::Validation;

/// Each question with its answer: codes, a number, a text; `?` not understood, `-` blank, `n/a` declared missing.
pub(crate) fn found_answers(validation: &Validation) -> Vec<(String, String)> {
    let shown = |answer: &Answer| match answer {
        Answer::Choice(code) => code.clone(),
        Answer::Choices(codes) => codes.join(" "),
        Answer::Number(number) => number.to_string(),
        Answer::Text(text) => text.clone(),
        Answer::Missing(Missing::Unreadable) => "?".to_owned(),
        Answer::Missing(Missing::NotApplicable) => "n/a".to_owned(),
        Answer::Missing(Missing::Blank) => "-".to_owned(),
    };
    validation.answers.iter().map(|record| (record.question.to_string(), shown(&record.answer))).collect()
}

/// `severity rule question` of every finding, in order of text.
pub(crate) fn found_rules(validation: &Validation) -> Vec<String> {
    let mut rules: Vec<String> = validation
        .findings
        .iter()
        .map(|finding| {
            let question = finding.question.as_ref().map_or_else(String::new, |id| format!(" {id}"));
            // What is absent altogether has no place.
            let absent = matches!(finding.rule(), "ANSWER-001" | "ECONOMY-001");
            assert!(absent || finding.place.is_some(), "{} has no place", finding.rule());
            format!("{} {}{question}", finding.severity.as_str(), finding.rule())
        })
        .collect();
    rules.sort();
    rules
}
