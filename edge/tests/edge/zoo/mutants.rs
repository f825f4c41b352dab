//! A good component with any bytes changed is refused, or runs within its limits.

use std::time::{Duration, Instant};

use overhaul_edge::sandbox::{Limits, Sandbox};
use proptest::prelude::*;

use super::{MODEL, breeds};

/// One change to bytes: where, what kind, which byte.
type Change = (proptest::sample::Index, u8, u8);

fn mutated(changes: &[Change]) -> Vec<u8> {
    let mut bytes = breeds::good();
    for (at, kind, byte) in changes {
        let at = at.index(bytes.len());
        match kind % 3 {
            0 => bytes[at] ^= byte,
            1 => bytes.insert(at, *byte),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// Compiles and runs; what comes out does not matter, but it comes in time.
fn tried(bytes: &[u8]) -> Duration {
    let limits = Limits { memory_bytes: 2 << 20, deadline: Duration::from_millis(50), ..Limits::default() };
    let start = Instant::now();
    let instance = Sandbox::compile(bytes, limits).and_then(|sandbox| sandbox.instantiate(MODEL));
    if let Ok(mut predictor) = instance {
        let values = predictor.specification().window_length * predictor.specification().features;
        let _ = predictor.predict(&vec![1.0; values]);
    }
    start.elapsed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn changed_bytes_never_panic_or_hang(changes in prop::collection::vec(any::<Change>(), 1..4)) {
        // A call has 50 ms, and there are three; the rest is for a machine that does much else.
        prop_assert!(tried(&mutated(&changes)) < Duration::from_secs(20));
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), header in any::<bool>()) {
        let header: &[u8] = if header { b"\0asm\x0d\0\x01\0" } else { b"" };
        prop_assert!(Sandbox::compile(&[header, &bytes].concat(), Limits::default()).is_err());
    }
}
