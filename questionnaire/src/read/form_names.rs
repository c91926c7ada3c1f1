//! What the headings of an export of the online form mean: names with or without their groups, or labels in any language.

use std::collections::{BTreeMap, HashMap};

use maturity::form::{field_name, key, key_of_part, name, note_name};
use maturity::framework::{ChoiceList, Framework, Kind};
use maturity::id::Id;
use maturity::normalize::matching_key;
use maturity::submission::{Field, HeaderField};

use super::endings::Endings;
use crate::form::question_label;
use crate::words;

/// Names that other forms of this kind give to the fields of the respondent.
const OTHER_NAMES: [(&str, HeaderField); 3] = [
    ("email", HeaderField::ContactEmail),
    ("office", HeaderField::ContactOffice),
    ("respondent_name", HeaderField::ContactName),
];

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// A cell of a question.
    Field(Id, Field),
    /// Whether the choice of that code is taken, for a question that takes several.
    Option(Id, String),
    /// Something about the respondent or the form.
    Header(HeaderField),
    /// Nothing that is read.
    Ignored,
}

/// Everything that a heading can be.
pub(super) struct Names<'a> {
    framework: &'a Framework,
    /// By the keys of names.
    by_name: Endings<Meaning>,
    /// By the matching keys of labels in all languages.
    by_label: Endings<Meaning>,
    /// The choices of the questions that take several, by the names of their lists.
    options: BTreeMap<&'a str, Options<'a>>,
}

/// The codes of a list of choices by what the end of a heading calls them.
#[derive(Default)]
struct Options<'a> {
    codes: HashMap<String, &'a str>,
    /// By the keys of codes; none where codes differ in punctuation alone, as `<10` and `>10` do.
    keys: HashMap<String, Option<&'a str>>,
    labels: HashMap<String, &'a str>,
}

impl<'a> Options<'a> {
    fn of(list: &'a ChoiceList) -> Self {
        let mut options = Self::default();
        for choice in &list.choices {
            options.codes.entry(matching_key(&choice.code)).or_insert(&choice.code);
            let code = Some(choice.code.as_str());
            options.keys.entry(key(&choice.code)).and_modify(|known| *known = None).or_insert(code);
            for label in choice.label.all() {
                options.labels.entry(matching_key(label)).or_insert(&choice.code);
            }
        }
        options
    }

    /// The code of the choice that a text names by its code or its label.
    fn code(&self, text: &str) -> Option<&'a str> {
        let code = self.codes.get(&matching_key(text)).copied();
        code.or_else(|| self.keys.get(&key(text)).copied().flatten())
            .or_else(|| self.labels.get(&matching_key(text)).copied())
    }
}

/// The most bytes of the part of a heading that names a choice: far more than any label has, and little enough that it
/// can be looked up behind each `/` of it.
const LONGEST_OPTION: usize = 1024;

impl<'a> Names<'a> {
    /// The names and labels of the framework's form.
    pub(super) fn of(framework: &'a Framework) -> Self {
        let mut by_name = HashMap::new();
        let mut by_label = HashMap::new();
        for (text, field) in OTHER_NAMES {
            by_name.insert(key(text), Meaning::Header(field));
        }
        for field in HeaderField::ALL {
            by_name.insert(key(field.as_str()), Meaning::Header(field));
            for label in words::all(&format!("form-{}", field.as_str())) {
                by_label.insert(matching_key(label), Meaning::Header(field));
            }
        }
        let mut options = BTreeMap::new();
        for question in &framework.questions {
            let id = &question.id;
            by_name.insert(key(&note_name(id)), Meaning::Ignored);
            for field in [Field::Evidence, Field::Comment] {
                by_name.insert(key(&field_name(id, field)), Meaning::Field(id.clone(), field));
            }
            for text in [id.as_str(), name(id).as_str()] {
                by_name.insert(key(text), Meaning::Field(id.clone(), Field::Answer));
            }
            for (language, _) in &framework.languages {
                let label = matching_key(&question_label(question, language));
                by_label.insert(label, Meaning::Field(id.clone(), Field::Answer));
            }
            let told = |key: &str, about: &Id| {
                let fill =
                    |text| maturity::wording::fill(text, |name| (name == "id").then(|| about.to_string()));
                words::all(key).into_iter().map(fill).collect::<Vec<_>>()
            };
            for label in told("form-evidence", id) {
                by_label.insert(matching_key(&label), Meaning::Field(id.clone(), Field::Evidence));
            }
            for label in told("form-comment", &question.indicator) {
                let comment = Meaning::Field(id.clone(), Field::Comment);
                by_label.entry(matching_key(&label)).or_insert(comment);
            }
            if let (Kind::SelectMultiple(list), Some(choices)) = (&question.kind, framework.choices(question))
            {
                options.entry(list.as_str()).or_insert_with(|| Options::of(choices));
            }
        }
        let (by_name, by_label) = (by_name.into_iter().collect(), by_label.into_iter().collect());
        Self { framework, by_name, by_label, options }
    }

