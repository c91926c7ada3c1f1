//! Walks the XML of one part: refuses type declarations, oversized pieces and what is no XML.
//!
//! End names are not compared with start names: programs that write forms get them right, and an element that is
//! never closed is refused where its content is read.

mod pieces;
mod references;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use maturity::finding::Refusal;
use memchr::{memchr, memmem};

pub(crate) use self::pieces::{Element, Piece, local_name};
use self::pieces::{Malformed, Pieces};
pub(crate) use self::references::with_line_feeds;
use crate::refusal::{damaged, size, too_large, unreadable};

/// Whether a part says of itself that it is written in another encoding than UTF-8. Spreadsheet programs believe it.
fn declares_another(text: &str) -> bool {
    let declaration =
        text.trim_start_matches('\u{feff}').strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let stated = declaration.and_then(|(declaration, _)| {
        let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    });
    stated.is_some_and(|encoding| {
        !encoding.eq_ignore_ascii_case("utf-8") && !encoding.eq_ignore_ascii_case("utf8")
    })
}

/// One part's pieces in order.
pub(crate) struct Xml<'x> {
    pieces: Pieces<'x>,
    part: &'x str,
    longest: usize,
}

impl<'x> Xml<'x> {
    /// The part must be UTF-8, as every current spreadsheet program writes it; the library reads nothing else.
    pub(crate) fn new(bytes: &'x [u8], part: &'x str, longest: usize) -> Result<Self, Refusal> {
        let text = simdutf8::basic::from_utf8(bytes)
            .ok()
            .filter(|text| text.is_ascii() || !declares_another(text))
            .ok_or_else(|| unreadable(format!("the part {part} is not written in UTF-8")))?;
        Ok(Self { pieces: Pieces::of(text), part, longest })
    }

