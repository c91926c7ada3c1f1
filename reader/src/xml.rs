//! Walks the XML of one part: refuses type declarations, oversized pieces and what is no XML.
//!
//! End names are not compared with start names: programs that write forms get them right, and an element that is
//! never closed is refused where its content is read.

use std::borrow::Cow;

use maturity::finding::Refusal;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::refusal::{damaged, size, too_large, unreadable};

/// One part's pieces in order.
pub(crate) struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    part: &'x str,
    longest: usize,
}

impl<'x> Xml<'x> {
    /// The part must be UTF-8, as every current spreadsheet program writes it; the library reads nothing else.
    pub(crate) fn new(bytes: &'x [u8], part: &'x str, longest: usize) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| unreadable(format!("the part {part} is not written in UTF-8")))?;
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.check_comments = false;
        config.expand_empty_elements = true;
        Ok(Self { reader, part, longest })
    }

    /// The next piece; `Event::Eof` at the end of the part.
    pub(crate) fn next(&mut self) -> Result<Event<'x>, Refusal> {
        let before = self.reader.buffer_position();
        let event = self.reader.read_event().map_err(|_| {
            damaged(format!("the part {} is broken off or not well formed near byte {before}", self.part))
        })?;
        let length = self.reader.buffer_position().saturating_sub(before);
        let longest = u64::try_from(self.longest).unwrap_or(u64::MAX);
        if length > longest {
            return Err(too_large(
                format!("a single piece of {} in {}", size(length), self.part),
                size(longest),
            ));
        }
        if matches!(event, Event::DocType(_)) {
            return Err(type_declaration(self.part));
        }
        Ok(event)
    }

    /// Skips to the end of the element that `start` opened and whose children are not of interest.
    pub(crate) fn skip(&mut self, start: &BytesStart<'_>) -> Result<(), Refusal> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                Event::Start(child) if child.name() == start.name() => depth += 1,
                Event::End(end) if end.name() == start.name() => depth -= 1,
                Event::Eof => return Err(self.broken_off()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The part ends inside an element.
    pub(crate) fn broken_off(&self) -> Refusal {
        damaged(format!("the part {} breaks off before its end", self.part))
    }

    /// The value of the attribute `name`, entities resolved.
    pub(crate) fn attribute<'e>(
        &self,
        element: &'e BytesStart<'_>,
        name: &str,
    ) -> Result<Option<Cow<'e, str>>, Refusal> {
        match self.raw_attribute(element, |key| key == name)? {
            None => Ok(None),
            Some(Cow::Borrowed(raw)) => Ok(Some(unescape(raw).map_err(|_| self.bad_attribute(name))?)),
            Some(Cow::Owned(raw)) => {
                let text = unescape(&raw).map_err(|_| self.bad_attribute(name))?.into_owned();
                Ok(Some(Cow::Owned(text)))
            }
        }
    }

    /// The value of the only attribute whose key is `wanted`, as it is written. Two of them are refused:
    /// programs differ in which one they take.
    pub(crate) fn raw_attribute<'e>(
        &self,
        element: &'e BytesStart<'_>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Cow<'e, str>>, Refusal> {
        let mut found = None;
        // The built-in check for doubled names compares every pair and would be slow on a hostile element.
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| self.bad_attribute(element.name().into_inner()))?;
            if wanted(attribute.key.into_inner()) && found.replace(attribute.value).is_some() {
                return Err(self.bad_attribute(attribute.key.into_inner()));
            }
        }
        Ok(found)
    }

    /// The values of the attributes with these names, as they are written. Two of one name are refused.
    pub(crate) fn raw_attributes<'e, const N: usize>(
        &self,
        element: &'e BytesStart<'_>,
        names: [&str; N],
    ) -> Result<[Option<Cow<'e, str>>; N], Refusal> {
        let mut found = [const { None }; N];
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| self.bad_attribute(element.name().into_inner()))?;
            let key = attribute.key.into_inner();
            for (name, value) in names.iter().zip(&mut found) {
                if *name == key && value.replace(attribute.value.clone()).is_some() {
                    return Err(self.bad_attribute(key));
                }
            }
        }
        Ok(found)
    }

    fn bad_attribute(&self, name: &str) -> Refusal {
        damaged(format!("the part {} has a malformed or doubled attribute at {name:?}", self.part))
    }

    /// Appends what `&name;` stands for.
    pub(crate) fn resolve(&self, entity: &BytesRef<'_>, text: &mut String) -> Result<(), Refusal> {
        let name: &str = entity.as_ref();
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => entity.resolve_char_ref().ok().flatten(),
        };
        text.push(
            character
                .ok_or_else(|| damaged(format!("the part {} uses the unknown entity {name:?}", self.part)))?,
        );
        Ok(())
    }
}

/// Refuses a type declaration before the first element; elsewhere XML does not allow it.
pub(crate) fn refuse_type_declaration(bytes: &[u8], part: &str) -> Result<(), Refusal> {
    let mut reader = Reader::from_reader(bytes);
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => return Err(type_declaration(part)),
            // A part that is no XML at all is refused where it is read; most parts never are.
            Ok(Event::Start(_) | Event::Empty(_) | Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn type_declaration(part: &str) -> Refusal {
    unreadable(format!(
        "the part {part} holds a document type declaration, which spreadsheet programs never write"
    ))
}
