//! A page costs what it holds, not what the table holds, and the last page what the first does.
//!
//! Cost is counted in steps of the database's virtual machine, which no other program on the machine slows down.

use rusqlite::{Connection, StatementStatus, params_from_iter};

use super::database;
use crate::filter::{Filter, ModelVersions, Order, Runs};
use crate::store::search::page::{Tables, keys, page, statement};
use crate::store::search::token::Position;
use crate::store::search::{RunScope, View};

/// Rows of a page.
const PAGE: usize = 50;
/// Few rows and many.
const SIZES: [i64; 2] = [1_000, 20_000];

/// Steps of the first page, or of the one after a row.
fn steps<S: Tables>(
    connection: &Connection,
    scope: &S::Scope,
    (filter, order): (&Filter<S>, &Order<S>),
    after: Option<&Position>,
) -> i32 {
    let (text, parameters) = statement(connection, scope, filter, &keys(order), after, PAGE).unwrap();
    let mut statement = connection.prepare(&text).unwrap();
    let mut rows = statement.query(params_from_iter(parameters)).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

/// Steps of the first page, and of the last one.
fn cost<S: Tables>(connection: &Connection, scope: &S::Scope, filter: &str, order: &[&str]) -> (i32, i32) {
    let (filter, order) = (Filter::<S>::parse(filter).unwrap(), Order::<S>::parse(order).unwrap());
    let mut last = None;
    let mut token = None;
    while let Some(next) = page(connection, scope, &filter, &order, PAGE, token.as_deref()).unwrap().next {
        let search = format!("{:?}", (S::NAME, scope, &filter, &order));
        last = Some(Position::of_token(&next, &search, &keys(&order).kinds()).unwrap());
        token = Some(next);
    }
    let search = (&filter, &order);
    (steps(connection, scope, search, None), steps(connection, scope, search, last.as_ref()))
}

/// Checks that a search costs the same among few rows and many, on the first page and the last.
fn costs_the_same<S: Tables>(databases: &[Connection], scope: &S::Scope, filter: &str, order: &[&str]) {
    let costs: Vec<(i32, i32)> =
        databases.iter().map(|connection| cost::<S>(connection, scope, filter, order)).collect();
    let all = costs.iter().flat_map(|(first, last)| [*first, *last]);
    let (least, most) = (all.clone().min().unwrap(), all.max().unwrap());
    assert!(most < 2 * least + 500, "{filter} {order:?}: {costs:?} steps");
}

fn versions(count: i64) -> Connection {
    let connection = database();
    connection.execute_batch("BEGIN").unwrap();
    for model in 1..=10_i64 {
        let sql =
            "INSERT INTO registered_models (id, name, created_at, updated_at) VALUES (?1, 'm' || ?1, 0, 0)";
        connection.execute(sql, [model]).unwrap();
    }
    let sql = "INSERT INTO model_versions (id, model_id, version, created_at, updated_at, source, storage_uri, run_id)
               VALUES (?1, ?2, ?1, ?3, ?3, 's' || ?1, '', 'one')";
    for id in 1..=count {
        // Half of them of one model, and three at a time.
        connection.execute(sql, (id, if id % 2 == 0 { 1 } else { 2 + id % 9 }, id / 3)).unwrap();
        tag(&connection, "model_version_tags", id, "common");
        if id <= PAGE as i64 {
            tag(&connection, "model_version_tags", id, "rare");
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    connection
}

fn runs(count: i64) -> Connection {
    let connection = database();
    connection.execute_batch("BEGIN").unwrap();
    super::runs::insert_experiments(&connection);
    let sql = "INSERT INTO runs (id, run_id, experiment_id, name, user_id, status, start_time, artifact_uri)
               VALUES (?1, 'r' || ?1, 1, 'n' || ?1, 'u', 'FINISHED', ?2, '')";
    for id in 1..=count {
        connection.execute(sql, (id, id / 3)).unwrap();
        tag(&connection, "run_tags", id, "common");
        tag(&connection, "params", id, if id <= PAGE as i64 { "rare" } else { "other" });
        let sql = "INSERT INTO latest_metrics (run, key, timestamp, step, value, is_nan)
                   VALUES (?1, 'loss', 0, 0, ?1, 0)";
        connection.execute(sql, [id]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    connection
}

fn tag(connection: &Connection, table: &str, id: i64, key: &str) {
    connection.execute(&format!("INSERT INTO {table} VALUES (?1, ?2, 'x')"), (id, key)).unwrap();
}

#[test]
fn a_page_of_versions_costs_what_it_holds() {
    let databases = SIZES.map(versions);
    let check =
        |filter: &str, order: &[&str]| costs_the_same::<ModelVersions>(&databases, &(), filter, order);
    check("", &[]);
    check("name = 'm1'", &[]);
    check("name = 'm1'", &["version_number DESC"]);
    check("name != 'none'", &[]);
    check("name LIKE 'm%' AND source_path LIKE 's%'", &[]);
    check("run_id = 'one'", &[]);
    check("source_path = 's7'", &[]);
    check("tags.common = 'x'", &[]);
    check("tags.rare = 'x'", &[]);
    check("tags.rare LIKE 'x%' AND name IN ('m1', 'm2', 'm3')", &[]);
    check("name = 'm1' AND tags.rare = 'x'", &[]);
    check("tags.none = 'x'", &[]);
}

#[test]
fn a_page_of_runs_costs_what_it_holds() {
    let databases = SIZES.map(runs);
    let scope = RunScope { experiment_ids: vec![1], view: View::Active };
    let check = |filter: &str, order: &[&str]| costs_the_same::<Runs>(&databases, &scope, filter, order);
    check("", &[]);
    check("run_id IN ('r7', 'r9')", &[]);
    check("run_name = 'n7'", &[]);
    check("tags.common = 'x'", &[]);
    check("params.rare = 'x'", &[]);
    check("params.rare IS NOT NULL", &[]);
    check("metrics.loss <= 50", &[]);
    check("metrics.loss > 0", &["start_time ASC"]);
    check("metrics.loss = 7 AND tags.common = 'x'", &[]);
}
