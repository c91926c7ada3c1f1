//! What the bytes are, by content alone; the name a sender gives a file decides nothing.

use maturity::finding::{Problem, Refusal};

use crate::encoding;
use crate::ole_scan::{Compound, StreamId};
use crate::refusal::{encrypted, not_workbook, other_kind, unreadable};
use crate::zip_scan::Archive;

/// The containers that workbooks come in.
pub(crate) enum Container {
    /// xlsx, xlsm, ods.
    Zip,
    /// xls, and whatever is encrypted by Excel.
    Ole,
    /// No container: text, perhaps a table.
    Text,
}

/// The workbooks that come in a zip.
pub(crate) enum ZipKind {
    /// Excel since 2007, with or without macros.
    Xlsx,
    /// `OpenDocument`.
    Ods,
}

/// The first bytes of what people send instead of a workbook.
const SIGNATURES: [(&[u8], &str); 16] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xFF\xD8\xFF", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1F\x8B", "a compressed file (gzip)"),
    (b"7z\xBC\xAF", "a compressed folder (7z)"),
    (b"Rar!", "a compressed folder (RAR)"),
    (b"MZ", "a program"),
    (b"\x7FELF", "a program"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"From ", MESSAGE),
    (b"Received:", MESSAGE),
];
const MESSAGE: &str = "an e-mail message";

/// Finds the container, or says what the file is instead.
pub(crate) fn container(bytes: &[u8]) -> Result<Container, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::of_file(Problem::FileEmpty));
    }
    if [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"].iter().any(|start| bytes.starts_with(start)) {
        return Ok(Container::Zip);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Ok(Container::Ole);
    }
    // Worksheets of Excel 2 to 4 stand in the file without a container.
    if [[9, 0], [9, 2], [9, 4], [9, 8]].iter().any(|start| bytes.starts_with(start)) {
        return Err(other_kind("xls of Excel 4 or older"));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(not_workbook("a file of nothing but zero bytes, as a failed copy leaves it"));
    }
    for (start, name) in SIGNATURES {
        // Two letters may also begin a text, and the words of a message a table.
        let is_it = match name {
            MESSAGE => has_fields_of_a_message(bytes),
            _ => start.len() > 2 || !looks_like_text(bytes),
        };
        if bytes.starts_with(start) && is_it {
            return Err(not_workbook(name));
        }
    }
    if !encoding::is_utf16(bytes) && !looks_like_text(bytes) {
        return Err(not_workbook("binary data of an unknown kind"));
    }
    Ok(Container::Text)
}

/// Whether lines near the beginning are those of every e-mail message.
fn has_fields_of_a_message(bytes: &[u8]) -> bool {
    let head = bytes.get(..16_384).unwrap_or(bytes);
    let has = |field: &[u8]| head.split(|byte| *byte == b'\n').any(|line| line.starts_with(field));
    has(b"From:") && has(b"Date:")
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..4096).unwrap_or(bytes);
    !head.iter().any(|byte| *byte < 9 || (14..27).contains(byte))
}

/// Says what a text is when it is of another kind than a table.
pub(crate) fn of_text(text: &str) -> Result<(), Refusal> {
    let head: String = text.chars().take(4096).collect::<String>().to_lowercase();
    let head = head.trim_start();
    let begins = |starts: &[&str]| starts.iter().any(|start| head.starts_with(start));
    let is_page = begins(&["<"]) && head.contains("<html");
    if begins(&["<!doctype html", "<head", "<body", "<table", "<meta"]) || is_page {
        return Err(not_workbook("a web page (HTML)"));
    }
    if begins(&["<?xml", "<"]) {
        if head.contains("urn:schemas-microsoft-com:office:spreadsheet") {
            return Err(other_kind("XML Spreadsheet 2003"));
        }
        if head.contains("<office:document") {
            return Err(other_kind("fods (flat OpenDocument)"));
        }
        return Err(not_workbook("an XML text"));
    }
    if is_sylk(text) {
        return Err(other_kind("SYLK (slk)"));
    }
    Ok(())
}

/// A table may begin with the heading "ID" as well; in SYLK every line begins with one letter and a semicolon.
fn is_sylk(text: &str) -> bool {
    let mut lines = text.lines();
    let record = |line: &str| {
        let mut characters = line.chars();
        characters.next().is_some_and(|c| c.is_ascii_uppercase()) && characters.next() == Some(';')
    };
    lines.next().is_some_and(|line| line.starts_with("ID;P")) && lines.next().is_none_or(record)
}

/// Finds the kind of workbook in a zip, or says what the zip holds instead.
pub(crate) fn of_zip(archive: &Archive<'_>) -> Result<ZipKind, Refusal> {
    // An OpenDocument that is encrypted as a whole has its parts in this one.
    if archive.has("encrypted-package") {
        return Err(encrypted());
    }
    if archive.has("mimetype") && archive.has("content.xml") {
        if archive.names().any(|part| part == "[content_types].xml" || part.starts_with("xl/")) {
            return Err(unreadable("it is an OpenDocument spreadsheet and another kind of file at once"));
        }
        let mimetype = String::from_utf8_lossy(&archive.part("mimetype")?).trim().to_owned();
        let kind = mimetype.strip_prefix("application/vnd.oasis.opendocument.").unwrap_or_default();
        return match kind {
            "spreadsheet" | "spreadsheet-template" => Ok(ZipKind::Ods),
            "text" => Err(not_workbook("an OpenDocument text")),
            "presentation" => Err(not_workbook("an OpenDocument presentation")),
            _ => Err(not_workbook("an OpenDocument file that is no spreadsheet")),
        };
    }
    if archive.has("xl/workbook.bin") {
        return Err(other_kind("xlsb"));
    }
    if archive.has("xl/workbook.xml") {
        return Ok(ZipKind::Xlsx);
    }
    for (folder, name) in
        [("word/", "a Word document"), ("ppt/", "a PowerPoint presentation"), ("visio/", "a Visio drawing")]
    {
        if archive.names().any(|part| part.starts_with(folder)) {
            return Err(not_workbook(name));
        }
    }
    if archive.has("index/document.iwa") || archive.has("index.zip") {
        return Err(other_kind("Apple Numbers or Pages"));
    }
    // Some programs call the workbook part otherwise; its relations tell.
    if archive.has("[content_types].xml") && archive.has("_rels/.rels") {
        return Ok(ZipKind::Xlsx);
    }
    let inner =
        archive.names().find(|part| [".xlsx", ".xlsm", ".xls", ".ods"].iter().any(|end| part.ends_with(end)));
    Err(match inner {
        Some(name) => not_workbook(format!("a compressed folder (zip) with a workbook inside ({name})")),
        None => not_workbook("a compressed folder (zip) without a workbook"),
    })
}

/// Finds the workbook stream of an OLE2 file, or says what the file holds instead.
pub(crate) fn of_ole(file: &Compound<'_>) -> Result<StreamId, Refusal> {
    if file.stream("EncryptedPackage").is_some() || file.stream("EncryptionInfo").is_some() {
        return Err(encrypted());
    }
    if let Some(stream) = file.stream("Workbook").or_else(|| file.stream("Book")) {
        return Ok(stream);
    }
    for (stream, name) in [
        ("WordDocument", "a Word document"),
        ("PowerPoint Document", "a PowerPoint presentation"),
        ("VisioDocument", "a Visio drawing"),
        ("__properties_version1.0", "an e-mail message (Outlook)"),
    ] {
        if file.stream(stream).is_some() {
            return Err(not_workbook(name));
        }
    }
    Err(not_workbook("an Office file that holds no workbook"))
}
