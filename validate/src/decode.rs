//! One response to one typed answer, by the kind of the question and never by the kind of the cell.

use std::collections::HashMap;

use maturity::answer::{Answer, Missing};
use maturity::cell::{CellValue, hundredfold, is_error_text};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{ChoiceList, Format, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::link;
use maturity::normalize::tidy;
use maturity::submission::Response;
use validator::ValidateUrl;

use crate::lookup::Lookup;
use crate::number::{self, Reading};
use crate::year::{self, Year};

/// The most characters that a cell can hold.
const LONGEST_TEXT: usize = 32_767;

/// Decodes answers of one submission.
pub(crate) struct Decoder<'a> {
    pub(crate) lookup: &'a Lookup<'a>,
    /// The language in which the respondent reads the choices.
    pub(crate) language: &'a Language,
    pub(crate) findings: Vec<Finding>,
}

impl Decoder<'_> {
    fn find(&mut self, severity: Severity, question: &Question, response: &Response, problem: Problem) {
        let place = Some(response.place.clone());
        self.findings.push(Finding::new(severity, problem).about(&question.id).at(place));
    }

    /// An answer that cannot be used: an error where it counts, else a warning.
    fn unusable(&mut self, question: &Question, response: &Response, problem: Problem) -> Answer {
        let counts = question.required || question.scoring.is_some();
        let severity = if counts { Severity::Error } else { Severity::Warning };
        self.find(severity, question, response, problem);
        Answer::Missing(Missing::Unreadable)
    }

    /// Notes that a value was read leniently.
    fn read_as(&mut self, question: &Question, response: &Response, taken: &str) {
        let problem = Problem::ReadAs { found: response.value.display(), taken: taken.to_owned() };
        self.find(Severity::Info, question, response, problem);
    }

    /// The answer in `response`.
    pub(crate) fn answer(&mut self, question: &Question, response: &Response) -> Answer {
        if response.formula {
            if response.value == CellValue::Blank {
                return self.unusable(question, response, Problem::FormulaWithoutResult);
            }
            if !response.value.is_blank() && !matches!(response.value, CellValue::Error(_)) {
                let problem = Problem::CellFormula { found: response.value.display() };
                self.find(Severity::Warning, question, response, problem);
            }
        }
        let text = match &response.value {
            value if value.is_blank() => return Answer::Missing(Missing::Blank),
            CellValue::Error(error) => {
                return self.unusable(question, response, Problem::CellError { found: error.clone() });
            }
            value if is_masked(question, value) => {
                return self.unusable(
                    question,
                    response,
                    Problem::CellMasked { found: tidy(&value.display()) },
                );
            }
            CellValue::Date(date) if question.format == Some(Format::Year) => {
                return self.year(question, response, year::of_date(date));
            }
            CellValue::Date(date) if question.kind != Kind::Text => {
                return self.unusable(question, response, Problem::DateUnexpected { found: date.clone() });
            }
            value if matches!(question.kind, Kind::Integer | Kind::Decimal | Kind::Text) => {
                tidy(&value.display())
            }
            value => tidy(&as_code(value)),
        };
        if text.is_empty() {
            return Answer::Missing(Missing::Blank);
        }
        if self.lookup.framework().is_missing_mark(&text) {
            return Answer::Missing(Missing::NotApplicable);
        }
        // Programs without kinds of cells, and paste, make texts of error values.
        if is_error_text(&text) {
            return self.unusable(question, response, Problem::CellError { found: text });
        }
        match &question.kind {
            Kind::SelectOne(_) => self.choice(question, response, &text),
            Kind::SelectMultiple(_) => self.choices(question, response),
            Kind::Integer | Kind::Decimal => self.number(question, response, &text),
            Kind::Text => self.text(question, response, text),
            // Nobody is asked; the caller compares the value with the table of external indices.
            Kind::External(_) => Answer::Missing(Missing::NotApplicable),
        }
    }

    fn unknown_choice(&mut self, question: &Question, response: &Response, list: &ChoiceList) -> Answer {
        let accepted = list.listed(self.language);
        let problem = Problem::ChoiceUnknown { found: response.value.display(), accepted };
        self.unusable(question, response, problem)
    }

    fn choice(&mut self, question: &Question, response: &Response, text: &str) -> Answer {
        let Some(known) = self.lookup.choices(question) else {
            return Answer::Missing(Missing::Unreadable);
        };
        let matched = match &response.value {
            CellValue::Boolean(truth) => known.of_truth(*truth),
            _ => known.one(text),
        };
        match matched {
            Some((code, exact)) => {
                let code = code.to_owned();
                if !exact {
                    self.read_as(question, response, &code);
                }
                Answer::Choice(code)
            }
            None => self.unknown_choice(question, response, known.list),
        }
    }

    fn choices(&mut self, question: &Question, response: &Response) -> Answer {
        let Some(known) = self.lookup.choices(question) else {
            return Answer::Missing(Missing::Unreadable);
        };
        // With its lines, which may be a choice each.
        let Some((taken, exact)) = known.several(&as_code(&response.value)) else {
            return self.unknown_choice(question, response, known.list);
        };
        // In the order of the list, each once.
        let codes: Vec<String> = known
            .list
            .choices
            .iter()
            .map(|choice| &choice.code)
            .filter(|code| taken.contains(&code.as_str()))
            .cloned()
            .collect();
        if !exact {
            self.read_as(question, response, &codes.join(", "));
        }
        Answer::Choices(codes)
    }

    fn number(&mut self, question: &Question, response: &Response, text: &str) -> Answer {
        let found = || response.value.display();
        let (number, exact) = match (&response.value, number::read(text)) {
            (CellValue::Number(number), _) if question.kind == Kind::Integer => {
                (number::shown(*number), true)
            }
            (CellValue::Number(number), _) => (*number, true),
            (CellValue::Percent(share), _) => {
                match self.percentage(question, response, *share, hundredfold(*share)) {
                    Ok(read) => read,
                    Err(unusable) => return unusable,
                }
            }
            (_, Reading::Exact(number)) => (number, true),
            (_, Reading::Lenient(share)) if text.ends_with(number::PERCENT) => {
                let percent = match number::read(text.trim_end_matches(number::PERCENT).trim_end()) {
                    Reading::Exact(number) | Reading::Lenient(number) => number,
                    Reading::Ambiguous(..) | Reading::None => share,
                };
                match self.percentage(question, response, share, percent) {
                    Ok(read) => read,
                    Err(unusable) => return unusable,
                }
            }
            (_, Reading::Lenient(number)) => (number, false),
            (_, Reading::Ambiguous(one, other)) => {
                let problem = Problem::NumberAmbiguous {
                    found: found(),
                    one: one.to_string(),
                    other: other.to_string(),
                };
                return self.unusable(question, response, problem);
            }
            (_, Reading::None) if question.format == Some(Format::Year) => {
                return self.year(question, response, year::of_text(text));
            }
            (_, Reading::None) => {
                return self.unusable(question, response, Problem::NumberInvalid { found: found() });
            }
        };
        // A month stands in a text only: 2019.5 in a cell of numbers is no May.
        let is_text = !matches!(response.value, CellValue::Number(_) | CellValue::Percent(_));
        if question.format == Some(Format::Year) && number.fract() != 0.0 && is_text {
            return self.year(question, response, year::of_text(text));
        }
        if question.kind == Kind::Integer && number.fract() != 0.0 {
            return self.unusable(question, response, Problem::NumberNotWhole { found: found() });
        }
        // Only now: of what is not used nobody says how it was read.
        if !exact {
            self.read_as(question, response, &number.to_string());
        }
        // A nothing has no sign: "-0" is the 0 of the wave before.
        Answer::Number(number + 0.0)
    }

    /// Which number a percentage means, 0.95 or 95, and whether that is beyond doubt. Shares are asked for as 0 to 1 or as
    /// 0 to 100; the rule of the question tells, if anything does.
    fn percentage(
        &mut self,
        question: &Question,
        response: &Response,
        share: f64,
        percent: f64,
    ) -> Result<(f64, bool), Answer> {
        match (fits(question, share), fits(question, percent)) {
            (Some(true), Some(true)) if percent != 0.0 => {
                let (found, one, other) = (response.value.display(), percent.to_string(), share.to_string());
                let problem = Problem::NumberAmbiguous { found, one, other };
                Err(self.unusable(question, response, problem))
            }
            (Some(false), Some(true)) => Ok((percent, false)),
            // A share that its cell shows in percent is what was asked for.
            (Some(true), _) if matches!(response.value, CellValue::Percent(_)) => Ok((share, true)),
            _ => Ok((share, false)),
        }
    }

    /// A year that stands there as a date or inside a text.
    fn year(&mut self, question: &Question, response: &Response, year: Year) -> Answer {
        let found = response.value.display();
        match year {
            Year::Clear(year) => {
                self.read_as(question, response, &year.to_string());
                Answer::Number(year.into())
            }
            Year::Ambiguous(one, other) => {
                let (one, other) = (one.to_string(), other.to_string());
                self.unusable(question, response, Problem::YearAmbiguous { found, one, other })
            }
            Year::None => self.unusable(question, response, Problem::YearInvalid { found }),
        }
    }

    fn text(&mut self, question: &Question, response: &Response, text: String) -> Answer {
        let length = text.chars().count();
        if length > LONGEST_TEXT {
            let problem = Problem::TextLong { found: length, limit: LONGEST_TEXT };
            self.find(Severity::Warning, question, response, problem);
            return Answer::Text(text.chars().take(LONGEST_TEXT).collect());
        }
        if question.format == Some(Format::Link) && !are_links(&text) {
            self.find(Severity::Warning, question, response, Problem::LinkInvalid { found: text.clone() });
        }
        Answer::Text(text)
    }
}

