//! The words of summaries and letters, from `wording/notices.csv`.

use std::sync::LazyLock;

use maturity::language::Language;
use maturity::wording::Wording;

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests; an empty table would show keys only.
    Wording::parse(include_str!("../wording/notices.csv")).unwrap_or_default()
});

/// The words in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a>(pub(crate) &'a Language);

impl Words<'_> {
    pub(crate) fn get(self, key: &'static str) -> String {
        WORDING.get(key, self.0).to_owned()
    }

    pub(crate) fn fill(self, key: &'static str, values: &[(&str, &str)]) -> String {
        WORDING.fill(key, self.0, values)
    }

    /// The word for a state, a decision or the like that is data; itself where the table has none.
    pub(crate) fn of(self, family: &str, name: &str) -> String {
        let key = format!("{family}-{name}");
        let word = WORDING.get(&key, self.0);
        if word == key { name.to_owned() } else { word.to_owned() }
    }
}

/// The language of the words for somebody who reads a language: English where there are none in it.
pub(crate) fn spoken(language: &Language) -> Language {
    if speaks(language) { language.clone() } else { Language::english() }
}

/// Whether notices exist in a language.
pub fn speaks(language: &Language) -> bool {
    // The table is complete in each of its languages, so one row tells of all; English is what it is written in.
    language.tag() == "en" || WORDING.iter().next().is_some_and(|(_, text)| text.has(language))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use maturity::wording::placeholders;

    use super::*;

    #[test]
    fn every_language_is_complete_with_the_same_placeholders_and_every_word_is_used() {
        let table = Wording::parse(include_str!("../wording/notices.csv")).unwrap();
        let code = [include_str!("letter.rs"), include_str!("summary.rs")].concat();
        for (key, text) in table.iter() {
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} is missing in {tag}");
                let names = |text| placeholders(text).into_iter().collect::<BTreeSet<_>>();
                assert_eq!(names(text.get(&language)), names(text.default_text()), "{key} in {tag}");
            }
            let family = key.split_once('-').map_or(key, |(family, _)| family);
            let used = code.contains(&format!("\"{key}\"")) || code.contains(&format!(".of(\"{family}\""));
            assert!(used, "{key} is not used");
        }
        for part in code.split("words.").skip(1).filter_map(|part| part.split_once('"')) {
            let ((call, rest), key) = (part, part.1.split('"').next().unwrap_or_default());
            if call == "get(" || call == "fill(" {
                assert!(table.iter().any(|(known, _)| known == key), "{key} has no words: {rest:.40}");
            }
        }
    }

    #[test]
    fn a_language_that_the_table_lacks_is_told() {
        for (tag, spoken) in [("en", true), ("fr", true), ("es", true), ("pt", false)] {
            assert_eq!(speaks(&Language::new(tag)), spoken, "{tag}");
        }
    }
}
