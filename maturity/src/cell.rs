//! What stands in a spreadsheet cell and where, free of any file format.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The zero-based address of a cell; displayed as `F42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Zero-based row: row 1 of the spreadsheet is 0.
    pub row: u32,
    /// Zero-based column: column A is 0.
    pub column: u32,
}

impl Address {
    /// The address at zero-based `row` and `column`.
    pub const fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // From its end: ten digits and seven letters at most, since u32::MAX is the column MWLQKWV.
        let mut text = [0_u8; 17];
        let mut at = text.len();
        let mut put = |byte| {
            at -= 1;
            text[at] = byte;
        };
        let low = |number: u64| u8::try_from(number).unwrap_or(0);
        let mut row = u64::from(self.row) + 1;
        while row > 0 {
            put(b'0' + low(row % 10));
            row /= 10;
        }
        let mut column = u64::from(self.column) + 1;
        while column > 0 {
            put(b'A' + low((column - 1) % 26));
            column = (column - 1) / 26;
        }
        f.write_str(str::from_utf8(&text[at..]).unwrap_or_default())
    }
}

/// The text is not a cell address such as `F42`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a cell address such as \"F42\"")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || AddressError(text.to_owned());
        let split = text.find(|c: char| c.is_ascii_digit()).ok_or_else(error)?;
        let (letters, digits) = text.split_at(split);
        if letters.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        let mut column: u32 = 0;
        for letter in letters.bytes() {
            if !letter.is_ascii_uppercase() {
                return Err(error());
            }
            let digit = u32::from(letter - b'A') + 1;
            column = column.checked_mul(26).and_then(|c| c.checked_add(digit)).ok_or_else(error)?;
        }
        let row: u32 = digits.parse().map_err(|_| error())?;
        Ok(Self { row: row.checked_sub(1).ok_or_else(error)?, column: column - 1 })
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        (self.row, self.column).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let (row, column) = Deserialize::deserialize(deserializer)?;
        Ok(Self { row, column })
    }
}

/// A sheet and a cell of the file in question; the cell is absent where the whole sheet is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The sheet's name as the sender has it.
    pub sheet: String,
    /// The cell in the sheet.
    pub cell: Option<Address>,
}

impl Place {
    /// The cell `address` of `sheet`.
    pub fn cell(sheet: &str, address: Address) -> Self {
        Self { sheet: sheet.to_owned(), cell: Some(address) }
    }

    /// The sheet as a whole.
    pub fn sheet(sheet: &str) -> Self {
        Self { sheet: sheet.to_owned(), cell: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell {
            Some(cell) => write!(f, "{}!{cell}", self.sheet),
            None => f.write_str(&self.sheet),
        }
    }
}

/// The content of one cell as the file states it; nothing is interpreted yet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum CellValue {
    /// Nothing stands in the cell.
    #[default]
    Blank,
    /// Text, exactly as sent.
    Text(String),
    /// A finite number.
    Number(f64),
    /// A finite number that its cell shows in percent: 0.95 where people read 95%.
    Percent(f64),
    /// A finite number that its cell shows as something else: a text, other digits, or nothing.
    Masked(f64),
    /// TRUE or FALSE.
    Boolean(bool),
    /// A date or time, in ISO 8601 as far as it could be told, else the serial number's text.
    Date(String),
    /// An error value such as `#REF!`.
    Error(String),
}

impl CellValue {
    /// Whether the cell holds nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.chars().all(|c| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}'),
            _ => false,
        }
    }

    /// The value as a person would read it in the sheet: whole numbers without `.0`. A number that the cell hides is the
    /// number.
    pub fn display(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) | Self::Date(text) | Self::Error(text) => text.clone(),
            Self::Number(number) | Self::Masked(number) => number.to_string(),
            Self::Percent(number) => format!("{}%", hundredfold(*number)),
            Self::Boolean(true) => "TRUE".to_owned(),
            Self::Boolean(false) => "FALSE".to_owned(),
        }
    }
}

