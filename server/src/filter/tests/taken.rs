//! What `MLflow` 3.17.2 takes, tried with its own stores, is taken; what it refuses is refused.

use crate::filter::{
    Experiments, Filter, FilterError, LoggedModels, ModelVersions, Order, RegisteredModels, Runs,
};

fn check<T>(parse: impl Fn(&str) -> Result<T, FilterError>, taken: &[&str], refused: &[&str]) {
    for text in taken {
        if let Err(error) = parse(text) {
            panic!("{text}: {error}");
        }
    }
    for text in refused {
        assert!(parse(text).is_err(), "{text} was taken");
    }
}

const TAKEN_OF_RUNS: &[&str] = &[
    "",
    "metrics.a > 1",
    "metrics.a>-1",
    "metrics.a > 1e5",
    "metrics.a > 1.5E-5",
    "metrics.a > .5",
    "metrics.a > 5.",
    "metrics.a > -.5",
    "metrics.`val-loss` > 1",
    "metrics.\"val-loss\" > 1",
    "metrics.'val-loss' > 1",
    "metrics.a.b > 1",
    "metrics.1a > 1",
    "`metrics`.`a` > 1",
    "metrics.a>1 and metrics.b<2",
    "params.a = 'it''s'",
    "params.a = \"it's\"",
    r"params.a = 'it\'s'",
    r"params.a = 'C:\'",
    "params.a = ''",
    "params.a like 'x'",
    "params.a ILIKE 'x'",
    "params.a IS NULL",
    "params.a is not null",
    "params.a IS  NOT   NULL",
    "tags.a IS NULL AND tags.b IS NULL",
    "run_id = 'x'",
    "run_id IN ('x','y')",
    "run_id not in ('x','y')",
    "run_id IN (\"x\", 'y')",
    "run_id IN ('x',)",
    "run_id IN('x')",
    "attributes.run_name = 'x'",
    "attr.run_name = 'x'",
    "attribute.run_name = 'x'",
    "run.run_name = 'x'",
    "attributes.`Run name` = 'x'",
    "`Run name` = 'x'",
    "\"run name\" = 'x'",
    "status = 'FINISHED'",
    "status = 'nonsense'",
    "status LIKE 'F%'",
    "artifact_uri = 'x'",
    "user_id = 'x'",
    "start_time > 5",
    "start_time > 5.5",
    "end_time != 5",
    "attributes.Created > 5",
    "created > 5",
    "dataset.name = 'x'",
    "datasets.digest LIKE 'x'",
    "dataset.context IN ('x','y')",
    "dataset.name NOT IN ('x','y')",
    "tags.`a``b` = 'x'",
    "tags.\"a b\" = 'x'",
    "tags.`a.b` = 'x'",
    "tags.mlflow.source.name = 'x'",
    "tags.name = 'x'",
    "tags.order = 'x'",
    "tags.not = 'x'",
    "params.timestamp = 'x'",
    "params.é = '日本'",
    "parameters.a = 'x' AND parameter.a = 'y' AND param.a = 'z'",
    "metrics.a > 1 AND params.b = 'x' AND tags.c LIKE '%x%' AND run_id != 'z'",
    " \n metrics.a > 1 \t",
];

const REFUSED_OF_RUNS: &[&str] = &[
    "metrics.a == 1",
    "metrics.a <> 1",
    "metrics.a > +1",
    "metrics.a > - 1",
    "metrics.a > 0x10",
    "metrics.a > nan",
    "metrics.a > inf",
    "metrics.a > '1'",
    "metrics.a LIKE 'x'",
    "metrics.a IS NULL",
    "1 < metrics.a",
    "metrics.val-loss > 1",
    "metrics.a/b > 1",
    "Metrics.a > 1",
    "metrics . a > 1",
    "metrics.a>1 AND",
    "AND metrics.a>1",
    "metrics.a>1 metrics.b>2",
    "metrics.a>1 OR metrics.b>2",
    "(metrics.a>1)",
    "metrics.a>1;",
    "metrics.a>1; metrics.b>2",
    "   ",
    "metrics.a > 1 -- comment",
    "metrics.a > 1 /* c */",
    "metrics.a BETWEEN 1 AND 2",
    "params.a = 'x",
    "params.a = x",
    "params.a = `x`",
    "params.a = 1",
    "params.a > 'x'",
    "params.a not like 'x'",
    "params.a IN ('x')",
    "params.a RLIKE 'x'",
    "params.a ! = 'x'",
    "params.a => 'x'",
    "params.$a = 'x'",
    "run_id IS NULL",
    "run_id IN ()",
    "run_id IN (1)",
    "run_id IN 'x'",
    "run_id = ('x')",
    "run_id IN ('x' 'y')",
    "run_name IN ('x')",
    "run_name > 'x'",
    "Run name = 'x'",
    "experiment_id = '0'",
    "lifecycle_stage = 'active'",
    "start_time > '5'",
    "start_time LIKE 5",
    "end_time IS NULL",
    "dataset.name IS NULL",
    "dataset.foo = 'x'",
    "foo.bar = 'x'",
    "tags.a b = 'x'",
    "tags. = 'x'",
    "tags.`` = 'x'",
    "'run_id' = 'x'",
    "lower(run_id) = 'x'",
    "NOT params.a = 'x'",
];

#[test]
fn filters_of_runs() {
    check(Filter::<Runs>::parse, TAKEN_OF_RUNS, REFUSED_OF_RUNS);
}

