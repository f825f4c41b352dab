//! Paths of artifacts are found, listed and deleted level by level.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::Clock;

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    super::super::migrations::apply(&mut connection, &Clock::system()).unwrap();
    connection
}

fn path(text: &str) -> ArtifactPath {
    ArtifactPath::file(text).unwrap()
}

fn add(connection: &Connection, text: &str, size: u64) {
    let artifact = Artifact { sha256: Sha256Digest::of(text.as_bytes()), size };
    put(connection, &path(text), &artifact, Timestamp::UNIX_EPOCH).unwrap();
}

fn names(connection: &Connection, folder: Option<&str>) -> Vec<String> {
    let entries = list(connection, folder.map(path).as_ref()).unwrap();
    entries.into_iter().map(|entry| entry.name + if entry.size.is_some() { "" } else { "/" }).collect()
}

#[test]
fn a_listing_is_one_level_and_what_shares_a_beginning_is_apart() {
    let connection = database();
    for name in ["a", "a-b", "a.b/c", "a0", "ab", "b/c/d", "b/e", "b0/c", "ü/x"] {
        add(&connection, name, 1);
    }
    assert_eq!(names(&connection, None), ["a", "a-b", "a.b/", "a0", "ab", "b/", "b0/", "ü/"]);
    assert_eq!(names(&connection, Some("b")), ["c/", "e"]);
    assert_eq!(names(&connection, Some("a")), [""; 0]);
    assert_eq!(names(&connection, Some("nowhere")), [""; 0]);
    assert!(is_folder(&connection, &path("b/c")).unwrap());
    assert!(!is_folder(&connection, &path("b/c/d")).unwrap());
    assert_eq!(file_above(&connection, &path("b/e/f/g")).unwrap(), Some("b/e"));
    assert_eq!(file_above(&connection, &path("b/f/g")).unwrap(), None);
}

#[test]
fn a_deletion_takes_what_lies_under_a_path_and_nothing_beside_it() {
    let connection = database();
    for name in ["a/b/c", "a/b/d", "a/b-c", "a/b0", "a/bc/d"] {
        add(&connection, name, 1);
    }
    assert_eq!(delete(&connection, &path("a/b")).unwrap(), 2);
    assert_eq!(names(&connection, Some("a")), ["b-c", "b0", "bc/"]);
    assert_eq!(delete(&connection, &path("a/b")).unwrap(), 0);
    assert_eq!(delete(&connection, &path("a/b0")).unwrap(), 1);
}

#[test]
fn a_folder_in_a_listing_costs_one_row_however_much_it_holds() {
    let connection = database();
    connection.execute_batch("BEGIN").unwrap();
    for n in 0..30_000 {
        add(&connection, &format!("run/big/{n}"), 1);
    }
    for n in 0..2_500 {
        add(&connection, &format!("run/file-{n:04}"), n);
    }
    connection.execute_batch("COMMIT").unwrap();
    assert_eq!(names(&connection, Some("run")).len(), 2_501);
    let plan: String = connection
        .query_row(
            "EXPLAIN QUERY PLAN SELECT path, size FROM artifacts WHERE path >= ?1 AND path < ?3 ORDER BY path LIMIT ?2",
            ("a", 1, "b"),
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("SEARCH") && plan.contains("path>? AND path<?"), "{plan}");
    let began = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(names(&connection, None), ["run/"]);
    }
    // Rows read one by one would take seconds.
    assert!(began.elapsed() < std::time::Duration::from_millis(500), "{:?}", began.elapsed());
}

proptest! {
    #[test]
    fn a_listing_is_what_a_walk_over_all_paths_finds(paths in prop::collection::btree_set("[-ab0/]{1,7}", 0..20)) {
        let connection = database();
        let paths: Vec<ArtifactPath> = paths.iter().filter_map(|text| ArtifactPath::file(text).ok()).collect();
        for path in &paths {
            add(&connection, path.as_str(), 1);
        }
        for folder in ["", "a/", "b/", "a/b/"] {
            let mut wanted = BTreeSet::new();
            for below in paths.iter().filter_map(|path| path.as_str().strip_prefix(folder)) {
                let (name, is_folder) = below.split_once('/').map_or((below, false), |(name, _)| (name, true));
                wanted.insert((name.to_owned(), is_folder));
            }
            let listed = list(&connection, ArtifactPath::folder(folder).unwrap().as_ref()).unwrap();
            let mut listed: Vec<_> = listed.into_iter().map(|entry| (entry.name, entry.size.is_none())).collect();
            listed.sort();
            prop_assert_eq!(listed, wanted.into_iter().collect::<Vec<_>>());
        }
    }
}
