//! Foreign bytes as a `.pth` and as a scaler's `.pkl`: an answer or a refusal, never a panic.
//!
//! From `trainer/`: `cargo fuzz run legacy fuzz/corpus tests/fixtures/legacy/states tests/fixtures/legacy/scalers`
//! (with `RUSTC_BOOTSTRAP=1` on a stable toolchain).
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, unreachable_pub, reason = "a module of the trainer, here without the rest of it")]
#[path = "../../src/legacy/mod.rs"]
mod legacy;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("file");
    let _ = legacy::read_state_dict(path, bytes);
    let _ = legacy::read_scaler(path, bytes);
});
