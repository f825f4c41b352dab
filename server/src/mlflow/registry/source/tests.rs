//! Sources are taken for what they mean, and none leads elsewhere.

use super::*;

#[test]
fn a_source_is_what_its_scheme_says() {
    let name = || "RUL".parse::<ModelName>().unwrap();
    let run = |run_id: &str, path: &str| Source::Run { run_id: run_id.to_owned(), path: path.to_owned() };
    for (text, source) in [
        ("runs:/abc/model", run("abc", "model")),
        ("runs:/abc//a/b/", run("abc", "a/b")),
        ("RUNS:/abc", run("abc", "")),
        ("models:/m-123", Source::LoggedModel("m-123".to_owned())),
        ("models:/RUL/3", Source::Version { name: name(), which: Which::Number("3".to_owned()) }),
        ("models:/RUL/Latest", Source::Version { name: name(), which: Which::Latest }),
        ("models:/RUL/staging", Source::Version { name: name(), which: Which::Stage("staging".to_owned()) }),
        ("models:/RUL@best", Source::Version { name: name(), which: Which::Alias("best".to_owned()) }),
        ("mlflow-artifacts:/1/r/artifacts", Source::Artifacts),
        ("mlflow-artifacts:///1/r/artifacts", Source::Artifacts),
        ("s3://bucket/a b?versionId=1#x", Source::Elsewhere),
        ("dbfs:/models/x", Source::Elsewhere),
    ] {
        assert_eq!(parse(text).unwrap(), source, "{text}");
    }
    assert_eq!(parse_of_prompt("prompt-template").unwrap(), Source::Prompt);
    assert!(parse_of_prompt("s3://bucket/x").is_err());
}

#[test]
fn a_source_that_leads_out_of_its_place_is_refused_in_every_disguise() {
    for bad in [
        "mlflow-artifacts:/1/r/artifacts/../x",
        "mlflow-artifacts:/1/r/artifacts/./x",
        "mlflow-artifacts:/1/r/artifacts/%2e%2e/x",
        "mlflow-artifacts:/1/r/artifacts/%252e%252E/x",
        "mlflow-artifacts:/1/r/artifacts/..%2fx",
        "mlflow-artifacts:/1/r/artifacts/%25252e%25252e%25252fx",
        "mlflow-artifacts:/1/r/artifacts/..\\x",
        "mlflow-artifacts:/1/r/artifacts/%5c..%5cx",
        "mlflow-artifacts:/1/r/artifacts/a\\b",
        "mlflow-artifacts:/1/r/artifacts#/../x",
        "mlflow-artifacts:/1/r/artifacts#x",
        "mlflow-artifacts:/1/r/artifacts?x=/../y",
        "mlflow-artifacts:/1/r/artifacts%23x",
        "mlflow-artifacts:/1/r/artifacts/x\0",
        "mlflow-artifacts:/1/r/artifacts/x%00",
        "mlflow-artifacts:/1/r/artifacts/x%0a",
        "mlflow-artifacts:/1/r/artifacts/%c0%ae%c0%ae/x",
        "mlflow-artifacts://elsewhere/1/r/artifacts",
        "mlflow-artifacts:1/r/artifacts",
        "runs:/abc/../x",
        "runs:/abc/%2e%2e/x",
        "runs://abc/x",
        "models:/../x",
        "models://RUL/1",
        "s3://bucket/a/../b",
        "s3://bucket/%2e%2e/b",
        "s3:bucket",
        "javascript:alert(1)",
        "javascript://%0aalert(1)",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_source_that_the_server_would_have_to_read_from_is_refused() {
    for bad in [
        "",
        "/etc/passwd",
        "etc/passwd",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "file://host/etc",
        "c:/x",
        ":x",
        "1x:/y",
        "http://example.org/x",
        "HTTPS://example.org/x",
        "ftp://example.org/x",
        "hdfs://host/x",
        "abfss://a@b/x",
        "runs:/",
        "models:/",
        "models:/RUL/",
        "models:/a/b/c",
        "models:/@x",
        "models:/RUL@",
        "models:/a:b/1",
        &format!("s3://bucket/{}", "x".repeat(MAX)),
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_place_lies_within_a_root_by_whole_parts() {
    let root = "mlflow-artifacts:/1/abc/artifacts";
    for within in ["mlflow-artifacts:/1/abc/artifacts", "MLFLOW-ARTIFACTS:///1//abc/%61rtifacts/m/x"] {
        assert!(is_within(within, root), "{within}");
    }
    for outside in [
        "mlflow-artifacts:/1/abc/artifacts2",
        "mlflow-artifacts:/1/abc",
        "mlflow-artifacts:/2/abc/artifacts",
        "mlflow-artifacts:/1/abc%2fartifacts",
        "s3:/1/abc/artifacts",
    ] {
        assert!(!is_within(outside, root), "{outside}");
    }
    assert!(!is_within("mlflow-artifacts:/x", "mlflow-artifacts:/"));
    assert!(!is_within("mlflow-artifacts:/x", "s3://bucket"));
    assert_eq!(tidy("MLFLOW-ARTIFACTS:///1//abc/"), "mlflow-artifacts:/1/abc");
}
