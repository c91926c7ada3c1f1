use std::io::{Cursor, Write};
use std::panic::catch_unwind;

use reader::{Limits, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len());
            match self.roll(4) {
                0 => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
                1 => bytes[at] ^= 1 << self.roll(8),
                2 => bytes[at] = [0, 0xFF, 0x7F, 0x80][self.roll(4)],
                _ => {
                    bytes.remove(at);
                }
            }
        }
    }
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Small budgets keep a mutant that asks for much from slowing the test down.
fn limits() -> Limits {
    Limits { cells: 100_000, dense_cells: 100_000, inflated_bytes: 4_000_000, ..Limits::default() }
}

#[test]
fn no_altered_file_gets_a_panic_out_of_the_gate() {
    for name in ["book.xlsx", "book.xls", "book.ods"] {
        let original = data(name);
        let mut dice = Dice(20_241_123);
        for round in 0..2000 {
            let mut bytes = original.clone();
            dice.mutate(&mut bytes);
            let outcome = catch_unwind(|| read(&bytes, &limits()));
            assert!(outcome.is_ok(), "{name}, round {round}");
        }
    }
}

#[test]
fn no_altered_part_in_sound_packing_gets_a_panic_out_of_the_gate() {
    for name in ["book.xlsx", "book.ods"] {
        let mut archive = ZipArchive::new(Cursor::new(data(name))).unwrap();
        let parts: Vec<(String, Vec<u8>)> = (0..archive.len())
            .map(|index| {
                let mut part = archive.by_index(index).unwrap();
                let mut content = Vec::new();
                std::io::copy(&mut part, &mut content).unwrap();
                (part.name().unwrap().into_owned(), content)
            })
            .filter(|(name, content)| !content.is_empty() && !name.starts_with("Thumbnails/"))
            .collect();
        let mut dice = Dice(7);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for round in 0..1000 {
            let altered = dice.roll(parts.len());
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            for (index, (name, content)) in parts.iter().enumerate() {
                let mut content = content.clone();
                if index == altered {
                    dice.mutate(&mut content);
                }
                writer.start_file(name, options).unwrap();
                writer.write_all(&content).unwrap();
            }
            let bytes = writer.finish().unwrap().into_inner();
            assert!(catch_unwind(|| read(&bytes, &limits())).is_ok(), "{name}, round {round}");
        }
    }
}
