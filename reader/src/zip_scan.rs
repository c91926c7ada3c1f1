//! Decides whether a zip archive is what it says: one table of contents, every part once, whole and unaltered.
//!
//! Programs disagree on how to read a crooked zip (first or last part of a name, first or last end record), so
//! a crooked one is refused instead of guessed. Everything here is one linear pass.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use maturity::finding::Refusal;

use crate::Limits;
use crate::bytes::{long_at, u16_at, u32_at, usize_at};
use crate::refusal::{self, damaged, encrypted, size, too_large, unreadable};
use crate::xml;

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;
const ZIP64_END_LENGTH: usize = 56;
const ZIP64_LOCATOR_LENGTH: usize = 20;
/// A length that does not fit and stands in the part's zip64 field instead.
const ELSEWHERE: u32 = u32::MAX;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const FLAG_ENCRYPTED: u16 = 1;
const FLAG_SIZES_FOLLOW: u16 = 1 << 3;

/// One part as the table of contents has it.
struct Part {
    name: String,
    method: u16,
    crc: u32,
    size: usize,
    /// Where the packed body stands in the file.
    body: Range<usize>,
}

/// A zip archive whose structure holds.
pub(crate) struct Archive<'b> {
    bytes: &'b [u8],
    parts: Vec<Part>,
    by_name: BTreeMap<String, usize>,
    /// Parts that were unpacked to verify them and are handed out instead of being unpacked again, by position.
    kept: RefCell<BTreeMap<usize, Vec<u8>>>,
    /// What unpacks one part after the other.
    unpacker: RefCell<Decompress>,
}

