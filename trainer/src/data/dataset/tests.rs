//! What a data is refused for.

use std::fs;

use super::*;

fn refusal(directory: &Path, subset: &str) -> String {
    let error = Dataset::load(directory, subset, None).unwrap_err();
    assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error}");
    error.to_string()
}

fn simulated() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    crate::simulate::write(directory.path(), "FD001", 6, 1).unwrap();
    directory
}

#[test]
fn simulated_files_are_read_back() {
    let directory = simulated();
    let dataset = Dataset::load(directory.path(), "FD001", None).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len(), dataset.test_remaining.len()), (6, 6, 6));
}

#[test]
fn a_missing_directory_is_refused() {
    let message = refusal(Path::new("no/such/place"), "FD001");
    assert!(message.contains("no/such/place is not there; name a folder or zip with --data"), "{message}");
}

#[test]
fn an_unknown_subset_is_refused_with_those_that_are_there() {
    let directory = simulated();
    for unknown in ["FD009", "", "../FD001", "fd001"] {
        let message = refusal(directory.path(), unknown);
        assert!(
            message.contains(&format!("{unknown:?}")) && message.contains("the subsets there: FD001"),
            "{message}"
        );
    }
}

#[test]
fn a_missing_or_empty_file_is_refused_by_name() {
    for kind in ["test", "RUL"] {
        let directory = simulated();
        let path = directory.path().join(format!("{kind}_FD001.txt"));
        fs::write(&path, " \n\n").unwrap();
        let message = refusal(directory.path(), "FD001");
        assert!(message.contains(&format!("{kind}_FD001.txt is empty")), "{message}");
        fs::remove_file(&path).unwrap();
        let message = refusal(directory.path(), "FD001");
        assert!(message.contains(&format!("{kind}_FD001.txt is missing; put it beside")), "{message}");
    }
}
