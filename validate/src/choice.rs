//! Which choice a text means.

use std::borrow::Cow;
use std::collections::HashMap;

use maturity::digits;
use maturity::framework::{Choice, ChoiceList};
use maturity::normalize::{matching_key, tidied};
use maturity::truth;

use crate::number::{self, Reading};

/// What stands around a code beside a label.
const MARKS: [char; 9] = [' ', '-', '=', ':', '.', ')', '(', '[', ']'];
/// What people put before and behind a code that stands alone, as in `2)`, `(2)` or `2 -`. A dash before one is a minus sign.
const BEFORE: [char; 5] = ['(', '[', '"', '\'', ' '];
const BEHIND: [char; 10] = [')', ']', '"', '\'', '.', ':', ';', ',', '-', ' '];
/// What begins the items of a list. Empty boxes are none: they are for what is not chosen.
const BULLETS: [char; 14] = ['-', '–', '—', '*', '•', '·', '‣', '▪', '■', '●', '→', '☑', '✓', '✔'];
/// What separates choices beside blanks, commas, semicolons and upright lines, which exports write, too.
const UNUSUAL: [char; 9] = ['/', '+', '&', '،', '؛', '、', '，', '；', '•'];

/// A list of choices with all that its texts are compared by.
#[derive(Debug)]
pub(crate) struct Choices<'f> {
    pub(crate) list: &'f ChoiceList,
    /// Codes by labels in all languages; of two choices with the same label the first.
    by_label: HashMap<Cow<'f, str>, &'f str>,
    /// Codes by the matching keys of labels and codes.
    by_key: HashMap<String, &'f str>,
    /// For each choice the matching keys of its code, and of its labels without what people put around them.
    keys: Vec<(String, Vec<String>)>,
}

impl<'f> Choices<'f> {
    /// Of a list.
    pub(crate) fn of(list: &'f ChoiceList) -> Self {
        let (mut by_label, mut by_key) = (HashMap::new(), HashMap::new());
        let mut keys = Vec::with_capacity(list.choices.len());
        for Choice { code, label, .. } in &list.choices {
            let mut labels = Vec::new();
            for label in label.all() {
                by_label.entry(tidied(label)).or_insert(code.as_str());
                let key = matching_key(label);
                labels.push(core(&key).to_owned());
                by_key.entry(key).or_insert(code.as_str());
            }
            let key = matching_key(code);
            by_key.entry(key.clone()).or_insert(code.as_str());
            keys.push((key, labels));
        }
        Self { list, by_label, by_key, keys }
    }

    /// The code that a text means, and whether it stands there as offered (a code, or a label in any language).
    pub(crate) fn one(&self, text: &str) -> Option<(&'f str, bool)> {
        if let Some(choice) = self.list.choice(text) {
            return Some((&choice.code, true));
        }
        if let Some(code) = self.by_label.get(text) {
            return Some((code, true));
        }
        // The key would take the mark of a footnote for a digit: 1² is no 12.
        let mut pairs = text.chars().zip(text.chars().skip(1));
        if pairs.any(|(one, other)| one.is_numeric() && is_raised(other)) {
            return None;
        }
        let key = matching_key(text);
        if let Some(code) = self.by_key.get(&key) {
            return Some((code, false));
        }
        let latin: String = text.chars().map(digits::latin).collect();
        if let Some(choice) = self.list.choice(&latin) {
            return Some((&choice.code, false));
        }
        if let Some(number) = number_of(text) {
            // Where "01" and "1" are two choices, neither is meant by "001".
            let mut same = self.list.choices.iter().filter(|choice| number_of(&choice.code) == Some(number));
            if let (Some(choice), None) = (same.next(), same.next()) {
                return Some((&choice.code, false));
            }
        }
        // "1 - Yes", "1 = Yes", "Yes (1)", "Yes.": a code beside the label must be of the same choice.
        let means = |(code, labels): &(String, Vec<String>)| {
            with_and_without_code(&key, code).any(|given| labels.iter().any(|label| *label == core(given)))
        };
        if let Some((choice, _)) = self.list.choices.iter().zip(&self.keys).find(|(_, keys)| means(keys)) {
            return Some((&choice.code, false));
        }
        if let Some(item) = behind_bullet(text) {
            return self.one(item).map(|(code, _)| (code, false));
        }
        let alone = key.trim_start_matches(BEFORE).trim_end_matches(BEHIND);
        let coded = self.list.choices.iter().zip(&self.keys).find(|(_, (code, _))| code == alone);
        coded.map(|(choice, _)| (choice.code.as_str(), false))
    }

