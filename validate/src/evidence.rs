//! Evidence: each answer that earns points needs a link or a document, and a placeholder is neither.

use maturity::answer::AnswerRecord;
use maturity::cell::{CellValue, Place, is_error_text};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Format, Framework, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::link;
use maturity::normalize::tidy;
use maturity::submission::Response;
use maturity::together::shown;
use validator::ValidateUrl;

/// The cells in which a sender can give evidence for a question, as far as the file has them: its own cell, and
/// the answer to the question that asks for it.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct EvidenceCells<'a> {
    pub(crate) own: Option<&'a Response>,
    pub(crate) other: Option<&'a Response>,
}

/// What stands in an evidence cell.
enum Given {
    /// Nothing, or a mark for nothing.
    Nothing,
    /// Something that only fills the cell.
    Placeholder(String),
    /// The error of a formula.
    Error(String),
    /// A link or the name of a document.
    Evidence(String),
    /// A formula whose result is not stored: something, and nobody can tell what.
    Unread,
}

/// Settles the evidence of one answer and says what is wrong with it.
pub(crate) fn settle(
    framework: &Framework,
    question: &Question,
    record: &mut AnswerRecord,
    cells: EvidenceCells<'_>,
    language: &Language,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let other = framework.evidence_question(&question.id);
    // A question that asks for links only checks its answer itself.
    let checks_itself = other.is_some_and(|other| other.format == Some(Format::Link));
    let mut evidence = None;
    let target = other.map_or(&question.id, |other| &other.id).to_string();
    // What stands there and is no evidence.
    let mut none: Option<(Problem, Place)> = None;
    let mut unread = false;
    for (response, is_own) in [(cells.other, false), (cells.own, true)] {
        let Some(response) = response else { continue };
        match given(framework, question, response) {
            Given::Nothing => {}
            Given::Placeholder(found) => {
                let problem = Problem::EvidencePlaceholder { found, target: target.clone() };
                none.get_or_insert((problem, response.place.clone()));
            }
            Given::Error(found) => {
                let problem = Problem::EvidenceError { found, target: target.clone() };
                none.get_or_insert((problem, response.place.clone()));
            }
            Given::Unread => {
                unread = true;
                // What another question holds is told there.
                if is_own {
                    findings.push(
                        Finding::new(Severity::Warning, Problem::FormulaWithoutResult)
                            .about(&question.id)
                            .at(Some(response.place.clone())),
                    );
                }
            }
            Given::Evidence(text) => {
                if let Some(found) = broken_link(&text).filter(|_| is_own || !checks_itself) {
                    let about =
                        if is_own { &question.id } else { other.map_or(&question.id, |other| &other.id) };
                    findings.push(
                        Finding::new(Severity::Warning, Problem::LinkInvalid { found })
                            .about(about)
                            .at(Some(response.place.clone())),
                    );
                }
                evidence.get_or_insert(text);
            }
        }
    }
    let lacks = evidence.is_none()
        && !unread
        && framework.needs_evidence(question)
        && framework.earns(question, &record.answer);
    // Where the file has no cell for evidence, nobody was asked for it.
    if lacks && (cells.own.is_some() || cells.other.is_some()) {
        let empty = cells.other.or(cells.own).map(|response| response.place.clone());
        let (problem, place) = if let Some((problem, place)) = none {
            (problem, Some(place))
        } else {
            let found = shown(framework, question, record, language);
            (Problem::EvidenceMissing { found, target }, empty)
        };
        findings.push(Finding::new(Severity::Warning, problem).about(&question.id).at(place));
    }
    record.evidence = evidence;
    findings
}

fn given(framework: &Framework, question: &Question, response: &Response) -> Given {
    let text = tidy(&response.value.display());
    if response.formula && response.value == CellValue::Blank {
        return Given::Unread;
    }
    if matches!(response.value, CellValue::Error(_)) || is_error_text(&text) {
        return Given::Error(text);
    }
    if matches!(response.value, CellValue::Boolean(_)) {
        return Given::Placeholder(text);
    }
    let policy = &framework.evidence;
    let is_code = framework.choices(question).is_some_and(|list| list.choice(&text).is_some());
    if policy.is_known_placeholder(&text) || is_code || is_short(&text) {
        Given::Placeholder(text)
    } else if text.is_empty() || framework.is_missing_mark(&text) {
        Given::Nothing
    } else if text.split_whitespace().any(says_something) {
        Given::Evidence(text)
    } else {
        Given::Placeholder(text)
    }
}

/// Whether a text is a single letter, or a number of one or two digits: an answer in the wrong cell, or nothing.
fn is_short(text: &str) -> bool {
    let mut characters = text.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some(one), None, _) => one.is_alphanumeric(),
        (Some(one), Some(other), None) => one.is_numeric() && other.is_numeric(),
        _ => false,
    }
}

/// Whether a word leads anywhere or is one of a title: not `https://` alone, nor an address of no place in the web.
fn says_something(word: &str) -> bool {
    let lower = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let schemes = ["https:", "http:", "https", "http"];
    let Some(behind) = schemes.iter().find_map(|scheme| lower.strip_prefix(scheme)) else {
        return lower.strip_prefix("www.").unwrap_or(&lower).contains(char::is_alphanumeric)
            && lower != "www";
    };
    let behind = behind.trim_start_matches('/');
    let host = behind.split(['/', '?', '#']).next().unwrap_or(behind);
    let mut labels = host.split('.').filter(|label| label.contains(char::is_alphanumeric));
    labels.next().is_some() && labels.next().is_some()
}

/// The first word that is meant as a web address and is none. Evidence may also be the name of a document.
fn broken_link(text: &str) -> Option<String> {
    link::addresses(text).find(|word| !(link::is_web(word) && word.validate_url())).map(str::to_owned)
}

/// The question whose answer holds the evidence, if another one does.
pub(crate) fn asked_in<'a>(framework: &'a Framework, question: &Question) -> Option<&'a Id> {
    framework.evidence_question(&question.id).map(|other| &other.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_nowhere_is_no_evidence() {
        for word in [
            "https://",
            "HTTP://",
            "http:/",
            "https",
            "www.",
            "www",
            "https://x",
            "https://n/a",
            "(https://)",
            "—",
            "...",
        ] {
            assert!(!says_something(word), "{word}");
        }
        for word in
            ["https://a.ke", "http://www.ict.go.ke/law", "www.ict.go.ke", "(https://ict.go.ke)", "Act", "12"]
        {
            assert!(says_something(word), "{word}");
        }
    }

    #[test]
    fn only_what_is_meant_as_a_web_address_is_checked_as_one() {
        for (text, broken) in [
            ("Act No. 12 of 2019, section 4", None),
            ("https://www.example.org/law.pdf", None),
            ("see (https://example.org/a), page 3; http://example.net.", None),
            ("www.example.org", Some("www.example.org")),
            ("Portal: https:/example.org", None),
            ("Portal: https:// example.org", Some("https://")),
            ("ftp://example.org/file", Some("ftp://example.org/file")),
        ] {
            assert_eq!(broken_link(text).as_deref(), broken.map(|link| link.trim_end_matches(':')), "{text}");
        }
    }
}
