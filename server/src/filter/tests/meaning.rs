//! What is read out of a filter.

use crate::filter::{
    ExperimentClause, Experiments, Filter, IdTest, KeyTest, LoggedModelClause, LoggedModels,
    ModelVersionClause, ModelVersions, NumberTest, RegisteredModelClause, RegisteredModels, Relation,
    RunClause, RunText, RunTime, Runs, Search, TextTest,
};

fn clauses<S: Search>(filter: &str) -> Vec<S::Clause> {
    Filter::<S>::parse(filter).unwrap().clauses().to_vec()
}

fn equal(text: &str) -> TextTest {
    TextTest::Equal(text.to_owned())
}

#[test]
fn a_filter_becomes_typed_clauses_in_their_order() {
    let found = clauses::<Runs>("metrics.`val loss` <= -1.5e2 and Created > 7 AND tags.\"a.b\" ILIKE 'X%'");
    let expected = [
        RunClause::Metric {
            key: "val loss".to_owned(),
            test: NumberTest { relation: Relation::LessOrEqual, value: -150.0 },
        },
        RunClause::Time(RunTime::Start, NumberTest { relation: Relation::Greater, value: 7.0 }),
        RunClause::Tag { key: "a.b".to_owned(), test: KeyTest::Text(TextTest::ILike("X%".to_owned())) },
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_value_is_taken_verbatim_and_a_list_as_python_writes_it() {
    let found = clauses::<Runs>(r"run_id = 'a''b\'c' AND run_id IN ('a\'b', 'c\\d',)");
    let texts = ["a'b".to_owned(), r"c\d".to_owned()].to_vec();
    let expected = [
        RunClause::Text(RunText::RunId, equal(r"a''b\'c")),
        RunClause::Text(RunText::RunId, TextTest::In(texts)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn ids_and_version_numbers_in_quotes_are_numbers() {
    assert_eq!(clauses::<Experiments>("experiment_id = '7'"), [ExperimentClause::Id(IdTest::In(vec![7]))]);
    assert_eq!(
        clauses::<Experiments>("experiment_id NOT IN ('7', '8')"),
        [ExperimentClause::Id(IdTest::NotIn(vec![7, 8]))]
    );
    let three = NumberTest { relation: Relation::Equal, value: 3 };
    for filter in ["version_number = '3'", "version_number = 3"] {
        assert_eq!(clauses::<ModelVersions>(filter)[0], ModelVersionClause::Number(three), "{filter}");
    }
}

#[test]
fn a_number_may_stand_for_a_text_of_a_logged_model() {
    let expected = LoggedModelClause::Param { key: "lr".to_owned(), test: equal("0.010") };
    assert_eq!(clauses::<LoggedModels>("params.lr = 0.010"), [expected]);
}

#[test]
fn a_number_too_large_for_an_f64_is_infinite() {
    let test = NumberTest { relation: Relation::GreaterOrEqual, value: f64::INFINITY };
    assert_eq!(clauses::<Runs>("metrics.a >= 1e999"), [RunClause::Metric { key: "a".to_owned(), test }]);
}

#[test]
fn prompts_are_left_out_unless_they_are_what_is_searched() {
    let hidden = [
        "",
        "tag.`mlflow.prompt.is_prompt` != 'true'",
        "tag.`mlflow.prompt.is_prompt` = 'false'",
        "tag.`mlflow.prompt.is_prompt` LIKE 'true'",
        "tag.`mlflow.prompt.is_prompt` != 'true' AND tag.`mlflow.prompt.is_prompt` = 'true'",
    ];
    for filter in hidden {
        assert_eq!(clauses::<RegisteredModels>(filter), [RegisteredModelClause::NotPrompt], "{filter}");
        assert_eq!(clauses::<ModelVersions>(filter), [ModelVersionClause::NotPrompt], "{filter}");
    }
    let key = "mlflow.prompt.is_prompt".to_owned();
    let searched = [
        ("tag.`mlflow.prompt.is_prompt` = 'true'", equal("true")),
        ("tag.`mlflow.prompt.is_prompt` = 'True'", equal("True")),
        ("tag.mlflow.prompt.is_prompt != 'false'", TextTest::NotEqual("false".to_owned())),
    ];
    for (filter, test) in searched {
        let model = RegisteredModelClause::Tag { key: key.clone(), test: test.clone() };
        assert_eq!(clauses::<RegisteredModels>(filter), [model], "{filter}");
        let version = ModelVersionClause::Tag { key: key.clone(), test };
        assert_eq!(clauses::<ModelVersions>(filter), [version], "{filter}");
    }
    let named = "name = 'x' AND tag.`mlflow.prompt.is_prompt` != 'true'";
    let expected = [RegisteredModelClause::Name(equal("x")), RegisteredModelClause::NotPrompt];
    assert_eq!(clauses::<RegisteredModels>(named), expected);
}
