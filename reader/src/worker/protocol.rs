//! How parent and worker speak: a length and that many bytes, both ways.
//!
//! ```text
//! request  u64 length, bytes of the file
//! answer   u32 length, JSON of a book or of a refusal
//! ```

use std::io::{self, Read, Write};

use maturity::cell::Book;
use maturity::finding::Refusal;

/// What a worker answers.
pub(super) type Answer = Result<Book, Refusal>;

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
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read == length) {
        Ok(Some(bytes))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Sends an answer to the parent.
pub(super) fn send_answer(to: &mut impl Write, json: &[u8]) -> io::Result<()> {
    let length = u32::try_from(json.len()).map_err(|_| io::Error::other("the answer is too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(json)?;
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
    let mut json = Vec::new();
    from.take(length.into()).read_to_end(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::other)
}