/// Part names are compared as Windows does: without case, with either slash, and by where they lead, as far as they do not lead out
/// of the archive.
fn fold(name: &str) -> String {
    let name = name.replace('\\', "/").to_lowercase();
    let mut path: Vec<&str> = Vec::new();
    for step in name.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

fn crooked() -> Refusal {
    damaged("the table of contents of the zip archive does not fit the file")
}

/// The one end record, which must close the file.
fn end_record(bytes: &[u8]) -> Result<usize, Refusal> {
    // The end record may carry a comment of up to 65,535 bytes.
    let from = bytes.len().saturating_sub(END_LENGTH + usize::from(u16::MAX));
    let tail = bytes.get(from..).unwrap_or_default();
    let mut seen = false;
    let mut closing = Vec::new();
    for at in
        tail.windows(END.len()).enumerate().filter(|(_, window)| *window == END).map(|(at, _)| from + at)
    {
        seen = true;
        let comment = u16_at(bytes, at + 20).map(usize::from);
        if comment.is_some_and(|comment| at + END_LENGTH + comment == bytes.len()) {
            closing.push(at);
        }
    }
    match closing.as_slice() {
        [at] => Ok(*at),
        [] if seen => Err(damaged("there are bytes after the end of the zip archive, or its end is cut off")),
        [] => Err(damaged("the zip archive ends early")),
        _ => Err(damaged("the zip archive has two ends")),
    }
}

/// So many bytes of unpacked parts are kept from verification until they are read: enough for a questionnaire, and
/// little beside what a worker may use.
const KEPT: usize = 16 << 20;

impl<'b> Archive<'b> {
    /// Reads the table of contents and checks that it describes the file completely and without ambiguity.
    pub(crate) fn open(bytes: &'b [u8], limits: &Limits) -> Result<Self, Refusal> {
        let end = end_record(bytes)?;
        let field = |at| u16_at(bytes, end + at).ok_or_else(crooked);
        if field(4)? != 0 || field(6)? != 0 || field(8)? != field(10)? {
            return Err(damaged("the zip archive is one of several volumes"));
        }
        let mut count = usize::from(field(10)?);
        let mut length = usize_at(bytes, end + 12).ok_or_else(crooked)?;
        let mut start = usize_at(bytes, end + 16).ok_or_else(crooked)?;
        let mut close = end;
        // Some programs always add the end record for large archives; it must stand right before the common one.
        let zip64 = end.checked_sub(ZIP64_LOCATOR_LENGTH + ZIP64_END_LENGTH);
        if let Some(at) = zip64.filter(|at| {
            bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06"))
                && bytes.get(at + ZIP64_END_LENGTH..).is_some_and(|rest| rest.starts_with(b"PK\x06\x07"))
        }) {
            count = long_at(bytes, at + 32).ok_or_else(crooked)?;
            length = long_at(bytes, at + 40).ok_or_else(crooked)?;
            start = long_at(bytes, at + 48).ok_or_else(crooked)?;
            close = at;
        }
        if count > limits.entries {
            return Err(too_large(
                format!("{} parts in the file", refusal::count(count)),
                refusal::count(limits.entries),
            ));
        }
        if start.checked_add(length) != Some(close) {
            return Err(damaged("the zip archive ends early, or something stands before its beginning"));
        }
        let mut parts = Vec::new();
        let mut spans = Vec::new();
        let mut at = start;
        for _ in 0..count {
            let (part, local, next) = read_entry(bytes, at, close)?;
            spans.push(local..part.body.end);
            parts.push(part);
            at = next;
        }
        if at != close {
            return Err(crooked());
        }
        check_spans(bytes, spans, start)?;
        let mut by_name = BTreeMap::new();
        for (index, part) in parts.iter().enumerate() {
            if by_name.insert(fold(&part.name), index).is_some() {
                return Err(damaged(format!("two parts have the same name: {}", part.name)));
            }
        }
        let unpacker = RefCell::new(Decompress::new(false));
        let archive = Self { bytes, parts, by_name, kept: RefCell::default(), unpacker };
        let total = archive
            .parts
            .iter()
            .fold(0_u64, |sum, part| sum.saturating_add(u64::try_from(part.size).unwrap_or(u64::MAX)));
        if total > limits.inflated_bytes {
            return Err(too_large(format!("{} after unpacking", size(total)), size(limits.inflated_bytes)));
        }
        Ok(archive)
    }

    /// Unpacks every part once to its end: its length and its check sum must be those of the table of contents.
    pub(crate) fn verify(&self) -> Result<(), Refusal> {
        let mut room = KEPT;
        for (index, part) in self.parts.iter().enumerate() {
            let content = self.unpack(part)?;
            let name = part.name.to_lowercase();
            if [".xml", ".rels", ".vml"].iter().any(|end| name.ends_with(end)) {
                xml::refuse_type_declaration(&content, &part.name)?;
            }
            if let (Cow::Owned(content), Some(rest)) = (content, room.checked_sub(part.size)) {
                room = rest;
                self.kept.borrow_mut().insert(index, content);
            }
        }
        Ok(())
    }

    /// The folded names of all parts.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Whether there is a part of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(&fold(name))
    }

    /// The unpacked content of a part.
    pub(crate) fn part(&self, name: &str) -> Result<Cow<'b, [u8]>, Refusal> {
        let missing = || damaged(format!("the part {name} is missing"));
        let index = self.by_name.get(&fold(name)).ok_or_else(missing)?;
        if let Some(content) = self.kept.borrow_mut().remove(index) {
            return Ok(Cow::Owned(content));
        }
        self.unpack(self.parts.get(*index).ok_or_else(missing)?)
    }

    fn unpack(&self, part: &Part) -> Result<Cow<'b, [u8]>, Refusal> {
        let altered =
            || damaged(format!("the part {} is broken: its content does not match its check sum", part.name));
        let body = self.bytes.get(part.body.clone()).ok_or_else(crooked)?;
        let content = match part.method {
            STORED => Cow::Borrowed(body),
            DEFLATED => {
                // Deflate cannot pack better than about 1:1032, so a lying size reserves little.
                let most = part.size.min(body.len().saturating_mul(1032));
                let mut content = Vec::with_capacity(most.saturating_add(1));
                let mut unpacker = self.unpacker.borrow_mut();
                unpacker.reset(false);
                // In one go: nothing that was unpacked has to be kept a second time to refer back to.
                let status = unpacker.decompress_vec(body, &mut content, FlushDecompress::Finish);
                let is_whole = usize::try_from(unpacker.total_in()).ok() == Some(body.len());
                if !is_whole || !matches!(status, Ok(Status::StreamEnd)) {
                    return Err(altered());
                }
                Cow::Owned(content)
            }
            method => {
                return Err(unreadable(format!(
                    "the part {} is packed by method {method}, which spreadsheet programs do not use",
                    part.name
                )));
            }
        };
        let mut crc = Crc::new();
        crc.update(&content);
        if content.len() != part.size || crc.sum() != part.crc {
            return Err(altered());
        }
        Ok(content)
    }
}

