//! A server killed during writes of every kind comes back with all that it acknowledged, and in order.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::time::Duration;

use common::ledger::{Client, Ledger};
use common::tending::assert_clean;
use common::{Process, model, sample};
use overhaul_client::{MoveAlias, Registry};
use reqwest::Method;
use serde_json::json;

const ROUNDS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_during_all_kinds_of_writes_loses_nothing_acknowledged_and_leaves_all_in_order() {
    let data = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::default();
    let mut highest = 0;
    for round in 0..ROUNDS {
        let process = Process::start(data.path());
        let client = || Client::new(&process.url);
        let workers = [
            tokio::spawn(track(client(), round)),
            tokio::spawn(store(client(), round)),
            tokio::spawn(upload_in_parts(client(), round)),
            tokio::spawn(register(client(), round)),
        ];
        let publisher = tokio::spawn(publish(client(), process.registry(), round));
        tokio::time::sleep(Duration::from_millis(250 + 97 * round)).await;
        drop(process); // SIGKILL
        for worker in workers {
            ledger.absorb(worker.await.unwrap());
        }
        let (done, last) = publisher.await.unwrap();
        assert!(last == 0 || last > highest, "number {last} was handed out twice");
        highest = highest.max(last);
        ledger.absorb(done);
        assert_clean(data.path());
    }
    let process = Process::start(data.path());
    let (checked, kinds) = ledger.check(&process.url).await;
    assert!(checked > 50 && kinds >= 8, "{checked} facts of {kinds} kinds are too few to say anything");
    assert!(process.registry().reserve_version(&model()).await.unwrap().get() > highest);
    drop(process);
    assert_clean(data.path());
}

/// Experiments, runs, batches, tags, and deletions.
async fn track(mut client: Client, round: u64) -> Ledger {
    let _ = tracking(&mut client, round).await;
    client.ledger
}

async fn tracking(client: &mut Client, round: u64) -> Option<()> {
    for n in 0.. {
        let name = format!("experiment-{round}-{n}");
        let by_name = format!("mlflow/experiments/get-by-name?experiment_name={name}");
        let stage = "/experiment/lifecycle_stage";
        client.expect("experiment", &by_name, stage, None);
        let made = client
            .post("mlflow/experiments/create", json!({"name": name}), &by_name, json!("active"))
            .await?;
        let experiment = made["experiment_id"].as_str().unwrap().to_owned();
        for run in 0..3_u64 {
            let made = client
                .ask(
                    Method::POST,
                    "mlflow/runs/create",
                    &json!({"experiment_id": experiment, "start_time": 1}),
                )
                .await?;
            let id = made["run"]["info"]["run_id"].as_str().unwrap().to_owned();
            let get = format!("mlflow/runs/get?run_id={id}");
            let history = format!("mlflow/metrics/get-history?run_id={id}&metric_key=loss");
            client.expect("run", &get, "/run/data/params", None);
            client.expect("history", &history, "/metrics", None);
            let (mut params, mut metrics) = (Vec::new(), Vec::new());
            for step in 0..3_u64 {
                // A batch is there as a whole or not at all, its history as well.
                params.push(json!({"key": format!("p{step}"), "value": step.to_string()}));
                let points: Vec<_> = (0..20)
                    .map(|at| json!({"key": "loss", "value": 0.5, "timestamp": at, "step": step * 20 + at}))
                    .collect();
                metrics.extend(points.clone());
                let body = json!({
                    "run_id": id, "params": [params[params.len() - 1]], "metrics": points,
                    "tags": [{"key": "t", "value": step.to_string()}],
                });
                client.may(&history, json!(metrics));
                client.post("mlflow/runs/log-batch", body, &get, json!(params)).await?;
                client.know(&history, json!(metrics));
            }
            let ended = format!("{get}&ended");
            client.expect("end of a run", &ended, "/run/info/status", Some(json!("RUNNING")));
            let body = json!({"run_id": id, "status": "FINISHED", "end_time": 2});
            client.post("mlflow/runs/update", body, &ended, json!("FINISHED")).await?;
            if run == 1 {
                let deleted = format!("{get}&deleted");
                client.expect("deleted run", &deleted, "/run/info/lifecycle_stage", Some(json!("active")));
                client.post("mlflow/runs/delete", json!({"run_id": id}), &deleted, json!("deleted")).await?;
            }
        }
        if n % 2 == 1 {
            let body = json!({"experiment_id": experiment});
            client.post("mlflow/experiments/delete", body, &by_name, json!("deleted")).await?;
        }
    }
    None
}

/// Artifacts: new, written over, deleted.
async fn store(mut client: Client, round: u64) -> Ledger {
    let _ = storing(&mut client, round).await;
    client.ledger
}

async fn storing(client: &mut Client, round: u64) -> Option<()> {
    for n in 0_u64.. {
        let path = format!("mlflow-artifacts/artifacts/0/run-{round}/artifacts/file-{n}");
        client.expect("artifact", &path, "", None);
        for content in [format!("first {round} {n}"), format!("second {round} {n}").repeat(5000)] {
            client.put(&path, &content, &path, json!(content)).await?;
        }
        if n % 3 == 0 {
            client.delete(&path, &path).await?;
        }
    }
    None
}

