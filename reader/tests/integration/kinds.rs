use maturity::finding::Problem;
use reader::{Limits, read};

use crate::package::{Package, reason};

fn looks_like(bytes: &[u8]) -> String {
    match read(bytes, &Limits::default()).unwrap_err().problem {
        Problem::FileNotWorkbook { looks_like } => looks_like,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_without_bytes_is_empty() {
    assert_eq!(read(b"", &Limits::default()).unwrap_err().problem, Problem::FileEmpty);
}

#[test]
fn what_is_no_workbook_is_called_by_its_name() {
    for (content, name) in [
        (&b"Dear colleagues,\nplease find attached"[..], "plain text"),
        (b"BMZ sends its regards", "plain text"),
        (b"\n <!DOCTYPE html><p>Sign in", "a web page (HTML)"),
        (b"<table><tr><td>1</td></tr></table>", "a web page (HTML)"),
        (b"<?xml version=\"1.0\"?><a/>", "an XML text"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"From a@b.example Tue\nFrom: A <a@b.example>\nDate: Tue, 1 Nov 2022\n", "an e-mail message"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"\xFF\xFEa\0,\0b\0", "plain text"),
        (b"ID;Pays\nKEN;Kenya\n\0", "binary data of an unknown kind"),
        (b"PK", "plain text"),
        (b"\x01\x02\x03\x04", "binary data of an unknown kind"),
        (&[0; 4096], "a file of nothing but zero bytes, as a failed copy leaves it"),
    ] {
        assert_eq!(looks_like(content), name);
    }
}

#[test]
fn a_table_that_begins_like_something_else_is_a_table() {
    for content in [
        &b"From the Ministry of Health,\nid,answer\nI-1,2\n"[..],
        b"Received: 2022,\nid,answer\nI-1,2\n",
        b"id,answer\nI-1,<html> is what pages begin with\n",
        b"sep=|\nid|answer\nI-1|2\n",
    ] {
        let book = read(content, &Limits::default()).unwrap();
        assert!(book.sheets[0].cells.len() >= 4, "{book:?}");
    }
}

#[test]
fn a_table_with_a_zero_byte_anywhere_is_none() {
    let table = |rows: usize| format!("code,answer\n{}KEN,y\0es\n", "KEN,yes\n".repeat(rows));
    for text in [table(2), table(2_000)] {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.into_bytes(), [b"\xFF\xFE", wide.as_slice()].concat()] {
            assert_eq!(looks_like(&bytes), "binary data of an unknown kind");
        }
    }
}

#[test]
fn workbooks_of_kinds_that_are_not_read_are_named() {
    let kind = |bytes: &[u8]| match read(bytes, &Limits::default()).unwrap_err().problem {
        Problem::FileKind { kind } => kind,
        other => panic!("{other:?}"),
    };
    let mut package = Package::with_rows("");
    package.set("xl/workbook.bin", "x");
    assert_eq!(kind(&package.bytes()), "xlsb");
    assert_eq!(
        kind(b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">"),
        "XML Spreadsheet 2003"
    );
    assert_eq!(kind(b"ID;PWXL;N;E\nP;PGeneral\nE\n"), "SYLK (slk)");
    assert_eq!(kind(b"\x09\x04\x06\x00\x00\x00\x10\x00"), "xls of Excel 4 or older");
}

#[test]
fn a_zip_without_a_workbook_says_what_is_inside() {
    let zip = |names: &[&str]| {
        let mut package = Package::with_rows("");
        package.parts.clear();
        for name in names {
            package.set(name, "x");
        }
        reason(package.read())
    };
    assert_eq!(zip(&["word/document.xml", "[Content_Types].xml"]), "a Word document");
    assert_eq!(zip(&["ppt/presentation.xml"]), "a PowerPoint presentation");
    assert_eq!(zip(&["a.txt"]), "a compressed folder (zip) without a workbook");
    assert_eq!(zip(&["KEN.xlsx"]), "a compressed folder (zip) with a workbook inside (ken.xlsx)");
}

#[test]
fn an_opendocument_that_is_no_spreadsheet_or_is_encrypted_is_refused() {
    let mut package = Package::with_rows("");
    package.parts.clear();
    package.set("mimetype", "application/vnd.oasis.opendocument.text");
    package.set("content.xml", "<x/>");
    assert_eq!(reason(package.read()), "an OpenDocument text");
    package.set("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    package.set(
        "META-INF/manifest.xml",
        "<m><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></m>",
    );
    assert_eq!(package.read().unwrap_err().problem, Problem::FileEncrypted);
    // Encrypted as a whole, as newer programs do.
    package.parts.clear();
    package.set("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    package.set("encrypted-package", "x");
    assert_eq!(package.read().unwrap_err().problem, Problem::FileEncrypted);
}

#[test]
fn a_file_that_is_two_workbooks_at_once_is_refused() {
    let mut package = Package::with_rows("");
    package.set("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    package.set("content.xml", "<o/>");
    assert!(reason(package.read()).contains("an OpenDocument spreadsheet and another kind of file at once"));
}

#[test]
fn a_file_larger_than_the_limit_is_refused_before_it_is_looked_at() {
    let limits = Limits { file_bytes: 1000, ..Limits::default() };
    let problem = read(&[b'x'; 1001], &limits).unwrap_err().problem;
    assert_eq!(problem, Problem::FileTooLarge { found: "1 KiB".to_owned(), limit: "1 KiB".to_owned() });
}
