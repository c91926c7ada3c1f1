//! One response to one typed answer, by the kind of the question and never by the kind of the cell.

use maturity::answer::{Answer, Missing};
use maturity::cell::CellValue;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Choice, ChoiceList, Format, Framework, Kind, Question};
use maturity::language::Language;
use maturity::normalize::{matching_key, tidied, tidy};
use maturity::submission::Response;
use validator::ValidateUrl;

use crate::number::{self, Reading};
use crate::year::{self, Year};

/// The most characters that a cell can hold.
const LONGEST_TEXT: usize = 32_767;

/// Decodes answers of one submission.
pub(crate) struct Decoder<'a> {
    pub(crate) framework: &'a Framework,
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
            if response.value.is_blank() {
                return self.unusable(question, response, Problem::FormulaWithoutResult);
            }
            if !matches!(response.value, CellValue::Error(_)) {
                let problem = Problem::CellFormula { found: response.value.display() };
                self.find(Severity::Warning, question, response, problem);
            }
        }
        let text = match &response.value {
            value if value.is_blank() => return Answer::Missing(Missing::Blank),
            CellValue::Error(error) => {
                return self.unusable(question, response, Problem::CellError { found: error.clone() });
            }
            CellValue::Date(date) if question.format == Some(Format::Year) => {
                return self.year(question, response, year::of_date(date));
            }
            CellValue::Date(date) if question.kind != Kind::Text => {
                return self.unusable(question, response, Problem::DateUnexpected { found: date.clone() });
            }
            value => tidy(&value.display()),
        };
        if text.is_empty() {
            return Answer::Missing(Missing::Blank);
        }
        if self.framework.is_missing_mark(&text) {
            return Answer::Missing(Missing::NotApplicable);
        }
        match &question.kind {
            Kind::SelectOne(_) => self.choice(question, response, &text),
            Kind::SelectMultiple(_) => self.choices(question, response, &text),
            Kind::Integer | Kind::Decimal => self.number(question, response, &text),
            Kind::Text => self.text(question, response, text),
            // Nobody is asked; the caller compares the value with the table of external indices.
            Kind::External(_) => Answer::Missing(Missing::NotApplicable),
        }
    }

    fn unknown_choice(&mut self, question: &Question, response: &Response, list: &ChoiceList) -> Answer {
        let accepted: Vec<String> = list
            .choices
            .iter()
            .map(|choice| format!("{} = {}", choice.code, choice.label.get(self.language)))
            .collect();
        let problem =
            Problem::ChoiceUnknown { found: response.value.display(), accepted: accepted.join(", ") };
        self.unusable(question, response, problem)
    }

    fn choice(&mut self, question: &Question, response: &Response, text: &str) -> Answer {
        let framework = self.framework;
        let Some(list) = framework.choices(question) else { return Answer::Missing(Missing::Unreadable) };
        let matched = match &response.value {
            CellValue::Boolean(truth) => match_truth(list, *truth),
            _ => match_choice(list, text),
        };
        match matched {
            Some((code, exact)) => {
                let code = code.to_owned();
                if !exact {
                    self.read_as(question, response, &code);
                }
                Answer::Choice(code)
            }
            None => self.unknown_choice(question, response, list),
        }
    }

    fn choices(&mut self, question: &Question, response: &Response, text: &str) -> Answer {
        let framework = self.framework;
        let Some(list) = framework.choices(question) else { return Answer::Missing(Missing::Unreadable) };
        let Some((taken, exact)) = match_choices(list, text) else {
            return self.unknown_choice(question, response, list);
        };
        // In the order of the list, each once.
        let codes: Vec<String> = list
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
        let number = match (&response.value, number::read(text)) {
            (CellValue::Number(number), _) => *number,
            (_, Reading::Exact(number)) => number,
            (_, Reading::Lenient(number)) => {
                self.read_as(question, response, &number.to_string());
                number
            }
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
        if question.format == Some(Format::Year) && number.fract() != 0.0 {
            return self.year(question, response, year::of_text(text));
        }
        if question.kind == Kind::Integer && number.fract() != 0.0 {
            return self.unusable(question, response, Problem::NumberNotWhole { found: found() });
        }
        Answer::Number(number)
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

/// Whether a text is one or more web addresses.
fn are_links(text: &str) -> bool {
    let mut parts = text.split(|c: char| c.is_whitespace() || c == ';').filter(|part| !part.is_empty());
    parts.clone().next().is_some()
        && parts.all(|part| {
            let web = part.starts_with("https://") || part.starts_with("http://");
            web && part.validate_url()
        })
}

/// The code that a text means, and whether it stands there as offered (a code, or a label in any language).
fn match_choice<'a>(list: &'a ChoiceList, text: &str) -> Option<(&'a str, bool)> {
    if let Some(choice) = list.choice(text) {
        return Some((&choice.code, true));
    }
    let exact = list.choices.iter().find(|choice| choice.label.all().any(|label| tidied(label) == text));
    if let Some(choice) = exact {
        return Some((&choice.code, true));
    }
    let key = matching_key(text);
    let label = list.choices.iter().find(|choice| {
        choice.label.all().any(|label| matching_key(label) == key) || matching_key(&choice.code) == key
    });
    if let Some(choice) = label {
        return Some((&choice.code, false));
    }
    if let Reading::Exact(number) | Reading::Lenient(number) = number::read(text)
        && let Some(choice) = list.choice(&number.to_string())
    {
        return Some((&choice.code, false));
    }
    // "1 - Yes", "1 = Yes", "Yes (1)", "Yes.": a code beside the label must be of the same choice.
    let found = list.choices.iter().find(|choice| {
        let labels: Vec<String> =
            choice.label.all().map(|label| core(&matching_key(label)).to_owned()).collect();
        with_and_without_code(&key, choice).any(|given| labels.iter().any(|label| *label == core(given)))
    });
    found.map(|choice| (choice.code.as_str(), false))
}

/// What may be the label in a text: all of it, or what stands beside the choice's own code.
fn with_and_without_code<'t>(key: &'t str, choice: &Choice) -> impl Iterator<Item = &'t str> {
    let code = matching_key(&choice.code);
    let marks = [' ', '-', '=', ':', '.', ')', '(', '[', ']'];
    let before =
        key.trim_start_matches(['(', '[']).strip_prefix(&code).filter(|rest| rest.starts_with(marks));
    let after = key.trim_end_matches([')', ']']).strip_suffix(&code).filter(|rest| rest.ends_with(marks));
    let label = move |rest: &'t str| rest.trim_matches(marks);
    [Some(key), before.map(label), after.map(label)].into_iter().flatten()
}

