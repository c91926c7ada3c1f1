//! Identifiers as people number them: `I-2` comes before `I-10`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id of a question, an indicator, a subindex or an index, e.g. `I-12.4` or `CGSI`.
///
/// Ordered naturally: runs of digits compare as numbers. Cheap to clone and to compare: where two ids differ, their
/// beginnings tell in which order they come, without a look at the texts.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Id {
    /// The beginning of the id in a form whose bytes come in natural order.
    beginning: Beginning,
    text: Arc<str>,
}

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self { beginning: beginning(text), text: Arc::from(text) }
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self { beginning: beginning(&text), text: Arc::from(text) }
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.text.as_ref().to_owned()
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.beginning == other.beginning && self.has_text_of(other)
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.beginning.hash(state);
        // Of a short id the beginning is all there is.
        if self.beginning.1 & 0xff != 0 {
            self.text.hash(state);
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.text).finish()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.beginning.cmp(&other.beginning) {
            Ordering::Equal if self.has_text_of(other) => Ordering::Equal,
            // Ids that are long, or the same but for leading zeros.
            Ordering::Equal => natural(&self.text, &other.text).then_with(|| self.text.cmp(&other.text)),
            order => order,
        }
    }
}

impl Id {
    fn has_text_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text) || self.text == other.text
    }
}

/// What is known of questions or indicators by their ids, which are looked up for every answer of every economy.
///
/// It hashes faster than the map of the standard library, and not the same from one process to the next: what has an order
/// is not read from it.
pub type IdMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The first bytes of a sort key, as numbers that compare like them.
type Beginning = (u64, u64);

/// The beginning of a key whose order, byte by byte, is that of [`natural`]. Everything but digits stands for itself; a
/// number without its leading zeros is its digit up to 8, else `9`, how many digits it has, and these. What comes after
/// a digit in a key is therefore never part of a longer number, and a shorter number comes first. A key that ends early
/// is filled with zeros: nothing comes before them.
fn beginning(text: &str) -> Beginning {
    let mut key = Key::default();
    let mut rest = text.as_bytes();
    while let (Some(byte), false) = (rest.first(), key.is_full()) {
        if !byte.is_ascii_digit() {
            key.push(*byte);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let (digits, behind) = leading_digits(rest);
        match digits {
            [] => key.push(b'0'),
            [digit @ b'1'..=b'8'] => key.push(*digit),
            _ => {
                key.push(b'9');
                let mut count = digits.len();
                while count >= usize::from(u8::MAX) && !key.is_full() {
                    key.push(u8::MAX);
                    count -= usize::from(u8::MAX);
                }
                // A key that is full needs no more.
                key.push(u8::try_from(count).unwrap_or(u8::MAX));
                for digit in digits {
                    key.push(*digit);
                }
            }
        }
        rest = behind;
    }
    let half = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    let (first, second) = key.bytes.split_at(key.bytes.len() / 2);
    (half(first), half(second))
}

#[derive(Default)]
struct Key {
    bytes: [u8; 16],
    length: usize,
}

impl Key {
    fn is_full(&self) -> bool {
        self.length == self.bytes.len()
    }

    /// Adds a byte; one that finds no place is left out.
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
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
    use proptest::prelude::*;

    use super::*;

    /// The order as it is said in words: numbers by value, the rest by byte, and by text where both leave a tie.
    fn in_words(left: &str, right: &str) -> Ordering {
        natural(left, right).then_with(|| left.cmp(right))
    }

    /// Texts that are alike for long, with numbers of many lengths and with bytes below and above digits.
    fn any_id() -> impl Strategy<Value = String> {
        let part = prop_oneof![
                    5 => prop::sample::select(vec!["I-", ".", "0", "00", "1", "8", "9", "09", "10", "12", "99", "\0", "/", ":", "é"])
                        .prop_map(str::to_owned),
                    1 => "[0-9]{1,20}",
                    1 => "[a-c]{1,9}",
        1 => prop::sample::select(vec![254_usize, 255, 256, 509, 510, 511]).prop_map(|count| "7".repeat(count)),
                ];
        prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_kept_beginning_changes_no_order(left in any_id(), right in any_id()) {
            let (a, b) = (Id::from(left.as_str()), Id::from(right.clone()));
            prop_assert_eq!(a.cmp(&b), in_words(&left, &right));
            prop_assert_eq!(a == b, left == right);
            prop_assert_eq!(a.cmp(&Id::from(left)), Ordering::Equal);
        }
    }

    #[test]
    fn questions_of_one_indicator_differ_in_what_is_kept() {
        assert!(beginning("I-12.4.1") < beginning("I-12.4.2"));
        assert!(beginning("I-48.13.9") < beginning("I-48.13.10"));
        assert_eq!(beginning("I-02"), beginning("I-2"));
        let long = |count: usize| Id::from("7".repeat(count));
        assert!((1..600).all(|count| long(count) < long(count + 1)));
    }

    #[test]
    fn orders_as_people_number() {
        let mut ids: Vec<Id> =
            ["I-10", "I-2", "I-1.13.1", "I-1.2", "I-1", "GTMI", "I-02"].into_iter().map(Id::from).collect();
        ids.sort();
        let texts: Vec<_> = ids.iter().map(Id::as_str).collect();
        assert_eq!(texts, ["GTMI", "I-1", "I-1.2", "I-1.13.1", "I-02", "I-2", "I-10"]);
    }
}
