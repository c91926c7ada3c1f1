//! Builds xlsx files part by part, so that a test can bend exactly one thing.

use std::io::{Cursor, Write};

use maturity::cell::{Book, Cell};
use maturity::finding::{Problem, Refusal};
use reader::{Limits, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The parts of a workbook with one sheet, "Data".
pub(crate) struct Package {
    pub(crate) parts: Vec<(String, Vec<u8>)>,
    pub(crate) method: CompressionMethod,
}

impl Package {
    /// A workbook whose only sheet has these rows.
    pub(crate) fn with_rows(rows: &str) -> Self {
        let mut package = Self { parts: Vec::new(), method: CompressionMethod::Deflated };
        package.set("[Content_Types].xml", "<Types/>");
        package.set(
            "_rels/.rels",
            &format!(
                r#"<Relationships><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        );
        package.set(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships><Relationship Id="s1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="y" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>"#
            ),
        );
        package.set_workbook(r#"<sheets><sheet name="Data" sheetId="1" r:id="s1"/></sheets>"#);
        package.set("xl/worksheets/sheet1.xml", &sheet(rows));
        package
    }

    pub(crate) fn set(&mut self, name: &str, content: &str) {
        self.parts.retain(|(known, _)| known != name);
        self.parts.push((name.to_owned(), content.as_bytes().to_vec()));
    }

    pub(crate) fn set_workbook(&mut self, content: &str) {
        self.set(
            "xl/workbook.xml",
            &format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{content}</workbook>"#),
        );
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.parts {
            writer.start_file(name, SimpleFileOptions::default().compression_method(self.method)).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    pub(crate) fn read(&self) -> Result<Book, Refusal> {
        read(&self.bytes(), &Limits::default())
    }
}

pub(crate) fn sheet(rows: &str) -> String {
    format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)
}

/// The cell of the book's first sheet.
pub(crate) fn cell(book: &Book, address: &str) -> Cell {
    book.sheets[0].get(address.parse().unwrap()).unwrap_or_else(|| panic!("nothing at {address}")).clone()
}

/// The reason of a refusal as its reader sees it.
pub(crate) fn reason(result: Result<Book, Refusal>) -> String {
    match result.expect_err("must be refused").problem {
        Problem::FileDamaged { reason } | Problem::FileUnreadable { reason } => reason,
        Problem::FileTooLarge { found, .. } => found,
        Problem::FileNotWorkbook { looks_like } => looks_like,
        Problem::FileKind { kind } => kind,
        other => other.rule().to_owned(),
    }
}
