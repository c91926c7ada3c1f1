use maturity::finding::Problem;
use reader::{Limits, read};
use zip::CompressionMethod;

use crate::package::{Package, reason};

const ROWS: &str = r#"<row r="1"><c r="A1"><v>1234</v></c><c r="B1"><v>2</v></c></row>"#;

fn limits() -> Limits {
    Limits::default()
}

fn replace_all(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(at, _)| at)
        .collect();
    for at in &places {
        bytes[*at..][..to.len()].copy_from_slice(to);
    }
    places.len()
}

#[test]
fn a_workbook_cut_anywhere_is_refused() {
    for name in ["book.xlsx", "book.ods", "book.xls"] {
        let bytes = std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let whole = read(&bytes, &limits()).unwrap();
        for cut in 0..bytes.len() {
            // The last sector of an OLE2 file is filled up, so its very end may be missing without loss.
            if let Ok(book) = read(&bytes[..cut], &limits()) {
                assert!(name == "book.xls" && book == whole, "{name} cut at {cut}");
            }
        }
    }
}

#[test]
fn one_flipped_bit_in_stored_content_is_noticed() {
    let mut package = Package::with_rows(ROWS);
    package.method = CompressionMethod::Stored;
    let mut bytes = package.bytes();
    assert_eq!(replace_all(&mut bytes, b"<v>1234", b"<v>9234"), 1);
    let reason = reason(read(&bytes, &limits()));
    assert_eq!(
        reason,
        "the part xl/worksheets/sheet1.xml is broken: its content does not match its check sum"
    );
}

#[test]
fn two_parts_of_one_name_are_refused() {
    for name in [
        "xl/worksheets/sheet2.xml",
        "xl/worksheets/SHEET1.xml",
        "xl\\worksheets\\sheet1.xml",
        "xl/./worksheets/sheet1.xml",
        "xl/worksheets/../worksheets/sheet1.xml",
        "xl//worksheets/sheet1.xml",
        "xl\\.\\worksheets\\.\\Sheet1.xml",
        "../xl/worksheets/sheet1.xml",
    ] {
        let mut package = Package::with_rows(ROWS);
        package.set(name, "<worksheet/>");
        let mut bytes = package.bytes();
        replace_all(&mut bytes, b"sheet2.xml", b"sheet1.xml");
        assert!(reason(read(&bytes, &limits())).starts_with("two parts have the same name: "), "{name}");
    }
}

#[test]
fn joined_archives_are_refused() {
    let one = Package::with_rows(ROWS).bytes();
    let other = Package::with_rows("").bytes();
    let joined = [one.clone(), other].concat();
    assert!(read(&joined, &limits()).is_err());
    assert!(read(&[b"PK\x03\x04 something".to_vec(), one.clone()].concat(), &limits()).is_err());
    assert_eq!(
        reason(read(&[one.clone(), b"tail".to_vec()].concat(), &limits())),
        "there are bytes after the end of the zip archive, or its end is cut off"
    );
    // A second end record inside the comment of the first one.
    let mut nested = one.clone();
    let end = nested.len() - 22;
    let record = nested[end..].to_vec();
    nested[end + 20] = 22;
    nested.extend(record);
    assert_eq!(reason(read(&nested, &limits())), "the zip archive has two ends");
}

#[test]
fn parts_that_share_bytes_are_refused() {
    const INNER: &str = "xl/worksheets/sheet2.xml";
    let stored = |parts: &[(&str, &[u8])]| {
        let mut package = Package::with_rows(ROWS);
        package.method = CompressionMethod::Stored;
        package.parts.extend(parts.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())));
        package.bytes()
    };
    let header_of = |bytes: &[u8], name: &str, before: usize| {
        bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap() - before
    };
    let plain = stored(&[(INNER, b"<worksheet/>")]);
    let start = header_of(&plain, INNER, 30);
    let inner = &plain[start..start + 30 + INNER.len() + 12];
    // One part holds another one, header and all; the table of contents is bent to point into it.
    let mut bytes = stored(&[("xl/media/a.bin", inner), (INNER, b"<worksheet/>")]);
    let target = u32::try_from(header_of(&bytes, INNER, 30)).unwrap();
    let entry = bytes.windows(INNER.len()).rposition(|window| window == INNER.as_bytes()).unwrap() - 46;
    bytes[entry + 42..entry + 46].copy_from_slice(&target.to_le_bytes());
    assert_eq!(reason(read(&bytes, &limits())), "two parts of the zip archive share the same bytes");
    // A part under a name that its own header does not have.
    let mut bytes = plain.clone();
    bytes[start + 30] = b'X';
    assert_eq!(
        reason(read(&bytes, &limits())),
        "the part xl/worksheets/sheet2.xml is described in two different ways"
    );
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let mut package = Package::with_rows(ROWS);
    package.set("xl/media/image.xml", &" ".repeat(3_000_000));
    let small = Limits { inflated_bytes: 1_000_000, ..limits() };
    match read(&package.bytes(), &small).unwrap_err().problem {
        Problem::FileTooLarge { found, limit } => {
            assert_eq!((found.as_str(), limit.as_str()), ("3 MiB after unpacking", "977 KiB"));
        }
        other => panic!("{other:?}"),
    }
    // The size is declared small, but more comes out.
    let mut bytes = package.bytes();
    assert_eq!(replace_all(&mut bytes, &3_000_000_u32.to_le_bytes(), &9_u32.to_le_bytes()), 2);
    assert!(reason(read(&bytes, &limits())).contains("is broken"));
}

#[test]
fn too_many_parts_and_encrypted_parts_are_refused() {
    let bytes = Package::with_rows(ROWS).bytes();
    assert_eq!(reason(read(&bytes, &Limits { entries: 4, ..limits() })), "5 parts in the file");
    let mut locked = bytes.clone();
    let at = locked.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    locked[at + 8] |= 1;
    assert_eq!(read(&locked, &limits()).unwrap_err().problem, Problem::FileEncrypted);
}
