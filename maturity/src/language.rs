//! Languages and texts that exist in several of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A language by its tag in lower case, e.g. `en`, `fr`, `es`, `pt-br`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// The language with this tag; case does not matter.
    pub fn new(tag: &str) -> Self {
        Self(tag.trim().to_lowercase())
    }

    /// English, the language every built-in wording exists in.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag, e.g. `fr`.
    pub fn tag(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text in one or more languages. Asking for a language that it lacks gives the first one that it has
/// (the default language of the table it came from).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text {
    default: String,
    others: BTreeMap<Language, String>,
}

impl Text {
    /// A text in its default language only.
    pub fn new(default: &str) -> Self {
        Self { default: default.to_owned(), others: BTreeMap::new() }
    }

    /// Adds the text in a further language; an empty text counts as absent.
    pub fn insert(&mut self, language: Language, text: &str) {
        if !text.is_empty() {
            self.others.insert(language, text.to_owned());
        }
    }

    /// The text in `language`, else in the default language.
    pub fn get(&self, language: &Language) -> &str {
        self.others.get(language).map_or(&self.default, String::as_str)
    }

    /// Whether the text exists in `language` itself, without falling back.
    pub fn has(&self, language: &Language) -> bool {
        self.others.contains_key(language)
    }

    /// The text in the default language.
    pub fn default_text(&self) -> &str {
        &self.default
    }

    /// Whether there is no text in the default language.
    pub fn is_empty(&self) -> bool {
        self.default.is_empty()
    }

    /// The text in each language that it has, the default language first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default.as_str()).chain(self.others.values().map(String::as_str))
    }
}

/// The language a column heading such as `label::French (fr)` names, and the column's base name.
///
/// Returns `(base, None)` for a plain `label`, and `(base, Some(language))` where a tag in brackets or, failing
/// that, a bare name after `::` is given.
pub fn column_language(heading: &str) -> (&str, Option<Language>) {
    let Some((base, rest)) = heading.split_once("::") else {
        return (heading.trim(), None);
    };
    let tag = match (rest.rfind('('), rest.rfind(')')) {
        (Some(open), Some(close)) if open < close => rest.get(open + 1..close).unwrap_or(rest),
        _ => rest,
    };
    (base.trim(), Some(Language::new(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_back_to_the_default_language() {
        let mut text = Text::new("Yes");
        text.insert(Language::new("FR"), "Oui");
        text.insert(Language::new("es"), "");
        assert_eq!(text.get(&Language::new("fr")), "Oui");
        assert_eq!(text.get(&Language::new("es")), "Yes");
        assert!(!text.has(&Language::new("es")));
    }

    #[test]
    fn reads_the_language_of_an_xlsform_column() {
        assert_eq!(column_language("label::French (fr)"), ("label", Some(Language::new("fr"))));
        assert_eq!(column_language("hint :: es"), ("hint", Some(Language::new("es"))));
        assert_eq!(column_language("label"), ("label", None));
    }
}
