//! What stands for something else in the text of XML: references to characters, and ends of lines.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// The character that a reference means; its name is what stands between `&` and `;`.
pub(super) fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
            // A sign would be read as part of a number.
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
            char::from_u32(code).filter(|character| *character != '\0')
        }
    }
}

/// A text in which every reference is replaced; nothing where one of them means nothing.
pub(super) fn replaced(text: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Some(text.into()) };
    let mut whole = String::with_capacity(text.len());
    let (before, mut rest) = text.split_at_checked(first)?;
    whole.push_str(before);
    while let Some(reference) = rest.strip_prefix('&') {
        let end = memchr2(b'&', b';', reference.as_bytes())?;
        let (name, after) = reference.split_at_checked(end)?;
        let after = after.strip_prefix(';')?;
        whole.push(character(name)?);
        let (text, next) = after.split_at(memchr(b'&', after.as_bytes()).unwrap_or(after.len()));
        whole.push_str(text);
        rest = next;
    }
    Some(whole.into())
}

/// A text in which every line ends in a line feed, as XML has it.
pub(crate) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr(b'\r', text.as_bytes()).is_none() {
        return text.into();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters_or_nothing() {
        for (text, expected) in [
            ("plain; text", Some("plain; text")),
            ("&amp;&lt;a&#65;&#x42;&quot;\u{e9}&apos;", Some("&<aAB\"\u{e9}'")),
            ("&", None),
            ("a&amp", None),
            ("&a&amp;", None),
            ("&nbsp;", None),
            ("&#+65;", None),
            ("&#x+41;", None),
            ("&#0;", None),
            ("&#xD800;", None),
            ("&#99999999999;", None),
            ("&#;", None),
        ] {
            assert_eq!(replaced(text).as_deref(), expected, "{text}");
            let library = quick_xml::escape::unescape(text).ok();
            assert_eq!(library.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn lines_end_in_line_feeds() {
        assert_eq!(with_line_feeds("a\r\nb\rc\n\r\r\n"), "a\nb\nc\n\n\n");
    }
}
