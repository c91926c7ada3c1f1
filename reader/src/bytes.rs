//! Little-endian numbers out of untrusted bytes: a position outside is `None`, never a panic.

/// The `N` bytes at `at`.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// The 16-bit number at `at`.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

/// The 32-bit number at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

/// The 32-bit number at `at`, as a position or length in memory.
pub(crate) fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    u32_at(bytes, at).and_then(|number| usize::try_from(number).ok())
}

/// The 64-bit number at `at`, as a position or length in memory.
pub(crate) fn long_at(bytes: &[u8], at: usize) -> Option<usize> {
    array_at(bytes, at).map(u64::from_le_bytes).and_then(|number| usize::try_from(number).ok())
}
