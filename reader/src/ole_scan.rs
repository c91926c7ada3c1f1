//! Decides whether an OLE2 file (the container of .xls) holds together, and takes single streams out of it.
//!
//! Every chain of sectors is followed at most once around the file, so a chain that bites its own tail ends in
//! a refusal; the library would follow it for ever. A stream taken out goes to the library in a fresh container.

use std::collections::{BTreeMap, BTreeSet};

use maturity::finding::Refusal;

use crate::bytes::{long_at, u16_at, u32_at, usize_at};
use crate::refusal::{damaged, unreadable};

const HEADER: usize = 512;
const ENTRY: usize = 128;
/// Sector numbers from here on are marks, not sectors.
const FIRST_MARK: u32 = 0xFFFF_FFFA;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FAT_SECTOR: u32 = 0xFFFF_FFFD;
const FREE: u32 = 0xFFFF_FFFF;
const MINI_SECTOR: usize = 64;
/// Streams below this length stand in the mini stream.
const MINI_LIMIT: usize = 4096;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// A stream of the file.
#[derive(Clone, Copy)]
pub(crate) struct StreamId {
    start: u32,
    length: usize,
}

struct Entry {
    name: String,
    kind: u8,
    left: usize,
    right: usize,
    child: usize,
    stream: StreamId,
}

/// An OLE2 file whose tables were read.
pub(crate) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    /// The streams by name in lower case; those at the top win over those inside embedded objects.
    streams: BTreeMap<String, StreamId>,
}

fn crooked() -> Refusal {
    damaged("the tables of the Office file do not fit it; its end is probably missing")
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).filter_map(|chunk| u32_at(chunk, 0))
}

impl<'b> Compound<'b> {
    /// Reads the tables: which sectors follow each other, and the directory of streams.
    pub(crate) fn open(bytes: &'b [u8]) -> Result<Self, Refusal> {
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(crooked()),
        };
        if u16_at(bytes, 32) != Some(6) {
            return Err(crooked());
        }
        let field = |at| u32_at(bytes, at).ok_or_else(crooked);
        let mut file = Self {
            bytes,
            sector,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            streams: BTreeMap::new(),
        };
        file.read_fat(field(68)?)?;
        let directory = file.chain(field(48)?, None)?;
        let entries: Vec<Entry> =
            directory.chunks_exact(ENTRY).map(|entry| read_entry(entry, sector)).collect();
        let root = entries.first().filter(|entry| entry.kind == ROOT).ok_or_else(crooked)?;
        if field(64)? > 0 {
            file.mini_fat = numbers(&file.chain(field(60)?, None)?).collect();
            file.mini_stream = file.chain(root.stream.start, Some(root.stream.length))?;
        }
        file.streams = top_streams(&entries);
        Ok(file)
    }

    /// The table of sectors is itself spread over sectors, whose numbers stand in the header and in a chain.
    fn read_fat(&mut self, mut list: u32) -> Result<(), Refusal> {
        let mut holders: Vec<u32> = numbers(self.bytes.get(76..HEADER).ok_or_else(crooked)?).collect();
        let mut left = self.sectors();
        while list < FIRST_MARK {
            left = left.checked_sub(1).ok_or_else(cyclic)?;
            holders.extend(numbers(self.at(list)?));
            list = holders.pop().ok_or_else(crooked)?;
        }
        let holders: Vec<u32> = holders.into_iter().filter(|holder| *holder < FIRST_MARK).collect();
        if holders.len() > self.sectors() || holders.iter().collect::<BTreeSet<_>>().len() != holders.len() {
            return Err(cyclic());
        }
        for holder in holders {
            let table: Vec<u32> = numbers(self.at(holder)?).collect();
            self.fat.extend(table);
        }
        Ok(())
    }

    /// How many sectors the file can hold.
    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector
    }

    /// The bytes of one sector; the last one of the file may be short.
    fn at(&self, number: u32) -> Result<&'b [u8], Refusal> {
        let number = usize::try_from(number).map_err(|_| crooked())?;
        // The header takes the place of one sector.
        let start = number.checked_add(1).and_then(|n| n.checked_mul(self.sector)).ok_or_else(crooked)?;
        let end = start.saturating_add(self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|sector| !sector.is_empty()).ok_or_else(crooked)
    }

    /// The chain of sectors from `start`, cut to `length`; without a length the whole chain.
    fn chain(&self, start: u32, length: Option<usize>) -> Result<Vec<u8>, Refusal> {
        follow(start, length, &self.fat, self.sectors(), |number| self.at(number))
    }

    /// The content of a stream.
    pub(crate) fn read(&self, stream: StreamId) -> Result<Vec<u8>, Refusal> {
        if stream.length >= MINI_LIMIT {
            return self.chain(stream.start, Some(stream.length));
        }
        let most = self.mini_stream.len() / MINI_SECTOR + 1;
        follow(stream.start, Some(stream.length), &self.mini_fat, most, |number| {
            let start =
                usize::try_from(number).ok().and_then(|n| n.checked_mul(MINI_SECTOR)).ok_or_else(crooked)?;
            let end = start.saturating_add(MINI_SECTOR).min(self.mini_stream.len());
            self.mini_stream.get(start..end).filter(|sector| !sector.is_empty()).ok_or_else(crooked)
        })
    }

    /// The stream or storage of that name, without regard to case.
    pub(crate) fn stream(&self, name: &str) -> Option<StreamId> {
        self.streams.get(&name.to_lowercase()).copied()
    }
}

