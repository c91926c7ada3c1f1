//! Reduces the styles of an xlsx to what tells a date from a number: the number format of each cell style.
//!
//! The library builds fonts, fills and borders for every style, which a hostile file can multiply without end.

use std::fmt::Write;

use maturity::finding::Refusal;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::Limits;
use crate::refusal::{count, too_large};
use crate::xml::Xml;

/// Excel stops at 255 characters; a longer format is none that dates use.
const LONGEST_FORMAT: usize = 1024;

/// The reduced styles as an XML part.
pub(crate) fn reduce(bytes: &[u8], part: &str, limits: &Limits) -> Result<String, Refusal> {
    let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
    let (mut formats, mut cells) = (String::new(), String::new());
    let (mut format_count, mut cell_count) = (0, 0);
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let id = xml.attribute(&start, "numFmtId")?.and_then(|id| id.parse::<u32>().ok());
                    let code = xml.attribute(&start, "formatCode")?;
                    if let (Some(id), Some(code)) = (id, code)
                        && code.len() <= LONGEST_FORMAT
                    {
                        format_count += 1;
                        let _ = write!(formats, r#"<numFmt numFmtId="{id}" formatCode="{}"/>"#, escape(code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    cell_count += 1;
                    let id = xml.raw_attribute(&start, |key| key == "numFmtId")?.unwrap_or_default();
                    let id: u32 = id.parse().unwrap_or(0);
                    let _ = write!(cells, r#"<xf numFmtId="{id}"/>"#);
                }
                _ => {}
            },
            Event::End(end) if end.local_name().as_ref() == "cellXfs" => in_cells = false,
            Event::Eof => break,
            _ => {}
        }
        if format_count.max(cell_count) > limits.formats {
            return Err(too_large("too many cell formats", count(limits.formats)));
        }
    }
    Ok(format!(
        "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>"
    ))
}