/// One entry of the table of contents with its local header: the part, where it begins, where the next entry is.
fn read_entry(bytes: &[u8], at: usize, close: usize) -> Result<(Part, usize, usize), Refusal> {
    if !bytes.get(at..).is_some_and(|rest| rest.starts_with(CENTRAL)) {
        return Err(crooked());
    }
    let short = |offset| u16_at(bytes, at + offset).ok_or_else(crooked);
    let long = |offset| u32_at(bytes, at + offset).ok_or_else(crooked);
    let (flags, method, crc) = (short(8)?, short(10)?, long(16)?);
    let (name_length, extra_length, comment_length) = (short(28)?, short(30)?, short(32)?);
    let name_start = at + CENTRAL_LENGTH;
    let extra_start = name_start + usize::from(name_length);
    let next = extra_start + usize::from(extra_length) + usize::from(comment_length);
    if next > close {
        return Err(crooked());
    }
    let raw_name = bytes.get(name_start..extra_start).ok_or_else(crooked)?;
    let name = String::from_utf8_lossy(raw_name).into_owned();
    let extra = bytes.get(extra_start..extra_start + usize::from(extra_length)).ok_or_else(crooked)?;
    let mut large = zip64_field(extra);
    let mut length = |offset| match long(offset)? {
        // The lengths that do not fit stand there in the order of the common fields.
        ELSEWHERE => {
            let (value, rest) = large.split_at_checked(8).ok_or_else(crooked)?;
            large = rest;
            long_at(value, 0).ok_or_else(crooked)
        }
        length => usize::try_from(length).map_err(|_| crooked()),
    };
    let (size, packed, local) = (length(24)?, length(20)?, length(42)?);
    if flags & FLAG_ENCRYPTED != 0 {
        return Err(encrypted());
    }

    // The same part once more in its own header: what is said twice must be said alike.
    let differs = || damaged(format!("the part {name} is described in two different ways"));
    if !bytes.get(local..).is_some_and(|rest| rest.starts_with(LOCAL)) {
        return Err(crooked());
    }
    let here = |offset: usize| u16_at(bytes, local.checked_add(offset)?);
    let local_name = local + LOCAL_LENGTH;
    let local_extra = local_name + usize::from(here(26).ok_or_else(crooked)?);
    let body_start = local_extra + usize::from(here(28).ok_or_else(crooked)?);
    if bytes.get(local_name..local_extra) != Some(raw_name) || here(8) != Some(method) {
        return Err(differs());
    }
    let local_flags = here(6).ok_or_else(crooked)?;
    if local_flags & FLAG_ENCRYPTED != 0 {
        return Err(encrypted());
    }
    if local_flags & FLAG_SIZES_FOLLOW == 0 {
        let fits = |offset, central: usize| {
            u32_at(bytes, local + offset)
                .is_some_and(|own| own == ELSEWHERE || usize::try_from(own).ok() == Some(central))
        };
        if u32_at(bytes, local + 14) != Some(crc) || !fits(18, packed) || !fits(22, size) {
            return Err(differs());
        }
    }
    let body = body_start..body_start.checked_add(packed).ok_or_else(crooked)?;
    Ok((Part { name, method, crc, size, body }, local, next))
}

/// The content of the zip64 field among the extra fields of a part, or nothing.
fn zip64_field(mut extra: &[u8]) -> &[u8] {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        if id == 1 {
            return extra.get(4..end).unwrap_or_default();
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    &[]
}

/// The parts must follow each other from the first byte on without sharing bytes, and hide no second archive.
fn check_spans(bytes: &[u8], mut spans: Vec<Range<usize>>, contents: usize) -> Result<(), Refusal> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut end = 0;
    for span in &spans {
        if span.start < end {
            return Err(damaged("two parts of the zip archive share the same bytes"));
        }
        let gap = bytes.get(end..span.start).ok_or_else(crooked)?;
        if end == 0 && !gap.is_empty() {
            return Err(damaged("something stands before the beginning of the zip archive"));
        }
        no_end_record(gap)?;
        end = span.end;
    }
    if end > contents {
        return Err(crooked());
    }
    no_end_record(bytes.get(end..contents).unwrap_or_default())
}

fn no_end_record(gap: &[u8]) -> Result<(), Refusal> {
    if gap.windows(END.len()).any(|window| window == END) {
        return Err(damaged("two zip archives are joined in one file"));
    }
    Ok(())
}
