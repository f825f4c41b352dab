//! What holds of every text: reading it never panics, and a filter or an order printed reads as itself.

use proptest::collection::vec;
use proptest::prelude::*;

use super::generate;
use super::print::{self, Print};
use crate::filter::{
    Experiments, Filter, LoggedModels, ModelVersionClause, ModelVersions, Order, Ordering,
    RegisteredModelClause, RegisteredModels, Runs, Search,
};

/// Pieces of the grammar, so that rubbish gets far into it.
fn rubbish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "metrics.", "params.", "tags.", "dataset.name", "run_id", "name", "experiment_id", "start_time",
            "version_number", " ", "AND", " AND ", "IN", " NOT IN ", "IS", " IS NOT NULL", "LIKE ", "=", "!=", ">=",
            "<", "'", "\"", "`", "\\", "(", ")", ",", ".", "-", "1", "1e", "e5", "é", "\u{0}", "ASC", " DESC",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
        1 => ".{0,3}",
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn reads<S: Search>(text: &str) {
    // Whether it is taken is no matter here.
    drop(Filter::<S>::parse(text));
    drop(Order::<S>::parse(&[text]));
}

fn reads_as_itself<S: Search>(clauses: Vec<S::Clause>, meant: impl IntoIterator<Item = S::Clause>)
where
    S::Clause: Print,
{
    let text = print::filter(&clauses);
    let read = Filter::<S>::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let expected: Vec<S::Clause> = clauses.into_iter().chain(meant).collect();
    assert_eq!(read.clauses(), expected, "{text}");
    let again = Filter::<S>::parse(&print::filter(read.clauses())).unwrap();
    assert_eq!(again, read, "{text}");
}

fn order_reads_as_itself<S: Search>(keys: &[Ordering<S::Key>])
where
    S::Key: Print,
{
    let texts = print::order(keys);
    let read = Order::<S>::parse(&texts).unwrap_or_else(|error| panic!("{texts:?}: {error}"));
    let shared = keys.len().min(read.keys().len());
    assert_eq!(read.keys()[..shared], keys[..shared], "{texts:?}");
    let last: Vec<_> = S::identity();
    assert!(last.iter().all(|key| read.keys().iter().any(|o| o.key == *key)), "{texts:?} is not total");
    assert_eq!(Order::<S>::parse(&print::order(read.keys())).unwrap(), read, "{texts:?}");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in rubbish()) {
        reads::<Runs>(&text);
        reads::<Experiments>(&text);
        reads::<RegisteredModels>(&text);
        reads::<ModelVersions>(&text);
        reads::<LoggedModels>(&text);
    }

    #[test]
    fn a_filter_of_runs_reads_as_itself(clauses in vec(generate::run_clause(), 0..5)) {
        reads_as_itself::<Runs>(clauses, []);
    }

    #[test]
    fn a_filter_of_experiments_reads_as_itself(clauses in vec(generate::experiment_clause(), 0..5)) {
        reads_as_itself::<Experiments>(clauses, []);
    }

    #[test]
    fn a_filter_of_registered_models_reads_as_itself(
        clauses in vec(generate::registered_model_clause(), 0..5),
    ) {
        reads_as_itself::<RegisteredModels>(clauses, [RegisteredModelClause::NotPrompt]);
    }

    #[test]
    fn a_filter_of_model_versions_reads_as_itself(clauses in vec(generate::model_version_clause(), 0..5)) {
        reads_as_itself::<ModelVersions>(clauses, [ModelVersionClause::NotPrompt]);
    }

    #[test]
    fn a_filter_of_logged_models_reads_as_itself(clauses in vec(generate::logged_model_clause(), 0..5)) {
        reads_as_itself::<LoggedModels>(clauses, []);
    }

    #[test]
    fn orders_read_as_themselves(
        runs in generate::order(generate::run_key()),
        experiments in generate::order(generate::experiment_key()),
        models in generate::order(generate::registered_model_key()),
        versions in generate::order(generate::model_version_key()),
    ) {
        order_reads_as_itself::<Runs>(&runs);
        order_reads_as_itself::<Experiments>(&experiments);
        order_reads_as_itself::<RegisteredModels>(&models);
        order_reads_as_itself::<ModelVersions>(&versions);
    }
}