/// Whether a cell shows something else than what it would be read as: by its number format, or by the mark that lets
/// characters run from right to left, under which 1691 is seen as 1961.
fn is_masked(question: &Question, value: &CellValue) -> bool {
    let is_read =
        matches!(question.kind, Kind::SelectOne(_) | Kind::SelectMultiple(_) | Kind::Integer | Kind::Decimal);
    is_read
        && match value {
            CellValue::Masked(_) => true,
            CellValue::Text(text) => text.contains('\u{202e}'),
            _ => false,
        }
}

/// The text by which a cell may name choices. A code is a number, however its cell shows it.
fn as_code(value: &CellValue) -> String {
    match value {
        CellValue::Number(number) | CellValue::Percent(number) | CellValue::Masked(number) => {
            number::shown(*number).to_string()
        }
        value => value.display(),
    }
}

/// Whether a cell for something else alone reads as an answer to the question, so that it may have been meant as one.
pub(crate) fn reads_as_answer(lookup: &Lookup<'_>, question: &Question, response: &Response) -> bool {
    let text = tidy(&response.value.display());
    if text.is_empty() || lookup.framework().is_missing_mark(&text) {
        return false;
    }
    match &question.kind {
        Kind::SelectOne(_) => lookup.choices(question).is_some_and(|known| known.one(&text).is_some()),
        Kind::SelectMultiple(_) => {
            let whole = response.value.display();
            lookup.choices(question).is_some_and(|known| known.several(&whole).is_some())
        }
        Kind::Integer | Kind::Decimal => match number::read(&text) {
            Reading::Exact(number) | Reading::Lenient(number) => fits(question, number) != Some(false),
            Reading::Ambiguous(..) => false,
            Reading::None => {
                question.format == Some(Format::Year) && matches!(year::of_text(&text), Year::Clear(_))
            }
        },
        Kind::Text | Kind::External(_) => false,
    }
}

/// Whether a number keeps to the rule of its question, where that looks at nothing else.
fn fits(question: &Question, number: f64) -> Option<bool> {
    let expression = question.constraint.as_ref().map(|constraint| &constraint.expression)?;
    let is_alone = expression.uses_this() && expression.references().is_empty();
    let is_kind = question.kind != Kind::Integer || number.fract() == 0.0;
    is_alone.then(|| is_kind && expression.holds(&number.to_string(), &HashMap::<Id, String>::new()))
}

/// Whether a text is one or more web addresses.
fn are_links(text: &str) -> bool {
    let mut parts = text.split(|c: char| c.is_whitespace() || c == ';').filter(|part| !part.is_empty());
    parts.clone().next().is_some() && parts.all(|part| link::is_web(part) && part.validate_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_told_from_remarks() {
        for (text, expected) in [
            ("https://www.example.org/a?b=c", true),
            ("http://example.org; https://example.net/ü", true),
            // As telephones begin sentences.
            ("Https://example.org", true),
            ("HTTPS://EXAMPLE.ORG/A", true),
            ("Not public", false),
            ("www.example.org", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("ftp://example.org", false),
        ] {
            assert_eq!(are_links(text), expected, "{text}");
        }
    }
}
