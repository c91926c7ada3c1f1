//! SHA-256 as the pipeline writes it: 64 lower-case hexadecimal digits. Beside it BLAKE3, by which it knows files again.

use std::fmt::{self, Write};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A file is hashed in pieces of so many bytes.
const PIECE: usize = 64 * 1024;

/// The hash of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The hash of a file, piece by piece.
pub fn of_file(path: &Path) -> io::Result<Digest> {
    let mut stream = Stream::default();
    stream.add_all(File::open(path)?)?;
    Ok(stream.finish())
}

/// The hash of bytes that come piece by piece: equal to [`sha256`] of all of them.
#[derive(Default)]
pub struct Stream(Sha256);

impl Stream {
    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds everything that a reader gives.
    pub fn add_all(&mut self, reader: impl Read) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(PIECE, reader);
        loop {
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                return Ok(());
            }
            self.add(piece);
            let size = piece.len();
            reader.consume(size);
        }
    }

    /// The hash.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// A hash as its 32 bytes: less than half of its text, for whoever holds many thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads a hash as the pipeline writes it; absent for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// BLAKE3 of some bytes. Files that the pipeline read or wrote before are known again by it, in a fraction of the time that
/// SHA-256 takes; nobody can make others that have the same. It stays in the store: what is told of a file is its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seal([u8; 32]);

impl Seal {
    /// The seal of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }

    /// The seal of everything that a reader gives.
    pub(crate) fn of_reader(reader: impl Read) -> io::Result<Self> {
        let mut all = blake3::Hasher::new();
        all.update_reader(reader)?;
        Ok(Self(all.finalize().into()))
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seal that has these bytes.
    pub(crate) fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a seal as the pipeline writes it; absent for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What a file is known by: to the world, and to the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashes {
    /// Its SHA-256.
    pub sha256: Digest,
    /// Its seal.
    pub seal: Seal,
}

impl Hashes {
    /// Both of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: Digest::of(bytes), seal: Seal::of(bytes) }
    }
}

/// Both hashes of bytes that come piece by piece.
#[derive(Default)]
pub struct Both(Stream, blake3::Hasher);

impl Both {
    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.add(bytes);
        self.1.update(bytes);
    }

    /// The hashes.
    pub fn finish(self) -> Hashes {
        Hashes { sha256: self.0.finish(), seal: Seal(self.1.finalize().into()) }
    }
}

/// A hash over several parts. Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// An empty fingerprint.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        self.add(part);
        self
    }

    /// Adds a part in place.
    pub fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
    }

    /// The hash.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The 32 bytes of a hash as the pipeline writes it.
fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? * 16 + digit(*low)?;
    }
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_standard_hash() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let text = sha256(b"abc");
        assert_eq!(Digest::parse(&text).map(|digest| digest.to_string()), Some(text.clone()));
        for other in
            ["", &text[1..], &text[2..], &text.to_uppercase(), &format!("{text}00"), &text.replace('7', "é")]
        {
            assert_eq!(Digest::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_seal_is_the_standard_hash_of_bytes_and_of_a_file() {
        // The published vector of no bytes, and one of the bytes 0, 1, 2 of the authors' own set.
        let seals = [
            (&b""[..], "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
            (&[0, 1, 2], "e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f"),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (bytes, seal) in seals {
            std::fs::write(&path, bytes).unwrap();
            for found in [
                Seal::of(bytes),
                Seal::of_reader(File::open(&path).unwrap()).unwrap(),
                Seal::parse(seal).unwrap(),
            ] {
                assert_eq!(found.to_string(), seal);
            }
        }
        let mut both = Both::default();
        both.add(b"a");
        both.add(b"bc");
        assert_eq!(both.finish(), Hashes::of(b"abc"));
        assert_eq!(Hashes::of(b"abc").sha256.to_string(), sha256(b"abc"));
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        let mut stream = Stream::default();
        stream.add(b"a");
        stream.add(b"bc");
        assert_eq!(stream.finish().to_string(), sha256(b"abc"));
    }

    #[test]
    fn the_borders_between_parts_count() {
        assert_ne!(
            Fingerprint::new().with("ab").with("c").finish(),
            Fingerprint::new().with("a").with("bc").finish()
        );
    }
}
