//! What signs deliveries, and a receiver's URL, stay between the registry, its database and the receiver.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;
mod receiver;

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use common::{Process, get, model};
use receiver::{Receiver, send, subscribe};
use serde_json::json;

const SECRET: &str = "never-to-be-seen";
/// Many receivers know who may call them by a key in the URL.
const KEY: &str = "a-key-in-the-url";

struct Logged(Child);

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_secret_is_in_no_answer_and_in_no_log() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let receiver = Receiver::start().await;
    receiver.answer(&[500, 302]);
    let mut command: Command = Process::command(&data.path().join("data"), "127.0.0.1:0");
    command.arg("--allow-private-webhooks").env("RUST_LOG", "trace").stdout(Stdio::piped());
    let mut child = Logged(command.stderr(File::create(&log).unwrap()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let server = line.trim().strip_prefix("listening on ").unwrap().to_owned();

    let url = format!("{}?key={KEY}", receiver.url());
    let id = subscribe(&server, &url, &["registered_model.created"], SECRET).await;
    let hooks = format!("{server}/api/2.0/mlflow/webhooks");
    let one = format!("{hooks}/{id}");
    let mut answers = vec![get(&hooks).await.text().await.unwrap(), get(&one).await.text().await.unwrap()];
    for (method, path, body) in [
        ("PATCH", one.clone(), json!({"secret": SECRET, "description": "d"})),
        ("PATCH", one.clone(), json!({"secret": SECRET.repeat(100)})),
        ("PATCH", one.clone(), json!({"secret": [SECRET]})),
        ("PATCH", one.clone(), json!({"url": format!("https://user:{SECRET}@example.org/")})),
        ("POST", format!("{one}/test"), json!({})),
    ] {
        answers.push(send(method, path, body).await.1.to_string());
    }
    overhaul_client::Registry::new(&server).unwrap().reserve_version(&model()).await.unwrap();
    receiver.wait(2).await;
    drop(receiver);
    answers.push(send("POST", format!("{one}/test"), json!({})).await.1.to_string());
    drop(child);
    for answer in &answers {
        assert!(!answer.contains(SECRET), "{answer}");
    }
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("a webhook was not told") && log.contains(&id), "the log is of what was done");
    assert!(!log.contains(SECRET) && !log.contains(KEY));
}
