//! The largest searches that are taken are answered, and larger ones refused.

use super::database;
use super::runs::insert_experiments;
use crate::filter::{Filter, MAX_CLAUSES, MAX_ITEMS, MAX_KEYS, Order, Runs};
use crate::store::search::{Page, RunScope, SearchError, View, page};

fn search(filter: &str, order: &[String], experiments: i64) -> Result<Page, SearchError> {
    let connection = database();
    insert_experiments(&connection);
    let sql = "INSERT INTO runs (id, run_id, experiment_id, name, user_id, status, start_time, artifact_uri)
               VALUES (?1, 'r' || ?1, 1, 'a', 'u', 'FINISHED', 0, '')";
    for id in 1..=3_i64 {
        connection.execute(sql, [id]).unwrap();
    }
    let scope = RunScope { experiment_ids: (1..=experiments).collect(), view: View::Active };
    let (filter, order) = (Filter::<Runs>::parse(filter).unwrap(), Order::parse(order).unwrap());
    let first = page(&connection, &scope, &filter, &order, 2, None)?;
    if let Some(token) = &first.next {
        let second = page(&connection, &scope, &filter, &order, 2, Some(token))?;
        assert_eq!((second.ids.len(), second.next), (1, None));
    }
    Ok(first)
}

#[test]
fn the_largest_filters_and_orders_are_answered() {
    let all = |clause: &dyn Fn(usize) -> String| -> String {
        (0..MAX_CLAUSES).map(clause).collect::<Vec<_>>().join(" AND ")
    };
    let order: Vec<String> = (0..MAX_KEYS).map(|n| format!("metrics.m{n}")).collect();
    let missing = search(&all(&|n| format!("tags.t{n} IS NULL")), &order, 1).unwrap();
    assert_eq!(missing.ids, [1, 2]);
    for clause in [&|n| format!("tags.t{n} = 'x'"), &|n| format!("dataset.name LIKE '%{n}'")]
        as [&dyn Fn(usize) -> String; 2]
    {
        assert_eq!(search(&all(clause), &order, 3).unwrap(), Page { ids: Vec::new(), next: None });
    }
    let list = vec!["'r1', 'r2', 'r3'"; MAX_ITEMS / 3].join(", ");
    assert_eq!(search(&format!("run_id IN ({list})"), &order, 1).unwrap().ids, [1, 2]);
    let pattern = format!("run_name LIKE '{}'", "%".repeat(40_000));
    assert_eq!(search(&pattern, &order, 1).unwrap().ids, [1, 2]);
}

#[test]
fn more_experiments_than_a_statement_takes_are_refused() {
    assert_eq!(search("run_name = 'a'", &[], 30_000).unwrap().ids, [1, 2]);
    for filter in ["", "run_name = 'a'"] {
        match search(filter, &[], 40_000) {
            Err(SearchError::Invalid(message)) => {
                assert!(message.contains("name fewer"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn no_experiment_has_no_runs() {
    assert_eq!(search("", &[], 0).unwrap(), Page { ids: Vec::new(), next: None });
}
