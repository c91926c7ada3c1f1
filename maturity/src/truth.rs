//! What spreadsheet programs call true and false.

use crate::normalize::matching_key;

/// In English, French, Spanish, Portuguese, Italian and German.
const TRUE: [&str; 6] = ["true", "vrai", "verdadero", "verdadeiro", "vero", "wahr"];
const FALSE: [&str; 4] = ["false", "faux", "falso", "falsch"];

/// The truth value that a text is the name of.
pub fn said_by(text: &str) -> Option<bool> {
    let key = matching_key(text);
    let is_one = |words: &[&str]| words.contains(&key.as_str());
    if is_one(&TRUE) {
        Some(true)
    } else if is_one(&FALSE) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_values_are_known_in_several_languages() {
        for (text, expected) in
            [("TRUE", Some(true)), ("Vrai ", Some(true)), ("FALSO", Some(false)), ("1", None), ("", None)]
        {
            assert_eq!(said_by(text), expected, "{text:?}");
        }
    }
}
