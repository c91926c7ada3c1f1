//! What the cell styles of an xlsx show numbers as.

use std::collections::BTreeMap;

use maturity::finding::Refusal;

use crate::Limits;
use crate::refusal::{count, too_large};
use crate::shown::Format;
use crate::xml::{Piece, Xml, local_name};

/// Excel stops at 255 characters; a longer format is none that dates use.
const LONGEST_FORMAT: usize = 1024;

/// What each cell style shows a number as, in the order by which cells name them.
pub(super) fn read(bytes: &[u8], part: &str, limits: &Limits) -> Result<Vec<Format>, Refusal> {
    let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
    let mut codes: BTreeMap<u32, Format> = BTreeMap::new();
    let mut cells = Vec::new();
    let (mut in_codes, mut in_cells) = (false, false);
    loop {
        match xml.next()? {
            Piece::Start(start) => match start.local_name() {
                "numFmts" => in_codes = true,
                // Formats that apply under a condition number theirs anew, behind those of cells.
                "numFmt" if in_codes => {
                    let id = xml.attribute(&start, "numFmtId")?.and_then(|id| id.parse::<u32>().ok());
                    let code = xml.attribute(&start, "formatCode")?;
                    if let (Some(id), Some(code)) = (id, code)
                        && code.len() <= LONGEST_FORMAT
                    {
                        codes.insert(id, Format::of_code(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let id = xml.raw_attribute(&start, |key| key == "numFmtId")?.unwrap_or_default();
                    cells.push(id.parse().unwrap_or(0));
                }
                _ => {}
            },
            Piece::End(name) => match local_name(name) {
                "numFmts" => in_codes = false,
                "cellXfs" => in_cells = false,
                _ => {}
            },
            Piece::Eof => break,
            _ => {}
        }
        if codes.len().max(cells.len()) > limits.formats {
            return Err(too_large("too many cell formats", count(limits.formats)));
        }
    }
    Ok(cells.iter().map(|id| codes.get(id).cloned().unwrap_or_else(|| Format::built_in(*id))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::Shown;

    fn shown(styles: &str) -> Vec<Shown> {
        let formats = read(styles.as_bytes(), "styles.xml", &Limits::default()).unwrap();
        formats.iter().map(|format| format.shown(12.0)).collect()
    }

    #[test]
    fn a_format_of_the_file_goes_before_the_one_that_programs_know() {
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="14" formatCode="0"/><numFmt numFmtId="164" formatCode="d"/></numFmts>
            <cellStyleXfs><xf numFmtId="22"/></cellStyleXfs>
            <cellXfs><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="46"/><xf/><xf numFmtId="-1"/></cellXfs></styleSheet>"#;
        assert_eq!(
            shown(styles),
            [Shown::Number, Shown::Date, Shown::Duration, Shown::Number, Shown::Number]
        );
    }

    #[test]
    fn formats_that_apply_under_a_condition_are_not_those_of_cells() {
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0"/></numFmts>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs>
            <dxfs><dxf><numFmt numFmtId="0" formatCode="yyyy"/></dxf><dxf><numFmt numFmtId="164" formatCode="d"/></dxf>
            <dxf><numFmt numFmtId="14" formatCode="0"/></dxf></dxfs></styleSheet>"#;
        assert_eq!(shown(styles), [Shown::Number, Shown::Number, Shown::Date]);
    }
}
