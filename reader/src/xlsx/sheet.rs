//! Walks the cells of one xlsx sheet in the order of the file, and what is said about their rows and columns.

use std::borrow::Cow;

use maturity::cell::{Address, Region, Sheet, Span, View};
use maturity::finding::Refusal;

use super::Tables;
use super::aside::{Asides, SheetLink};
use super::cell::{Head, Kind};
use super::workbook::SheetPart;
use crate::Limits;
use crate::budget::Budget;
use crate::grid::{COLUMNS, MOST_LINKS, MOST_MERGED, ROWS, finish};
use crate::refusal::{at, count, damaged, too_large};
use crate::xml::{Element, Piece, Xml, local_name};

/// One sheet that is being read.
pub(super) struct Reading<'x> {
    pub(super) xml: Xml<'x>,
    pub(super) tables: &'x Tables,
    name: &'x str,
    row: u32,
    column: u32,
    /// The row that the open row element names.
    named_row: Option<u32>,
    pub(super) view: View,
}

/// Reads the sheet whose part has these bytes; beside it, what it refers to in other parts.
pub(super) fn read(
    bytes: &[u8],
    part: &SheetPart,
    tables: &Tables,
    limits: &Limits,
    budget: &mut Budget<'_>,
) -> Result<(Sheet, Asides), Refusal> {
    let mut reading = Reading::new(bytes, part, tables, limits)?;
    let mut cells = Vec::new();
    while let Some(head) = reading.next().map_err(|refusal| at(refusal, &part.name, None))? {
        let cell = reading.content(&head, budget);
        cells.extend(cell.map_err(|refusal| at(refusal, &part.name, Some(head.address)))?);
    }
    let (view, asides) = reading.view().map_err(|refusal| at(refusal, &part.name, None))?;
    Ok((finish(&part.name, part.visible, cells, view)?, asides))
}

impl<'x> Reading<'x> {
    /// Moves to the cell data of the sheet.
    fn new(
        bytes: &'x [u8],
        part: &'x SheetPart,
        tables: &'x Tables,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let mut xml = Xml::new(bytes, &part.part, limits.text_bytes)?;
        let mut view = View::default();
        loop {
            match xml.next()? {
                Piece::Start(start) if start.local_name() == "sheetData" => break,
                Piece::Start(start) if start.local_name() == "col" => {
                    view.hidden_columns.extend(hidden_columns(&xml, &start));
                }
                Piece::Eof => return Err(damaged(format!("the part {} holds no cell data", part.part))),
                _ => {}
            }
        }
        Ok(Self { xml, tables, name: &part.name, row: 0, column: 0, named_row: None, view })
    }

