#![no_main]

#[allow(dead_code, reason = "each target needs one of its functions")]
#[path = "../entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(
    init: entries::begin("texts", std::env::var_os("GTMI_FUZZ_SEEDS")),
    |bytes: &[u8]| entries::texts(bytes)
);
