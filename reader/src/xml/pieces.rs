//! Takes XML apart: elements, texts and what stands between them, each a slice of the part and never a copy.
//!
//! The rules are those of quick-xml, by which calamine reads; a test holds that both find the same pieces in altered
//! parts. The text is checked to be UTF-8 once, and what the walk passes over is looked at once.

use memchr::{memchr, memchr2, memmem};

/// White space of XML.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
/// Most texts and attributes are shorter than this: starting a wide search costs more than looking at each byte.
const SHORT: usize = 16;

/// One piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'x> {
    /// An element begins. One that is written as `<a/>` ends with the next piece.
    Start(Element<'x>),
    /// The element of that name ends.
    End(&'x str),
    /// Text as it is written; references stand between texts.
    Text(&'x str),
    /// Text in which nothing is marked.
    Marked(&'x str),
    /// What stands between `&` and `;`.
    Reference(&'x str),
    /// A document type declaration.
    Type,
    /// The declaration of XML.
    Declaration,
    /// A comment or an instruction.
    Aside,
    /// The part ends.
    Eof,
}

/// The beginning of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'x> {
    /// Its name with its prefix.
    pub(crate) name: &'x str,
    attributes: &'x str,
}

impl<'x> Element<'x> {
    /// Its name without its prefix.
    pub(crate) fn local_name(&self) -> &'x str {
        local_name(self.name)
    }

    /// Its attributes as they are written, by name.
    pub(super) fn attributes(&self) -> Attributes<'x> {
        Attributes { rest: self.attributes }
    }
}

/// A name without its prefix.
pub(crate) fn local_name(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => name.get(colon + 1..).unwrap_or_default(),
        None => name,
    }
}

/// What cannot be taken apart any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The pieces of a part, in order.
pub(super) struct Pieces<'x> {
    text: &'x str,
    at: usize,
    /// How many elements are open.
    open: usize,
    /// The name of an element that was written as `<a/>` and has to end.
    ending: Option<&'x str>,
}

impl<'x> Pieces<'x> {
    pub(super) fn of(text: &'x str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, at: 0, open: 0, ending: None }
    }

    /// The byte at which the next piece begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// What is still to come.
    pub(super) fn rest(&self) -> &'x [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next piece.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Piece<'x>, Malformed> {
        if let Some(name) = self.ending.take() {
            return Ok(Piece::End(name));
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        match rest {
            [] => Ok(Piece::Eof),
            [b'<', b'/', ..] => self.end(rest),
            [b'<', b'!', ..] => self.exclamation(rest),
            [b'<', b'?', ..] => self.instruction(rest),
            [b'<', ..] => self.start(rest),
            [b'&', reference @ ..] => {
                let length = reference_length(reference)?;
                Ok(Piece::Reference(self.take(1, length + 1, length + 2)?))
            }
            _ => {
                let length = text_length(rest);
                Ok(Piece::Text(self.take(0, length, length)?))
            }
        }
    }

    /// Passes over the text and the references up to the next markup.
    pub(super) fn pass_text(&mut self) -> Result<(), Malformed> {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'<', b'&', rest) else {
                self.at = self.text.len();
                return Ok(());
            };
            self.at += found;
            let Some([b'&', reference @ ..]) = rest.get(found..) else { return Ok(()) };
            self.at += reference_length(reference)? + 2;
        }
    }

    /// Passes over the element of that name that just began, which holds none of its kind, to its end. Where that is not
    /// found, its pieces are next.
    pub(super) fn pass_element(&mut self, name: &str) {
        if self.ending.take().is_some() {
            return;
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let end = format!("</{name}>");
        if let Some(found) = memmem::find(rest, end.as_bytes()) {
            self.at += found + end.len();
            self.open = self.open.saturating_sub(1);
        }
    }

    /// The bytes `from..to` of the piece, which is `length` bytes long.
    #[inline]
    fn take(&mut self, from: usize, to: usize, length: usize) -> Result<&'x str, Malformed> {
        let taken = self.text.get(self.at + from..self.at + to).ok_or(Malformed)?;
        self.at += length;
        Ok(taken)
    }

    #[inline]
    fn start(&mut self, rest: &[u8]) -> Result<Piece<'x>, Malformed> {
        let close = tag_end(rest).ok_or(Malformed)?;
        let is_empty = rest.get(close - 1) == Some(&b'/');
        let inside = self.take(1, close - usize::from(is_empty), close + 1)?;
        let name_length = inside.bytes().position(is_blank).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at_checked(name_length).ok_or(Malformed)?;
        if is_empty {
            self.ending = Some(name);
        } else {
            self.open += 1;
        }
        Ok(Piece::Start(Element { name, attributes }))
    }

    #[inline]
    fn end(&mut self, rest: &[u8]) -> Result<Piece<'x>, Malformed> {
        let close = tag_end(rest).ok_or(Malformed)?;
        self.open = self.open.checked_sub(1).ok_or(Malformed)?;
        let name = self.take(2, close, close + 1)?;
        let is_trimmed = !name.bytes().next_back().is_some_and(is_blank);
        Ok(Piece::End(if is_trimmed { name } else { name.trim_end_matches(BLANKS) }))
    }

    fn exclamation(&mut self, rest: &[u8]) -> Result<Piece<'x>, Malformed> {
        if let Some(inside) = rest.strip_prefix(b"<!--") {
            let end = memmem::find(inside, b"-->").ok_or(Malformed)?;
            self.at += end + 7;
            return Ok(Piece::Aside);
        }
        if let Some(inside) = rest.strip_prefix(b"<![CDATA[") {
            let end = memmem::find(inside, b"]]>").ok_or(Malformed)?;
            return Ok(Piece::Marked(self.take(9, end + 9, end + 12)?));
        }
        if is_type_declaration(rest) { Ok(Piece::Type) } else { Err(Malformed) }
    }

    fn instruction(&mut self, rest: &[u8]) -> Result<Piece<'x>, Malformed> {
        let end = memmem::find(rest, b"?>").filter(|end| *end > 1).ok_or(Malformed)?;
        let inside = self.take(2, end, end + 2)?;
        let is_declaration =
            inside.strip_prefix("xml").is_some_and(|rest| rest.bytes().next().is_none_or(is_blank));
        Ok(if is_declaration { Piece::Declaration } else { Piece::Aside })
    }
}