    /// The next piece; `Piece::Eof` at the end of the part.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Piece<'x>, Refusal> {
        let before = self.pieces.position();
        let piece = self.pieces.next();
        let length = self.pieces.position() - before;
        match piece {
            Ok(Piece::Type) => Err(type_declaration(self.part)),
            Ok(piece) if length <= self.longest => Ok(piece),
            Ok(_) => Err(self.too_long(length)),
            Err(Malformed) => Err(self.malformed(before)),
        }
    }

    #[cold]
    fn too_long(&self, length: usize) -> Refusal {
        let size = |bytes| size(u64::try_from(bytes).unwrap_or(u64::MAX));
        let (length, longest) = (size(length), size(self.longest));
        too_large(format!("a single piece of {length} in {}", self.part), longest)
    }

    #[cold]
    fn malformed(&self, at: usize) -> Refusal {
        damaged(format!("the part {} is broken off or not well formed near byte {at}", self.part))
    }

    /// Skips to the end of the element that `start` opened and whose children are not of interest.
    pub(crate) fn skip(&mut self, start: &Element<'_>) -> Result<(), Refusal> {
        let mut depth = 1_usize;
        while depth > 0 {
            let before = self.pieces.position();
            self.pieces.pass_text().map_err(|Malformed| self.malformed(before))?;
            let length = self.pieces.position() - before;
            if length > self.longest {
                return Err(self.too_long(length));
            }
            match self.next()? {
                Piece::Start(child) if child.name == start.name => depth += 1,
                Piece::End(name) if name == start.name => depth -= 1,
                Piece::Eof => return Err(self.broken_off()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Passes over the element that `start` opened and in which nothing is of interest, without a look at its pieces. Where
    /// its end is not written as usual, they are next.
    pub(crate) fn pass_over(&mut self, start: &Element<'_>) {
        self.pieces.pass_element(start.name);
    }

    /// The part ends inside an element.
    pub(crate) fn broken_off(&self) -> Refusal {
        damaged(format!("the part {} breaks off before its end", self.part))
    }

    /// The value of the attribute `name`, references resolved.
    pub(crate) fn attribute(
        &self,
        element: &Element<'x>,
        name: &str,
    ) -> Result<Option<Cow<'x, str>>, Refusal> {
        let resolved = |raw| references::replaced(raw).ok_or_else(|| self.bad_attribute(name));
        self.raw_attribute(element, |key| key == name)?.map(resolved).transpose()
    }

    /// The value of the only attribute whose key is `wanted`, as it is written. Two of them are refused:
    /// programs differ in which one they take.
    pub(crate) fn raw_attribute(
        &self,
        element: &Element<'x>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<&'x str>, Refusal> {
        let mut found = None;
        for attribute in element.attributes() {
            let (key, value) = attribute.map_err(|Malformed| self.bad_attribute(element.name))?;
            if wanted(key) && found.replace(value).is_some() {
                return Err(self.bad_attribute(key));
            }
        }
        Ok(found)
    }

    /// The values of the attributes to which `slot` gives a place, as they are written. Two for one place are refused.
    #[inline]
    pub(crate) fn raw_attributes<const N: usize>(
        &self,
        element: &Element<'x>,
        slot: impl Fn(&str) -> Option<usize>,
    ) -> Result<[Option<&'x str>; N], Refusal> {
        let mut found = [None; N];
        for attribute in element.attributes() {
            let (key, value) = attribute.map_err(|Malformed| self.bad_attribute(element.name))?;
            if let Some(place) = slot(key).and_then(|slot| found.get_mut(slot))
                && place.replace(value).is_some()
            {
                return Err(self.bad_attribute(key));
            }
        }
        Ok(found)
    }

    /// The name spaces that an element declares, each with its prefix; that of names without one has none.
    pub(crate) fn name_spaces(&self, element: &Element<'x>) -> Result<Vec<(&'x str, Cow<'x, str>)>, Refusal> {
        let mut declared = Vec::new();
        for attribute in element.attributes() {
            let (key, value) = attribute.map_err(|Malformed| self.bad_attribute(element.name))?;
            let prefix = key.strip_prefix("xmlns").filter(|rest| rest.is_empty() || rest.starts_with(':'));
            if let Some(prefix) = prefix {
                let name_space = references::replaced(value).ok_or_else(|| self.bad_attribute(key))?;
                declared.push((prefix.trim_start_matches(':'), name_space));
            }
        }
        Ok(declared)
    }

    /// Whether these letters stand anywhere in what is still to come.
    pub(crate) fn goes_on_with(&self, letters: &str) -> bool {
        memmem::find(self.pieces.rest(), letters.as_bytes()).is_some()
    }

    #[cold]
    fn bad_attribute(&self, name: &str) -> Refusal {
        damaged(format!("the part {} has a malformed or doubled attribute at {name:?}", self.part))
    }

    /// Appends what `&name;` stands for.
    pub(crate) fn resolve(&self, name: &str, text: &mut String) -> Result<(), Refusal> {
        let unknown = || damaged(format!("the part {} uses the unknown entity {name:?}", self.part));
        text.push(references::character(name).ok_or_else(unknown)?);
        Ok(())
    }
}

/// Refuses a type declaration before the first element; elsewhere XML does not allow it. What is no XML at all is refused
/// where it is read; most parts never are.
pub(crate) fn refuse_type_declaration(bytes: &[u8], part: &str) -> Result<(), Refusal> {
    let mut rest = bytes;
    while let Some(markup) = memchr(b'<', rest).and_then(|at| rest.get(at..)) {
        if pieces::is_type_declaration(markup) {
            return Err(type_declaration(part));
        }
        let end: &[u8] = match markup {
            [_, b'?', ..] => b"?>",
            [_, b'!', b'-', ..] => b"-->",
            [_, b'!', b'[', ..] => b"]]>",
            _ => break,
        };
        let Some(after) = memmem::find(markup, end).and_then(|at| markup.get(at + end.len()..)) else {
            break;
        };
        rest = after;
    }
    Ok(())
}

fn type_declaration(part: &str) -> Refusal {
    unreadable(format!(
        "the part {part} holds a document type declaration, which spreadsheet programs never write"
    ))
}
