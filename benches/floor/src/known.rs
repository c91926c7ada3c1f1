//! What a report holds, looked up before the clock runs: the floor writes it again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use quick_xml::events::{BytesStart, Event};

use crate::Failure;

/// A report.
pub(crate) struct Report {
    /// What the report is made of, in its order.
    pub(crate) sheets: Vec<Sheet>,
    /// Whether cells of a format are numbers of their own form; as many as the report has formats.
    pub(crate) formats: Vec<bool>,
}

/// One sheet of a report.
#[derive(Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) cells: Vec<Cell>,
    /// Heights of rows, in points.
    pub(crate) heights: Vec<(u32, f64)>,
    /// Widths of columns, in characters.
    pub(crate) widths: Vec<(u16, f64)>,
    /// Joined cells: a row, the first and the last column.
    pub(crate) joined: Vec<(u32, u16, u16)>,
}

/// One cell.
pub(crate) struct Cell {
    pub(crate) row: u32,
    pub(crate) column: u16,
    pub(crate) format: usize,
    pub(crate) content: Content,
}

/// What a cell holds.
pub(crate) enum Content {
    Nothing,
    Text(String),
    Number(f64),
    Formula(String, f64),
}

/// Looks a report up.
pub(crate) fn look_up(path: &Path) -> Result<Report, Failure> {
    let mut parts = zip::ZipArchive::new(BufReader::new(File::open(path)?))?;
    let mut part = |name: &str| -> Result<String, Failure> {
        let mut content = String::new();
        parts.by_name(name)?.read_to_string(&mut content)?;
        Ok(content)
    };
    let formats = formats(&part("xl/styles.xml")?)?;
    let mut book = Xlsx::new(BufReader::new(File::open(path)?))?;
    let mut sheets = Vec::new();
    for (number, name) in (1..).zip(book.sheet_names()) {
        let values = book.worksheet_range(&name)?;
        let formulas = book.worksheet_formula(&name)?;
        let content = |row: u32, column: u32| match values.get_value((row, column)) {
            None | Some(Data::Empty) => Content::Nothing,
            Some(Data::Float(number)) => match formulas.get_value((row, column)) {
                Some(formula) if !formula.is_empty() => Content::Formula(format!("={formula}"), *number),
                _ => Content::Number(*number),
            },
            Some(other) => Content::Text(other.to_string()),
        };
        let mut sheet = Sheet { name, ..Sheet::default() };
        let xml = part(&format!("xl/worksheets/sheet{number}.xml"))?;
        walk(&xml, |tag, attributes| {
            match tag {
                "c" => {
                    let (row, column) = place(text(attributes, "r")?)?;
                    let content = content(row, column.into());
                    sheet.cells.push(Cell { row, column, format: count(attributes, "s"), content });
                }
                "row" if attributes.contains_key("customHeight") => {
                    sheet
                        .heights
                        .push((u32::try_from(count(attributes, "r"))? - 1, number_of(attributes, "ht")?));
                }
                "col" => {
                    let (first, last) = (count(attributes, "min"), count(attributes, "max"));
                    for column in first..=last {
                        sheet.widths.push((u16::try_from(column)? - 1, number_of(attributes, "width")?));
                    }
                }
                "mergeCell" => {
                    let (from, to) = text(attributes, "ref")?.split_once(':').ok_or("a range of one cell")?;
                    let ((row, first), (_, last)) = (place(from)?, place(to)?);
                    sheet.joined.push((row, first, last));
                }
                _ => {}
            }
            Ok(())
        })?;
        sheets.push(sheet);
    }
    Ok(Report { sheets, formats })
}

type Attributes = BTreeMap<String, String>;

/// Calls `found` with the name and the attributes of each element.
fn walk(xml: &str, mut found: impl FnMut(&str, &Attributes) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event()? {
            Event::Start(element) | Event::Empty(element) => {
                found(element.local_name().as_ref(), &attributes(&element)?)?;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Result<Attributes, Failure> {
    let mut all = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute?;
        all.insert(attribute.key.as_ref().to_owned(), attribute.value.into_owned());
    }
    Ok(all)
}

/// The formats of cells, whether each is one of numbers.
fn formats(styles: &str) -> Result<Vec<bool>, Failure> {
    let mut formats = Vec::new();
    let mut for_cells = false;
    walk(styles, |tag, attributes| {
        match tag {
            "cellXfs" => for_cells = true,
            "cellStyles" => for_cells = false,
            "xf" if for_cells => formats.push(count(attributes, "numFmtId") != 0),
            _ => {}
        }
        Ok(())
    })?;
    Ok(formats)
}

fn text<'a>(attributes: &'a Attributes, name: &str) -> Result<&'a str, Failure> {
    Ok(attributes.get(name).ok_or_else(|| format!("no {name}"))?)
}

fn count(attributes: &Attributes, name: &str) -> usize {
    attributes.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn number_of(attributes: &Attributes, name: &str) -> Result<f64, Failure> {
    Ok(text(attributes, name)?.parse()?)
}

/// The row and the column, from 0, of a place such as `B7`.
fn place(name: &str) -> Result<(u32, u16), Failure> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let (column, row) = name.split_at(letters);
    let column = column.bytes().fold(0, |column, letter| column * 26 + u16::from(letter - b'A') + 1);
    Ok((row.parse::<u32>()? - 1, column - 1))
}