fn cyclic() -> Refusal {
    damaged("a chain of sectors in the Office file runs in a circle")
}

fn follow<'s>(
    start: u32,
    length: Option<usize>,
    table: &[u32],
    most: usize,
    sector: impl Fn(u32) -> Result<&'s [u8], Refusal>,
) -> Result<Vec<u8>, Refusal> {
    let mut content = Vec::new();
    let mut next = start;
    let mut left = most;
    while next != END_OF_CHAIN && length.is_none_or(|length| content.len() < length) {
        left = left.checked_sub(1).ok_or_else(cyclic)?;
        content.extend_from_slice(sector(next)?);
        let index = usize::try_from(next).map_err(|_| crooked())?;
        next = *table.get(index).ok_or_else(crooked)?;
    }
    if let Some(length) = length {
        if content.len() < length {
            return Err(damaged("the Office file ends early"));
        }
        content.truncate(length);
    }
    Ok(content)
}

fn read_entry(entry: &[u8], sector: usize) -> Entry {
    let units: Vec<u16> = entry
        .chunks_exact(2)
        .take(32)
        .filter_map(|unit| u16_at(unit, 0))
        .take_while(|unit| *unit != 0)
        .collect();
    let link = |at| usize_at(entry, at).unwrap_or(usize::MAX);
    // Files with small sectors leave rubbish in the upper half of the length.
    let length = if sector == 512 { usize_at(entry, 120) } else { long_at(entry, 120) };
    Entry {
        name: String::from_utf16_lossy(&units).to_lowercase(),
        kind: entry.get(66).copied().unwrap_or(0),
        left: link(68),
        right: link(72),
        child: link(76),
        stream: StreamId {
            start: u32_at(entry, 116).unwrap_or(END_OF_CHAIN),
            length: length.unwrap_or(usize::MAX),
        },
    }
}

/// The entries right under the root. Embedded workbooks have streams of the same name further down.
fn top_streams(entries: &[Entry]) -> BTreeMap<String, StreamId> {
    let mut streams = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<usize> = entries.first().map(|root| root.child).into_iter().collect();
    while let Some(index) = waiting.pop() {
        let Some(entry) = entries.get(index).filter(|_| seen.insert(index)) else { continue };
        streams.entry(entry.name.clone()).or_insert(entry.stream);
        waiting.extend([entry.left, entry.right]);
    }
    if streams.is_empty() {
        // Some programs write no tree at all.
        let listed = entries.iter().filter(|entry| entry.kind == STREAM);
        streams.extend(listed.map(|entry| (entry.name.clone(), entry.stream)));
    }
    streams
}

