//! The text of a file that does not say in which encoding it is written.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use maturity::finding::Refusal;

use crate::refusal::unreadable;

/// More letters than these in a row are outside of ASCII in no word of the languages that Windows-1252 is for;
/// in Cyrillic, Greek or Arabic text that is mistaken for it nearly every word has them.
const MOST_ACCENTED: usize = 2;

/// A text and, where it was assumed, the encoding it was read in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) assumed: Option<String>,
}

/// Whether the file begins with the mark of UTF-16.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")
}

/// Decodes UTF-8 (with or without mark) and UTF-16 (with mark). Anything else is read as Windows-1252, which
/// Excel writes in Western Europe, Africa and the Americas, if that gives text as people write it there; all
/// other encodings cannot be told apart, so the sender has to choose one.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    let decoded = |text: &str| Decoded { text: text.to_owned(), assumed: None };
    if let Some(encoding) = [UTF_16LE, UTF_16BE].into_iter().find(|_| is_utf16(bytes)) {
        // The mark decides which of the two it is.
        let (text, _, broken) = encoding.decode(bytes);
        if broken {
            return Err(unreadable("its text is marked as UTF-16 but is not written in it"));
        }
        return Ok(decoded(&text));
    }
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(unmarked) {
        return Ok(decoded(text));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    if !is_western(&text) {
        return Err(unreadable(
            "it is a text table, and its letters are stored in an encoding that cannot be told with certainty",
        ));
    }
    Ok(Decoded { text: text.into_owned(), assumed: Some(WINDOWS_1252.name().to_owned()) })
}

/// Whether a text that was read as Windows-1252 looks like one.
fn is_western(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let beyond = |at: usize| characters.get(at).copied().unwrap_or(' ');
    let around = |at: usize| (at.checked_sub(1).map_or(' ', beyond), beyond(at + 1));
    let is_misread = |(at, sign): (usize, &char)| {
        let (before, after) = around(at);
        match *sign {
            // A sign inside a word is a letter of another code page: "us³ug" is Polish, "Pr‚sidence" from DOS.
            sign if is_sign(sign) => before.is_alphabetic() && after.is_alphabetic(),
            // So is one that touches a word, where it belongs to numbers: "s±" is Polish.
            sign if is_sign_of_numbers(sign) => before.is_alphabetic() || after.is_alphabetic(),
            // Micro stands before a unit; "µudia" is Slovak.
            'µ' => before.is_alphabetic() || !after.is_ascii_lowercase() || beyond(at + 2).is_alphabetic(),
            _ => false,
        }
    };
    if characters.iter().enumerate().any(is_misread) {
        return false;
    }
    let mut row = 0;
    characters.into_iter().all(|c| {
        row = if c.is_alphabetic() && !c.is_ascii() { row + 1 } else { 0 };
        row <= MOST_ACCENTED && (c.is_ascii() || is_western_character(c))
    })
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        '¡' | '¿'
            | '°'
            | '€'
            | '£'
            | '§'
            | '©'
            | '®'
            | '™'
            | '²'
            | '³'
            | '¼'
            | '½'
            | '¾'
            | '‚'
            | '„'
            | '‹'
    )
}

fn is_sign_of_numbers(c: char) -> bool {
    matches!(c, '±' | '×' | '÷' | '‰' | '¥' | '¢' | '†' | '‡' | '¹')
}

fn is_western_character(c: char) -> bool {
    let letter_or_sign = is_sign(c)
        || is_sign_of_numbers(c)
        || matches!(c, 'µ' | '´')
        || matches!(c, '\u{c0}'..='\u{ff}' if c != '×' && c != '÷')
        || matches!(c, 'Œ' | 'œ' | 'Ÿ');
    letter_or_sign
        || matches!(
            c,
            '\u{a0}'
                | '\u{ad}'
                | '«'
                | '»'
                | '›'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '–'
                | '—'
                | '…'
                | '•'
                | '·'
                | 'º'
                | 'ª'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn western(text: &str) -> Vec<u8> {
        WINDOWS_1252.encode(text).0.into_owned()
    }

    #[test]
    fn utf8_and_utf16_are_read_with_and_without_mark() {
        let text = "n°,Réponse\n1,Oui…\n";
        let wide = |swap: bool| {
            let unit = |unit: u16| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let mark = std::iter::once(0xFEFF_u16);
            mark.chain(text.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
        };
        let expected = Decoded { text: text.to_owned(), assumed: None };
        for bytes in
            [text.as_bytes().to_vec(), [b"\xEF\xBB\xBF", text.as_bytes()].concat(), wide(false), wide(true)]
        {
            assert_eq!(decode(&bytes).unwrap(), expected);
        }
        assert!(decode(b"\xFF\xFEa\0\0\xD8,\0").is_err(), "half of a pair");
    }

    #[test]
    fn text_of_western_excel_is_read_and_the_encoding_named() {
        for text in [
            "Créée en été – « n’a pas »;¿Señoría? œuvre;1 234,5 €",
            "d´accord;±5 %;2×3;10 µg;3 ‰;¥ 5;6÷2;note ¹",
        ] {
            let decoded = decode(&western(text)).unwrap();
            assert_eq!(decoded.text, text);
            assert_eq!(decoded.assumed.as_deref(), Some("windows-1252"));
        }
    }

    #[test]
    fn text_of_other_code_pages_is_refused_instead_of_misread() {
        let (cyrillic, ..) = encoding_rs::WINDOWS_1251.encode("Да, опубликовано");
        let (greek, ..) = encoding_rs::WINDOWS_1253.encode("Ναι");
        let (arabic, ..) = encoding_rs::WINDOWS_1256.encode("نعم");
        let (chinese, ..) = encoding_rs::GBK.encode("是的，已经发布");
        let (mac, ..) = encoding_rs::MACINTOSH.encode("Déjà publié");
        let (polish, ..) = encoding_rs::WINDOWS_1250.encode("żółć");
        // Polish, Slovak and Slovene of ISO 8859-2, which has no sign where they have letters; French of DOS.
        for bytes in [&b"s\xB1"[..], b"\xB5udia", b"ve\xB9", b"Pr\x82sidence"] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
        for bytes in [cyrillic, greek, arabic, chinese, mac, polish] {
            assert!(decode(&bytes).is_err(), "{bytes:?}");
        }
    }
}