/// Whether a text is how spreadsheet programs write an error value.
pub fn is_error_text(text: &str) -> bool {
    let of_excel = [
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#GETTING_DATA",
        "#ERROR!",
    ];
    of_excel.contains(&text)
        || text
            .strip_prefix("Err:")
            .is_some_and(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()))
}

/// A hundred times a number, exactly as its decimal digits say: 57 for 0.57.
pub fn hundredfold(number: f64) -> f64 {
    format!("{number}e2").parse().unwrap_or(number * 100.0)
}

/// One cell of a sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Where it stands.
    pub address: Address,
    /// What it holds; for a formula, its stored result.
    pub value: CellValue,
    /// Whether the value is the result of a formula.
    pub formula: bool,
}

/// Consecutive rows or columns, zero-based, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
}

impl Span {
    /// The spans in order, those that touch joined.
    pub fn joined(mut spans: Vec<Self>) -> Vec<Self> {
        spans.sort_unstable();
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.first <= last.last.saturating_add(1) => {
                    last.last = last.last.max(span.last);
                }
                _ => joined.push(span),
            }
        }
        joined
    }

    /// Whether `number` is in one of `spans`, which are in order and do not touch.
    pub fn any_contains(spans: &[Self], number: u32) -> bool {
        let after = spans.partition_point(|span| span.first <= number);
        after.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|span| number <= span.last)
    }
}

/// A rectangle of cells, displayed as `D9:E12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// Its first cell.
    pub top_left: Address,
    /// Its last cell.
    pub bottom_right: Address,
}

impl Region {
    /// Whether the cell is in the rectangle.
    pub fn contains(&self, cell: Address) -> bool {
        (self.top_left.row..=self.bottom_right.row).contains(&cell.row)
            && (self.top_left.column..=self.bottom_right.column).contains(&cell.column)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.top_left, self.bottom_right)
    }
}

impl FromStr for Region {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        Ok(Self { top_left: first.parse()?, bottom_right: last.parse()? })
    }
}

/// How many different links behind one cell are read.
pub const MOST_BEHIND: usize = 16;

/// How a sheet is shown, as far as it keeps its sender from seeing cells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Rows that are hidden or folded away; in order, joined.
    pub hidden_rows: Vec<Span>,
    /// Rows that a filter hides; in order, joined.
    pub filtered_rows: Vec<Span>,
    /// Columns that are hidden or folded away; in order, joined.
    pub hidden_columns: Vec<Span>,
    /// Cells that are merged into one: only the content of the first is shown.
    pub merged: Vec<Region>,
    /// Web addresses that lie behind cells, whose texts need not show them; in order.
    pub links: Vec<(Address, String)>,
    /// Cells that carry a note or comment, and what it says, cut where it is very long; in order. Those of an xls are not
    /// looked for.
    pub notes: Vec<(Address, String)>,
}

impl View {
    /// The same with all spans in order and joined.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.hidden_rows = Span::joined(self.hidden_rows);
        self.filtered_rows = Span::joined(self.filtered_rows);
        self.hidden_columns = Span::joined(self.hidden_columns);
        self.merged.sort_unstable();
        // Those behind one cell stay in the order of the file.
        self.links.sort_by_key(|(address, _)| *address);
        self.notes.sort_by_key(|(address, _)| *address);
        self
    }

    /// The different web addresses that lie behind the cell at `address`, in the order of the file. Of very many, which nobody gives
    /// by hand, the first ones.
    #[must_use]
    pub fn links_behind(&self, address: Address) -> Vec<&str> {
        let from = self.links.partition_point(|(other, _)| *other < address);
        let here = self.links.iter().skip(from).take_while(|(other, _)| *other == address);
        let mut found = Vec::new();
        for (_, target) in here {
            if found.len() == MOST_BEHIND {
                break;
            }
            if !found.contains(&target.as_str()) {
                found.push(target.as_str());
            }
        }
        found
    }
}

