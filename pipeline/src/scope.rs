//! How much of the work a run is asked to do.

use std::collections::BTreeSet;

use maturity::economy::EconomyCode;

/// What a run is asked for; the default is everything that is not up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these economies are validated, scored and reported; empty: all.
    pub economies: BTreeSet<EconomyCode>,
    /// Whether work that is up to date is done again.
    pub force: bool,
}

impl Scope {
    /// Whether work for this economy is asked for.
    pub fn takes(&self, economy: &EconomyCode) -> bool {
        self.economies.is_empty() || self.economies.contains(economy)
    }

    /// Whether no economy is left out, so that what concerns all of them can be brought up to date.
    pub fn is_whole(&self) -> bool {
        self.economies.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_choice_means_every_economy() {
        let code = |text: &str| EconomyCode::new(text);
        let some = Scope { economies: [code("KEN")].into(), force: false };
        assert!(Scope::default().takes(&code("PER")) && Scope::default().is_whole());
        assert!(some.takes(&code("KEN")) && !some.takes(&code("PER")) && !some.is_whole());
    }
}
