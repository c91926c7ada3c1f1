//! Blind mutants of honest bytes, the same on every machine.

/// A small generator with a fixed seed, so that a failure can be repeated.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `below`.
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % below.max(1)
    }

    /// The bytes with one to five places altered: another byte, a flipped bit, an extreme value, a byte gone, a piece
    /// twice.
    pub(crate) fn mutant(&mut self, honest: &[u8]) -> Vec<u8> {
        let mut bytes = honest.to_vec();
        for _ in 0..=self.roll(4) {
            if bytes.is_empty() {
                break;
            }
            let at = self.roll(bytes.len());
            match self.roll(9) {
                0 | 1 => bytes[at] = u8::try_from(self.roll(256)).unwrap_or(0),
                2 | 3 => bytes[at] ^= 1 << self.roll(8),
                4 | 5 => bytes[at] = [0, 0xFF, 0x7F, 0x80][self.roll(4)],
                6 | 7 => {
                    bytes.remove(at);
                }
                _ => {
                    let end = (at + 1 + self.roll(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        bytes
    }
}