    /// Walks on to the next cell; `None` after the last one.
    fn next(&mut self) -> Result<Option<Head>, Refusal> {
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.local_name() {
                    "c" => return self.head(&start).map(Some),
                    "row" => self.open_row(&start)?,
                    _ => {}
                },
                Piece::End(name) => match local_name(name) {
                    "row" => {
                        self.row = self.row.saturating_add(1);
                        self.column = 0;
                        self.named_row = None;
                    }
                    "sheetData" => return Ok(None),
                    _ => {}
                },
                Piece::Eof => return Err(self.xml.broken_off()),
                _ => {}
            }
        }
    }

    fn open_row(&mut self, start: &Element<'x>) -> Result<(), Refusal> {
        let [number, hidden, height] = self.xml.raw_attributes(start, |name| match name {
            "r" => Some(0),
            "hidden" => Some(1),
            "ht" => Some(2),
            _ => None,
        })?;
        if let Some(text) = number {
            let row = text.parse().ok().filter(|row| (1..=ROWS).contains(row)).ok_or_else(|| {
                at(damaged(format!("the row number {text:?} is outside the grid")), self.name, None)
            })?;
            self.row = row - 1;
            self.named_row = Some(self.row);
        }
        if hidden.is_some_and(is_true) || height.is_some_and(is_zero) {
            self.view.hidden_rows.push(Span { first: self.row, last: self.row });
        }
        Ok(())
    }

    fn head(&mut self, start: &Element<'x>) -> Result<Head, Refusal> {
        let [reference, style, kind] = self.xml.raw_attributes(start, |name| match name {
            "r" => Some(0),
            "s" => Some(1),
            "t" => Some(2),
            _ => None,
        })?;
        let address = match reference {
            None => Address::new(self.row, self.column),
            Some(text) => address(text).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                at(damaged(format!("{shown:?} is not a cell reference in the grid")), self.name, None)
            })?,
        };
        if address.row >= ROWS || address.column >= COLUMNS {
            let refusal =
                damaged(format!("the cell reference {address} is outside the grid (A1 to XFD1048576)"));
            return Err(at(refusal, self.name, None));
        }
        if self.named_row.is_some_and(|row| row != address.row) {
            let refusal = damaged(format!("the cell {address} stands in row {}", self.row + 1));
            return Err(at(refusal, self.name, Some(address)));
        }
        self.column = address.column + 1;
        let style = style.and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
        Ok(Head { address, kind: Kind::named(kind), style })
    }

    /// What stands behind the cells: merged regions, and which of the hidden rows a filter hides. Called after
    /// the last cell. Nothing of it is an answer, so an element that cannot be understood there is left alone; more cells
    /// would be passed over without a word, and are refused, as is what is no XML and may hide some.
    fn view(mut self) -> Result<(View, Asides), Refusal> {
        let mut asides = Asides::default();
        let mut filter: Option<Region> = None;
        let mut filters = false;
        loop {
            match self.xml.next()? {
                Piece::Start(start) => match start.local_name() {
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
                    "sheetData" => return Err(damaged("a sheet holds its cells in two places")),
                    "filterColumn" => filters = true,
                    "hyperlink" => {
                        asides.links.extend(self.link(&start));
                        if asides.links.len() > MOST_LINKS {
                            return Err(too_large("too many links", count(MOST_LINKS)));
                        }
                    }
                    "drawing" => asides.drawing = true,
                    // Messages and lists of choices: a third of a questionnaire's sheets.
                    "dataValidations" => self.xml.pass_over(&start),
                    _ => {}
                },
                Piece::Eof => break,
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
        Ok((self.view, asides))
    }

    /// A link that leads out of the file.
    fn link(&self, start: &Element<'x>) -> Option<SheetLink> {
        let id = self.xml.raw_attribute(start, |key| key.ends_with(":id")).ok().flatten()?.to_owned();
        let place = self.xml.attribute(start, "location").ok()?.map(Cow::into_owned);
        Some(SheetLink { region: self.region(start)?, id, place })
    }

    fn region(&self, start: &Element<'x>) -> Option<Region> {
        let text = self.xml.raw_attribute(start, |key| key == "ref").ok().flatten()?;
        let region: Region = text.replace('$', "").parse().ok()?;
        (region.bottom_right.row < ROWS && region.bottom_right.column < COLUMNS).then_some(region)
    }
}

/// A cell reference as programs write it: some capital letters and some digits.
fn plain_address(text: &str) -> Option<Address> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let (letters, digits) = text.split_at_checked(letters)?;
    // No more of either, so that nothing can overflow.
    if !(1..=3).contains(&letters.len()) || !(1..=7).contains(&digits.len()) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    let row = digits
        .bytes()
        .try_fold(0, |row, digit| digit.is_ascii_digit().then(|| row * 10 + u32::from(digit - b'0')))?;
    Some(Address::new(row.checked_sub(1)?, column - 1))
}

/// A cell reference, in letters of either case.
pub(super) fn address(text: &str) -> Option<Address> {
    if let Some(address) = plain_address(text) {
        return Some(address);
    }
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return text.to_ascii_uppercase().parse().ok();
    }
    text.parse().ok()
}

/// The columns of a column element, if it hides them.
fn hidden_columns<'x>(xml: &Xml<'x>, start: &Element<'x>) -> Option<Span> {
    let text = |name: &str| xml.raw_attribute(start, |key| key == name).ok().flatten();
    let hidden = text("hidden").is_some_and(is_true) || text("width").is_some_and(is_zero);
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

