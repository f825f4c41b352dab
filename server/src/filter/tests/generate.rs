//! Random clauses and keys of each search.

use proptest::collection::vec;
use proptest::prelude::*;

use super::print::quoted;
use crate::filter::{
    DatasetText, Direction, ExperimentClause, ExperimentKey, ExperimentTime, IdTest, KeyTest,
    LoggedModelClause, LoggedModelText, LoggedModelTime, ModelVersionClause, ModelVersionKey, NumberTest,
    Ordering, RegisteredModelClause, RegisteredModelKey, Relation, RunClause, RunKey, RunText, RunTime,
    TextTest, VersionText,
};

/// A text that some quotes mean verbatim.
fn text() -> impl Strategy<Value = String> {
    let any = prop_oneof![".{0,8}", "[a'\"` %_\\\\]{0,8}", "\\PC{0,8}"];
    any.prop_filter("no quotes mean it", |text: &String| quoted(text, &['\'', '"']).is_some())
}

fn key() -> impl Strategy<Value = String> {
    let any = prop_oneof!["[a-z][a-z0-9_.]{0,6}", "[a'\"`. /\\\\]{1,8}", "\\PC{1,8}"];
    any.prop_filter("no quotes mean it", |key: &String| quoted(key, &['`', '"', '\'']).is_some())
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(prop_oneof!["[a-z]{0,4}", "[a'\"\\\\nx0]{0,8}", "\\PC{0,8}"], 1..4)
}

fn text_test() -> impl Strategy<Value = TextTest> {
    prop_oneof![
        text().prop_map(TextTest::Equal),
        text().prop_map(TextTest::NotEqual),
        text().prop_map(TextTest::Like),
        text().prop_map(TextTest::ILike),
    ]
}

fn text_or_list_test() -> impl Strategy<Value = TextTest> {
    prop_oneof![
        2 => text_test(),
        1 => texts().prop_map(TextTest::In),
        1 => texts().prop_map(TextTest::NotIn),
    ]
}

fn key_test() -> impl Strategy<Value = KeyTest> {
    prop_oneof![
        4 => text_test().prop_map(KeyTest::Text),
        1 => Just(KeyTest::IsNull),
        1 => Just(KeyTest::IsNotNull),
    ]
}

fn number_test<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = NumberTest<T>> {
    let relation = prop::sample::select(vec![
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
    ]);
    (relation, value).prop_map(|(relation, value)| NumberTest { relation, value })
}

fn float() -> impl Strategy<Value = NumberTest<f64>> {
    use proptest::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    number_test(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE)
}

fn integer() -> impl Strategy<Value = NumberTest<i64>> {
    number_test(any::<i64>())
}

