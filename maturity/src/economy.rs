//! Economies: who is assessed, and the codes and names that senders use for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::normalize::matching_key;
use crate::spelling::slips;

/// The code of an economy in the index, upper case, e.g. `KEN`. A clone shares the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct EconomyCode(Arc<str>);

impl EconomyCode {
    /// The code, brought to upper case.
    pub fn new(code: &str) -> Self {
        Self(code.trim().to_uppercase().into())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for EconomyCode {
    fn from(code: String) -> Self {
        Self(code.into())
    }
}

impl From<EconomyCode> for String {
    fn from(code: EconomyCode) -> Self {
        code.0.as_ref().to_owned()
    }
}

impl fmt::Display for EconomyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One economy as it stands in the table of economies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Economy {
    /// The code of the index, which differs from ISO 3166 for some (`KSV`, `WBG`).
    pub code: EconomyCode,
    /// The name to print, and the one that tables for programs have.
    pub name: String,
    /// The name in further languages.
    #[serde(default)]
    pub names: BTreeMap<Language, String>,
    /// The ISO 3166 alpha-3 code or its usual stand-in (`XKX`).
    pub iso3: String,
    /// The ISO 3166 alpha-2 code or its usual stand-in (`XK`).
    pub iso2: String,
    /// Further codes that earlier waves used for it (`ROM`, `ZAR`).
    pub other_codes: Vec<String>,
    /// Further names that senders use for it.
    pub other_names: Vec<String>,
    /// The region's code, e.g. `AFR`.
    pub region: String,
    /// The income group's code, e.g. `LM`.
    pub income: String,
}

impl Economy {
    /// The name in the reader's language, as far as the table of economies has it.
    pub fn name_in(&self, language: &Language) -> &str {
        self.names.get(language).unwrap_or(&self.name)
    }
}

/// How a text was matched to an economy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EconomyMatch {
    /// By the code of the index.
    Code,
    /// By another code of it: ISO, or one of an earlier wave.
    OtherCode,
    /// By one of its names.
    Name,
}

/// A text cannot be matched to exactly one economy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEconomy {
    /// The economies that may be meant, as proposals only: those whose names begin with the text where there are several,
    /// else the one whose code or name is spelled most alike.
    pub nearest: Vec<EconomyCode>,
}

impl UnknownEconomy {
    /// The proposals as one text, if there are any: `KEN`, or `COD, COG`.
    pub fn proposed(&self) -> Option<String> {
        let codes: Vec<&str> = self.nearest.iter().map(EconomyCode::as_str).collect();
        (!codes.is_empty()).then(|| codes.join(", "))
    }
}

/// All economies of the index, by code.
#[derive(Debug, Clone, Default)]
pub struct Economies {
    by_code: BTreeMap<EconomyCode, Economy>,
    other_codes: BTreeMap<String, EconomyCode>,
    names: BTreeMap<String, EconomyCode>,
    classified: Option<String>,
}

impl Economies {
    /// Collects the economies. A code or name that two of them claim is usable for neither; the
    /// second result lists such codes.
    pub fn new(economies: Vec<Economy>) -> (Self, Vec<String>) {
        let mut doubled = Vec::new();
        let mut all = Self::default();
        for economy in economies {
            for code in [&economy.iso3, &economy.iso2].into_iter().chain(&economy.other_codes) {
                if code.is_empty() || code == economy.code.as_str() {
                    continue;
                }
                let taken = all.other_codes.insert(code.to_uppercase(), economy.code.clone());
                if taken.is_some_and(|other| other != economy.code) {
                    doubled.push(code.clone());
                }
            }
            let names = std::iter::once(&economy.name).chain(economy.names.values());
            for name in names.chain(&economy.other_names) {
                let taken = all.names.insert(matching_key(name), economy.code.clone());
                if taken.is_some_and(|other| other != economy.code) {
                    doubled.push(name.clone());
                }
            }
            let code = economy.code.clone();
            if all.by_code.insert(code.clone(), economy).is_some() {
                doubled.push(code.into());
            }
        }
        (all, doubled)
    }

    /// States the date or year of the classification by region and income group.
    #[must_use]
    pub fn classified_as_of(mut self, date: Option<String>) -> Self {
        self.classified = date;
        self
    }

    /// The date or year of the classification by region and income group, where it is told. Both move from
    /// year to year, so every comparison with a group says which classification it used.
    pub fn classified(&self) -> Option<&str> {
        self.classified.as_deref()
    }

    /// Puts an economy into another region and income group.
    pub fn reclassify(&mut self, code: &EconomyCode, region: &str, income: &str) {
        if let Some(economy) = self.by_code.get_mut(code) {
            region.clone_into(&mut economy.region);
            income.clone_into(&mut economy.income);
        }
    }

    /// The economy of that code of the index.
    pub fn get(&self, code: &EconomyCode) -> Option<&Economy> {
        self.by_code.get(code)
    }

    /// The economy that a code on record means now: one that got another code is still the same economy. A name is no code.
    pub fn recorded(&self, code: &EconomyCode) -> Option<&Economy> {
        self.by_code.get(code).or_else(|| self.by_code.get(self.other_codes.get(code.as_str())?))
    }

    /// The code that an economy has now of which something is on record under a code; that one itself where no economy is
    /// known by it.
    pub fn current(&self, code: &EconomyCode) -> EconomyCode {
        self.recorded(code).map_or_else(|| code.clone(), |economy| economy.code.clone())
    }

