//! The table of texts that the cells of an xlsx share.

use maturity::finding::Refusal;

use super::text;
use crate::Limits;
use crate::refusal::{count, damaged, too_large};
use crate::xml::{Piece, Xml};

/// The texts in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct SharedTexts {
    all: String,
    /// Where each text ends; the next one begins there.
    ends: Vec<usize>,
}

impl SharedTexts {
    /// Reads the table. How many texts it declares counts for nothing.
    pub(super) fn read(bytes: &[u8], part: &str, limits: &Limits) -> Result<Self, Refusal> {
        let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
        let mut texts = Self::default();
        let mut opened = false;
        loop {
            match xml.next()? {
                Piece::Start(start) if start.local_name() == "si" => {
                    text::read(&mut xml, &start, &mut texts.all)?;
                    texts.ends.push(texts.all.len());
                    if texts.ends.len() > limits.cells {
                        return Err(too_large("too many texts", count(limits.cells)));
                    }
                }
                Piece::Start(start) if start.local_name() == "sst" => opened = true,
                Piece::Eof if opened => return Ok(texts),
                Piece::Eof => return Err(damaged(format!("the part {part} holds no table of texts"))),
                _ => {}
            }
        }
    }

    /// The text at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.all.get(start..*self.ends.get(index)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_position() {
        let table = "<sst uniqueCount=\"4000000000\"><si><t>a</t></si><si/><si><t>bc</t></si></sst>";
        let texts = SharedTexts::read(table.as_bytes(), "part.xml", &Limits::default()).unwrap();
        let found: Vec<_> = (0..4).map(|index| texts.get(index)).collect();
        assert_eq!(found, [Some("a"), Some(""), Some("bc"), None]);
        assert!(SharedTexts::read(b"<table/>", "part.xml", &Limits::default()).is_err());
    }
}
