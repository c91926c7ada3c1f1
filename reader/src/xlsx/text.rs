//! Text of an xlsx: the runs of a rich text put together, and characters that XML cannot hold written as `_x000D_`.

use std::borrow::Cow;

use maturity::finding::Refusal;
use memchr::memchr;

use crate::raised::{Line, Sign, subscript, superscript};
use crate::xml::{Element, Piece, Xml, local_name, with_line_feeds};

/// The length of `_x000D_`.
const ESCAPE: usize = 7;
/// What is trimmed where white space does not count.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Appends the text of an element that holds texts (`t`), plain or in runs (`r`), up to its end. What is said in
/// passing, such as how a name is pronounced (`rPh`), is no part of the text.
pub(super) fn read<'x>(xml: &mut Xml<'x>, start: &Element<'x>, text: &mut String) -> Result<(), Refusal> {
    let mut line = Line::default();
    let mut sign: Option<Sign> = None;
    loop {
        match xml.next()? {
            Piece::Start(child) => match child.local_name() {
                "t" => {
                    let from = text.len();
                    piece(xml, &child, text)?;
                    line.add(text, from, sign);
                }
                "r" => sign = None,
                "vertAlign" => {
                    sign = match xml.raw_attribute(&child, |key| key == "val")? {
                        Some("superscript") => Some(superscript),
                        Some("subscript") => Some(subscript),
                        _ => None,
                    };
                }
                "rPh" => xml.skip(&child)?,
                _ => {}
            },
            Piece::End(name) if local_name(name) == "r" => sign = None,
            Piece::End(name) if name == start.name => return Ok(()),
            Piece::Eof => return Err(xml.broken_off()),
            _ => {}
        }
    }
}

/// Appends one text element. White space around it counts only where the element says so.
fn piece<'x>(xml: &mut Xml<'x>, start: &Element<'x>, text: &mut String) -> Result<(), Refusal> {
    let preserved = xml.raw_attribute(start, |key| key == "xml:space")? == Some("preserve");
    // The usual text is one piece without anything that must be replaced: it is copied once.
    let mut first: Option<Cow<'_, str>> = None;
    let mut joined = String::new();
    loop {
        match xml.next()? {
            Piece::Text(piece) if first.is_none() => first = Some(with_line_feeds(piece)),
            Piece::Text(piece) => joined.push_str(&with_line_feeds(piece)),
            Piece::Marked(piece) => {
                first.get_or_insert(Cow::Borrowed(""));
                joined.push_str(&with_line_feeds(piece));
            }
            Piece::Reference(name) => {
                first.get_or_insert(Cow::Borrowed(""));
                xml.resolve(name, &mut joined)?;
            }
            Piece::End(name) if name == start.name => break,
            Piece::Eof => return Err(xml.broken_off()),
            _ => {}
        }
    }
    let first = first.unwrap_or_default();
    let whole = if joined.is_empty() { first } else { Cow::Owned(first.into_owned() + &joined) };
    text.push_str(&unescape(if preserved { &whole } else { whole.trim_matches(BLANKS) }));
    Ok(())
}

/// Replaces `_x` and four hexadecimal digits and `_` by the UTF-16 unit that they stand for.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(mut found) = next_escape(text, 0) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    loop {
        let (at, unit) = found;
        plain.push_str(text.get(from..at).unwrap_or_default());
        from = at + ESCAPE;
        // Two units in a row may be the halves of one character; a half alone is none.
        let second = escape_at(text, from).filter(|second| (0xDC00..0xE000).contains(second));
        let units = if (0xD800..0xDC00).contains(&unit) { [Some(unit), second] } else { [Some(unit), None] };
        if units[1].is_some() {
            from += ESCAPE;
        }
        let units = units.into_iter().flatten();
        plain.extend(char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)));
        match next_escape(text, from) {
            Some(next) => found = next,
            None => break,
        }
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(plain)
}

/// The first escape from the byte `from` on: where it is and its unit.
fn next_escape(text: &str, from: usize) -> Option<(usize, u16)> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += memchr(b'_', bytes.get(at..)?)?;
        if let Some(unit) = escape_at(text, at) {
            return Some((at, unit));
        }
        at += 1;
    }
}

fn escape_at(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + ESCAPE)?.strip_prefix("_x")?.strip_suffix('_')?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(xml: &str) -> String {
        let mut xml = Xml::new(xml.as_bytes(), "part.xml", 1000).unwrap();
        let Piece::Start(start) = xml.next().unwrap() else { panic!("no element") };
        let mut text = String::new();
        read(&mut xml, &start, &mut text).unwrap();
        text
    }

    #[test]
    fn runs_are_put_together_without_what_is_said_in_passing() {
        for (xml, text) in [
            ("<si/>", ""),
            ("<si><t>plain</t></si>", "plain"),
            (
                "<si><r><t>two </t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> runs</t></r></si>",
                "two runs",
            ),
            (
                "<si><r><t>12</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>10</t></r><r><t>3</t></r></si>",
                "12\u{b9}\u{2070}3",
            ),
            (
                "<si><r><t>CO</t></r><r><rPr><vertAlign val=\"subscript\"/></rPr><t>2</t></r></si>",
                "CO\u{2082}",
            ),
            ("<si><r><rPr><vertAlign val=\"superscript\"/></rPr><t>2016</t></r></si>", "2016"),
            (
                "<si><r><rPr><vertAlign val=\"superscript\"/></rPr><t>20</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>16</t></r></si>",
                "2016",
            ),
            ("<si><r><t>1</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>st</t></r></si>", "1st"),
            ("<si><t>name</t><rPh sb=\"0\" eb=\"1\"><t>sound</t></rPh><phoneticPr/></si>", "name"),
            ("<si><t> a &amp; b&#x41;<![CDATA[<c>]]>\r\nd </t></si>", "a & bA<c>\nd"),
            ("<si><t>\u{a0}x\u{a0}</t></si>", "\u{a0}x\u{a0}"),
            ("<si><t>&amp;</t></si>", "&"),
            ("<si><t><![CDATA[a]]>b</t></si>", "ab"),
        ] {
            assert_eq!(text_of(xml), text, "{xml}");
        }
    }

    #[test]
    fn escaped_units_become_characters() {
        for (escaped, plain) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_!", "\u{1f600}!"),
            ("_xD83D_ _xDE00_", "\u{fffd} \u{fffd}"),
            ("_x00e9_", "\u{e9}"),
            ("_x+0E9_ _x00E_ _x_ __x0041_ snake_case_x", "_x+0E9_ _x00E_ _x_ _A snake_case_x"),
        ] {
            assert_eq!(unescape(escaped), plain, "{escaped}");
        }
    }
}
