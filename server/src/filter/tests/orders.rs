//! What rows are ordered by, and what completes the order.

use crate::filter::Direction::{Ascending, Descending};
use crate::filter::{
    Direction, ExperimentKey, ExperimentTime, Experiments, LoggedModelKey, LoggedModelText, LoggedModelTime,
    LoggedModels, ModelVersionKey, ModelVersions, Order, OrderField, RegisteredModelKey, RegisteredModels,
    RunKey, RunText, RunTime, Runs, Search,
};

fn keys<S: Search>(order: &Order<S>) -> Vec<(S::Key, Direction)> {
    order.keys().iter().map(|ordering| (ordering.key.clone(), ordering.direction)).collect()
}

fn parsed<S: Search>(order_by: &[&str]) -> Vec<(S::Key, Direction)> {
    keys(&Order::<S>::parse(order_by).unwrap())
}

const STARTED: (RunKey, Direction) = (RunKey::Time(RunTime::Start), Descending);
const RUN_ID: (RunKey, Direction) = (RunKey::Text(RunText::RunId), Ascending);

#[test]
fn runs_that_started_last_come_first_and_ids_break_ties() {
    assert_eq!(parsed::<Runs>(&[]), [STARTED, RUN_ID]);
    let metric = (RunKey::Metric("a b".to_owned()), Descending);
    assert_eq!(parsed::<Runs>(&["metrics.`a b` desc"]), [metric, STARTED, RUN_ID]);
    assert_eq!(parsed::<Runs>(&["Created ASC"]), [(STARTED.0, Ascending), RUN_ID]);
}

#[test]
fn nothing_follows_a_key_that_no_two_rows_share() {
    assert_eq!(parsed::<Runs>(&["run_id DESC", "metrics.a"]), [(RUN_ID.0, Descending)]);
    let expected = [(ModelVersionKey::Number, Ascending), (ModelVersionKey::Name, Ascending)];
    assert_eq!(parsed::<ModelVersions>(&["version_number", "name", "creation_timestamp"]), expected);
}

#[test]
fn experiments_created_last_come_first_and_ids_break_ties_backwards() {
    let created = (ExperimentKey::Time(ExperimentTime::Creation), Descending);
    assert_eq!(parsed::<Experiments>(&[]), [created, (ExperimentKey::Id, Ascending)]);
    let expected = [(ExperimentKey::Name, Ascending), (ExperimentKey::Id, Descending)];
    assert_eq!(parsed::<Experiments>(&["name", "name DESC"]), expected);
}

#[test]
fn models_come_by_name_and_versions_by_their_last_update() {
    let name = (RegisteredModelKey::Name, Ascending);
    assert_eq!(parsed::<RegisteredModels>(&[]), [name]);
    let updated = (RegisteredModelKey::LastUpdated, Descending);
    assert_eq!(parsed::<RegisteredModels>(&["timestamp DESC"]), [updated, name]);
    let updated = (ModelVersionKey::LastUpdated, Descending);
    let rest = [(ModelVersionKey::Name, Ascending), (ModelVersionKey::Number, Descending)];
    assert_eq!(parsed::<ModelVersions>(&[]), [updated, rest[0], rest[1]]);
}

#[test]
fn logged_models_are_ordered_by_fields() {
    let metric = OrderField {
        field_name: "metrics.val-loss",
        ascending: false,
        dataset_name: "test",
        dataset_digest: "",
    };
    let attribute = OrderField { field_name: "creation_time", ascending: true, ..metric };
    let metric_key = LoggedModelKey::Metric {
        key: "val-loss".to_owned(),
        dataset_name: Some("test".to_owned()),
        dataset_digest: None,
    };
    let expected = [
        (metric_key, Descending),
        (LoggedModelKey::Time(LoggedModelTime::Creation), Ascending),
        (LoggedModelKey::Text(LoggedModelText::ModelId), Ascending),
    ];
    let order = Order::<LoggedModels>::from_fields(&[metric, attribute, metric]).unwrap();
    assert_eq!(keys(&order), expected);
    for refused in ["", "foo", "metrics.", "params.a"] {
        let field = OrderField { field_name: refused, ..metric };
        assert!(Order::<LoggedModels>::from_fields(&[field]).is_err(), "{refused}");
    }
}
