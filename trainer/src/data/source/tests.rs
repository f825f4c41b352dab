//! A folder and a zip with the same files are the same data.

use std::fs;

use super::*;
use crate::data::archive::tests::{encrypted, nasa, zip};

const FILES: [(&str, &[u8]); 3] =
    [("RUL_FD001.txt", b"3"), ("test_FD001.txt", b"2"), ("train_FD001.txt", b"1")];

fn content(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut source = DataSource::open(path).unwrap();
    let names = source.names().to_vec();
    names.into_iter().map(|name| (name.clone(), source.read(&name).unwrap())).collect()
}

fn refused(path: &Path) -> String {
    let error = DataSource::open(path).unwrap_err();
    assert!(error.is::<Mistake>(), "{error:?}");
    let line = error.to_string();
    assert!(line.contains(path.to_str().unwrap()) && !line.contains('\n'), "{line}");
    line
}

#[test]
fn a_folder_a_zip_and_nasas_zip_in_a_zip_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in FILES {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    fs::write(folder.path().join("other.txt"), "not data").unwrap();
    fs::create_dir(folder.path().join("train_folder.txt")).unwrap();
    let wanted = FILES.map(|(name, bytes)| (name.to_owned(), bytes.to_owned()));
    assert_eq!(content(folder.path()), wanted);
    for bytes in [zip(&FILES), nasa(&FILES)] {
        let path = folder.path().join("data.zip");
        fs::write(&path, bytes).unwrap();
        assert_eq!(content(&path), wanted);
    }
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.zip");
    fs::write(&path, zip(&FILES)).unwrap();
    for place in [folder.path(), &path] {
        for name in ["train_FD009.txt", "../data.zip"] {
            let error = DataSource::open(place).unwrap().read(name).unwrap_err();
            assert_eq!(error.to_string(), format!("{} is missing", place.join(name).display()));
            assert!(error.is::<Mistake>());
        }
    }
}

#[test]
fn what_cannot_be_data_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        refused(&folder.path().join("nothing")).contains("is not there; name a folder or zip with --data")
    );
    let path = folder.path().join("data.zip");
    fs::write(&path, "unit,cycle\n").unwrap();
    assert!(refused(&path).contains("it is no zip archive"));
    fs::write(&path, encrypted(&FILES)).unwrap();
    assert!(refused(&path).contains("is encrypted"));
    fs::write(&path, zip(&[("a/readme.txt", b""), ("b/readme.txt", b"")])).unwrap();
    assert!(refused(&path).contains("holds readme.txt twice"));
    assert!(refused(Path::new("/dev/null")).contains("neither a folder nor a zip"));
}
