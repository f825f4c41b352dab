//! A run that was logged here reads the same with `MLflow`'s own client from `MLflow`'s own server.
//!
//! `MLFLOW_PYTHON` names a Python with `mlflow` in it; the test is asked for with `--run-ignored`.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use overhaul_client::Access;
use overhaul_client::mlflow::{Entry, Metric, Mlflow, MlflowError, NewRun, Outcome, Probe, Run};
use serde_json::{Value, json};

/// Reads everything of a run, artifacts included, and prints it as JSON.
const READ: &str = r"
import json, sys, mlflow
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
run = client.get_run(sys.argv[2])
history = lambda key: [[m.step, str(m.value), m.timestamp] for m in client.get_metric_history(run.info.run_id, key)]
def walk(path=None):
    for file in client.list_artifacts(run.info.run_id, path):
        yield from walk(file.path) if file.is_dir else [file.path]
def digest(path):
    import hashlib, tempfile
    with tempfile.TemporaryDirectory() as folder:
        return hashlib.sha256(open(client.download_artifacts(run.info.run_id, path, folder), 'rb').read()).hexdigest()
print(json.dumps({
    'version': mlflow.__version__,
    'experiment': client.get_experiment(run.info.experiment_id).name,
    'name': run.info.run_name, 'user': run.info.user_id, 'status': run.info.status,
    'start': run.info.start_time, 'end': run.info.end_time,
    'params': run.data.params, 'tags': run.data.tags,
    'metrics': {key: history(key) for key in run.data.metrics},
    'artifacts': {path: digest(path) for path in walk()},
}))
";

/// A tracking server of `MLflow`'s; it is ended on drop.
struct Tracking {
    child: Child,
    url: String,
}

impl Drop for Tracking {
    fn drop(&mut self) {
        // Its workers are of its own process group.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["--", &group]).status();
        let _ = self.child.wait();
    }
}

