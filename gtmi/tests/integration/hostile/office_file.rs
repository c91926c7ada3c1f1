//! The smallest OLE2 file: a header, the table of sectors, a directory of empty streams.

/// A file with empty streams of these names (at most three), as Excel writes a workbook with a password. Where it is `round`, the
/// directory's chain of sectors leads back to itself.
pub(crate) fn office_file(streams: &[&str], round: bool) -> Vec<u8> {
    let mut bytes = vec![0_u8; 512 * 3];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    for (at, value) in [(24, 0x3e_u16), (26, 3), (28, 0xfffe), (30, 9), (32, 6)] {
        put(at, &value.to_le_bytes());
    }
    for (at, value) in [(44, 1_u32), (48, 1), (56, 4096), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        put(at, &value.to_le_bytes());
    }
    for entry in 1..109 {
        put(76 + 4 * entry, &u32::MAX.to_le_bytes());
    }
    // The table: itself, then the directory.
    put(512, &0xffff_fffd_u32.to_le_bytes());
    put(516, &if round { 1_u32 } else { 0xffff_fffe }.to_le_bytes());
    for entry in 2..128 {
        put(512 + 4 * entry, &u32::MAX.to_le_bytes());
    }
    let names = std::iter::once("Root Entry").chain(streams.iter().copied());
    for (entry, name) in names.enumerate() {
        let at = 1024 + 128 * entry;
        for (position, unit) in name.encode_utf16().enumerate() {
            put(at + 2 * position, &unit.to_le_bytes());
        }
        let number = u32::try_from(entry).unwrap();
        let (kind, child) = if entry == 0 { (5_u8, 1) } else { (2, u32::MAX) };
        let right = if entry > 0 && entry < streams.len() { number + 1 } else { u32::MAX };
        put(at + 64, &u16::try_from(2 * (name.len() + 1)).unwrap().to_le_bytes());
        put(at + 66, &[kind, 1]);
        for (offset, value) in [(68, u32::MAX), (72, right), (76, child), (116, 0xffff_fffe)] {
            put(at + offset, &value.to_le_bytes());
        }
    }
    bytes
}
