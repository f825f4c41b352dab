//! `overhaul-edge bench`: figures of this machine, or one line why there are none.

use serde_json::Value;

use crate::support::agent;
use crate::support::{bundle, data_dir};

#[test]
fn every_load_is_measured_on_the_bundle_that_is_named() {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let bundle = bundle::write(&bundle::gru(4), home.path(), "v4");
    let [bundle, data] = [bundle.as_path(), data.path()].map(|path| path.to_str().unwrap());
    let arguments = ["bench", "--bundle", bundle, "--data-dir", data, "--seconds", "1", "--json"];
    let said: Value = serde_json::from_slice(&agent::output(&arguments).stdout).unwrap();
    assert_eq!((&said["sequence_length"], &said["features"]), (&7.into(), &3.into()), "{said}");
    let loads = said["loads"].as_array().unwrap();
    let shapes = loads.iter().map(|load| (load["callers"].as_u64(), load["windows_a_call"].as_u64()));
    assert!(shapes.eq([(1, 1), (32, 1), (1, 64), (8, 64)].map(|(a, b)| (Some(a), Some(b)))), "{said}");
    for load in loads {
        let number = |name: &str| load[name].as_f64().unwrap();
        assert!(number("windows_a_second") > 0.0, "{load}");
        assert!(0.0 < number("p50_ms") && number("p50_ms") <= number("p99_ms"), "{load}");
    }
}

#[test]
fn what_is_no_bundle_is_one_line() {
    let line = agent::mistake(&["bench", "--bundle", "/nowhere"]);
    assert!(line.contains("/nowhere"), "{line}");
}
