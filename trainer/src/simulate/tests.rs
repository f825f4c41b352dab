//! What the simulator's files are: deterministic, readable as C-MAPSS, and plausible.

use super::*;
use crate::data::Dataset;

#[test]
fn one_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(texts(3, 5), texts(3, 5));
    assert_ne!(texts(3, 5).0, texts(3, 6).0);
    assert_ne!(texts(3, 5).0, texts(3, 5).1);
}

#[test]
fn the_lines_have_c_mapss_form() {
    let (train, _, remaining) = texts(1, 1);
    let first = train.lines().next().unwrap();
    assert!(
        first.starts_with("1 1 ") && first.ends_with("  ") && first.split_ascii_whitespace().count() == 26,
        "{first:?}"
    );
    assert_eq!(first.split_ascii_whitespace().nth(5), Some("518.67"));
    assert!(remaining.ends_with(" \n"), "{remaining:?}");
}

#[test]
fn lives_and_cuts_are_of_fd001s_size() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "FD001", 100, 3).unwrap();
    let dataset = Dataset::load(directory.path(), "FD001", None).unwrap();
    let mean = Dataset::cycles(&dataset.train) / 100;
    assert!((170..250).contains(&mean), "{mean}");
    assert!(dataset.test.iter().all(|unit| unit.cycles() >= MIN_TEST_CYCLES));
    assert!(dataset.test_remaining.iter().all(|&left| (7.0..=145.0).contains(&left)));
}

#[test]
fn sensors_of_a_failing_unit_stand_apart_from_those_of_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "FD001", 20, 3).unwrap();
    let dataset = Dataset::load(directory.path(), "FD001", None).unwrap();
    // sensor_11 (Ps30) moves by 9 times its noise from first to last cycle.
    let column = crate::data::Schema::c_mapss().features.iter().position(|name| name == "sensor_11").unwrap();
    for unit in &dataset.train {
        let at = |cycle: usize| unit.readings[cycle * unit.features + column];
        assert!(at(unit.cycles() - 1) > at(0) + 0.2, "unit {}", unit.id);
    }
}

#[test]
fn nothing_is_overwritten_and_impossible_sizes_and_names_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let paths = write(directory.path(), "FD001", 1, 1).unwrap();
    let before = std::fs::read(&paths[0]).unwrap();
    let refusal = |subset, units| {
        let error = write(directory.path(), subset, units, 2).unwrap_err();
        assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()));
        error.to_string()
    };
    assert!(refusal("FD001", 1).contains("exists already; name another --out"));
    assert_eq!(std::fs::read(&paths[0]).unwrap(), before);
    assert!(refusal("FD002", 0).contains("--units 0 is not 1 to 100000"));
    assert!(refusal("../x", 1).contains("\"../x\" is no name"));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3);
}
