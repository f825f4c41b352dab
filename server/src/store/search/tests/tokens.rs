//! A page token is taken by the search that gave it, and by no other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;

use super::database;
use super::registered_models::{Model, insert};
use crate::filter::{Filter, Order, RegisteredModels};
use crate::store::search::{Page, SearchError, page};

fn models() -> Connection {
    let connection = database();
    for id in 1..=5_i64 {
        let model = Model {
            name: format!("m{id}"),
            created: 0,
            updated: -id,
            tags: std::collections::BTreeMap::new(),
        };
        insert(&connection, id, &model);
    }
    connection
}

fn search(
    connection: &Connection,
    filter: &str,
    order: &[&str],
    token: Option<&str>,
) -> Result<Page, SearchError> {
    let filter = Filter::<RegisteredModels>::parse(filter).unwrap();
    page(connection, &(), &filter, &Order::parse(order).unwrap(), 2, token)
}

fn refused(connection: &Connection, filter: &str, order: &[&str], token: &str) -> String {
    match search(connection, filter, order, Some(token)) {
        Err(SearchError::Invalid(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_taken_by_the_search_that_gave_it() {
    let connection = models();
    let first = search(&connection, "", &["timestamp"], Some("")).unwrap();
    assert_eq!(first.ids, [5, 4]);
    let second = search(&connection, "", &["timestamp"], first.next.as_deref()).unwrap();
    assert_eq!(second.ids, [3, 2]);
    let last = search(&connection, "", &["timestamp"], second.next.as_deref()).unwrap();
    assert_eq!(last, Page { ids: vec![1], next: None });
}

#[test]
fn a_token_of_another_search_is_refused() {
    let connection = models();
    let token = search(&connection, "", &[], None).unwrap().next.unwrap();
    assert!(
        search(&connection, "", &["name ASC"], Some(&token)).is_ok(),
        "the same search, written otherwise"
    );
    for (filter, order) in [("", "name DESC"), ("", "timestamp"), ("name != 'x'", "name")] {
        let message = refused(&connection, filter, &[order], &token);
        assert!(message.starts_with("page_token: `") && message.contains("begin again"), "{message}");
    }
}

#[test]
fn a_token_that_was_made_up_is_refused() {
    let connection = models();
    let token = search(&connection, "", &[], None).unwrap().next.unwrap();
    let mut edited = URL_SAFE_NO_PAD.decode(&token).unwrap();
    *edited.iter_mut().rfind(|byte| **byte == b'2').unwrap() = b'1';
    let edited = URL_SAFE_NO_PAD.encode(edited);
    let offset = "eyJvZmZzZXQiOiAyfQ";
    for made_up in
        [&edited, &token[1..], &token[..20], offset, "x", "!!", "é", "\u{0}\n", &"A".repeat(100_000)]
    {
        let message = refused(&connection, "", &[], made_up);
        assert!(message.len() < 300 && !message.contains('\n'), "{message}");
    }
}

#[test]
fn rows_that_come_and_go_between_pages_shift_no_others() {
    let connection = models();
    let first = search(&connection, "", &[], None).unwrap();
    assert_eq!(first.ids, [1, 2]);
    connection.execute("DELETE FROM registered_models WHERE name IN ('m1', 'm2')", []).unwrap();
    let early =
        Model { name: "m0".to_owned(), created: 0, updated: 0, tags: std::collections::BTreeMap::new() };
    insert(&connection, 9, &early);
    let second = search(&connection, "", &[], first.next.as_deref()).unwrap();
    assert_eq!(second.ids, [3, 4]);
}
