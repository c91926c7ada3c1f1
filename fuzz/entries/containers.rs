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

/// Which part is the workbook.
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A sound archive of these parts.
pub(crate) fn packed(parts: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in parts {
        // Writing to memory does not fail; if it did, what reads it would tell.
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
    parts.extend([("_rels/.rels", ROOT.as_bytes()), ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes())]);
    packed(&parts, CompressionMethod::Stored)
}

/// An ods with this content.
pub(crate) fn ods(bytes: &[u8]) -> Vec<u8> {
    let parts: [(&str, &[u8]); 2] =
        [("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", bytes)];
    packed(&parts, CompressionMethod::Stored)
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

/// The parts of an honest xlsx as the target takes them, but the workbook, whose sheets would be more than there are.
pub(crate) fn cell_parts(workbook: &[u8]) -> Vec<u8> {
    let [sheet, texts, styles, _] = PARTS.map(|name| part(workbook, name));
    [sheet, texts, styles].join(&0)
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
