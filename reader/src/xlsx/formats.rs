//! Which cell styles of an xlsx show a number as a date: the file says so in its number formats alone.

use std::collections::BTreeMap;

use maturity::finding::Refusal;

use crate::Limits;
use crate::refusal::{count, too_large};
use crate::xml::{Piece, Xml, local_name};

/// Excel stops at 255 characters; a longer format is none that dates use.
const LONGEST_FORMAT: usize = 1024;

/// What a number is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// A date, a time of day, or both.
    Date,
    /// Hours, minutes or seconds that have passed.
    Duration,
}

/// What each cell style shows a number as, in the order by which cells name them.
pub(super) fn read(bytes: &[u8], part: &str, limits: &Limits) -> Result<Vec<Shown>, Refusal> {
    let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
    let mut codes: BTreeMap<u32, Shown> = BTreeMap::new();
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
                        codes.insert(id, of_code(&code));
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
    Ok(cells.iter().map(|id| codes.get(id).copied().unwrap_or_else(|| built_in(*id))).collect())
}

/// The formats that every program knows by number (ECMA-376 part 1, 18.8.30), those of East Asia included.
fn built_in(id: u32) -> Shown {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Date,
        46 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What a format code shows a positive number as: its first section counts, without literal characters.
fn of_code(code: &str) -> Shown {
    let mut rest = code.chars();
    while let Some(character) = rest.next() {
        match character {
            // The next character is a literal, a width or a filler.
            '\\' | '_' | '*' => drop(rest.next()),
            '"' => drop(rest.by_ref().find(|closing| *closing == '"')),
            '[' => {
                let inside: String = rest.by_ref().take_while(|closing| *closing != ']').collect();
                let mut letters = inside.chars().map(|letter| letter.to_ascii_lowercase());
                if let Some(unit @ ('h' | 'm' | 's')) = letters.next()
                    && letters.all(|letter| letter == unit)
                {
                    return Shown::Duration;
                }
            }
            ';' => break,
            'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => return Shown::Date,
            'a' | 'A' => {
                let after = rest.as_str().get(..2).unwrap_or_default();
                if after.eq_ignore_ascii_case("m/") || after.eq_ignore_ascii_case("/p") {
                    return Shown::Date;
                }
            }
            _ => {}
        }
    }
    Shown::Number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_without_their_literal_characters() {
        for (code, shown) in [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("#,##0_);[Red](#,##0)", Shown::Number),
            ("\"days\" 0", Shown::Number),
            ("0\\d", Shown::Number),
            ("0;yyyy", Shown::Number),
            ("[$-409]#,##0.00", Shown::Number),
            ("[Magenta]0", Shown::Number),
            ("yyyy-mm-dd", Shown::Date),
            ("[$-F800]dddd\\,\\ mmmm\\ dd", Shown::Date),
            ("H:MM", Shown::Date),
            ("AM/PM", Shown::Date),
            ("A/P", Shown::Date),
            ("[h]:mm:ss", Shown::Duration),
            ("[Blue][MM]", Shown::Duration),
        ] {
            assert_eq!(of_code(code), shown, "{code}");
        }
    }

    #[test]
    fn a_format_of_the_file_goes_before_the_one_that_programs_know() {
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="14" formatCode="0"/><numFmt numFmtId="164" formatCode="d"/></numFmts>
            <cellStyleXfs><xf numFmtId="22"/></cellStyleXfs>
            <cellXfs><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="46"/><xf/><xf numFmtId="-1"/></cellXfs></styleSheet>"#;
        let shown = read(styles.as_bytes(), "styles.xml", &Limits::default()).unwrap();
        assert_eq!(shown, [Shown::Number, Shown::Date, Shown::Duration, Shown::Number, Shown::Number]);
    }

    #[test]
    fn formats_that_apply_under_a_condition_are_not_those_of_cells() {
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0"/></numFmts>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs>
            <dxfs><dxf><numFmt numFmtId="0" formatCode="yyyy"/></dxf><dxf><numFmt numFmtId="164" formatCode="d"/></dxf>
            <dxf><numFmt numFmtId="14" formatCode="0"/></dxf></dxfs></styleSheet>"#;
        let shown = read(styles.as_bytes(), "styles.xml", &Limits::default()).unwrap();
        assert_eq!(shown, [Shown::Number, Shown::Number, Shown::Date]);
    }
}
