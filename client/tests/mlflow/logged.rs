//! What a run says to the server, request by request.

use std::fs;

use overhaul_client::mlflow::{Entry, Metric, Mlflow, MlflowError, NewRun, Outcome, Run};
use serde_json::json;

use crate::server::{Asked, Server, run};

fn new_run() -> NewRun {
    NewRun {
        name: "fd001".to_owned(),
        user: "ada".to_owned(),
        source: "overhaul-trainer".to_owned(),
        started: "2026-01-02T03:04:05.678Z".parse().unwrap(),
        tags: vec![Entry::new("overhaul.subset", "FD001")],
    }
}

async fn started(server: &Server) -> Run {
    server.client().start("7", &new_run()).await.unwrap()
}

/// The requests after the one that started the run.
fn later(server: &Server) -> Vec<Asked> {
    server.asked().split_off(1)
}

#[tokio::test]
async fn an_experiment_that_is_new_is_made() {
    let server = Server::tracking();
    assert_eq!(server.client().experiment("Engines & more").await.unwrap(), "7");
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=Engines+%26+more");
    assert_eq!(asked[1].line, "POST /api/2.0/mlflow/experiments/create");
    assert_eq!(asked[1].json(), json!({ "name": "Engines & more" }));
}

#[tokio::test]
async fn an_experiment_that_is_there_is_taken_and_a_deleted_one_is_not() {
    for (stage, id) in [("active", Some("3")), ("deleted", None)] {
        let body = json!({ "experiment": { "experiment_id": "3", "lifecycle_stage": stage } }).to_string();
        let server = Server::start(move |_| (200, body.clone()));
        match (server.client().experiment("e").await, id) {
            (Ok(found), Some(id)) => assert_eq!(found, id),
            (Err(error @ MlflowError::Deleted(_)), None) => assert!(error.mistake().is_some()),
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn an_experiment_that_another_run_makes_meanwhile_is_taken() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => (404, r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": ""}"#.to_owned()),
        1 => (400, r#"{"error_code": "RESOURCE_ALREADY_EXISTS", "message": ""}"#.to_owned()),
        _ => (200, r#"{"experiment": {"experiment_id": "4", "lifecycle_stage": "active"}}"#.to_owned()),
    });
    assert_eq!(server.client().experiment("e").await.unwrap(), "4");
}

#[tokio::test]
async fn a_run_says_who_started_what_and_when() {
    let server = Server::tracking();
    assert_eq!(started(&server).await.id(), "r1");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /api/2.0/mlflow/runs/create");
    assert_eq!(
        asked.json(),
        json!({
            "experiment_id": "7",
            "user_id": "ada",
            "run_name": "fd001",
            "start_time": 1_767_323_045_678_i64,
            "tags": [
                { "key": "mlflow.runName", "value": "fd001" },
                { "key": "mlflow.user", "value": "ada" },
                { "key": "mlflow.source.name", "value": "overhaul-trainer" },
                { "key": "mlflow.source.type", "value": "LOCAL" },
                { "key": "overhaul.subset", "value": "FD001" },
            ],
        })
    );
}

#[tokio::test]
async fn a_run_ends_as_it_ended() {
    let server = Server::tracking();
    let run = started(&server).await;
    for (outcome, word) in
        [(Outcome::Finished, "FINISHED"), (Outcome::Failed, "FAILED"), (Outcome::Killed, "KILLED")]
    {
        run.end(outcome, "2026-01-02T03:04:06Z".parse().unwrap()).await.unwrap();
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.line, "POST /api/2.0/mlflow/runs/update");
        assert_eq!(
            asked.json(),
            json!({ "run_id": "r1", "status": word, "end_time": 1_767_323_046_000_i64 })
        );
    }
}

#[tokio::test]
async fn metrics_that_json_has_no_digits_for_are_words() {
    let server = Server::tracking();
    let values = [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let metric = |(step, value): (usize, f64)| Metric {
        key: "loss".to_owned(),
        value,
        timestamp: "2026-01-02T03:04:06Z".parse().unwrap(),
        step: step as i64,
    };
    let metrics: Vec<Metric> = values.into_iter().enumerate().map(metric).collect();
    started(&server).await.log_metrics(&metrics).await.unwrap();
    let asked = &later(&server)[0];
    assert_eq!(asked.line, "POST /api/2.0/mlflow/runs/log-batch");
    let body = asked.json();
    assert_eq!(body["run_id"], "r1");
    let at = 1_767_323_046_000_i64;
    assert_eq!(
        body["metrics"],
        json!([
            { "key": "loss", "value": 1.5, "timestamp": at, "step": 0 },
            { "key": "loss", "value": "NaN", "timestamp": at, "step": 1 },
            { "key": "loss", "value": "Infinity", "timestamp": at, "step": 2 },
            { "key": "loss", "value": "-Infinity", "timestamp": at, "step": 3 },
        ])
    );
}

#[tokio::test]
async fn batches_stay_within_the_servers_limits() {
    let server = Server::tracking();
    let run = started(&server).await;
    let metrics: Vec<Metric> = (0..2001).map(|step| Metric::now("loss", 1.0, step)).collect();
    let params: Vec<Entry> = (0..101).map(|number| Entry::new(format!("p{number}"), number)).collect();
    run.log_metrics(&metrics).await.unwrap();
    run.log_params(&params).await.unwrap();
    run.log_metrics(&[]).await.unwrap();
    let size = |asked: &Asked, kind: &str| asked.json()[kind].as_array().map_or(0, Vec::len);
    let later = later(&server);
    assert_eq!(later.iter().map(|asked| size(asked, "metrics")).collect::<Vec<_>>(), [1000, 1000, 1, 0, 0]);
    assert_eq!(later.iter().map(|asked| size(asked, "params")).collect::<Vec<_>>(), [0, 0, 0, 100, 1]);
}

#[tokio::test]
async fn a_value_that_mlflow_would_cut_is_refused_before_anything_is_sent() {
    let server = Server::tracking();
    let run = started(&server).await;
    run.log_params(&[Entry::new("p", "é".repeat(6000))]).await.unwrap();
    let params = [Entry::new("fine", 1), Entry::new("p", "é".repeat(6001))];
    let error = run.log_params(&params).await.unwrap_err();
    let line = "the value of \"p\" has 6001 characters, MLflow takes 6000; shorten it";
    assert_eq!(error.mistake().unwrap().to_string(), line);
    assert!(run.set_tags(&[Entry::new("t", "x".repeat(8001))]).await.is_err());
    let mut long = new_run();
    long.tags.push(Entry::new("t", "x".repeat(8001)));
    assert!(server.client().start("7", &long).await.is_err());
    assert_eq!(later(&server).len(), 1);
}

#[tokio::test]
async fn a_run_is_linked_to_the_version_it_made() {
    let server = Server::tracking();
    let run = started(&server).await;
    run.link_version(&"RUL-Prediction-Model".parse().unwrap(), "3".parse().unwrap()).await.unwrap();
    assert_eq!(
        later(&server)[0].json()["tags"],
        json!([
            { "key": "overhaul.model.name", "value": "RUL-Prediction-Model" },
            { "key": "overhaul.model.version", "value": "3" },
        ])
    );
}

#[tokio::test]
async fn artifacts_go_through_the_server() {
    let server = Server::tracking();
    let run = started(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.onnx");
    let bytes: Vec<u8> = (0..600_000_u32).map(|number| number as u8).collect();
    fs::write(&file, &bytes).unwrap();
    run.upload_bytes("plots/rul é.svg", b"<svg/>".to_vec()).await.unwrap();
    run.upload_file("model.onnx", &file).await.unwrap();
    let later = later(&server);
    let root = "PUT /api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts";
    assert_eq!(later[0].line, format!("{root}/plots/rul%20%C3%A9.svg"));
    assert_eq!(later[0].body, b"<svg/>");
    assert_eq!(later[1].line, format!("{root}/model.onnx"));
    assert!(later[1].body == bytes);
    for path in ["", "/etc/x", "a//b", "../x", "a/..", ".", "a\\b"] {
        let error = run.upload_bytes(path, Vec::new()).await.unwrap_err();
        assert!(matches!(error, MlflowError::BadPath(_)), "{path:?}");
    }
    let error = run.upload_file("x", &folder.path().join("nothing")).await.unwrap_err();
    assert!(error.mistake().unwrap().to_string().contains("nothing"), "{error}");
}

#[tokio::test]
async fn artifacts_that_go_elsewhere_are_not_sent_there() {
    for (uri, served) in [
        ("s3://bucket/7/r1/artifacts", false),
        ("/srv/mlruns/7/r1/artifacts", false),
        ("mlflow-artifacts://elsewhere:5000/7/r1/artifacts", false),
        ("mlflow-artifacts://127.0.0.1/7/r1/artifacts", true),
    ] {
        let server = Server::start(move |_| (200, run(uri)));
        match started(&server).await.upload_bytes("x", Vec::new()).await {
            Ok(()) => assert!(served, "{uri}"),
            Err(error) => {
                assert!(!served && matches!(error, MlflowError::NotProxied(_)), "{error}");
                assert_eq!(server.asked().len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn the_servers_own_words_are_passed_on() {
    let server = Server::start(|asked| match asked.line.as_str() {
        "POST /api/2.0/mlflow/runs/create" => (200, run("mlflow-artifacts:/7/r1/artifacts")),
        _ => (400, r#"{"error_code": "INVALID_PARAMETER_VALUE", "message": "no such metric"}"#.to_owned()),
    });
    let error = started(&server).await.log_metrics(&[Metric::now("!", 1.0, 0)]).await.unwrap_err();
    let wanted = format!(
        "MLflow refused POST {}/api/2.0/mlflow/runs/log-batch: 400 INVALID_PARAMETER_VALUE: no such metric",
        server.url
    );
    assert_eq!(error.to_string(), wanted);
    assert_eq!(error.mistake().unwrap().to_string(), wanted);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_between_two_epochs_is_not_used_again() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 4096]).unwrap();
            let body = run("mlflow-artifacts:/7/r1/artifacts");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            socket.write_all((head + &body).as_bytes()).unwrap();
            // Closed without a word, as servers do with connections that nobody uses.
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
    });
    let run = Mlflow::new(&url, None).unwrap().start("7", &new_run()).await.unwrap();
    // An epoch: nothing else happens on this thread.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    run.log_metrics(&[Metric::now("loss", 1.0, 0)]).await.unwrap();
}