pub(super) fn is_type_declaration(rest: &[u8]) -> bool {
    rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"<!DOCTYPE"))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The text behind the blanks that it begins with.
#[inline]
fn without_blanks(text: &str) -> &str {
    match text.bytes().position(|byte| !is_blank(byte)) {
        Some(0) => text,
        Some(from) => text.get(from..).unwrap_or_default(),
        None => "",
    }
}

/// How far a text goes: to the next markup or reference, or to the end.
#[inline]
fn text_length(rest: &[u8]) -> usize {
    let (short, long) = rest.split_at(rest.len().min(SHORT));
    if let Some(end) = short.iter().position(|byte| matches!(byte, b'<' | b'&')) {
        return end;
    }
    memchr2(b'<', b'&', long).map_or(rest.len(), |end| SHORT + end)
}

/// How long the name of a reference is, which must be closed.
fn reference_length(reference: &[u8]) -> Result<usize, Malformed> {
    let end = reference.iter().position(|byte| matches!(byte, b';' | b'&' | b'<')).ok_or(Malformed)?;
    if reference.get(end) == Some(&b';') { Ok(end) } else { Err(Malformed) }
}

/// Where the `>` of a tag stands: the first that is not in quotes.
#[inline]
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += tag.get(at..)?.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\''))?;
        match *tag.get(at)? {
            b'>' => return Some(at),
            quote => at += quoted_length(tag.get(at + 1..)?, quote)? + 2,
        }
    }
}

/// How far it is to the closing quote.
#[inline]
fn quoted_length(rest: &[u8], quote: u8) -> Option<usize> {
    let (short, long) = rest.split_at(rest.len().min(SHORT));
    let near = short.iter().position(|byte| *byte == quote);
    near.or_else(|| memchr(quote, long).map(|end| SHORT + end))
}

/// Attributes with their values as they are written.
pub(super) struct Attributes<'x> {
    rest: &'x str,
}

impl<'x> Attributes<'x> {
    fn read(&mut self) -> Option<(&'x str, &'x str)> {
        let bytes = self.rest.as_bytes();
        // The first byte belongs to the name, whatever it is.
        let name_end = 1 + bytes.get(1..)?.iter().position(|byte| *byte == b'=' || is_blank(*byte))?;
        let name = self.rest.get(..name_end)?;
        let value = without_blanks(without_blanks(self.rest.get(name_end..)?).strip_prefix('=')?);
        let quote = *value.as_bytes().first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let length = quoted_length(value.as_bytes().get(1..)?, quote)?;
        self.rest = value.get(length + 2..)?;
        Some((name, value.get(1..=length)?))
    }
}

impl<'x> Iterator for Attributes<'x> {
    type Item = Result<(&'x str, &'x str), Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.rest = without_blanks(self.rest);
        if self.rest.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_none() {
            self.rest = "";
        }
        Some(read.ok_or(Malformed))
    }
}
