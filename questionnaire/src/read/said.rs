//! Whether two cells say the same.

use maturity::cell::CellValue;
use maturity::normalize::matching_key;

/// What a cell says, be it as a number or as text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Said {
    /// The bits of a number.
    Number(u64),
    /// The matching key of a text.
    Text(String),
}

impl Said {
    /// What the cell says.
    pub(super) fn of(value: &CellValue) -> Self {
        let key = matching_key(&value.display());
        key.parse::<f64>().map_or_else(|_| Self::Text(key), |number| Self::Number(number.to_bits()))
    }
}
