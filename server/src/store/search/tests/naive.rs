//! Tests and orders of single values, written as plainly as they can be.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::filter::{Direction, IdTest, KeyTest, NumberTest, Relation, TextTest};

pub(super) fn text(test: &TextTest, value: Option<&str>) -> bool {
    let Some(value) = value else { return false };
    match test {
        TextTest::Equal(other) => value == other,
        TextTest::NotEqual(other) => value != other,
        TextTest::Like(pattern) => like(pattern, value),
        TextTest::ILike(pattern) => like(&pattern.to_ascii_lowercase(), &value.to_ascii_lowercase()),
        TextTest::In(texts) => texts.iter().any(|text| text == value),
        TextTest::NotIn(texts) => texts.iter().all(|text| text != value),
    }
}

fn like(pattern: &str, value: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return value.is_empty() };
    let pattern_rest = &pattern[first.len_utf8()..];
    if first == '%' {
        return (0..=value.len()).any(|at| value.is_char_boundary(at) && like(pattern_rest, &value[at..]));
    }
    let Some(of_value) = value.chars().next() else { return false };
    (first == '_' || first == of_value) && like(pattern_rest, &value[of_value.len_utf8()..])
}

pub(super) fn key(test: &KeyTest, value: Option<&str>) -> bool {
    match test {
        KeyTest::Text(test) => text(test, value),
        KeyTest::IsNull => value.is_none(),
        KeyTest::IsNotNull => value.is_some(),
    }
}

pub(super) fn number<T: PartialOrd>(test: &NumberTest<T>, value: Option<T>) -> bool {
    let Some(value) = value else { return false };
    match test.relation {
        Relation::Equal => value == test.value,
        Relation::NotEqual => value != test.value,
        Relation::Less => value < test.value,
        Relation::LessOrEqual => value <= test.value,
        Relation::Greater => value > test.value,
        Relation::GreaterOrEqual => value >= test.value,
    }
}

pub(super) fn id(test: &IdTest, value: i64) -> bool {
    match test {
        IdTest::In(ids) => ids.contains(&value),
        IdTest::NotIn(ids) => !ids.contains(&value),
    }
}

pub(super) fn directed<T: Ord + ?Sized>(one: &T, other: &T, direction: Direction) -> Ordering {
    match direction {
        Direction::Ascending => one.cmp(other),
        Direction::Descending => other.cmp(one),
    }
}

/// What is missing comes last.
pub(super) fn optional<T: Ord>(one: Option<T>, other: Option<T>, direction: Direction) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => directed(&one, &other, direction),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

/// NaN comes after all numbers, and what is missing last.
pub(super) fn metric(one: Option<f64>, other: Option<f64>, direction: Direction) -> Ordering {
    let rank = |value: Option<f64>| value.map_or(2, |value| u8::from(value.is_nan()));
    rank(one).cmp(&rank(other)).then_with(|| match (one, other) {
        (Some(one), Some(other)) if !one.is_nan() => {
            let ordering = one.partial_cmp(&other).unwrap();
            if direction == Direction::Ascending { ordering } else { ordering.reverse() }
        }
        _ => Ordering::Equal,
    })
}

pub(super) fn get<'a>(map: &'a BTreeMap<String, String>, key: &str) -> Option<&'a str> {
    map.get(key).map(String::as_str)
}