/// A fresh OLE2 file that holds nothing but one stream.
pub(crate) fn one_stream_file(name: &str, mut content: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    const SECTOR: usize = 4096;
    const PER_TABLE: usize = SECTOR / 4;
    /// The header holds this many numbers of table sectors.
    const IN_HEADER: usize = 109;
    // Shorter streams would need the mini tables.
    let length = content.len().max(MINI_LIMIT).next_multiple_of(SECTOR);
    content.resize(length, 0);
    let data = length / SECTOR;
    let too_long = || unreadable("its workbook stream is too long");
    let tables = (1..=IN_HEADER).find(|tables| tables * PER_TABLE > tables + data).ok_or_else(too_long)?;
    let number = |n: usize| u32::try_from(n).map_err(|_| too_long());

    let mut file = vec![0; SECTOR];
    let mut put = |at: usize, value: &[u8]| {
        if let Some(place) = file.get_mut(at..at + value.len()) {
            place.copy_from_slice(value);
        }
    };
    put(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    put(24, &[0x3E, 0, 4, 0, 0xFE, 0xFF, 12, 0, 6, 0]);
    put(40, &1_u32.to_le_bytes());
    put(44, &number(tables)?.to_le_bytes());
    put(48, &number(tables)?.to_le_bytes());
    put(56, &number(MINI_LIMIT)?.to_le_bytes());
    put(60, &END_OF_CHAIN.to_le_bytes());
    put(68, &END_OF_CHAIN.to_le_bytes());
    for index in 0..IN_HEADER {
        let holder = if index < tables { number(index)? } else { FREE };
        put(76 + 4 * index, &holder.to_le_bytes());
    }
    // The sectors: the tables, the directory, the stream.
    let mut table = vec![FAT_SECTOR; tables];
    table.push(END_OF_CHAIN);
    for index in 1..data {
        table.push(number(tables + 1 + index)?);
    }
    table.push(END_OF_CHAIN);
    table.resize(tables * PER_TABLE, FREE);
    file.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    let mut directory = entry("Root Entry", ROOT, 1, 0, 0);
    directory.extend(entry(name, STREAM, FREE, number(tables + 1)?, length));
    directory.resize(SECTOR, 0);
    file.extend(directory);
    file.extend(content);
    Ok(file)
}

fn entry(name: &str, kind: u8, child: u32, start: u32, length: usize) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().take(31).flat_map(u16::to_le_bytes).collect();
    let name_length = u8::try_from(entry.len() + 2).unwrap_or(64);
    entry.resize(ENTRY, 0);
    let mut put = |at: usize, value: &[u8]| {
        if let Some(place) = entry.get_mut(at..at + value.len()) {
            place.copy_from_slice(value);
        }
    };
    put(64, &[name_length, 0, kind, 1]);
    put(68, &FREE.to_le_bytes());
    put(72, &FREE.to_le_bytes());
    put(76, &child.to_le_bytes());
    put(116, &start.to_le_bytes());
    put(120, &u64::try_from(length).unwrap_or(0).to_le_bytes());
    entry
}

#[cfg(test)]
mod tests {
    use maturity::finding::Problem;

    use super::*;
    use crate::{Limits, read};

    fn problem(file: &[u8]) -> Problem {
        read(file, &Limits::default()).unwrap_err().problem
    }

    #[test]
    fn a_stream_comes_back_from_a_fresh_container() {
        let content: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
        let file = one_stream_file("Workbook", content.clone()).unwrap();
        let compound = Compound::open(&file).unwrap();
        let stream = compound.stream("WORKBOOK").unwrap();
        assert_eq!(compound.read(stream).unwrap()[..content.len()], content);
    }

    #[test]
    fn an_encrypted_xlsx_is_recognised_by_its_stream() {
        let file = one_stream_file("EncryptedPackage", vec![7; 5000]).unwrap();
        assert_eq!(problem(&file), Problem::FileEncrypted);
    }

    #[test]
    fn an_encrypted_xls_is_recognised_by_its_record() {
        let mut stream = vec![0x09, 0x08, 16, 0, 0, 6, 5, 0];
        stream.extend([0; 12]);
        stream.extend([0x2F, 0, 6, 0, 1, 0, 1, 0, 1, 0, 0x0A, 0, 0, 0]);
        assert_eq!(problem(&one_stream_file("Workbook", stream).unwrap()), Problem::FileEncrypted);
    }

    #[test]
    fn a_word_document_is_no_workbook() {
        let file = one_stream_file("WordDocument", vec![7; 5000]).unwrap();
        assert_eq!(problem(&file), Problem::FileNotWorkbook { looks_like: "a Word document".to_owned() });
    }

    #[test]
    fn a_chain_that_runs_in_a_circle_ends_in_a_refusal() {
        let file = one_stream_file("Workbook", vec![7; 20_000]).unwrap();
        // The table of sectors follows the header; the directory is sector 1, the stream sectors 2 to 6.
        for (sector, next) in [(1_usize, 1_u32), (3, 2), (3, 3), (6, 1)] {
            let mut file = file.clone();
            file[4096 + 4 * sector..][..4].copy_from_slice(&next.to_le_bytes());
            match problem(&file) {
                Problem::FileDamaged { .. } => {}
                other => panic!("{sector} -> {next}: {other:?}"),
            }
        }
    }

    #[test]
    fn sectors_outside_the_file_are_refused() {
        let file = one_stream_file("Workbook", vec![7; 20_000]).unwrap();
        let mut beyond = file.clone();
        beyond[4096 + 12..4096 + 16].copy_from_slice(&900_000_u32.to_le_bytes());
        assert!(matches!(problem(&beyond), Problem::FileDamaged { .. }));
        for cut in (8..file.len()).step_by(997) {
            assert!(read(&file[..cut], &Limits::default()).is_err(), "cut at {cut}");
        }
    }
}
