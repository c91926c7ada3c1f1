//! What a cell takes and what it says about it: dropdowns and the messages beside cells.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, XlsxError};

use super::Computed;
use super::text::{clean, line, shorten};

/// Excel's limits for the title and the text of messages, in UTF-16 units.
pub(crate) const TITLE: usize = 32;
pub(crate) const MESSAGE: usize = 255;

/// A message of a title and a text; what is too long is cut at the end of a word.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// What it is about.
    pub title: &'a str,
    /// What it says.
    pub text: &'a str,
}

impl Given<'_> {
    /// Lets the message appear while the cell is chosen.
    #[expect(clippy::disallowed_methods, reason = "cut to what Excel has room for")]
    pub fn beside(self, validation: DataValidation) -> Result<DataValidation, XlsxError> {
        validation.set_input_title(self.title())?.set_input_message(self.message())
    }

    /// Lets the message appear when an entry does not fit.
    #[expect(clippy::disallowed_methods, reason = "cut to what Excel has room for")]
    pub fn against(self, validation: DataValidation) -> Result<DataValidation, XlsxError> {
        validation.set_error_title(self.title())?.set_error_message(self.message())
    }

    fn title(self) -> String {
        line(self.title, TITLE)
    }

    fn message(self) -> String {
        shorten(&clean(self.text), MESSAGE)
    }
}

/// Lets people choose from a range of cells. A list inside the rule itself is never written: it is limited to 255
/// characters and breaks at commas.
#[expect(clippy::disallowed_methods, reason = "a range of our own that Excel takes")]
pub fn choice(validation: DataValidation, range: &str) -> DataValidation {
    match Computed::new(range).bare() {
        Some(range) => validation.allow_list_formula(range),
        None => validation.allow_any_value(),
    }
}

/// A rule that questions an entry that does not fit, and does not refuse it.
pub fn question() -> DataValidation {
    DataValidation::new().set_error_style(DataValidationErrorStyle::Warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_room_for_32_and_255_units_and_are_cut_beyond() {
        for (title, text) in [(32, 255), (33, 256), (32_767, 32_768)] {
            for c in ["x", "😀", "\u{1}", "é"] {
                let (title, text) = (c.repeat(title), c.repeat(text));
                let given = Given { title: &title, text: &text };
                let validation = given.beside(DataValidation::new()).and_then(|rule| given.against(rule));
                assert!(validation.is_ok(), "{c:?}: {:?}", validation.err());
                assert!(given.title().encode_utf16().count() <= TITLE);
                assert!(given.message().encode_utf16().count() <= MESSAGE);
                assert!(!given.message().contains('\u{1}'));
            }
        }
        let whole = Given { title: &"x".repeat(32), text: &"x".repeat(255) };
        assert_eq!((whole.title(), whole.message()), ("x".repeat(32), "x".repeat(255)));
    }
}
