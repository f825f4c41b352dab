//! What a refusal says: where, what was found there, and what is taken.

use crate::filter::{
    Experiments, Filter, LoggedModels, MAX_BYTES, MAX_CLAUSES, MAX_ITEMS, MAX_KEYS, MAX_PATTERN,
    ModelVersions, Order, RegisteredModels, Runs, Search,
};

fn refusal<S: Search>(filter: &str) -> String {
    Filter::<S>::parse(filter).unwrap_err().to_string()
}

fn says<S: Search>(filter: &str, beginning: &str, end: &str) {
    let refusal = refusal::<S>(filter);
    assert!(refusal.starts_with(beginning) && refusal.ends_with(end), "{filter}: {refusal}");
}

#[test]
fn a_filter_that_does_not_parse_is_refused_at_its_column() {
    says::<Runs>("metrics.a > 1 OR metrics.b > 2", "filter, column 15: expected AND", "found `OR`");
    says::<Runs>("(metrics.a > 1)", "filter, column 1: expected a key", "found `(`");
    says::<Runs>("metrics.a > 1;", "filter, column 14: expected AND", "found `;`");
    says::<Runs>("lower(run_id) = 'x'", "filter, column 6: expected a comparator", "found `(`");
    says::<Runs>("metrics.a == 1", "filter, column 11: expected a comparator (=, !=,", "found `==`");
    says::<Runs>("metrics.val-loss > 1", "filter, column 12: expected a comparator", "found `-`");
    says::<Runs>("metrics.a", "filter, column 10: expected a comparator", "found the end");
    says::<Runs>("metrics.a NOT LIKE 'x'", "filter, column 11: expected a comparator", "found `NOT`");
    says::<Runs>("params.a = x", "filter, column 12: expected a value: a string in quotes", "found `x`");
    says::<Runs>("params.é = 'x' AND params.é = x", "filter, column 31: expected a value", "found `x`");
    says::<Runs>("params.a = 'x", "filter, column 12: expected a string that is closed", "found `'x`");
    says::<Runs>("tags.", "filter, column 6: expected the key after the dot", "found the end");
    says::<Runs>("run_id IN ()", "filter, column 12: expected a string in quotes", "found `)`");
    says::<Runs>("run_id IN ('a' 'b')", "filter, column 16: expected a comma", "found `'b')`");
    says::<Runs>(r"run_id IN ('\x')", "filter, column 12: expected a string whose escapes", r"found `'\x')`");
    says::<Runs>("run_id = 'x' AND", "filter, column 17: expected a key", "found the end");
    says::<Runs>("   ", "filter, column 4: expected a key", "found the end");
}

#[test]
fn a_key_that_a_search_lacks_is_refused_with_those_it_has() {
    says::<Runs>("a = 'x' ", "filter, column 1: a search of runs has no `a`; it has run_id", "context");
    says::<Experiments>("params.a = 'x'", "filter, column 1: a search of experiments has no `params.a`", "");
    says::<RegisteredModels>("run_id = 'x'", "filter, column 1: a search of registered models has no", "");
    says::<ModelVersions>(
        "name = 'x' AND version > 1",
        "filter, column 16: a search of model versions has no `version`; it has name, run_id",
        "",
    );
    says::<LoggedModels>("dataset.name = 'x'", "filter, column 1: a search of logged models has no", "");
}

#[test]
fn a_comparator_or_value_that_a_key_does_not_take_is_refused_with_those_it_takes() {
    assert_eq!(
        refusal::<Runs>("params.a > 'x'"),
        "filter, column 10: `params.a` takes =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL; found `>`"
    );
    assert_eq!(
        refusal::<Runs>("metrics.a > '1'"),
        "filter, column 13: `metrics.a >` takes a number; found `'1'`"
    );
    assert_eq!(
        refusal::<Experiments>("experiment_id = 'x'"),
        "filter, column 17: `experiment_id =` takes experiment ids: integers in quotes; found `'x'`"
    );
    assert_eq!(
        refusal::<ModelVersions>("version_number > 5.5"),
        "filter, column 18: `version_number >` takes an integer; found `5.5`"
    );
    assert_eq!(
        refusal::<RegisteredModels>("name IN 'x'"),
        "filter, column 9: `name IN` takes a list such as ('a', 'b'); found `'x'`"
    );
}

#[test]
fn an_order_that_makes_no_sense_is_refused_at_its_entry_and_column() {
    let refusal = |order_by: &[&str]| Order::<Runs>::parse(order_by).unwrap_err().to_string();
    let said = refusal(&["run_id", "metrics.a foo"]);
    assert_eq!(said, "order_by[1], column 11: expected ASC, DESC or the end; found `foo`");
    let said = refusal(&["metrics.a", "metric.`a` DESC"]);
    assert_eq!(said, "order_by[1], column 1: `metric.`a` DESC` orders by a key that stands before it");
    let said = refusal(&["foo"]);
    assert!(said.starts_with("order_by[0], column 1: a search of runs has no `foo`; it has"), "{said}");
}

#[test]
fn rubbish_is_refused_before_it_costs_anything() {
    let clauses = |count: usize| vec!["name = 'x'"; count].join(" AND ");
    assert!(Filter::<RegisteredModels>::parse(&clauses(MAX_CLAUSES)).is_ok());
    says::<RegisteredModels>(&clauses(MAX_CLAUSES + 1), "filter, column 961: a filter has at most 64", "");
    let list = |count: usize| format!("name IN ({})", vec!["'x'"; count].join(","));
    assert!(Filter::<RegisteredModels>::parse(&list(MAX_ITEMS)).is_ok());
    says::<RegisteredModels>(&list(MAX_ITEMS + 1), "filter, column 9: a list has at most 10000", "");
    let long = |length: usize| format!("name = '{}'", "x".repeat(length - "name = ''".len()));
    assert!(Filter::<RegisteredModels>::parse(&long(MAX_BYTES)).is_ok());
    says::<RegisteredModels>(&long(MAX_BYTES + 1), "filter: it has 524289 bytes; at most 524288", "");
    let pattern = |length: usize| format!("name LIKE '{}'", "%".repeat(length));
    assert!(Filter::<RegisteredModels>::parse(&pattern(MAX_PATTERN)).is_ok());
    says::<RegisteredModels>(&pattern(MAX_PATTERN + 1), "filter, column 11: the pattern has 49153 bytes", "");
    let many: Vec<String> = (0..=MAX_KEYS).map(|n| format!("metrics.m{n}")).collect();
    assert!(Order::<Runs>::parse(&many[..MAX_KEYS]).is_ok());
    let said = Order::<Runs>::parse(&many).unwrap_err().to_string();
    assert_eq!(said, "order_by: an order has at most 16 keys; found 17");
}

#[test]
fn a_refusal_is_one_line_of_modest_length_whatever_was_sent() {
    let long = format!("name = {}", "x\n".repeat(10_000));
    let quoted = format!("name = '{}", "x\n".repeat(10_000));
    for filter in [long, quoted] {
        let said = refusal::<RegisteredModels>(&filter);
        assert!(said.len() < 400 && !said.contains('\n'), "{said}");
    }
}
