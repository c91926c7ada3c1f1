//! Bringing texts to a form in which they can be compared. Raw texts are kept; only keys are normalised.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkd_quick};

/// Characters that people do not see but that paste brings along.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{fffc}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Trims a text as a person sees it: no invisible characters, every run of white space one blank, NFC.
pub fn tidy(text: &str) -> String {
    tidied(text).into_owned()
}

/// The same without a copy of a text that is tidy already.
pub fn tidied(text: &str) -> Cow<'_, str> {
    // Most texts are as they should be, and every cell of every file passes here: composing them anew costs more
    // than reading them.
    if text.is_ascii() {
        let spaced = is_spaced_ascii(text);
        return if spaced { text.into() } else { single_blanks(text, |character| character).into() };
    }
    let is_composed = is_nfc_quick(text.chars()) == IsNormalized::Yes;
    let is_visible = is_composed && !text.contains(is_invisible);
    if is_visible && is_spaced(text) {
        return text.into();
    }
    let visible: Cow<str> = if is_visible {
        text.into()
    } else {
        text.nfc().filter(|c| !is_invisible(*c)).collect::<String>().into()
    };
    single_blanks(&visible, |character| character).into()
}

/// The text without blanks around it, with single ones inside, each other character replaced.
fn single_blanks(text: &str, replaced: impl Fn(char) -> char) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(&replaced));
    }
    out
}

/// Whether white space stands only between words, each one blank.
fn is_spaced(text: &str) -> bool {
    let mut before = ' ';
    let alone = |c: char| {
        let fits = !c.is_whitespace() || (c == ' ' && before != ' ');
        before = c;
        fits
    };
    text.chars().all(alone) && !text.ends_with(' ')
}

/// The same for a text in ASCII.
fn is_spaced_ascii(text: &str) -> bool {
    let mut before = b' ';
    text.bytes().all(|byte| {
        let fits = !matches!(byte, b'\t'..=b'\r') && (byte != b' ' || before != b' ');
        before = byte;
        fits
    }) && (before != b' ' || text.is_empty())
}

/// The key under which two texts are the same answer: tidy, lower case, without accents, straight quotes,
/// one kind of dash.
pub fn matching_key(text: &str) -> String {
    if text.is_ascii() {
        return plain_key(text);
    }
    let tidy = tidied(text);
    // Invisible characters may have been all that was not ASCII.
    if tidy.is_ascii() { plain_key(&tidy) } else { folded(&tidy) }
}

/// The first character of a text's matching key, where the beginning of the text tells it. Enough to see that most texts
/// are none of a few that are known.
pub fn matching_start(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    match first {
        '`' => Some('\''),
        // What follows a character can change how it is written, not what it begins with.
        '!'..='~' => Some(first.to_ascii_lowercase()),
        _ if first.is_ascii() => None,
        _ if stands_for_itself(first) => first.to_lowercase().next().map(plain_mark),
        _ => matching_key(text.get(..first.len_utf8())?).chars().next(),
    }
}

/// Whether a character that is not ASCII is seen and is made of no others. Marks beside the answers begin many cells.
fn stands_for_itself(c: char) -> bool {
    is_nfkd_quick(std::iter::once(c)) == IsNormalized::Yes
        && !is_combining_mark(c)
        && !is_invisible(c)
        && !c.is_whitespace()
}

/// The bytes of a text's matching key, where the text tells it without being changed: a text in ASCII with single blanks
/// between its words. Most texts are as long as none of a few that are known.
pub fn matching_len(text: &str) -> Option<usize> {
    (text.is_ascii() && is_spaced_ascii(text)).then_some(text.len())
}

/// The key of a text in ASCII, in one go: every cell of every file passes here.
fn plain_key(text: &str) -> String {
    if is_spaced_ascii(text) {
        let key = text.to_ascii_lowercase();
        return if key.contains('`') { key.replace('`', "'") } else { key };
    }
    single_blanks(text, |letter| if letter == '`' { '\'' } else { letter.to_ascii_lowercase() })
}

/// A tidy text in lower case, without accents, with one kind of quotes and dashes.
fn folded(tidy: &str) -> String {
    tidy.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(plain_mark).collect()
}

/// One kind of quotes and dashes.
fn plain_mark(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tidies_what_paste_brings() {
        assert_eq!(tidy("\u{feff} Oui\u{a0}\u{200b} \n non\t\u{61c}\u{180e}\u{fffc}"), "Oui non");
        assert_eq!(tidy("e\u{301}"), "é");
    }

    proptest! {
        /// The ways round composing are no other ways of reading.
        #[test]
        fn shortcuts_change_nothing(text in "[ \\t\u{a0}a-zA-Z`'éÉ\u{301}\u{200b}\u{ad}ﬁΩ\u{2013}”-]{0,12}") {
            let visible: String = text.nfc().filter(|c| !is_invisible(*c)).collect();
            let tidied = visible.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(tidy(&text), tidied.as_str());
            prop_assert_eq!(matching_key(&text), folded(&tidied));
            if let Some(start) = matching_start(&text) {
                prop_assert_eq!(matching_key(&text).chars().next(), Some(start));
            }
        }

        /// The beginning of a text tells how its key begins, whatever follows.
        #[test]
        fn keys_begin_as_their_texts_do(text in "[\\PC\\t\u{301}\u{338}\u{345}]{0,4}") {
            if let Some(start) = matching_start(&text) {
                prop_assert_eq!(matching_key(&text).chars().next(), Some(start));
            }
        }
    }

    /// Of every character there is.
    #[test]
    fn keys_begin_as_each_character_alone_does() {
        for c in '\0'..=char::MAX {
            let text = String::from(c);
            if let Some(start) = matching_start(&text) {
                assert_eq!(matching_key(&text).chars().next(), Some(start), "{c:?}");
            }
        }
    }

    proptest! {
        /// A length that a text tells is that of its key.
        #[test]
        fn keys_are_as_long_as_their_texts_say(text in "[ a-zA-Z`'\\t\\x0b\\x1f.é\u{200b}]{0,6}") {
            if let Some(length) = matching_len(&text) {
                prop_assert_eq!(matching_key(&text).len(), length);
            }
        }
    }

    #[test]
    fn lengths_are_told_of_plain_texts() {
        assert_eq!(matching_len("Yes, it is"), Some(10));
        assert_eq!([matching_len(" yes"), matching_len("a  b"), matching_len("\u{e9}")], [None; 3]);
    }

    #[test]
    fn matches_as_people_read() {
        assert_eq!(matching_key("  ÉTÉ\u{a0}– “fini”"), "ete - \"fini\"");
        assert_eq!(matching_key("Côte d\u{2019}Ivoire"), matching_key("COTE D'IVOIRE"));
    }
}