/// Large artifacts in two parts.
async fn upload_in_parts(mut client: Client, round: u64) -> Ledger {
    let _ = uploading(&mut client, round).await;
    client.ledger
}

async fn uploading(client: &mut Client, round: u64) -> Option<()> {
    for n in 0_u64.. {
        let folder = format!("0/parts-{round}-{n}/artifacts");
        let path = format!("mlflow-artifacts/artifacts/{folder}/large");
        client.expect("artifact in parts", &path, "", None);
        let create = format!("mlflow-artifacts/mpu/create/{folder}");
        let body = json!({"path": "large", "num_parts": 2});
        let begun = client.ask(Method::POST, &create, &body).await?;
        let content = [format!("{round} {n} one ").repeat(30_000), format!("{round} {n} two")];
        let mut parts = Vec::new();
        for (part, content) in begun["credentials"].as_array().unwrap().iter().zip(&content) {
            let etag = client.put_part(part["url"].as_str().unwrap(), content).await?;
            parts.push(json!({"part_number": part["part_number"], "etag": etag, "url": part["url"]}));
        }
        let complete = format!("mlflow-artifacts/mpu/complete/{folder}");
        let body = json!({"path": "large", "upload_id": begun["upload_id"], "parts": parts});
        client.post(&complete, body, &path, json!(content.concat())).await?;
    }
    None
}

/// Registered models, versions, aliases, tags, stages, and deletions.
async fn register(mut client: Client, round: u64) -> Ledger {
    let _ = registering(&mut client, round).await;
    client.ledger
}

async fn registering(client: &mut Client, round: u64) -> Option<()> {
    for n in 0.. {
        let name = format!("model-{round}-{n}");
        let model = format!("mlflow/registered-models/get?name={name}");
        client.expect("model", &model, "/registered_model/name", None);
        client.post("mlflow/registered-models/create", json!({"name": name}), &model, json!(name)).await?;
        for version in 1..=3_u64 {
            let get = format!("mlflow/model-versions/get?name={name}&version={version}");
            client.expect("version", &get, "/model_version/source", None);
            let source = format!("s3://elsewhere/{round}/{n}/{version}");
            let body = json!({"name": name, "source": source});
            let made = client.post("mlflow/model-versions/create", body, &get, json!(source)).await?;
            assert_eq!(made["model_version"]["version"], version.to_string());
            let alias = format!("mlflow/registered-models/alias?name={name}&alias=best");
            if version == 1 {
                client.expect("alias", &alias, "/model_version/version", None);
            }
            let body = json!({"name": name, "alias": "best", "version": version.to_string()});
            client.post("mlflow/registered-models/alias", body, &alias, json!(version.to_string())).await?;
            let tagged = format!("{get}&tagged");
            client.expect("tag", &tagged, "/model_version/tags/0/value", None);
            let body = json!({"name": name, "version": version.to_string(), "key": "k", "value": "v"});
            client.post("mlflow/model-versions/set-tag", body, &tagged, json!("v")).await?;
        }
        let staged = format!("mlflow/model-versions/get?name={name}&version=3&staged");
        client.expect("stage", &staged, "/model_version/current_stage", Some(json!("None")));
        let body =
            json!({"name": name, "version": "3", "stage": "Staging", "archive_existing_versions": false});
        client.post("mlflow/model-versions/transition-stage", body, &staged, json!("Staging")).await?;
        let first = format!("mlflow/model-versions/get?name={name}&version=1");
        client.forget(&format!("{first}&tagged"));
        client.remove("mlflow/model-versions/delete", json!({"name": name, "version": "1"}), &first).await?;
    }
    None
}

/// The project's own way: numbers, blobs, manifests, aliases. Answers the last number as well.
async fn publish(mut client: Client, registry: Registry, round: u64) -> (Ledger, u32) {
    let mut last = 0;
    for n in 0_u64.. {
        let Ok(number) = registry.reserve_version(&model()).await else { break };
        last = number.get();
        let bundle = sample(Some(last), format!("{round} {n}").repeat(40_000).as_bytes());
        let get = format!("v1/models/{}/versions/{last}", model());
        let digest = json!(bundle.bundle.digest().to_string());
        client.expect("bundle", &get, "/bundle_sha256", None);
        client.may(&get, digest.clone());
        if registry.publish(&bundle.bundle, &bundle.component).await.is_err() {
            break;
        }
        client.know(&get, digest);
        let alias = format!("v1/models/{}/aliases/round-{round}", model());
        if n == 0 {
            client.expect("own alias", &alias, "/version", None);
        }
        client.may(&alias, json!(last));
        let to = MoveAlias { version: number, actor: "ann".to_owned(), reason: None };
        if registry.move_alias(&model(), &format!("round-{round}").parse().unwrap(), &to).await.is_err() {
            break;
        }
        client.know(&alias, json!(last));
    }
    (client.ledger, last)
}
