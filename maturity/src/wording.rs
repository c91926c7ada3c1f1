//! Tables of built-in wording: one row a text, one column a language, placeholders in braces.
//!
//! A language is added by adding a column. The tables are compiled into the crates that speak
//! (`maturity`: findings; `questionnaire` and `report`: headings and guidance) and checked by their tests.

use std::collections::BTreeMap;

use crate::language::{Language, Text, column_language};

/// A table of texts by key.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    texts: BTreeMap<String, Text>,
}

/// What is wrong with a table of wording.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    /// The table is not well-formed CSV.
    #[error("failed to read the table of wording")]
    Csv(#[from] csv::Error),
    /// A column that every table needs is absent.
    #[error("the table of wording has no column \"{0}\"")]
    MissingColumn(&'static str),
    /// Two rows have one key.
    #[error("the table of wording has the key \"{0}\" twice")]
    DuplicateKey(String),
}

impl Wording {
    /// Reads a CSV table with the columns `key`, `label` (English) and `label::Language (tag)`.
    pub fn parse(table: &str) -> Result<Self, WordingError> {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let headings = reader.headers()?.clone();
        let key_column =
            headings.iter().position(|h| h == "key").ok_or(WordingError::MissingColumn("key"))?;
        let label_column =
            headings.iter().position(|h| h == "label").ok_or(WordingError::MissingColumn("label"))?;
        let mut texts = BTreeMap::new();
        for row in reader.records() {
            let row = row?;
            let key = row.get(key_column).unwrap_or_default().to_owned();
            let mut text = Text::new(row.get(label_column).unwrap_or_default());
            for (heading, value) in headings.iter().zip(row.iter()) {
                if let ("label", Some(language)) = column_language(heading) {
                    text.insert(language, value);
                }
            }
            if texts.insert(key.clone(), text).is_some() {
                return Err(WordingError::DuplicateKey(key));
            }
        }
        Ok(Self { texts })
    }

    /// The text of `key` in `language`, or the key itself where the table lacks it: visible, never a crash.
    pub fn get<'a>(&'a self, key: &'a str, language: &Language) -> &'a str {
        self.texts.get(key).map_or(key, |text| text.get(language))
    }

    /// The text of `key` with its placeholders `{name}` filled in.
    pub fn fill(&self, key: &str, language: &Language, values: &[(&str, &str)]) -> String {
        fill(self.get(key, language), |name| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// The text of `key` in all its languages.
    pub fn text(&self, key: &str) -> Option<&Text> {
        self.texts.get(key)
    }

    /// All keys and texts, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.texts.iter().map(|(key, text)| (key.as_str(), text))
    }
}

/// Replaces each `{name}` of `template` by its value; an unknown name stays as it is.
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from_open) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = from_open.find('}') else {
            out.push_str(from_open);
            return out;
        };
        let (placeholder, after) = from_open.split_at(close + 1);
        let name = placeholder.trim_start_matches('{').trim_end_matches('}');
        match value(name) {
            Some(text) => out.push_str(&text),
            None => out.push_str(placeholder),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The names of the placeholders in a template, in order.
pub fn placeholders(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_placeholders_in_the_asked_language() {
        let wording =
            Wording::parse("key,label,label::French (fr)\nread,Read {n} of {m},Lu {n} sur {m}\n").unwrap();
        let filled = wording.fill("read", &Language::new("fr"), &[("n", "3"), ("m", "{n}")]);
        assert_eq!(filled, "Lu 3 sur {n}", "values are never filled in again");
        assert_eq!(wording.get("absent", &Language::english()), "absent");
    }

    #[test]
    fn refuses_a_doubled_key() {
        assert!(matches!(
            Wording::parse("key,label\na,1\na,2\n"),
            Err(WordingError::DuplicateKey(key)) if key == "a"
        ));
    }

    #[test]
    fn names_the_placeholders() {
        assert_eq!(placeholders("{a} and {b}{a"), ["a", "b"]);
    }
}