#[cfg(test)]
mod tests {
    use maturity::cell::{Cell, CellValue};
    use maturity::finding::Problem;

    use super::*;
    use crate::xlsx::shared_texts::SharedTexts;

    fn scan(rows: &str) -> Result<Vec<Cell>, Refusal> {
        Ok(sheet(rows, "")?.cells)
    }

    fn sheet(rows: &str, behind: &str) -> Result<Sheet, Refusal> {
        let text = format!(
            "<worksheet><dimension ref=\"A1:ZZZ9\"/><sheetData>{rows}</sheetData>{behind}</worksheet>"
        );
        let part = SheetPart { name: "Data".to_owned(), visible: true, part: "sheet1.xml".to_owned() };
        let tables = Tables { texts: SharedTexts::default(), styles: Vec::new(), from_1904: false };
        let limits = Limits::default();
        read(text.as_bytes(), &part, &tables, &limits, &mut Budget::new(&limits)).map(|(sheet, _)| sheet)
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
    fn references_written_as_usual_are_read_as_all_others() {
        for text in [
            "A1",
            "Z9",
            "AA10",
            "XFD1048576",
            "ZZZ9999999",
            "A0",
            "A007",
            "AAAA1",
            "A12345678",
            "A",
            "1",
            "A1B",
            "",
        ] {
            assert_eq!(address(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn merged_regions_are_found_behind_lists_of_choices() {
        let merged = r#"<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>"#;
        for choices in [
            "",
            "<dataValidations/>",
            "<dataValidations count=\"1\"><dataValidation sqref=\"A1\"><formula1>1</formula1></dataValidation></dataValidations>",
            "<x:dataValidations><x:dataValidation prompt=\"a > b\"/></x:dataValidations>",
            // Not closed, or not as usual.
            "<dataValidations><dataValidation/>",
            "<dataValidations><dataValidation/></dataValidations >",
        ] {
            let found = sheet("", &format!("{choices}{merged}")).unwrap().view.merged;
            assert_eq!(found.len(), 1, "{choices}");
        }
    }

    #[test]
    fn cells_in_a_second_place_are_refused() {
        let second = r#"<sheetData><row r="2"><c r="A2"><v>2</v></c></row></sheetData>"#;
        for behind in [
            second.to_owned(),
            format!("<extLst><ext>{second}</ext></extLst>"),
            format!("</worksheet>{second}"),
        ] {
            let refusal = sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, &behind).unwrap_err();
            let Problem::FileDamaged { reason } = refusal.problem else { panic!("{behind}") };
            assert_eq!(reason, "a sheet holds its cells in two places", "{behind}");
        }
    }

    #[test]
    fn cells_without_a_reference_follow_each_other() {
        let rows = r#"<row><c><v>1</v></c><c><v>1</v></c></row><row r="7"><c r="C7"/><c><v>2</v></c></row><row><c><v>3</v></c></row>"#;
        assert_eq!(addresses(rows), ["A1", "B1", "D7", "A8"]);
    }

    #[test]
    fn references_outside_the_grid_are_refused_instead_of_wrapped() {
        for reference in ["A4294967298", "XFE1", "A1048577", "AAAAAAAAAAAA1", "A0", "1", "A1:B2", "&#65;1"] {
            let rows = format!(r#"<row><c r="{reference}"><v>1</v></c></row>"#);
            assert!(scan(&rows).is_err(), "{reference}");
        }
        assert_eq!(addresses(r#"<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>"#), ["XFD1048576"]);
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
        assert_eq!(cells[0].value, CellValue::Error("#SPILL!".to_owned()));
        assert!(cells[0].formula);
        let rows = r#"<row><c r="A1" t="b"><f aca="false">TRUE()</f><v>1</v></c><c t="b"><f>A1</f><v>1</v></c></row>"#;
        let formulas: Vec<bool> = scan(rows).unwrap().iter().map(|cell| cell.formula).collect();
        assert_eq!(formulas, [false, true], "a plain truth value as LibreOffice writes it is no formula");
    }
}