    /// All economies in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &Economy> {
        self.by_code.values()
    }

    /// How many economies there are.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }

    /// Finds the economy that a sender means by a code or a name. Never guesses: an unknown text gives
    /// the nearest spelling as a proposal.
    pub fn find(&self, text: &str) -> Result<(&Economy, EconomyMatch), UnknownEconomy> {
        let code = EconomyCode::new(text);
        if let Some(economy) = self.by_code.get(&code) {
            return Ok((economy, EconomyMatch::Code));
        }
        let by_other = self.other_codes.get(code.as_str()).map(|code| (code, EconomyMatch::OtherCode));
        let by_name = || self.names.get(&matching_key(text)).map(|code| (code, EconomyMatch::Name));
        if let Some((code, how)) = by_other.or_else(by_name)
            && let Some(economy) = self.by_code.get(code)
        {
            return Ok((economy, how));
        }
        Err(UnknownEconomy { nearest: self.nearest(text) })
    }

    fn nearest(&self, text: &str) -> Vec<EconomyCode> {
        let key = matching_key(text);
        // `Congo` is the beginning of two names, and the whole of none.
        let begins =
            |name: &str| name.strip_prefix(&key).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        let several: BTreeSet<&EconomyCode> = self
            .names
            .iter()
            .filter(|(name, _)| !key.is_empty() && begins(name))
            .map(|(_, code)| code)
            .collect();
        if several.len() > 1 {
            return several.into_iter().cloned().collect();
        }
        let upper = EconomyCode::new(text);
        let codes = self.by_code.keys().map(|code| (unlikeness(upper.as_str(), code.as_str()), code));
        let names = self.names.iter().map(|(name, code)| (unlikeness(&key, name), code));
        let alike = codes.chain(names).filter_map(|(unlike, code)| Some((unlike?, code)));
        // Of equals the first: a code.
        alike.min_by_key(|(unlike, _)| *unlike).map(|(_, code)| code.clone()).into_iter().collect()
    }
}

/// How unlike the spelling of a text is to that of a known word: by its slips, and of as many by whether it begins otherwise.
/// Absent where it is too unlike to be meant: a code is a word of a few letters, and with two slips it is any other.
fn unlikeness(text: &str, known: &str) -> Option<(usize, bool)> {
    let most = if text.chars().count() <= 4 { 1 } else { 2 };
    slips(text, known)
        .filter(|slips| *slips <= most)
        .map(|slips| (slips, text.chars().next() != known.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn economies() -> Economies {
        let economy = |code: &str, iso3: &str, name: &str, other: &str| Economy {
            code: EconomyCode::new(code),
            name: name.to_owned(),
            names: BTreeMap::new(),
            iso3: iso3.to_owned(),
            iso2: String::new(),
            other_codes: Vec::new(),
            other_names: vec![other.to_owned()],
            region: String::new(),
            income: String::new(),
        };
        let (all, doubled) = Economies::new(vec![
            economy("KEN", "KEN", "Kenya", "Republic of Kenya"),
            economy("WBG", "PSE", "West Bank and Gaza", "Palestine"),
            economy("CIV", "CIV", "Côte d'Ivoire", "Ivory Coast"),
        ]);
        assert!(doubled.is_empty());
        all
    }

    #[test]
    fn finds_by_code_other_code_and_name() {
        let all = economies();
        for (text, code, how) in [
            (" ken ", "KEN", EconomyMatch::Code),
            ("PSE", "WBG", EconomyMatch::OtherCode),
            ("COTE D\u{2019}IVOIRE", "CIV", EconomyMatch::Name),
            ("ivory\u{a0}coast", "CIV", EconomyMatch::Name),
        ] {
            let (economy, matched) = all.find(text).expect(text);
            assert_eq!((economy.code.as_str(), matched), (code, how), "{text}");
        }
    }

    #[test]
    fn names_are_known_in_all_languages() {
        let mut germany = economies().get(&EconomyCode::new("KEN")).unwrap().clone();
        germany.code = EconomyCode::new("DEU");
        (germany.iso3, germany.name) = ("DEU".to_owned(), "Germany".to_owned());
        germany.other_names.clear();
        let french = Language::new("fr");
        germany.names.insert(french.clone(), "Allemagne".to_owned());
        germany.names.insert(Language::new("es"), "Alemania".to_owned());
        assert_eq!(
            (germany.name_in(&french), germany.name_in(&Language::english())),
            ("Allemagne", "Germany")
        );
        let (all, _) = Economies::new(vec![germany]);
        for name in ["Germany", "ALLEMAGNE", "alemania"] {
            assert_eq!(all.find(name).map(|(economy, _)| economy.code.as_str()), Ok("DEU"), "{name}");
        }
    }

    #[test]
    fn what_is_on_record_follows_the_economy_and_not_a_name() {
        let all = economies();
        let current = |code: &str| all.current(&EconomyCode::new(code));
        assert_eq!(["KEN", "PSE"].map(current).map(String::from), ["KEN", "WBG"]);
        assert_eq!(current("KENYA"), EconomyCode::new("KENYA"));
        assert!(all.recorded(&EconomyCode::new("KENYA")).is_none());
    }

    #[test]
    fn proposes_but_never_guesses() {
        let all = economies();
        assert_eq!(all.find("Kenia"), Err(UnknownEconomy { nearest: vec![EconomyCode::new("KEN")] }));
        for text in ["KENN", "KNE", "knea"] {
            let nearest = all.find(text).unwrap_err().nearest;
            assert_eq!(
                nearest,
                if text == "knea" { Vec::new() } else { vec![EconomyCode::new("KEN")] },
                "{text}"
            );
        }
        assert_eq!(all.find("Atlantis"), Err(UnknownEconomy { nearest: Vec::new() }));
        assert_eq!(all.find(""), Err(UnknownEconomy { nearest: Vec::new() }));
    }
}
