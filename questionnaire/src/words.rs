//! The crate's own wording: headings and guidance, in all languages.

use std::sync::LazyLock;

use maturity::language::{Language, Text};
use maturity::wording::Wording;

/// The table of headings and guidance.
pub(crate) static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests; an empty table would show keys only.
    Wording::parse(include_str!("../wording.csv")).unwrap_or_default()
});

/// The text of `key` in `language`, in English where the table lacks the language.
pub(crate) fn say<'a>(key: &'a str, language: &Language) -> &'a str {
    WORDING.get(key, language)
}

/// The text of `key` with its placeholders filled in.
pub(crate) fn tell(key: &str, language: &Language, values: &[(&str, &str)]) -> String {
    WORDING.fill(key, language, values)
}

/// The text of `key` in every language: what a reader has to know again.
pub(crate) fn all(key: &str) -> Vec<&'static str> {
    WORDING.text(key).into_iter().flat_map(Text::all).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use maturity::wording::placeholders;

    use super::*;

    /// Texts that are rightly the same in English and in another language.
    const SAME: [&str; 5] =
        ["column-status", "column-question", "receipt-template", "receipt-template-value", "severity-error"];

    #[test]
    fn every_text_exists_in_all_languages_and_differs_where_it_should() {
        let wording = Wording::parse(include_str!("../wording.csv")).unwrap();
        for (key, text) in wording.iter() {
            let english = text.default_text();
            assert!(!english.is_empty(), "{key} is empty");
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} is missing in {tag}");
                let other = text.get(&language);
                assert!(SAME.contains(&key) || other != english, "{key} is not translated to {tag}");
                let names = |text| placeholders(text).into_iter().collect::<BTreeSet<_>>();
                assert_eq!(names(english), names(other), "{key} has other placeholders in {tag}");
            }
        }
    }

    #[test]
    fn an_unknown_language_falls_back_to_english() {
        assert_eq!(say("column-answer", &Language::new("xx")), "Answer");
    }
}
