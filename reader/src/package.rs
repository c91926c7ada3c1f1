//! The small xlsx of our own making that the library reads: checked cell data under names that we chose.
//!
//! Nothing of the sender's container is left in it. The parts are stored unpacked, so that the checks can walk
//! the very bytes beside the library.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::ops::Range;

use maturity::finding::Refusal;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::refusal::unreadable;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A package being filled.
pub(crate) struct Package {
    writer: ZipWriter<Cursor<Vec<u8>>>,
}

impl Package {
    pub(crate) fn new() -> Self {
        Self { writer: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    /// The name under which the sheet at `index` is known inside.
    pub(crate) fn sheet_name(index: usize) -> String {
        format!("sheet{index}")
    }

    fn add(&mut self, name: &str, content: &[u8]) -> Result<(), Refusal> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let written = self.writer.start_file(name, options).map_err(|_| failed());
        written.and_then(|()| self.writer.write_all(content).map_err(|_| failed()))
    }

    pub(crate) fn add_sheet(&mut self, index: usize, content: &[u8]) -> Result<(), Refusal> {
        self.add(&sheet_part(index), content)
    }

    pub(crate) fn add_shared_strings(&mut self, content: &[u8]) -> Result<(), Refusal> {
        self.add("xl/sharedStrings.xml", content)
    }

    pub(crate) fn add_styles(&mut self, content: &str) -> Result<(), Refusal> {
        self.add("xl/styles.xml", content.as_bytes())
    }

    /// Adds the workbook with `sheets` sheets; gives the bytes and where in them each sheet's XML stands.
    pub(crate) fn finish(mut self, sheets: usize) -> Result<(Vec<u8>, Vec<Range<usize>>), Refusal> {
        let (mut list, mut links) = (String::new(), String::new());
        for index in 0..sheets {
            let name = Self::sheet_name(index);
            let number = index + 1;
            let _ = write!(list, r#"<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>"#);
            let _ = write!(
                links,
                r#"<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="{name}.xml"/>"#
            );
        }
        let workbook =
            format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{list}</sheets></workbook>"#);
        let root =
            format!(r#"<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>"#);
        let relations = |links: &str| format!(r#"<Relationships xmlns="{PACKAGE}">{links}</Relationships>"#);
        self.add("xl/workbook.xml", workbook.as_bytes())?;
        self.add("xl/_rels/workbook.xml.rels", relations(&links).as_bytes())?;
        self.add("_rels/.rels", relations(&root).as_bytes())?;
        let bytes = self.writer.finish().map_err(|_| failed())?.into_inner();

        let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(|_| failed())?;
        let mut ranges = Vec::with_capacity(sheets);
        for index in 0..sheets {
            let part = archive.by_name(&sheet_part(index)).map_err(|_| failed())?;
            let start = part.data_start().and_then(|start| usize::try_from(start).ok()).ok_or_else(failed)?;
            let length = usize::try_from(part.size()).map_err(|_| failed())?;
            ranges.push(start..start + length);
        }
        drop(archive);
        Ok((bytes, ranges))
    }
}

fn sheet_part(index: usize) -> String {
    format!("xl/{}.xml", Package::sheet_name(index))
}

/// Writing to memory does not fail; if it ever does, the file is refused instead of read in part.
fn failed() -> Refusal {
    unreadable("its checked parts could not be put together")
}