    /// The code that is called true or false. Spreadsheet programs make truth values of these words; they mean a choice
    /// only if it is so called.
    pub(crate) fn of_truth(&self, value: bool) -> Option<(&'f str, bool)> {
        let called = |choice: &&Choice| {
            let mut names = choice.label.all().chain(std::iter::once(choice.code.as_str()));
            names.any(|name| truth::said_by(name) == Some(value))
        };
        self.list.choices.iter().find(called).map(|choice| (choice.code.as_str(), false))
    }

    /// The codes that a text names, which may be one in several lines, and whether they stand there as offered.
    pub(crate) fn several(&self, text: &str) -> Option<(Vec<&'f str>, bool)> {
        let whole = tidied(text);
        // A label may itself hold a comma, so the whole text is tried first.
        let alone = self.one(&whole);
        // Codes beside each other may look like one number: "1,0" and "1 000".
        let parts = || whole.split([',', ' ']).filter(|part| !part.is_empty());
        if alone.is_some_and(|(_, exact)| !exact)
            && parts().nth(1).is_some()
            && parts().all(|part| self.list.choice(part).is_some())
        {
            return Some((parts().filter_map(|part| self.one(part)).map(|(code, _)| code).collect(), true));
        }
        if let Some((code, exact)) = alone {
            return Some((vec![code], exact));
        }
        let parted = |text: &str, separator: fn(char) -> bool| {
            let parts = text.split(separator).map(tidied).filter(|part| !part.is_empty());
            let matched: Option<Vec<_>> = parts.map(|part| self.one(&part)).collect();
            matched.filter(|matched| !matched.is_empty())
        };
        let lenient =
            |matched: Vec<(&'f str, bool)>| matched.into_iter().map(|(code, _)| (code, false)).collect();
        let matched = parted(&whole, |c| c == ';' || c == '|')
            .or_else(|| parted(&whole, |c| c == ',' || c == ';' || c == '|'))
            .or_else(|| parted(&whole, |c| c == ' ' || c == ',' || c == ';'))
            .or_else(|| parted(text, is_line_end))
            .or_else(|| parted(&whole, |c| UNUSUAL.contains(&c)).map(lenient))?;
        let exact = matched.iter().all(|(_, exact)| *exact);
        Some((matched.into_iter().map(|(code, _)| code).collect(), exact))
    }
}

/// Whether a character is a raised or lowered digit.
fn is_raised(c: char) -> bool {
    matches!(c, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}')
}

/// What may be the label in a text: all of it, or what stands beside the choice's own code.
fn with_and_without_code<'t>(key: &'t str, code: &str) -> impl Iterator<Item = &'t str> {
    let before = key.trim_start_matches(['(', '[']).strip_prefix(code).filter(|rest| rest.starts_with(MARKS));
    let after = key.trim_end_matches([')', ']']).strip_suffix(code).filter(|rest| rest.ends_with(MARKS));
    let label = |rest: &'t str| rest.trim_matches(MARKS);
    [Some(key), before.map(label), after.map(label)].into_iter().flatten()
}

/// What stands behind the mark that begins an item of a list: the mark stands apart from it, or a dash would be a minus sign.
fn behind_bullet(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(BULLETS)?;
    let item = rest.trim_start();
    (item.len() < rest.len() && !item.starts_with(BULLETS)).then_some(item)
}

/// Whether a character ends a line in a cell.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text without the quotes and full stops that people put around it.
fn core(text: &str) -> &str {
    text.trim_matches(['"', '\'', '.', ',', ';', ' '])
}

/// The codes that a text may stand for that is none itself: the number that it is, with our digits, without what people put
/// around a code.
pub(crate) fn bare(text: &str) -> Vec<String> {
    let latin = text.chars().map(digits::latin).collect();
    let number = number_of(text).map(|number| number.to_string());
    let key = matching_key(text);
    let alone = key.trim_start_matches(BEFORE).trim_end_matches(BEHIND).to_owned();
    std::iter::once(latin).chain(number).chain(std::iter::once(alone)).collect()
}

