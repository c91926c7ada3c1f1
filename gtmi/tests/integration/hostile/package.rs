//! An honest questionnaire taken apart, so that exactly one thing in it can be bent.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::fuzzed::entries::containers::packed;

/// The parts of a workbook.
#[derive(Clone)]
pub(super) struct Package(pub(super) Vec<(String, Vec<u8>)>);

impl Package {
    pub(super) fn of(workbook: &[u8]) -> Self {
        let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
        let parts = (0..archive.len()).map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().into_owned(), content)
        });
        Self(parts.collect())
    }

    /// With a further part.
    pub(super) fn with(mut self, name: &str, content: &[u8]) -> Self {
        self.0.push((name.to_owned(), content.to_vec()));
        self
    }

    /// With one place of one part replaced.
    pub(super) fn bent(mut self, part: &str, from: &str, to: &str) -> Self {
        let (_, content) = self.0.iter_mut().find(|(name, _)| name == part).unwrap();
        let text = String::from_utf8(content.clone()).unwrap();
        assert!(text.contains(from), "{part} does not hold {from}");
        *content = text.replacen(from, to, 1).into_bytes();
        self
    }

    /// With one part of other content.
    pub(super) fn replaced(mut self, part: &str, content: &[u8]) -> Self {
        let (_, known) = self.0.iter_mut().find(|(name, _)| name == part).unwrap();
        *known = content.to_vec();
        self
    }

    pub(super) fn packed(&self) -> Vec<u8> {
        self.written(CompressionMethod::Deflated)
    }

    /// With a further part of so many MiB of blanks, which are never in memory at once.
    pub(super) fn packed_with_blanks(&self, name: &str, mebibytes: usize) -> Vec<u8> {
        let options = SimpleFileOptions::default().compression_level(Some(1));
        let mut writer = ZipWriter::new_append(Cursor::new(self.packed())).unwrap();
        writer.start_file(name, options).unwrap();
        let blanks = vec![b' '; 1024 * 1024];
        for _ in 0..mebibytes {
            writer.write_all(&blanks).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// Unpacked in the archive, so that its bytes can be found.
    pub(super) fn stored(&self) -> Vec<u8> {
        self.written(CompressionMethod::Stored)
    }

    fn written(&self, method: CompressionMethod) -> Vec<u8> {
        let parts: Vec<(&str, &[u8])> =
            self.0.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        packed(&parts, method)
    }
}

/// Where `wanted` begins for the last time.
pub(super) fn last(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).rposition(|window| window == wanted).unwrap()
}

/// Where `wanted` begins for the first time.
pub(super) fn first(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}
