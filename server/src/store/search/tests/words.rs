//! Random values, filters and orders of few words, so that they meet.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

const TEXTS: [&str; 10] = ["", "a", "A", "ab", "aB", "b", "a%", "a_b", "x'y", "é"];
const PATTERNS: [&str; 9] = ["a%", "A%", "%b", "_", "%", "a_b", "", "%é%", "x'%"];
const NUMBERS: [&str; 7] = ["-1", "0", "1", "1.5", "2", "1e999", "-1e999"];
const INTEGERS: [&str; 4] = ["-1", "0", "1", "2"];

/// The keys of parameters, tags and metrics.
pub(super) const KEYS: [&str; 2] = ["a", "b c"];

pub(super) fn text() -> impl Strategy<Value = String> {
    prop::sample::select(&TEXTS[..]).prop_map(str::to_owned)
}

pub(super) fn time() -> impl Strategy<Value = i64> {
    0_i64..3
}

pub(super) fn metric() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![-1.0, -0.0, 0.0, 1.0, 1.5, 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN])
}

pub(super) fn keyed<V: std::fmt::Debug>(
    value: impl Strategy<Value = V>,
) -> impl Strategy<Value = BTreeMap<String, V>> {
    btree_map(prop::sample::select(&KEYS[..]).prop_map(str::to_owned), value, 0..=2)
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

/// A clause that asks something of a text.
pub(super) fn text_clause(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let test = prop_oneof![
        (one_of(&["=", "!="]), one_of(&TEXTS)),
        (one_of(&["LIKE", "ILIKE", "like"]), one_of(&PATTERNS)),
    ];
    (name, test).prop_map(|(name, (sign, value))| format!("{name} {sign} \"{value}\""))
}

/// A clause that compares a text with a list.
pub(super) fn list_clause(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (name, one_of(&["IN", "NOT IN"]), vec(one_of(&TEXTS), 1..3)).prop_map(|(name, sign, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        format!("{name} {sign} ({})", values.join(", "))
    })
}

/// A clause that asks whether something is there.
pub(super) fn null_clause(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (name, one_of(&["IS NULL", "IS NOT NULL"])).prop_map(|(name, sign)| format!("{name} {sign}"))
}

/// A clause that asks something of a number.
pub(super) fn number_clause(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (name, one_of(&["=", "!=", "<", "<=", ">", ">="]), one_of(&NUMBERS))
        .prop_map(|(name, sign, value)| format!("{name} {sign} {value}"))
}

/// A clause that asks something of a whole number.
pub(super) fn integer_clause(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (name, one_of(&["=", "!=", "<", "<=", ">", ">="]), one_of(&INTEGERS))
        .prop_map(|(name, sign, value)| format!("{name} {sign} {value}"))
}

/// A clause that asks something of an experiment's id.
pub(super) fn id_clause() -> impl Strategy<Value = String> {
    one_of(&[
        "experiment_id = '1'",
        "experiment_id != '1'",
        "experiment_id IN ('1', '2')",
        "experiment_id NOT IN ('3', '2')",
        "experiment_id = '77'",
    ])
    .prop_map(str::to_owned)
}

/// One of some keys.
pub(super) fn names(names: &[&str]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}

/// A parameter, tag or metric.
pub(super) fn name(entity: &'static str) -> impl Strategy<Value = String> {
    prop::sample::select(&KEYS[..]).prop_map(move |key| format!("{entity}.`{key}`"))
}

/// A filter of some clauses.
pub(super) fn filter(clause: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(clause, 0..3).prop_map(|clauses| clauses.join(" AND "))
}

/// An order by some of the keys, none of them twice.
pub(super) fn order(keys: &[&str]) -> impl Strategy<Value = Vec<String>> + use<> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let most = keys.len().min(3);
    (prop::sample::subsequence(keys, 0..=most).prop_shuffle(), vec(one_of(&["", " ASC", " DESC"]), most))
        .prop_map(|(keys, directions)| {
            keys.iter().zip(directions).map(|(key, direction)| format!("{key}{direction}")).collect()
        })
}