    /// What a heading means: by the longest end of it that is a name or a label, after a `/` or `-`; else
    /// `question/code` or `question/label of the choice`, a column for each choice.
    pub(super) fn meaning(&self, heading: &str) -> Option<Meaning> {
        let with_slashes = || heading.replace("::", "/").replace(':', "/");
        // A server may be told to write `:` between groups instead of `/`.
        self.meaning_of(heading).or_else(|| {
            heading.contains(':').then(with_slashes).and_then(|heading| self.meaning_of(&heading))
        })
    }

    fn meaning_of(&self, heading: &str) -> Option<Meaning> {
        let (by_name, by_label) = (NamePath::of(heading), matching_key(heading));
        let name = self.by_name.longest(&by_name.key, |at| by_name.begins(at));
        let label = self.by_label.longest(&by_label, |at| begins(&by_label, at));
        let longer = match (name, label) {
            (Some((name, _)), Some((length, meaning))) if length > name => Some(meaning),
            (name, label) => name.or(label).map(|(_, meaning)| meaning),
        };
        if let Some(meaning) = longer {
            return Some(meaning.clone());
        }
        // What stands behind the last `/` or an earlier one, because labels may have some of their own.
        let near = |text: &str, (at, _): &(usize, &str)| text.len() - at <= LONGEST_OPTION;
        let by_names = heading.rmatch_indices('/').zip(by_name.paths.iter().rev());
        let by_names = by_names.take_while(|(found, _)| near(heading, found)).filter_map(|((at, _), end)| {
            let path = by_name.key.get(..*end)?;
            let (_, meaning) = self.by_name.longest(path, |at| by_name.begins(at))?;
            self.option(meaning, heading.get(at + 1..)?)
        });
        let by_labels = by_label.rmatch_indices('/').take_while(|found| near(&by_label, found));
        let by_labels = by_labels.filter_map(|(at, _)| {
            let path = by_label.get(..at)?.trim_end();
            let (_, meaning) = self.by_label.longest(path, |at| begins(&by_label, at))?;
            self.option(meaning, by_label.get(at + 1..)?)
        });
        by_names.last().or_else(|| by_labels.last())
    }

    /// One choice of the question that the other part of a heading means.
    fn option(&self, meaning: &Meaning, text: &str) -> Option<Meaning> {
        let Meaning::Field(id, Field::Answer) = meaning else { return None };
        let Kind::SelectMultiple(list) = &self.framework.question(id)?.kind else { return None };
        let code = self.options.get(list.as_str())?.code(text)?;
        Some(Meaning::Option(id.clone(), code.to_owned()))
    }
}

/// Whether a label may begin there in the matching key of a heading: at its beginning, or after a `/` or `-`.
fn begins(key: &str, at: usize) -> bool {
    let before = key.get(..at).map(str::trim_end);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '-']))
}

/// The key of a heading of names, in which the marks between its parts can no longer be seen.
#[derive(Default)]
struct NamePath {
    key: String,
    /// Where a part begins in the key, in order.
    parts: Vec<usize>,
    /// Where what stands before each `/` ends in the key, in order.
    paths: Vec<usize>,
}

impl NamePath {
    fn of(heading: &str) -> Self {
        let mut path = Self::default();
        // Blanks around a part do not count; in the key each is one byte.
        let blanks = |part: &str, rest: &str| part.chars().count() - rest.chars().count();
        for part in heading.split_inclusive(['/', '-']) {
            path.parts.push(path.key.len() + blanks(part, part.trim_start()));
            path.key.push_str(&key_of_part(part));
            if let Some(before) = part.strip_suffix('/') {
                path.paths.push(path.key.len() - 1 - blanks(before, before.trim_end()));
            }
        }
        path
    }

    fn begins(&self, at: usize) -> bool {
        self.parts.binary_search(&at).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use maturity::framework::Choice;
    use maturity::language::Text;

    use super::*;

    #[test]
    fn codes_that_differ_in_punctuation_alone_are_told_apart_or_not_guessed() {
        let choice =
            |code: &str, label: &str| Choice { code: code.to_owned(), label: Text::new(label), level: 0.0 };
        let choices = vec![choice("<10", "fewer"), choice(">10", "more"), choice("a-b", "both")];
        let list = ChoiceList { choices };
        let options = Options::of(&list);
        for (text, code) in [
            ("<10", Some("<10")),
            (">10", Some(">10")),
            ("More", Some(">10")),
            ("_10", None),
            ("a-b", Some("a-b")),
            ("A_B", Some("a-b")),
        ] {
            assert_eq!(options.code(text), code, "{text}");
        }
    }
}