async fn tracking(python: &Path, folder: &Path) -> Tracking {
    use std::os::unix::process::CommandExt as _;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let child = Command::new(python)
        .args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"])
        .args(["--port", &port.to_string()])
        .args(["--backend-store-uri", &format!("sqlite:///{}", folder.join("mlflow.db").display())])
        .args(["--artifacts-destination", &folder.join("artifacts").display().to_string()])
        .current_dir(folder)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let tracking = Tracking { child, url: format!("http://127.0.0.1:{port}") };
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        match Mlflow::probe(&tracking.url, &Access::default()).await {
            Ok(Probe::There(_)) => return tracking,
            other if Instant::now() > deadline => {
                panic!("{other:?}: {}", std::fs::read_to_string(folder.join("log")).unwrap())
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

fn read(python: &Path, url: &str, run: &Run) -> Value {
    let output = Command::new(python).args(["-c", READ, url, run.id()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(output.stdout.trim_ascii().rsplit(|byte| *byte == b'\n').next().unwrap()).unwrap()
}

#[tokio::test]
#[ignore = "it needs MLflow's own server: name a Python that has mlflow in MLFLOW_PYTHON"]
async fn mlflow_reads_what_was_logged() {
    let python = std::env::var_os("MLFLOW_PYTHON").expect("MLFLOW_PYTHON names no Python that has mlflow");
    let (python, folder) = (Path::new(&python), tempfile::tempdir().unwrap());
    let server = tracking(python, folder.path()).await;
    let client = Mlflow::new(&server.url, None).unwrap();

    let experiment = client.experiment("Engines & more/é").await.unwrap();
    assert_eq!(client.experiment("Engines & more/é").await.unwrap(), experiment, "made once");
    let started: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
    let new = NewRun {
        name: "fd001".to_owned(),
        user: "ada".to_owned(),
        source: "overhaul-trainer".to_owned(),
        started,
        tags: vec![Entry::new("overhaul.subset", "FD001")],
    };
    let run = client.start(&experiment, &new).await.unwrap();

    // Worst cases of every limit.
    let mut params: Vec<Entry> = (0..250).map(|number| Entry::new(format!("p{number}"), number)).collect();
    params.extend((0..110).map(|number| Entry::new(format!("long{number}"), "\u{e9}\"".repeat(3000))));
    run.log_params(&params).await.unwrap();
    let mut metrics: Vec<Metric> = (0..2100)
        .map(|step| Metric { timestamp: started, ..Metric::now("loss", step as f64 / 8.0, step) })
        .collect();
    for (step, value) in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].into_iter().enumerate() {
        metrics.push(Metric { timestamp: started, ..Metric::now("odd", value, step as i64) });
    }
    run.log_metrics(&metrics).await.unwrap();
    run.set_tags(&[Entry::new("long", "x".repeat(8000))]).await.unwrap();
    run.link_version(&"RUL-Prediction-Model".parse().unwrap(), "3".parse().unwrap()).await.unwrap();

    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number / 7) as u8).collect();
    std::fs::write(folder.path().join("model.onnx"), &bytes).unwrap();
    run.upload_file("model/model.onnx", &folder.path().join("model.onnx")).await.unwrap();
    run.upload_bytes("plots/rul é.svg", b"<svg/>".to_vec()).await.unwrap();
    run.upload_bytes("empty", Vec::new()).await.unwrap();
    run.end(Outcome::Finished, "2026-01-02T03:05:05Z".parse().unwrap()).await.unwrap();

    let found = read(python, &server.url, &run);
    eprintln!("compared with MLflow {}", found["version"]);
    let expected = json!({
        "experiment": "Engines & more/é", "name": "fd001", "user": "ada", "status": "FINISHED",
        "start": started.as_millisecond(), "end": 1_767_323_105_000_i64,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&found[key], value, "{key}");
    }
    let wanted: Value = params.iter().map(|entry| (entry.key.clone(), json!(entry.value))).collect();
    assert_eq!(found["params"], wanted);
    let tags = json!({
        "mlflow.user": "ada", "mlflow.source.name": "overhaul-trainer", "mlflow.source.type": "LOCAL",
        "mlflow.runName": "fd001", "overhaul.subset": "FD001", "long": "x".repeat(8000),
        "overhaul.model.name": "RUL-Prediction-Model", "overhaul.model.version": "3",
    });
    assert_eq!(found["tags"], tags);
    let mut loss = found["metrics"]["loss"].as_array().unwrap().clone();
    loss.sort_by_key(|point| point[0].as_i64());
    assert_eq!(loss.len(), 2100);
    assert_eq!(loss[3], json!([3, "0.375", started.as_millisecond()]));
    // Its SQL store keeps infinities as the largest doubles.
    let odd: Vec<&Value> =
        found["metrics"]["odd"].as_array().unwrap().iter().map(|point| &point[1]).collect();
    assert_eq!(odd, ["nan", "1.7976931348623157e+308", "-1.7976931348623157e+308"]);
    let digest = |bytes: &[u8]| overhaul_bundle::Sha256Digest::of(bytes).to_string();
    let artifacts = json!({
        "model/model.onnx": digest(&bytes), "plots/rul é.svg": digest(b"<svg/>"), "empty": digest(b""),
    });
    assert_eq!(found["artifacts"], artifacts);

    // What it refuses, it refuses in its own words.
    let error = run.log_params(&[Entry::new("p1", "another")]).await.unwrap_err();
    assert!(
        matches!(&error, MlflowError::Refused { error_code, .. } if error_code == "INVALID_PARAMETER_VALUE"),
        "{error}"
    );
    for (outcome, word) in [(Outcome::Failed, "FAILED"), (Outcome::Killed, "KILLED")] {
        let run = client.start(&experiment, &new).await.unwrap();
        run.end(outcome, Timestamp::now()).await.unwrap();
        assert_eq!(read(python, &server.url, &run)["status"], word);
    }
    let id = json!({ "experiment_id": experiment }).to_string();
    let delete = format!("{}/api/2.0/mlflow/experiments/delete", server.url);
    let delete = reqwest::Client::new().post(delete).header("content-type", "application/json").body(id);
    assert!(delete.send().await.unwrap().status().is_success());
    let error = client.experiment("Engines & more/é").await.unwrap_err();
    assert!(matches!(error, MlflowError::Deleted(_)), "{error}");
}
