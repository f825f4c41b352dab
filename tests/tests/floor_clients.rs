//! Clients that were written for other servers work with a gateway unchanged: the registry guide's, and `tritonclient`.

use anyhow::{Context as _, Result};
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::{programs, python, versions, wait};
use serde_json::{Value, json};

/// A gateway with the example bundle.
fn gateway(folder: &std::path::Path) -> Result<Gateway> {
    let mut run = programs::program("overhaul-edge")?;
    run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(programs::checkout().join("models/v1"));
    let gateway = Gateway::of(Server::start(&mut run, &folder.join("gateway.log"))?);
    wait::until("a version", || {
        anyhow::ensure!(gateway.health()?["status"] == "ok");
        Ok(())
    })?;
    Ok(gateway)
}

/// The golden windows that [`versions::known`] has, as rows of numbers, and what they are answered.
fn windows() -> Result<Vec<(Value, f64)>> {
    let known = versions::known()?;
    let pairs = known.into_iter().map(|known| {
        let body: Value = serde_json::from_str(&known.body)?;
        Ok((body["sensor_data"].clone(), known.expected))
    });
    pairs.collect()
}

fn ask(script: &str, words: &[&str], input: &Value) -> Result<Value> {
    let mut command = python::script(&format!("clients/{script}.py"))?;
    python::ask_with(command.args(words), input)
}

#[test]
fn the_guides_client_gets_the_guides_answers_with_an_interval() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let gateway = gateway(folder.path())?;
    let (mut readings, _) = windows()?.into_iter().next().context("no windows")?;
    // Real settings are negative at times, which the guide's own service refuses.
    let rows = readings.as_array_mut().context("no rows")?;
    for row in rows {
        row[0] = json!(-0.0023);
    }
    let said = ask("guide", &[gateway.server.url()], &readings)?;
    assert_eq!(said["root"]["body"]["status"], "healthy");
    assert_eq!(said["health"]["body"]["status"], "ok");
    assert_eq!((&said["models"]["body"]["count"], &said["model"]["status"]), (&json!(1), &json!(200)));
    for field in ["version", "model_type", "rmse", "mae", "timestamp", "sequence_length", "input_features"] {
        assert!(!said["model"]["body"][field].is_null(), "{field}: {}", said["model"]);
        assert_eq!(said["models"]["body"]["models"][0][field], said["model"]["body"][field]);
    }
    assert_eq!(said["no_model"]["status"], 404);
    assert!(said["no_model"]["body"]["detail"].as_str().is_some_and(|line| line.contains("999 not found")));
    for kind in ["named", "alias", "simple"] {
        let answer = &said[kind];
        assert_eq!(answer["status"], 200, "{kind}: {answer}");
        assert_eq!(answer["body"], said["simple"]["body"], "{kind}");
    }
    let interval = &said["simple"]["body"]["confidence_interval"];
    let (rul, ends) = (
        said["simple"]["body"]["predicted_rul"].as_f64(),
        (interval["lower"].as_f64(), interval["upper"].as_f64()),
    );
    assert!(ends.0 <= rul && rul <= ends.1 && ends.0.is_some(), "{}", said["simple"]);
    for (kind, words) in [("short", "has 23 columns; the model takes 24"), ("empty", "lacks sensor_readings")]
    {
        assert_eq!(said[kind]["status"], 422);
        assert!(
            said[kind]["body"]["detail"].as_str().is_some_and(|line| line.contains(words)),
            "{}",
            said[kind]
        );
    }
    assert_eq!(said["page"], 200);
    assert!(said["openapi"].as_array().is_some_and(|paths| paths.contains(&json!("/predict/simple"))));
    Ok(())
}

#[test]
fn tritonclient_gets_the_same_numbers_as_bytes_and_as_json() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let gateway = gateway(folder.path())?;
    let (rows, expected): (Vec<Value>, Vec<f64>) = windows()?.into_iter().unzip();
    let name = versions::example()?.metadata()?.name.to_string();
    let said = ask("triton", &[gateway.server.url(), &name], &json!(rows))?;
    for yes in ["live", "ready", "model_ready", "version_ready"] {
        assert_eq!(said[yes], true, "{yes}");
    }
    assert_eq!(said["other_ready"], false);
    assert_eq!(said["server"]["extensions"], json!(["binary_tensor_data"]));
    assert_eq!(
        said["metadata"]["inputs"],
        json!([{"name": "window", "datatype": "FP32", "shape": [-1, 30, 24]}])
    );
    assert_eq!(said["bytes"]["id"], "seven");
    for kind in ["bytes", "json", "mixed"] {
        assert_eq!((&said[kind]["model"], &said[kind]["version"]), (&json!(name), &json!("1")));
        let rul = said[kind]["outputs"]["rul"].as_array().context("no output")?;
        assert_eq!(rul.len(), expected.len());
        for (rul, expected) in rul.iter().zip(&expected) {
            let rul = rul[0].as_f64().context("no number")?;
            assert!((rul - expected).abs() < 2e-3, "{kind}: {rul} instead of {expected}");
        }
    }
    assert_eq!(said["json"]["outputs"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(said["bytes"]["outputs"]["interval"], said["mixed"]["outputs"]["interval"]);
    assert_eq!(said["mixed"]["outputs"]["interval"][0].as_array().map(Vec::len), Some(2));
    for (kind, words) in
        [("shape", "[1, 30, 23]; send [1 to 1024, 30, 24]"), ("version", "\"7\""), ("model", "\"other\"")]
    {
        let line = said[kind]["message"].as_str().unwrap_or_default();
        assert!(line.contains(words), "{kind}: {}", said[kind]);
    }
    Ok(())
}
