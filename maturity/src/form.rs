//! Names in online forms: what a question is called in an `XLSForm`, and how exports change that name.
//!
//! An `XForm` name begins with a letter or `_` and holds letters, digits, `_`, `-` and `.`. Servers change it
//! further: ODK Central's tables have `I_17_4` for `I-17.4`. So names are compared by [`key`], and a framework
//! in which two names have one key is refused.

use crate::id::Id;
use crate::submission::Field;

/// The list of economies in a form.
pub const ECONOMIES: &str = "economies";

/// The list of languages in a form.
pub const LANGUAGES: &str = "form_languages";

/// The name of a question in a form.
pub fn name(id: &Id) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = id.as_str().chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name } else { format!("q_{name}") }
}

/// The name of a further field of a question, e.g. `I-1_evidence`.
pub fn field_name(id: &Id, field: Field) -> String {
    if field == Field::Answer { name(id) } else { format!("{}_{}", name(id), field.as_str()) }
}

/// The name of the note that tells of a broken rule; it takes no answer.
pub fn note_name(id: &Id) -> String {
    format!("{}_note", name(id))
}

/// The key by which names are compared: lower case, every other character than a letter or a digit is `_`.
pub fn key(name: &str) -> String {
    key_of_part(name.trim())
}

/// The same for a part of a name: the keys of its parts, one after the other, are the key of the whole.
pub fn key_of_part(part: &str) -> String {
    let fold = |c: char| if c.is_alphanumeric() { c } else { '_' };
    part.chars().map(fold).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_a_form_and_are_found_again() {
        for (id, expected) in
            [("I-17.4", "I-17.4"), ("1.2", "q_1.2"), ("Frage §3", "Frage__3"), ("_x", "_x"), ("é", "_")]
        {
            assert_eq!(name(&Id::from(id)), expected);
        }
        assert_eq!(field_name(&Id::from("I-1"), Field::Evidence), "I-1_evidence");
        assert_eq!(key(" I-17.4 "), key("i_17_4"));
        assert_ne!(key("I-1.2"), key("I-12"));
        assert_eq!(["part", "/", " I-1"].map(key_of_part).concat(), key("part/ I-1 "));
    }
}