/// One sheet of a workbook: its cells in reading order, empty ones left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// The sheet's name.
    pub name: String,
    /// Whether the sender sees the sheet; hidden sheets are read but never scored.
    pub visible: bool,
    /// The cells, row by row and from left to right.
    pub cells: Vec<Cell>,
    /// What the sender may not see of them.
    #[serde(default)]
    pub view: View,
}

impl Sheet {
    /// A visible sheet in which nothing is hidden or merged; the cells are in reading order.
    pub fn new(name: &str, cells: Vec<Cell>) -> Self {
        Self { name: name.to_owned(), visible: true, cells, view: View::default() }
    }

    /// The cell at `address`, if it holds anything.
    pub fn get(&self, address: Address) -> Option<&Cell> {
        self.cells.binary_search_by_key(&address, |cell| cell.address).ok().and_then(|at| self.cells.get(at))
    }

    /// The rows that hold anything, top to bottom: each with its zero-based number and its cells.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &[Cell])> {
        self.cells
            .chunk_by(|a, b| a.address.row == b.address.row)
            .filter_map(|cells| cells.first().map(|first| (first.address.row, cells)))
    }
}

/// The readable content of one workbook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Book {
    /// The sheets in the sender's order; chart and macro sheets are left out.
    pub sheets: Vec<Sheet>,
    /// The encoding that a text table was read in, where the file itself does not say it.
    pub assumed_encoding: Option<String>,
}

impl Book {
    /// The sheet of that exact name.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_in_excel() {
        for (text, row, column) in
            [("A1", 0, 0), ("Z1", 0, 25), ("AA10", 9, 26), ("XFD1048576", 1_048_575, 16_383)]
        {
            let address = Address::new(row, column);
            assert_eq!(address.to_string(), text);
            assert_eq!(text.parse(), Ok(address));
        }
    }

    #[test]
    fn rejects_what_is_no_address() {
        for text in ["", "A", "1", "A0", "a1", "A-1", "A1B", "Ä1", "AAAAAAAAAAAAAA1", "A99999999999"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_largest_address_is_displayed() {
        let far = Address::new(u32::MAX, u32::MAX);
        assert_eq!(far.to_string(), "MWLQKWV4294967296");
    }

    #[test]
    fn spans_are_joined_and_searched() {
        let span = |first, last| Span { first, last };
        let spans =
            Span::joined(vec![span(9, 9), span(2, 4), span(5, 6), span(3, 3), span(u32::MAX, u32::MAX)]);
        assert_eq!(spans, [span(2, 6), span(9, 9), span(u32::MAX, u32::MAX)]);
        let inside: Vec<u32> = (0..12).filter(|number| Span::any_contains(&spans, *number)).collect();
        assert_eq!(inside, [2, 3, 4, 5, 6, 9]);
    }

    #[test]
    fn error_values_are_known_by_their_texts() {
        for text in ["#REF!", "#SPILL!", "#NAME?", "#N/A", "Err:508"] {
            assert!(is_error_text(text), "{text}");
        }
        for text in ["#1", "#", "REF!", "Err:", "Err:5080", "#REF! law"] {
            assert!(!is_error_text(text), "{text}");
        }
    }

    #[test]
    fn regions_read_as_in_excel() {
        let region: Region = "D9:E12".parse().unwrap();
        assert_eq!(region.to_string(), "D9:E12");
        assert!(region.contains(Address::new(11, 4)) && !region.contains(Address::new(12, 4)));
        assert!("D9:".parse::<Region>().is_err());
    }

    #[test]
    fn finds_cells_by_absolute_address() {
        let cell = |row, column| Cell {
            address: Address::new(row, column),
            value: CellValue::Number(f64::from(row)),
            formula: false,
        };
        let sheet = Sheet::new("S", vec![cell(6, 2), cell(6, 3), cell(9, 0)]);
        assert_eq!(sheet.get(Address::new(9, 0)).map(|c| c.value.display()), Some("9".to_owned()));
        assert_eq!(sheet.get(Address::new(0, 0)), None);
        let rows: Vec<_> = sheet.rows().map(|(row, cells)| (row, cells.len())).collect();
        assert_eq!(rows, [(6, 2), (9, 1)]);
    }
}
