//! Sound containers around bytes of any kind, and what is in honest ones.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The parts of an xlsx that hold cells, in the order in which a target takes them.
const PARTS: [&str; 4] =
    ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"];

const DEFAULTS: [&str; 4] = [
    "<worksheet><sheetData/></worksheet>",
    "<sst/>",
    "<styleSheet/>",
    r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
];

const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in parts {
        // Writing to memory does not fail; if it did, the target would read a shorter archive.
        let _ = writer.start_file(*name, options);
        let _ = writer.write_all(content);
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// An xlsx with these parts, divided by zero bytes.
pub(crate) fn xlsx(bytes: &[u8]) -> Vec<u8> {
    let mut given = bytes.split(|byte| *byte == 0);
    let mut parts: Vec<(&str, &[u8])> = PARTS
        .into_iter()
        .zip(DEFAULTS)
        .map(|(name, default)| {
            (name, given.next().filter(|part| !part.is_empty()).unwrap_or(default.as_bytes()))
        })
        .collect();
    parts.push(("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()));
    packed(&parts)
}

/// An ods with this content.
pub(crate) fn ods(bytes: &[u8]) -> Vec<u8> {
    packed(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", bytes)])
}

/// An OLE2 file with one stream: the table of sectors, the directory, the stream. Longer streams are cut to what one
/// sector of the table can list.
pub(crate) fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    // Shorter streams would stand in a stream of their own for small ones.
    let stream = &stream[..stream.len().min(SECTOR * 126)];
    let sectors = stream.len().max(4096).div_ceil(SECTOR);
    let mut bytes = vec![0_u8; SECTOR * (3 + sectors)];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    for (at, value) in [(24, 0x3e_u16), (26, 3), (28, 0xfffe), (30, 9), (32, 6)] {
        put(at, &value.to_le_bytes());
    }
    for (at, value) in [(44, 1_u32), (48, 1), (56, 4096), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        put(at, &value.to_le_bytes());
    }
    for entry in 1..109 {
        put(76 + 4 * entry, &u32::MAX.to_le_bytes());
    }
    for entry in 0..128 {
        let next = match entry {
            0 => 0xffff_fffd,
            1 => 0xffff_fffe,
            entry if entry == sectors + 1 => 0xffff_fffe,
            entry if entry < sectors + 2 => u32::try_from(entry + 1).unwrap_or(u32::MAX),
            _ => u32::MAX,
        };
        put(SECTOR + 4 * entry, &next.to_le_bytes());
    }
    for (entry, name, kind, child, start, length) in
        [(0, "Root Entry", 5_u8, 1_u32, 0xffff_fffe, 0), (1, name, 2, u32::MAX, 2, sectors * SECTOR)]
    {
        let at = 2 * SECTOR + 128 * entry;
        for (position, unit) in name.encode_utf16().enumerate() {
            put(at + 2 * position, &unit.to_le_bytes());
        }
        put(at + 64, &u16::try_from(2 * (name.len() + 1)).unwrap_or(0).to_le_bytes());
        put(at + 66, &[kind, 1]);
        for (offset, value) in [
            (68, u32::MAX),
            (72, u32::MAX),
            (76, child),
            (116, start),
            (120, u32::try_from(length).unwrap_or(0)),
        ] {
            put(at + offset, &value.to_le_bytes());
        }
    }
    put(3 * SECTOR, stream);
    bytes
}

fn part(workbook: &[u8], name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    if let Ok(mut archive) = ZipArchive::new(Cursor::new(workbook))
        && let Ok(mut part) = archive.by_name(name)
    {
        // A seed that cannot be read is an empty one.
        let _ = part.read_to_end(&mut content);
    }
    content
}

/// The parts of an honest xlsx as the target takes them.
pub(crate) fn cell_parts(workbook: &[u8]) -> Vec<u8> {
    PARTS.map(|name| part(workbook, name)).join(&0)
}

/// The content of an honest ods.
pub(crate) fn content(workbook: &[u8]) -> Vec<u8> {
    part(workbook, "content.xml")
}

/// The workbook stream of an honest xls: what begins with the first record of a workbook.
pub(crate) fn stream(workbook: &[u8]) -> Vec<u8> {
    const BEGIN: [u8; 6] = [0x09, 0x08, 0x10, 0x00, 0x00, 0x06];
    let from = workbook.windows(BEGIN.len()).position(|window| window == BEGIN).unwrap_or(0);
    workbook[from..].to_vec()
}
