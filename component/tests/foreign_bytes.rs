//! Bytes from elsewhere are refused or run; they never panic.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod support;

use overhaul_component::Model;
use proptest::prelude::*;
use support::{NAMES, fixture};

fn try_out(bytes: &[u8]) {
    if let Ok(mut model) = Model::load(bytes) {
        let specification = model.specification();
        let _ = model.predict(&vec![0.5; specification.window_length * specification.features]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        try_out(&bytes);
    }

    #[test]
    fn damaged_models_never_panic(
        which in 0..NAMES.len(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = fixture(NAMES[which]).onnx;
        for (place, value) in damage {
            let length = bytes.len();
            bytes[place.index(length)] = value;
        }
        try_out(&bytes);
    }
}