fn id_test() -> impl Strategy<Value = IdTest> {
    let ids = || vec(any::<i64>(), 1..4);
    prop_oneof![ids().prop_map(IdTest::In), ids().prop_map(IdTest::NotIn)]
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

const RUN_TEXTS: [RunText; 4] = [RunText::RunName, RunText::UserId, RunText::Status, RunText::ArtifactUri];

pub(super) fn run_clause() -> impl Strategy<Value = RunClause> {
    let dataset = one_of(&[DatasetText::Name, DatasetText::Digest, DatasetText::Context]);
    prop_oneof![
        text_or_list_test().prop_map(|test| RunClause::Text(RunText::RunId, test)),
        (one_of(&RUN_TEXTS), text_test()).prop_map(|(text, test)| RunClause::Text(text, test)),
        (one_of(&[RunTime::Start, RunTime::End]), float())
            .prop_map(|(time, test)| RunClause::Time(time, test)),
        (key(), float()).prop_map(|(key, test)| RunClause::Metric { key, test }),
        (key(), key_test()).prop_map(|(key, test)| RunClause::Param { key, test }),
        (key(), key_test()).prop_map(|(key, test)| RunClause::Tag { key, test }),
        (dataset, text_or_list_test()).prop_map(|(dataset, test)| RunClause::Dataset(dataset, test)),
    ]
}

pub(super) fn experiment_clause() -> impl Strategy<Value = ExperimentClause> {
    let time = one_of(&[ExperimentTime::Creation, ExperimentTime::LastUpdate]);
    prop_oneof![
        id_test().prop_map(ExperimentClause::Id),
        text_test().prop_map(ExperimentClause::Name),
        (time, integer()).prop_map(|(time, test)| ExperimentClause::Time(time, test)),
        (key(), key_test()).prop_map(|(key, test)| ExperimentClause::Tag { key, test }),
    ]
}

pub(super) fn registered_model_clause() -> impl Strategy<Value = RegisteredModelClause> {
    prop_oneof![
        text_or_list_test().prop_map(RegisteredModelClause::Name),
        (key(), text_test()).prop_map(|(key, test)| RegisteredModelClause::Tag { key, test }),
    ]
}

pub(super) fn model_version_clause() -> impl Strategy<Value = ModelVersionClause> {
    let listed = one_of(&[VersionText::Name, VersionText::RunId]);
    prop_oneof![
        (listed, text_or_list_test()).prop_map(|(text, test)| ModelVersionClause::Text(text, test)),
        text_test().prop_map(|test| ModelVersionClause::Text(VersionText::SourcePath, test)),
        integer().prop_map(ModelVersionClause::Number),
        (key(), text_test()).prop_map(|(key, test)| ModelVersionClause::Tag { key, test }),
    ]
}

pub(super) fn logged_model_clause() -> impl Strategy<Value = LoggedModelClause> {
    let text = one_of(&[
        LoggedModelText::ModelId,
        LoggedModelText::Name,
        LoggedModelText::ArtifactLocation,
        LoggedModelText::Status,
        LoggedModelText::LifecycleStage,
        LoggedModelText::ModelType,
        LoggedModelText::SourceRunId,
        LoggedModelText::StatusMessage,
    ]);
    let time = one_of(&[LoggedModelTime::Creation, LoggedModelTime::LastUpdated]);
    prop_oneof![
        (text, text_or_list_test()).prop_map(|(text, test)| LoggedModelClause::Text(text, test)),
        id_test().prop_map(LoggedModelClause::ExperimentId),
        (time, float()).prop_map(|(time, test)| LoggedModelClause::Time(time, test)),
        (key(), float()).prop_map(|(key, test)| LoggedModelClause::Metric { key, test }),
        (key(), text_or_list_test()).prop_map(|(key, test)| LoggedModelClause::Param { key, test }),
        (key(), text_or_list_test()).prop_map(|(key, test)| LoggedModelClause::Tag { key, test }),
    ]
}

pub(super) fn run_key() -> impl Strategy<Value = RunKey> {
    prop_oneof![
        one_of(&RUN_TEXTS).prop_map(RunKey::Text),
        one_of(&[RunTime::Start, RunTime::End]).prop_map(RunKey::Time),
        key().prop_map(RunKey::Metric),
        key().prop_map(RunKey::Param),
        key().prop_map(RunKey::Tag),
    ]
}

pub(super) fn experiment_key() -> impl Strategy<Value = ExperimentKey> {
    one_of(&[
        ExperimentKey::Id,
        ExperimentKey::Name,
        ExperimentKey::Time(ExperimentTime::Creation),
        ExperimentKey::Time(ExperimentTime::LastUpdate),
    ])
}

pub(super) fn registered_model_key() -> impl Strategy<Value = RegisteredModelKey> {
    one_of(&[RegisteredModelKey::Name, RegisteredModelKey::Creation, RegisteredModelKey::LastUpdated])
}

pub(super) fn model_version_key() -> impl Strategy<Value = ModelVersionKey> {
    one_of(&[
        ModelVersionKey::Name,
        ModelVersionKey::Number,
        ModelVersionKey::Creation,
        ModelVersionKey::LastUpdated,
    ])
}

/// An order of some keys, none of them twice.
pub(super) fn order<K: PartialEq + std::fmt::Debug>(
    key: impl Strategy<Value = K>,
) -> impl Strategy<Value = Vec<Ordering<K>>> {
    let direction = prop::bool::ANY
        .prop_map(|ascending| if ascending { Direction::Ascending } else { Direction::Descending });
    vec((key, direction), 0..4).prop_map(|keys| {
        let mut order: Vec<Ordering<K>> = Vec::new();
        for (key, direction) in keys {
            if order.iter().all(|other| other.key != key) {
                order.push(Ordering { key, direction });
            }
        }
        order
    })
}
