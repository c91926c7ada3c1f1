//! What a spreadsheet program takes as a formula.

use super::{LONGEST_TEXT, Unsupported};

/// Excel's limit for the characters of a formula, its `=` included.
const LONGEST: usize = 8192;
/// Excel's limit for functions inside functions.
const DEEPEST: usize = 64;

/// Whether Excel takes a formula, given without its `=`; else which of its limits is exceeded.
pub(crate) fn fits(formula: &str) -> Result<(), Unsupported> {
    if formula.encode_utf16().count() + 1 > LONGEST {
        return Err(Unsupported::Limit("8,192 characters"));
    }
    // How deeply brackets are nested, those in texts left out: at least as deep as functions are.
    let (mut now, mut text, mut in_text, mut in_name) = (0_usize, 0, false, false);
    let mut characters = formula.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if in_text && characters.next_if_eq(&'"').is_some() => text += 1,
            '"' if !in_name => (in_text, text) = (!in_text, 0),
            c if in_text => text += c.len_utf16(),
            '\'' => in_name = !in_name,
            _ if in_name => {}
            '(' => now += 1,
            ')' => now = now.saturating_sub(1),
            _ => {}
        }
        if now > DEEPEST {
            return Err(Unsupported::Limit("64 nested functions"));
        }
        if text > LONGEST_TEXT {
            return Err(Unsupported::Limit("255 characters of a text"));
        }
    }
    Ok(())
}