/// A text without the quotes and full stops that people put around it.
fn core(text: &str) -> &str {
    text.trim_matches(['"', '\'', '.', ',', ';', ' '])
}

/// TRUE and FALSE are what spreadsheet programs make of these words; they mean a choice only if it is so called.
fn match_truth(list: &ChoiceList, truth: bool) -> Option<(&str, bool)> {
    let words = if truth { ["true", "vrai", "verdadero"] } else { ["false", "faux", "falso"] };
    let called = |choice: &&Choice| {
        let mut names = choice.label.all().chain(std::iter::once(choice.code.as_str()));
        names.any(|name| words.contains(&matching_key(name).as_str()))
    };
    list.choices.iter().find(called).map(|choice| (choice.code.as_str(), false))
}

/// The codes that a text names, and whether they stand there as offered.
fn match_choices<'a>(list: &'a ChoiceList, text: &str) -> Option<(Vec<&'a str>, bool)> {
    // A label may itself hold a comma, so the whole text is tried first.
    if let Some((code, exact)) = match_choice(list, text) {
        return Some((vec![code], exact));
    }
    let with_separator = |separator: fn(char) -> bool| {
        let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        let matched: Option<Vec<_>> = parts.map(|part| match_choice(list, part)).collect();
        matched.filter(|matched| !matched.is_empty())
    };
    let matched = with_separator(|c| c == ';' || c == '|')
        .or_else(|| with_separator(|c| c == ',' || c == ';' || c == '|'))
        .or_else(|| with_separator(|c| c == ' ' || c == ',' || c == ';'))?;
    let exact = matched.iter().all(|(_, exact)| *exact);
    Some((matched.into_iter().map(|(code, _)| code).collect(), exact))
}

#[cfg(test)]
mod tests {
    use maturity::framework::Choice;
    use maturity::language::Text;

    use super::*;

    fn list() -> ChoiceList {
        let choice = |code: &str, english: &str, french: &str| {
            let mut label = Text::new(english);
            label.insert(Language::new("fr"), french);
            Choice { code: code.to_owned(), label, level: 0.0 }
        };
        ChoiceList {
            choices: vec![
                choice("0", "No", "Non"),
                choice("1", "Yes, internal only", "Oui, interne seulement"),
                // A no-break space before the colon, as French typography wants it.
                choice("2", "Yes, published", "Oui\u{a0}: publié"),
            ],
        }
    }

    #[test]
    fn one_choice_in_all_the_forms_people_use() {
        let list = list();
        for (text, expected) in [
            ("2", Some(("2", true))),
            ("Yes, published", Some(("2", true))),
            ("Oui : publié", Some(("2", true))),
            ("yes, PUBLISHED", Some(("2", false))),
            ("oui : publie", Some(("2", false))),
            ("2.0", Some(("2", false))),
            ("2,0", Some(("2", false))),
            ("2 - Yes, published", Some(("2", false))),
            ("1: Yes, internal only", Some(("1", false))),
            ("[2] Yes, published", Some(("2", false))),
            ("Yes, published (2)", Some(("2", false))),
            ("Yes, published.", Some(("2", false))),
            ("« Oui : publié »", Some(("2", false))),
            ("Yes, published (1)", None),
            ("2 Yes, internal only", None),
            ("TRUE", None),
            ("1 - Yes, published", None),
            ("1.5", None),
            ("3", None),
            ("Yes", None),
            ("20", None),
        ] {
            assert_eq!(match_choice(&list, text), expected, "{text}");
        }
    }

    #[test]
    fn truth_values_mean_a_choice_only_if_it_is_so_called() {
        assert_eq!(match_truth(&list(), true), None);
        let choice =
            |code: &str, label: &str| Choice { code: code.to_owned(), label: Text::new(label), level: 0.0 };
        let list = ChoiceList { choices: vec![choice("0", "Faux"), choice("1", "Vrai")] };
        assert_eq!(match_truth(&list, true), Some(("1", false)));
        assert_eq!(match_truth(&list, false), Some(("0", false)));
    }

    #[test]
    fn several_choices_in_all_the_forms_people_use() {
        let list = list();
        for (text, expected) in [
            ("1, 2", Some((vec!["1", "2"], true))),
            ("1,2", Some((vec!["1", "2"], true))),
            ("1 2", Some((vec!["1", "2"], true))),
            ("Yes, published; No", Some((vec!["2", "0"], true))),
            ("Yes, published", Some((vec!["2"], true))),
            ("1; 7", None),
            ("1.2", None),
        ] {
            assert_eq!(match_choices(&list, text), expected, "{text}");
        }
    }

    #[test]
    fn web_addresses_are_told_from_remarks() {
        for (text, expected) in [
            ("https://www.example.org/a?b=c", true),
            ("http://example.org; https://example.net/ü", true),
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
