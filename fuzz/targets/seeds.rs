//! Writes the honest inputs into `corpus/`, for the fuzzer to begin with.

#[allow(dead_code, reason = "each target needs one of its functions")]
#[path = "../entries/mod.rs"]
mod entries;

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    for target in entries::TARGETS {
        let folder = Path::new("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in entries::seeds(target).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
