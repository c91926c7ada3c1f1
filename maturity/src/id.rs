//! Identifiers as people number them: `I-2` comes before `I-10`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id of a question, an indicator, a subindex or an index, e.g. `I-12.4` or `CGSI`.
///
/// Ordered naturally: runs of digits compare as numbers. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Id(Arc<str>);

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        natural(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

/// Compares two texts so that runs of digits count as numbers.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        match (left.first(), right.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (digits_left, rest_left) = leading_digits(left);
                let (digits_right, rest_right) = leading_digits(right);
                let order =
                    digits_left.len().cmp(&digits_right.len()).then_with(|| digits_left.cmp(digits_right));
                if order != Ordering::Equal {
                    return order;
                }
                (left, right) = (rest_left, rest_right);
            }
            (Some(a), Some(b)) => {
                if a != b {
                    return a.cmp(b);
                }
                (left, right) = (left.get(1..).unwrap_or_default(), right.get(1..).unwrap_or_default());
            }
        }
    }
}

/// Splits off the digits at the start, without their leading zeros.
fn leading_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().position(|b| *b != b'0').unwrap_or(digits.len());
    (digits.get(zeros..).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_people_number() {
        let mut ids: Vec<Id> =
            ["I-10", "I-2", "I-1.13.1", "I-1.2", "I-1", "GTMI", "I-02"].into_iter().map(Id::from).collect();
        ids.sort();
        let texts: Vec<_> = ids.iter().map(Id::as_str).collect();
        assert_eq!(texts, ["GTMI", "I-1", "I-1.2", "I-1.13.1", "I-02", "I-2", "I-10"]);
    }
}