#[test]
fn filters_of_experiments() {
    check(
        Filter::<Experiments>::parse,
        &[
            "name = 'x'",
            "attribute.name = 'x'",
            "name LIKE 'x'",
            "name ilike 'x'",
            "experiment_id = '0'",
            "experiment_id != '0'",
            "experiment_id IN ('0','1')",
            "experiment_id NOT IN ('0',)",
            "creation_time > 5",
            "last_update_time <= 5",
            "tags.a = 'x'",
            "tag.a = 'x'",
            "tags.a IS NULL",
            "tags.a is not null",
        ],
        &[
            "name == 'x'",
            "name IN ('x')",
            "name > 'x'",
            "name IS NULL",
            "experiment_id = 0",
            "experiment_id = 'x'",
            "experiment_id NOT IN ('0','x')",
            "experiment_id > '0'",
            "experiment_id LIKE '0'",
            "creation_time > 5.5",
            "creation_time > 1e5",
            "creation_time > '5'",
            "creation_time > 9223372036854775808",
            "tags.a IN ('x')",
            "lifecycle_stage = 'active'",
            "params.a = 'x'",
            "metrics.a > 1",
        ],
    );
}

#[test]
fn filters_of_registered_models() {
    check(
        Filter::<RegisteredModels>::parse,
        &[
            "name = 'x'",
            "name IN ('x','y')",
            "name NOT IN ('x','y')",
            "name ilike '%x%'",
            "attribute.name = 'x'",
            "tags.a = 'x'",
            "tag.`a` != 'x'",
            "name = 'x' AND tag.`mlflow.prompt.is_prompt` != 'true'",
        ],
        &[
            "tags.a IS NULL",
            "tags.a IN ('x')",
            "name > 'x'",
            "name = 5",
            "creation_timestamp > 5",
            "last_updated_timestamp > 5",
            "run_id = 'x'",
        ],
    );
}

#[test]
fn filters_of_model_versions() {
    check(
        Filter::<ModelVersions>::parse,
        &[
            "name = 'x'",
            "name IN ('x','y')",
            "run_id IN ('x','y')",
            "run_id LIKE 'x'",
            "source_path = 'x'",
            "source_path LIKE 'x'",
            "version_number = 5",
            "version_number = '5'",
            "version_number >= -5",
            "tags.a = 'x'",
            "name = \"x\" and run_id='abc'",
        ],
        &[
            "source_path IN ('x')",
            "source = 'x'",
            "version_number = 'x'",
            "version_number > 5.5",
            "version_number IN ('1')",
            "version_number LIKE '1'",
            "version = 5",
            "name = 5",
            "creation_timestamp > 5",
            "current_stage = 'x'",
            "tags.a IS NULL",
            "tags.a > 'x'",
        ],
    );
}

#[test]
fn filters_of_logged_models() {
    check(
        Filter::<LoggedModels>::parse,
        &[
            "name = 'x'",
            "name = \"x\"",
            "name LIKE 'x'",
            "name IN ('x')",
            "attributes.name = 'x'",
            "params.a IN ('x','y')",
            "params.lr = 0.01",
            "tags.a NOT IN ('x','y')",
            "tags.a LIKE 'x'",
            "metrics.a > -1.5e3",
            "metrics.`a b` > 1",
            "creation_time > 5",
            "creation_timestamp > 5",
            "creation_timestamp_ms > 5.5",
            "last_updated_timestamp > 5",
            "attributes.creation_timestamp_ms > 5",
            "model_id IN ('x')",
            "experiment_id = '0'",
            "experiment_id = 0",
            "status = 'READY'",
            "model_type = 'x'",
            "source_run_id = 'x'",
            "artifact_location = 'x'",
            "lifecycle_stage = 'x'",
            "status_message = 'x'",
        ],
        &[
            "name > 'x'",
            "metrics.a IN (1)",
            "metrics.a > '1'",
            "foo = 'x'",
            "tags.a IS NULL",
            "dataset.name = 'x'",
            "creation_time > '5'",
            "params.lr = x",
        ],
    );
}

#[test]
fn orders() {
    fn order<S: crate::filter::Search>(text: &str) -> Result<Order<S>, FilterError> {
        Order::parse(&[text])
    }
    check(
        order::<Runs>,
        &[
            "metrics.a",
            "metrics.a ASC",
            "metrics.a DeSC",
            "metrics.`a b` DESC",
            "metrics.\"a b\" DESC",
            "metrics.a.b DESC",
            "`metrics`.`a` DESC",
            "params.a",
            "tags.a",
            "attributes.start_time DESC",
            "Created",
            "attribute.`Created` ASC",
            "run_name",
            "status",
            "user_id",
            "artifact_uri",
            "run_id",
            "end_time",
        ],
        &[
            "",
            "foo",
            "timestamp",
            "lifecycle_stage",
            "experiment_id",
            "dataset.name",
            "metrics.a ASC, metrics.b DESC",
            "metrics.a NULLS LAST",
            "metrics.a foo",
            "metrics.val-loss",
            "metrics.a;",
            "(metrics.a)",
        ],
    );
    check(
        order::<Experiments>,
        &["name", "experiment_id ASC", "creation_time", "last_update_time DESC", "attribute.name"],
        &["tags.a", "status"],
    );
    check(
        order::<RegisteredModels>,
        &["name ASC", "timestamp DESC", "last_updated_timestamp", "creation_timestamp", "`name` DESC"],
        &["tags.a", "version_number"],
    );
    check(
        order::<ModelVersions>,
        &[
            "name",
            "version_number DESC",
            "creation_timestamp",
            "last_updated_timestamp DESC",
            "attribute.name",
        ],
        &["timestamp", "run_id", "tags.a"],
    );
}
