//! The sentences of the reports in the reader's language, from `wording.csv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use maturity::language::{Language, Text};
use maturity::shown::{self, separated};
use maturity::wording::{Wording, fill};

use crate::keys::Key;

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests; an empty table would show keys only.
    Wording::parse(include_str!("../wording.csv")).unwrap_or_default()
});

/// The texts in the order of their keys: reports ask for them in each row.
static TEXTS: LazyLock<Vec<Option<&'static Text>>> = LazyLock::new(|| {
    let texts: BTreeMap<&str, &Text> = WORDING.iter().collect();
    Key::ALL.iter().map(|key| texts.get(key.as_str()).copied()).collect()
});

/// The wording in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) language: &'a Language,
}

impl Words<'_> {
    /// The text of `key`.
    pub(crate) fn get(self, key: Key) -> &'static str {
        TEXTS.get(key as usize).copied().flatten().map_or(key.as_str(), |text| text.get(self.language))
    }

    /// The text of `key` with its placeholders filled in.
    pub(crate) fn fill(self, key: Key, values: &[(&str, &str)]) -> String {
        fill(self.get(key), |name| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// A text under its title, in one line.
    pub(crate) fn titled(self, title: &str, text: &str) -> String {
        self.fill(Key::Titled, &[("title", title), ("text", text)])
    }

    /// The name of a region or income group, else its code: the codes are data of the table of economies.
    pub(crate) fn code<'c>(self, family: &str, code: &'c str) -> std::borrow::Cow<'c, str> {
        let key = format!("{family}.{code}");
        let name = WORDING.get(&key, self.language);
        if name == key { std::borrow::Cow::Borrowed(code) } else { std::borrow::Cow::Owned(name.to_owned()) }
    }

    /// A number with `decimals` decimals and the language's decimal separator, for use in sentences.
    pub(crate) fn decimal(self, number: f64, decimals: usize) -> String {
        separated(&format!("{number:.decimals$}"), self.language)
    }

    /// A number with as many decimals as it has, for use in sentences.
    pub(crate) fn number(self, number: f64) -> String {
        separated(&shown::number(number), self.language)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use maturity::wording::placeholders;

    use super::*;

    fn table() -> Wording {
        Wording::parse(include_str!("../wording.csv")).unwrap()
    }

    #[test]
    fn every_key_has_wording_and_every_wording_is_used() {
        let table = table();
        let written: BTreeSet<&str> = table.iter().map(|(key, _)| key).collect();
        let used: BTreeSet<&str> = Key::ALL.iter().map(|key| key.as_str()).collect();
        let missing: Vec<_> = used.difference(&written).collect();
        assert!(missing.is_empty(), "keys without wording: {missing:?}");
        let families = ["region.", "income."];
        let unused: Vec<_> = written
            .difference(&used)
            .filter(|key| !families.iter().any(|family| key.starts_with(family)))
            .collect();
        assert!(unused.is_empty(), "wording without a key: {unused:?}");
    }

    #[test]
    fn every_language_is_complete_with_the_same_placeholders() {
        for (key, text) in table().iter() {
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} is missing in {tag}");
                let sorted = |text| {
                    let mut names = placeholders(text);
                    names.sort_unstable();
                    names.into_iter().map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(sorted(text.get(&language)), sorted(text.default_text()), "{key} in {tag}");
            }
        }
    }

    #[test]
    fn sheet_names_are_short_and_free_of_what_excel_forbids() {
        let sheets = table();
        for (key, text) in sheets.iter().filter(|(key, _)| key.starts_with("sheet.")) {
            for name in text.all() {
                assert!(
                    name.chars().count() <= 31 && !name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn codes_of_regions_have_names_and_unknown_codes_stand_for_themselves() {
        let language = Language::new("fr");
        let words = Words { language: &language };
        assert_eq!(words.code("region", "AFR"), "Afrique subsaharienne");
        assert_eq!(words.code("region", "ATL"), "ATL");
    }
}
