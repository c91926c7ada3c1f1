//! Walks the cells of one xlsx sheet beside the library and checks what the library would pass over in silence.
//!
//! The library lets references wrap around (`A4294967298` becomes A2), takes the last of two values, reads a
//! broken text number as the first text, and gives up the whole sheet at a newer error value such as `#SPILL!`.

use maturity::cell::{Address, Region, Span, View};
use maturity::finding::Refusal;
use quick_xml::events::{BytesStart, Event};

use crate::Limits;
use crate::refusal::{at, count, damaged, too_large, unreadable};
use crate::xml::Xml;

/// The grid of every spreadsheet program: XFD1048576.
pub(crate) const ROWS: u32 = 1_048_576;
/// Columns A to XFD.
pub(crate) const COLUMNS: u32 = 16_384;

/// More merged regions than these are no form that somebody filled in.
pub(crate) const MOST_MERGED: usize = 100_000;

/// What the XML says about one cell, besides its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ScannedCell {
    pub(crate) address: Address,
    pub(crate) formula: bool,
    /// The error value, when the cell holds one.
    pub(crate) error: Option<String>,
}

/// The cells of one sheet in the order of the file.
pub(crate) struct SheetScan<'x> {
    xml: Xml<'x>,
    sheet: &'x str,
    row: u32,
    column: u32,
    /// The row that the open row element names.
    named_row: Option<u32>,
    view: View,
}