/// The number that a text is, if it is one and only one. "100%" is no 1: who writes it answers another question.
fn number_of(text: &str) -> Option<f64> {
    if text.ends_with(number::PERCENT) {
        return None;
    }
    match number::read(text) {
        Reading::Exact(number) | Reading::Lenient(number) => Some(number),
        Reading::Ambiguous(..) | Reading::None => None,
    }
}

#[cfg(test)]
mod tests {
    use maturity::language::{Language, Text};

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
    fn of_two_codes_that_are_one_number_neither_is_guessed() {
        let mut list = list();
        list.choices.push(Choice { code: "01".to_owned(), label: Text::new("Licences"), level: 0.0 });
        let lookup = Choices::of(&list);
        for (text, code) in [("1", Some("1")), ("01", Some("01")), ("٠١", Some("01")), ("١", Some("1"))] {
            assert_eq!(lookup.one(text).map(|(code, _)| code), code, "{text}");
        }
        for text in ["001", "1.0", "01.0"] {
            assert_eq!(lookup.one(text), None, "{text}");
        }
        assert_eq!(lookup.one("2.0"), Some(("2", false)));
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
            ("2)", Some(("2", false))),
            ("(2)", Some(("2", false))),
            ("[2]", Some(("2", false))),
            ("“2”", Some(("2", false))),
            ("2 –", Some(("2", false))),
            ("2;", Some(("2", false))),
            ("- Yes, published", Some(("2", false))),
            ("• 2", Some(("2", false))),
            ("✓ Oui : publié", Some(("2", false))),
            ("-2", None),
            ("- - 2", None),
            ("☐ Yes, published", None),
            ("()", None),
            ("2 or 1", None),
            ("2 (1)", None),
            ("Yes, published (1)", None),
            ("2 Yes, internal only", None),
            ("TRUE", None),
            ("1 - Yes, published", None),
            ("1.5", None),
            ("100%", None),
            ("200 %", None),
            ("3", None),
            ("Yes", None),
            ("20", None),
        ] {
            assert_eq!(Choices::of(&list).one(text), expected, "{text}");
        }
    }

    #[test]
    fn truth_values_mean_a_choice_only_if_it_is_so_called() {
        assert_eq!(Choices::of(&list()).of_truth(true), None);
        let choice =
            |code: &str, label: &str| Choice { code: code.to_owned(), label: Text::new(label), level: 0.0 };
        let list = ChoiceList { choices: vec![choice("0", "Faux"), choice("1", "Vrai")] };
        assert_eq!(Choices::of(&list).of_truth(true), Some(("1", false)));
        assert_eq!(Choices::of(&list).of_truth(false), Some(("0", false)));
    }

    #[test]
    fn several_choices_in_all_the_forms_people_use() {
        let list = list();
        for (text, expected) in [
            ("1, 2", Some((vec!["1", "2"], true))),
            ("1,2", Some((vec!["1", "2"], true))),
            ("1 2", Some((vec!["1", "2"], true))),
            // Two codes, and no number with a comma.
            ("1,0", Some((vec!["1", "0"], true))),
            ("1.0", Some((vec!["1"], false))),
            ("Yes, published; No", Some((vec!["2", "0"], true))),
            ("Yes, published", Some((vec!["2"], true))),
            // As they are written one below the other in a cell.
            ("Yes, published\nNo", Some((vec!["2", "0"], true))),
            ("Yes, published\r\n\r\n  No\n", Some((vec!["2", "0"], true))),
            ("• Yes, published;\n• Non", Some((vec!["2", "0"], false))),
            ("- 1\n- 2", Some((vec!["1", "2"], false))),
            ("Yes,\npublished", Some((vec!["2"], true))),
            ("1/2", Some((vec!["1", "2"], false))),
            ("1 + 2 & 0", Some((vec!["1", "2", "0"], false))),
            ("1،2", Some((vec!["1", "2"], false))),
            ("1、2", Some((vec!["1", "2"], false))),
            ("1) 2)", Some((vec!["1", "2"], false))),
            ("[1, 2]", Some((vec!["1", "2"], false))),
            ("Yes, published\nPerhaps", None),
            ("☐ Yes, published\n☑ No", None),
            // All from one to two, or the two of them.
            ("0-2", None),
            ("1/7", None),
            ("1; 7", None),
            ("1.2", None),
        ] {
            assert_eq!(Choices::of(&list).several(text), expected, "{text}");
        }
    }
}
