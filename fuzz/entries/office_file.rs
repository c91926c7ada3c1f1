//! Small sound OLE2 files: a header, one sector of the table of sectors, one of the directory, and the streams.

const SECTOR: usize = 512;

/// The sectors that one sector of the table can list, without the table and the directory.
const MOST: usize = 126;

/// The end of a chain of sectors.
const END: u32 = 0xffff_fffe;

/// A file with these streams, at most three; they are cut to what the table can list. Where it is `round`, the directory's chain
/// of sectors leads back to itself.
pub(crate) fn office_file(streams: &[(&str, &[u8])], round: bool) -> Vec<u8> {
    let mut left = MOST;
    let mut table = vec![0xffff_fffd, if round { 1 } else { END }];
    let mut directory = entry("Root Entry", 5, None, (!streams.is_empty()).then_some(1), END, 0);
    let mut content = Vec::new();
    for (position, (name, stream)) in streams.iter().enumerate() {
        let stream = &stream[..stream.len().min(SECTOR * left)];
        // Shorter streams would stand in a stream of their own for small ones; one without content has no sectors.
        let sectors = if stream.is_empty() { 0 } else { stream.len().max(4096).div_ceil(SECTOR).min(left) };
        left -= sectors;
        let first = table.len();
        let following = (first + 1..first + sectors).map(number);
        table.extend(following.chain((sectors > 0).then_some(END)));
        let start = if sectors > 0 { number(first) } else { END };
        let right = (position + 1 < streams.len()).then_some(number(position + 2));
        directory.extend(entry(name, 2, right, None, start, sectors * SECTOR));
        content.extend_from_slice(stream);
        content.resize((first + sectors - 2) * SECTOR, 0);
    }
    table.resize(SECTOR / 4, u32::MAX);
    directory.resize(SECTOR, 0);
    let table: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    [header(), table, directory, content].concat()
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The first sector: the table stands in the one after it, the directory in the next.
fn header() -> Vec<u8> {
    let mut bytes = vec![0xff; SECTOR];
    let short = [0x3e_u16, 3, 0xfffe, 9, 6].into_iter().flat_map(u16::to_le_bytes);
    let long = [1_u32, 1, 0, 4096, END, 0, END, 0, 0].into_iter().flat_map(u32::to_le_bytes);
    let signature = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let beginning = signature.into_iter().chain([0; 16]).chain(short).chain([0; 10]).chain(long);
    bytes.iter_mut().zip(beginning).for_each(|(byte, value)| *byte = value);
    bytes
}

/// An entry of the directory.
fn entry(name: &str, kind: u8, right: Option<u32>, child: Option<u32>, start: u32, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().take(31).flat_map(u16::to_le_bytes).collect();
    let named = u16::try_from(bytes.len() + 2).unwrap_or(0);
    bytes.resize(64, 0);
    bytes.extend(named.to_le_bytes());
    bytes.extend([kind, 1]);
    for value in [None, right, child] {
        bytes.extend(value.unwrap_or(u32::MAX).to_le_bytes());
    }
    bytes.resize(116, 0);
    bytes.extend(start.to_le_bytes());
    bytes.extend(number(length).to_le_bytes());
    bytes.resize(128, 0);
    bytes
}