impl<'x> SheetScan<'x> {
    /// Moves to the cell data of the sheet called `sheet`.
    pub(crate) fn new(
        bytes: &'x [u8],
        part: &'x str,
        sheet: &'x str,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let mut xml = Xml::new(bytes, part, limits.text_bytes)?;
        let mut view = View::default();
        loop {
            match xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "sheetData" => break,
                Event::Start(start) if start.local_name().as_ref() == "col" => {
                    view.hidden_columns.extend(hidden_columns(&xml, &start));
                }
                Event::Eof => return Err(damaged(format!("the part {part} holds no cell data"))),
                _ => {}
            }
        }
        Ok(Self { xml, sheet, row: 0, column: 0, named_row: None, view })
    }

    /// The next cell; `None` after the last one.
    pub(crate) fn next(&mut self) -> Result<Option<ScannedCell>, Refusal> {
        loop {
            match self.xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "row" => self.open_row(&start)?,
                Event::End(end) if end.local_name().as_ref() == "row" => {
                    self.row = self.row.saturating_add(1);
                    self.column = 0;
                    self.named_row = None;
                }
                Event::Start(start) if start.local_name().as_ref() == "c" => {
                    return self.cell(&start).map(Some);
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => return Ok(None),
                Event::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
    }

    fn open_row(&mut self, start: &BytesStart<'_>) -> Result<(), Refusal> {
        if let Some(text) = self.xml.raw_attribute(start, |key| key == "r")? {
            let row = text.parse().ok().filter(|row| (1..=ROWS).contains(row)).ok_or_else(|| {
                at(damaged(format!("the row number {text:?} is outside the grid")), self.sheet, None)
            })?;
            self.row = row - 1;
            self.named_row = Some(self.row);
        }
        let is = |name: &str, meant: fn(&str) -> bool| {
            self.xml.raw_attribute(start, |key| key == name).ok().flatten().is_some_and(|text| meant(&text))
        };
        if is("hidden", is_true) || is("ht", is_zero) {
            self.view.hidden_rows.push(Span { first: self.row, last: self.row });
        }
        Ok(())
    }

    /// What stands behind the cells: merged regions, and which of the hidden rows a filter hides. Called after
    /// the last cell. Nothing of it is an answer, so what cannot be read there is left alone.
    pub(crate) fn view(mut self) -> Result<View, Refusal> {
        let mut filter: Option<Region> = None;
        let mut filters = false;
        while let Ok(event) = self.xml.next() {
            match event {
                Event::Start(start) => match start.local_name().as_ref() {
                    "mergeCell" => {
                        let region = self.region(&start);
                        self.view
                            .merged
                            .extend(region.filter(|region| region.top_left != region.bottom_right));
                        if self.view.merged.len() > MOST_MERGED {
                            return Err(too_large("too many merged regions", count(MOST_MERGED)));
                        }
                    }
                    "autoFilter" => filter = self.region(&start),
                    "filterColumn" => filters = true,
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        if let Some(region) = filter.filter(|_| filters) {
            // The first row of the region holds the buttons.
            let rows = region.top_left.row + 1..=region.bottom_right.row;
            let (filtered, hidden) =
                self.view.hidden_rows.into_iter().partition(|span: &Span| rows.contains(&span.first));
            self.view.filtered_rows = filtered;
            self.view.hidden_rows = hidden;
        }
        Ok(self.view)
    }

    fn region(&self, start: &BytesStart<'_>) -> Option<Region> {
        let text = self.xml.raw_attribute(start, |key| key == "ref").ok().flatten()?;
        let region: Region = text.replace('$', "").parse().ok()?;
        (region.bottom_right.row < ROWS && region.bottom_right.column < COLUMNS).then_some(region)
    }

    fn cell(&mut self, start: &BytesStart<'_>) -> Result<ScannedCell, Refusal> {
        let address = match self.xml.raw_attribute(start, |key| key == "r")? {
            None => Address::new(self.row, self.column),
            Some(text) => {
                let address: Option<Address> = text.to_ascii_uppercase().parse().ok();
                address.ok_or_else(|| {
                    at(
                        damaged(format!("{:?} is not a cell reference in the grid", shorten(&text))),
                        self.sheet,
                        None,
                    )
                })?
            }
        };
        if address.row >= ROWS || address.column >= COLUMNS {
            let refusal =
                damaged(format!("the cell reference {address} is outside the grid (A1 to XFD1048576)"));
            return Err(at(refusal, self.sheet, None));
        }
        if self.named_row.is_some_and(|row| row != address.row) {
            let refusal = damaged(format!("the cell {address} stands in row {}", self.row + 1));
            return Err(at(refusal, self.sheet, Some(address)));
        }
        self.column = address.column + 1;
        let kind = self.xml.raw_attribute(start, |key| key == "t")?.unwrap_or_default().into_owned();
        self.content(&kind, address).map_err(|refusal| at(refusal, self.sheet, Some(address)))
    }

    /// Reads on to the end of the cell.
    fn content(&mut self, kind: &str, address: Address) -> Result<ScannedCell, Refusal> {
        let mut cell = ScannedCell { address, formula: false, error: None };
        let mut values = 0;
        loop {
            match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    // LibreOffice writes the plain values as calls of the functions of these names.
                    "f" if kind == "b" => {
                        cell.formula = !matches!(self.formula(&start)?.as_str(), "TRUE()" | "FALSE()");
                    }
                    "f" => {
                        cell.formula = true;
                        self.xml.skip(&start)?;
                    }
                    "v" => {
                        values += 1;
                        let text = self.value(&start, kind, address)?;
                        if kind == "e" && !text.is_empty() {
                            cell.error = Some(text);
                        }
                    }
                    "is" => {
                        values += 1;
                        self.xml.skip(&start)?;
                    }
                    other => {
                        return Err(unreadable(format!(
                            "the cell {address} holds the unknown element {other:?}"
                        )));
                    }
                },
                Event::End(end) if end.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
        if values > 1 {
            return Err(damaged(format!("the cell {address} holds two values")));
        }
        Ok(cell)
    }

    /// The text of a formula without anything that is not plain text.
    fn formula(&mut self, start: &BytesStart<'_>) -> Result<String, Refusal> {
        let mut text = String::new();
        loop {
            match self.xml.next()? {
                Event::Text(piece) => text.push_str(&piece),
                Event::Start(child) => self.xml.skip(&child)?,
                Event::End(end) if end.name() == start.name() => return Ok(text),
                Event::Eof => return Err(self.xml.broken_off()),
                _ => text.push('?'),
            }
        }
    }

    /// The text of a value element; refuses the ways of writing it that the library reads only in part.
    fn value(&mut self, start: &BytesStart<'_>, kind: &str, address: Address) -> Result<String, Refusal> {
        let unusual = || {
            unreadable(format!(
                "the value of the cell {address} is written in a way that programs read differently"
            ))
        };
        // The library takes the first piece of these and the pieces of the others, except for CDATA.
        let one_piece = matches!(kind, "" | "n" | "s" | "b" | "e");
        let mut text = String::new();
        let mut pieces = 0;
        loop {
            match self.xml.next()? {
                Event::End(end) if end.name() == start.name() => break,
                Event::Eof => return Err(self.xml.broken_off()),
                Event::Text(piece) => {
                    pieces += 1;
                    text.push_str(&piece);
                }
                Event::GeneralRef(entity) if !one_piece => self.xml.resolve(&entity, &mut text)?,
                Event::Comment(_) | Event::PI(_) if !one_piece => {}
                _ => return Err(unusual()),
            }
        }
        if one_piece && pieces > 1 || matches!(kind, "inlineStr" | "is") && !text.is_empty() {
            return Err(unusual());
        }
        if kind == "s" && !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(damaged(format!("the cell {address} does not say which text it holds")));
        }
        Ok(text)
    }
}

/// The columns of a column element, if it hides them.
fn hidden_columns(xml: &Xml<'_>, start: &BytesStart<'_>) -> Option<Span> {
    let text = |name: &str| xml.raw_attribute(start, |key| key == name).ok().flatten();
    let hidden =
        text("hidden").is_some_and(|text| is_true(&text)) || text("width").is_some_and(|text| is_zero(&text));
    let number = |name| text(name)?.parse::<u32>().ok()?.checked_sub(1).filter(|column| *column < COLUMNS);
    let span = Span { first: number("min")?, last: number("max")? };
    hidden.then_some(span)
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true" | "on")
}

fn is_zero(text: &str) -> bool {
    text.parse::<f64>() == Ok(0.0)
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use maturity::finding::Problem;

    use super::*;

    fn scan(rows: &str) -> Result<Vec<ScannedCell>, Refusal> {
        let text =
            format!("<worksheet><dimension ref=\"A1:ZZZ9\"/><sheetData>{rows}</sheetData></worksheet>");
        let limits = Limits::default();
        let mut scan = SheetScan::new(text.as_bytes(), "sheet1.xml", "Data", &limits)?;
        let mut cells = Vec::new();
        while let Some(cell) = scan.next()? {
            cells.push(cell);
        }
        Ok(cells)
    }

    fn addresses(rows: &str) -> Vec<String> {
        scan(rows).unwrap().iter().map(|cell| cell.address.to_string()).collect()
    }

    fn reason(rows: &str) -> String {
        match scan(rows).unwrap_err().problem {
            Problem::FileDamaged { reason } | Problem::FileUnreadable { reason } => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cells_without_a_reference_follow_each_other() {
        let rows =
            r#"<row><c><v>1</v></c><c/></row><row r="7"><c r="C7"/><c><v>2</v></c></row><row><c/></row>"#;
        assert_eq!(addresses(rows), ["A1", "B1", "C7", "D7", "A8"]);
    }

    #[test]
    fn references_outside_the_grid_are_refused_instead_of_wrapped() {
        for reference in ["A4294967298", "XFE1", "A1048577", "AAAAAAAAAAAA1", "A0", "1", "A1:B2", "&#65;1"] {
            let rows = format!(r#"<row><c r="{reference}"><v>1</v></c></row>"#);
            assert!(scan(&rows).is_err(), "{reference}");
        }
        assert_eq!(addresses(r#"<row r="1048576"><c r="XFD1048576"/></row>"#), ["XFD1048576"]);
    }

    #[test]
    fn two_values_in_one_cell_are_refused() {
        assert_eq!(reason(r#"<row><c r="A1"><v>1</v><v>2</v></c></row>"#), "the cell A1 holds two values");
        let refusal = scan(r#"<row><c r="B2"><v>1</v><is><t>x</t></is></c></row>"#).unwrap_err();
        assert_eq!(refusal.place.unwrap().to_string(), "Data!B2");
    }

    #[test]
    fn values_that_programs_read_differently_are_refused() {
        for value in ["<v>1<!-- -->2</v>", "<v>&#49;2</v>", "<v><![CDATA[1]]></v>", "<v><b/>1</v>"] {
            assert!(scan(&format!(r#"<row><c r="A1">{value}</c></row>"#)).is_err(), "{value}");
        }
        assert!(scan(r#"<row><c r="A1" t="s"><v>x</v></c></row>"#).is_err());
        assert!(scan(r#"<row><c r="A1" r="B1"><v>1</v></c></row>"#).is_err());
    }

    #[test]
    fn error_values_and_formulas_are_noted() {
        let cells = scan(r#"<row><c r="A1" t="e"><f>x</f><v>#SPILL!</v></c></row>"#).unwrap();
        assert_eq!(cells[0].error.as_deref(), Some("#SPILL!"));
        assert!(cells[0].formula);
        let rows = r#"<row><c r="A1" t="b"><f aca="false">TRUE()</f><v>1</v></c><c t="b"><f>A1</f><v>1</v></c></row>"#;
        let formulas: Vec<bool> = scan(rows).unwrap().iter().map(|cell| cell.formula).collect();
        assert_eq!(formulas, [false, true], "a plain truth value as LibreOffice writes it is no formula");
    }
}
