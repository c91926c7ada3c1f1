//! By which prefixes an ods calls the elements of its name spaces.

use maturity::finding::Refusal;

use crate::Limits;
use crate::refusal::unreadable;
use crate::xml::{Piece, Xml};

/// The name spaces whose elements and attributes say what cells hold, and the prefixes by which they are read, which are those of
/// every program that writes such files.
const KNOWN: [(&str, &str); 6] = [
    ("office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
    ("table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"),
    ("text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"),
    ("style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"),
    ("draw", "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"),
    ("xlink", "http://www.w3.org/1999/xlink"),
];

/// Refuses a part that calls one of the name spaces otherwise, or another one by one of the prefixes: its elements would be passed
/// over, and its cells with them, or taken for what they are not.
pub(super) fn check(bytes: &[u8], part: &str, limits: &Limits) -> Result<(), Refusal> {
    let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
    let mut is_first = true;
    loop {
        match xml.next()? {
            Piece::Start(start) => {
                for (prefix, name_space) in xml.name_spaces(&start)? {
                    let differs = |(known, of): &(&str, &str)| (*known == prefix) != (*of == name_space);
                    if KNOWN.iter().any(differs) {
                        return Err(unreadable(format!(
                            "the part {part} gives the prefix {prefix:?} to another name space than spreadsheet programs do"
                        )));
                    }
                }
                // Programs declare all of them at the first element.
                if std::mem::take(&mut is_first) && !xml.goes_on_with("xmlns") {
                    return Ok(());
                }
            }
            Piece::Eof => return Ok(()),
            _ => {}
        }
    }
}
