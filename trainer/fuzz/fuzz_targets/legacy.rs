//! Foreign bytes as a `.pth` and as a scaler's `.pkl`: an answer or a refusal, never a panic.
//!
//! `cargo fuzz run legacy`, begun with the files of `fixtures/`.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("file");
    let _ = overhaul_trainer::legacy::read_state_dict(path, bytes);
    let _ = overhaul_trainer::legacy::read_scaler(path, bytes);
});
