//! How parent and worker speak: a length and that many bytes, both ways.
//!
//! ```text
//! request  u64 length, bytes of the file
//! answer   u32 length, a book or a refusal in postcard's form
//! ```
//!
//! A refusal stands there as JSON: what was found wrong says of itself what it is, which postcard cannot hold.

use std::io::{self, Read, Write};

use maturity::cell::{Address, Book, Cell, CellValue, Sheet, View};
use maturity::finding::Refusal;
use serde::{Deserialize, Serialize};

/// Bytes that are made room for before they come.
const ROOM: usize = 1 << 20;

/// What a worker answers.
pub(super) type Answer = Result<Book, Refusal>;

/// The answer as it is sent.
#[derive(Serialize, Deserialize)]
enum Sent {
    Book { sheets: Vec<SentSheet>, assumed_encoding: Option<String> },
    Refusal(String),
}

#[derive(Serialize, Deserialize)]
struct SentSheet {
    name: String,
    visible: bool,
    cells: Vec<SentCell>,
    view: View,
}

#[derive(Serialize, Deserialize)]
struct SentCell {
    address: Address,
    value: SentValue,
    formula: bool,
}

/// A cell's value; in JSON it names what it is, which postcard does not read.
#[derive(Serialize, Deserialize)]
enum SentValue {
    Blank,
    Text(String),
    Number(f64),
    Percent(f64),
    Boolean(bool),
    Date(String),
    Error(String),
    Masked(f64),
}

impl From<Cell> for SentCell {
    fn from(cell: Cell) -> Self {
        let value = match cell.value {
            CellValue::Blank => SentValue::Blank,
            CellValue::Text(text) => SentValue::Text(text),
            CellValue::Number(number) => SentValue::Number(number),
            CellValue::Percent(number) => SentValue::Percent(number),
            CellValue::Boolean(flag) => SentValue::Boolean(flag),
            CellValue::Date(date) => SentValue::Date(date),
            CellValue::Error(error) => SentValue::Error(error),
            CellValue::Masked(number) => SentValue::Masked(number),
        };
        Self { address: cell.address, value, formula: cell.formula }
    }
}

impl From<SentCell> for Cell {
    fn from(sent: SentCell) -> Self {
        let value = match sent.value {
            SentValue::Blank => CellValue::Blank,
            SentValue::Text(text) => CellValue::Text(text),
            SentValue::Number(number) => CellValue::Number(number),
            SentValue::Percent(number) => CellValue::Percent(number),
            SentValue::Boolean(flag) => CellValue::Boolean(flag),
            SentValue::Date(date) => CellValue::Date(date),
            SentValue::Error(error) => CellValue::Error(error),
            SentValue::Masked(number) => CellValue::Masked(number),
        };
        Self { address: sent.address, value, formula: sent.formula }
    }
}

impl From<Sheet> for SentSheet {
    fn from(sheet: Sheet) -> Self {
        let Sheet { name, visible, cells, view } = sheet;
        Self { name, visible, cells: cells.into_iter().map(Into::into).collect(), view }
    }
}

impl From<SentSheet> for Sheet {
    fn from(sent: SentSheet) -> Self {
        let SentSheet { name, visible, cells, view } = sent;
        Self { name, visible, cells: cells.into_iter().map(Into::into).collect(), view }
    }
}

/// The bytes of an answer.
pub(super) fn packed(answer: Answer) -> io::Result<Vec<u8>> {
    let sent = match answer {
        Ok(Book { sheets, assumed_encoding }) => {
            Sent::Book { sheets: sheets.into_iter().map(Into::into).collect(), assumed_encoding }
        }
        Err(refusal) => Sent::Refusal(serde_json::to_string(&refusal).map_err(io::Error::other)?),
    };
    postcard::to_allocvec(&sent).map_err(io::Error::other)
}

fn unpacked(bytes: &[u8]) -> io::Result<Answer> {
    match postcard::from_bytes(bytes).map_err(io::Error::other)? {
        Sent::Book { sheets, assumed_encoding } => {
            Ok(Ok(Book { sheets: sheets.into_iter().map(Into::into).collect(), assumed_encoding }))
        }
        Sent::Refusal(refusal) => serde_json::from_str(&refusal).map(Err).map_err(io::Error::other),
    }
}

/// Sends a file to a worker.
pub(super) fn send_request(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// The next file, or nothing if the parent has gone. `most` bytes are accepted.
pub(super) fn receive_request(from: &mut impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u64::from_le_bytes(length);
    if length > most {
        return Err(io::Error::other("the parent sent more than a file may hold"));
    }
    let bytes = received(from, length)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read == length) {
        Ok(Some(bytes))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Sends an answer to the parent.
pub(super) fn send_answer(to: &mut impl Write, packed: &[u8]) -> io::Result<()> {
    let length = u32::try_from(packed.len()).map_err(|_| io::Error::other("the answer is too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(packed)?;
    to.flush()
}

/// The worker's answer; `most` bytes are accepted, since a worker that was taken over may say anything.
pub(super) fn receive_answer(from: &mut impl Read, most: u32) -> io::Result<Answer> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > most {
        return Err(io::Error::other("the worker's answer is too long"));
    }
    unpacked(&received(from, length.into())?)
}

/// At most `length` bytes.
fn received(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    // What is said to come may never come: room for a questionnaire is made at once, for more as it comes.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(ROOM).min(ROOM));
    from.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use maturity::cell::{Region, Span};
    use maturity::finding::Problem;

    use super::*;

    fn through(answer: &Answer) -> Answer {
        let mut pipe = Vec::new();
        send_answer(&mut pipe, &packed(answer.clone()).unwrap()).unwrap();
        receive_answer(&mut pipe.as_slice(), u32::MAX).unwrap()
    }

    #[test]
    fn a_book_arrives_as_it_was_sent() {
        let values = [
            CellValue::Blank,
            CellValue::Text("\u{e9}\n".to_owned()),
            CellValue::Number(0.1),
            CellValue::Boolean(true),
            CellValue::Date("2022-04-03".to_owned()),
            CellValue::Error("#N/A".to_owned()),
        ];
        let cells = (0..).zip(values).map(|(row, value)| Cell {
            address: Address::new(row, 16_383),
            value,
            formula: row % 2 == 0,
        });
        let mut sheet = Sheet::new("Data", cells.collect());
        sheet.view.hidden_rows.push(Span { first: 2, last: 300 });
        sheet.view.merged.push(Region { top_left: Address::new(0, 0), bottom_right: Address::new(1, 1) });
        let book = Book { sheets: vec![sheet], assumed_encoding: Some("windows-1252".to_owned()) };
        assert_eq!(through(&Ok(book.clone())), Ok(book));
    }

    #[test]
    fn a_refusal_arrives_as_it_was_sent() {
        let mut refusal = Refusal::of_file(Problem::FileDamaged { reason: "a reason".to_owned() });
        refusal.place = Some(maturity::cell::Place::cell("Data", Address::new(1, 2)));
        assert_eq!(through(&Err(refusal.clone())), Err(refusal));
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for bytes in [&b""[..], b"\x09", b"\x00\xff\xff\xff\xff\x0f", b"\x01\x02{}"] {
            let mut pipe = Vec::new();
            send_answer(&mut pipe, bytes).unwrap();
            assert!(receive_answer(&mut pipe.as_slice(), u32::MAX).is_err(), "{bytes:?}");
        }
    }
}
