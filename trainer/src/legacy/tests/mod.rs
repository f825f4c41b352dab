//! Files that the real packages wrote, against the numbers that Python wrote beside them.

mod archives;
mod foreign;
mod forged;
mod refused;
mod scalers;
mod state_dicts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

/// What `fixtures/make.py` made.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/legacy")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

fn state_dict(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, LegacyError> {
    read_state_dict(Path::new("model.pth"), bytes)
}

fn scaler(bytes: &[u8]) -> Result<StandardScaler, LegacyError> {
    read_scaler(Path::new("scaler.pkl"), bytes)
}

/// The parameters in a file of `expected/`: `name|dims|values` on each line.
fn expected(name: &str) -> BTreeMap<String, Tensor> {
    let parameter = |line: &str| {
        let [name, dims, values] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let dims = dims.split_terminator(',').map(|dim| dim.parse().unwrap()).collect();
        let values = values.split_whitespace().map(|value| value.parse().unwrap()).collect();
        (name.to_owned(), Tensor { dims, values })
    };
    text(&format!("expected/{name}.txt")).lines().map(parameter).collect()
}

/// The same parameters, dimensions and bits, all NaN alike.
#[track_caller]
fn assert_same(found: &BTreeMap<String, Tensor>, expected: &BTreeMap<String, Tensor>) {
    assert!(found.keys().eq(expected.keys()), "{:?} instead of {:?}", found.keys(), expected.keys());
    for (name, tensor) in found {
        let bits = |tensor: &Tensor| -> Vec<Option<u32>> {
            tensor.values.iter().map(|value| (!value.is_nan()).then(|| value.to_bits())).collect()
        };
        assert_eq!(tensor.dims, expected[name].dims, "{name}");
        assert_eq!(
            bits(tensor),
            bits(&expected[name]),
            "{name}: {:?} {:?}",
            tensor.values,
            expected[name].values
        );
    }
}
