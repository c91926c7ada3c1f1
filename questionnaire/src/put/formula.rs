//! Formulas within Excel's limits, each with the value that stands there before a program computes it.

use rust_xlsxwriter::Formula;

use crate::formula;

/// A formula that is made from cells, functions and texts of the framework, never from what someone sent.
///
/// One that Excel would refuse to load is none: its value then stands in the cell by itself.
#[derive(Clone)]
pub struct Computed(Option<Formula>);

impl Computed {
    /// A formula, given without its leading `=`.
    #[expect(clippy::disallowed_methods, reason = "the place where formulas are made, within Excel's limits")]
    pub fn new(formula: &str) -> Self {
        let fits = formula::fits(formula).is_ok();
        Self(fits.then(|| Formula::new(format!("={formula}"))))
    }

    /// The formula with its value, if Excel takes it.
    pub(super) fn with(&self, value: &str) -> Option<Formula> {
        self.0.clone().map(|formula| formula.set_result(value))
    }

    /// The formula for a rule or a list, if Excel takes it.
    pub(super) fn bare(&self) -> Option<Formula> {
        self.0.clone()
    }
}

impl std::fmt::Debug for Computed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Computed").field("fits", &self.0.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A formula of so many characters, its `=` included.
    fn of_length(length: usize) -> Computed {
        let mut formula = "1".to_owned();
        while formula.len() + 3 < length {
            formula.push_str("+1");
        }
        formula.push_str(&"1".repeat(length - 1 - formula.len()));
        Computed::new(&formula)
    }

    #[test]
    fn a_formula_of_8_192_characters_is_one_and_a_longer_one_is_its_value() {
        assert!(of_length(8192).with("1").is_some());
        assert!(of_length(8193).with("1").is_none());
    }

    #[test]
    fn texts_in_a_formula_have_255_units_at_most() {
        let with = |text: &str| Computed::new(&format!("IF(A1=\"{text}\",1,0)")).with("0");
        assert!(with(&"x".repeat(255)).is_some());
        assert!(with(&"x".repeat(256)).is_none());
        assert!(with(&"😀".repeat(127)).is_some());
        assert!(with(&"😀".repeat(128)).is_none());
        // A quotation mark in a text is written twice and counts once.
        assert!(with(&"\"\"".repeat(255)).is_some());
        assert!(with(&"\"\"".repeat(256)).is_none());
    }

    #[test]
    fn functions_are_nested_64_deep_at_most() {
        let nested = |depth: usize| Computed::new(&format!("{}1{}", "ABS(".repeat(depth), ")".repeat(depth)));
        assert!(nested(64).with("1").is_some());
        assert!(nested(65).with("1").is_none());
    }
}
