#![no_main]

#[allow(dead_code, reason = "each target needs one of its functions")]
#[path = "../entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(init: entries::spare_the_library(), |bytes: &[u8]| entries::xlsx(bytes));
