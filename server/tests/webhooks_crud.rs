//! Webhooks are created, shown, listed, changed and deleted as `MLflow`'s client asks for it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;
mod receiver;

use common::{Running, get, refusal};
use receiver::send;
use serde_json::{Value, json};

/// A public address in digits, so that no name needs to be looked up.
const HOOK: &str = "https://93.184.216.34/hook";

fn event(entity: &str, action: &str) -> Value {
    json!({"entity": entity, "action": action})
}

fn hooks(server: &Running) -> String {
    server.at("/api/2.0/mlflow/webhooks")
}

#[tokio::test]
async fn a_webhook_is_kept_and_shown_without_its_secret() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let events = [event("MODEL_VERSION_ALIAS", "CREATED"), event("MODEL_VERSION", "CREATED")];
    let body =
        json!({"name": "h1", "url": HOOK, "events": events, "description": "größe ✓", "secret": "hidden"});
    let (status, answer) = send("POST", hooks(&server), body).await;
    assert_eq!(status, 200, "{answer}");
    let id = answer["webhook"]["webhook_id"].as_str().unwrap().to_owned();
    let shown = json!({"webhook": {
        "webhook_id": id, "name": "h1", "description": "größe ✓", "url": HOOK,
        "events": [event("MODEL_VERSION", "CREATED"), event("MODEL_VERSION_ALIAS", "CREATED")],
        "status": "ACTIVE", "creation_timestamp": 1_772_366_400_000_i64, "last_updated_timestamp": 1_772_366_400_000_i64,
    }});
    assert_eq!(answer, shown);
    let one = format!("{}/{id}", hooks(&server));
    assert_eq!(get(&one).await.json::<Value>().await.unwrap(), shown);
    // Also under the path that MLflow's own pages use.
    assert_eq!(get(one.replace("/api/", "/ajax-api/")).await.json::<Value>().await.unwrap(), shown);

    // What is empty stays as it is, but an empty description removes it.
    let change = json!({"name": "", "url": "", "events": [], "description": "", "status": "DISABLED"});
    let (status, answer) = send("PATCH", one.clone(), change).await;
    assert_eq!(status, 200, "{answer}");
    let mut changed = shown.clone();
    changed["webhook"].as_object_mut().unwrap().remove("description");
    changed["webhook"]["status"] = "DISABLED".into();
    assert_eq!(answer, changed);
    let change =
        json!({"name": "h2", "url": format!("{HOOK}/2"), "events": [event("REGISTERED_MODEL", "CREATED")]});
    let (_, answer) = send("PATCH", one.clone(), change).await;
    assert_eq!(
        (&answer["webhook"]["name"], &answer["webhook"]["url"]),
        (&json!("h2"), &json!(format!("{HOOK}/2")))
    );
    assert_eq!(answer["webhook"]["events"], json!([event("REGISTERED_MODEL", "CREATED")]));

    assert_eq!(send("DELETE", one.clone(), json!({})).await, (200, json!({})));
    let gone = format!("404 RESOURCE_DOES_NOT_EXIST: Webhook with ID {id} not found.");
    assert_eq!(refusal(get(&one).await).await, gone);
    for (method, path) in [("DELETE", one.clone()), ("PATCH", one.clone()), ("POST", format!("{one}/test"))] {
        let (status, answer) = send(method, path, json!({"url": "https://localhost/"})).await;
        assert_eq!(
            (status, answer["error_code"].as_str()),
            (404, Some("RESOURCE_DOES_NOT_EXIST")),
            "{method}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn each_change_of_a_webhook_leaves_one_audit_row_without_url_and_secret() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let body =
        json!({"name": "h", "url": HOOK, "events": [event("MODEL_VERSION", "CREATED")], "secret": "hidden"});
    let (_, answer) = send("POST", hooks(&server), body).await;
    let one = format!("{}/{}", hooks(&server), answer["webhook"]["webhook_id"].as_str().unwrap());
    send("PATCH", one.clone(), json!({"name": "g", "secret": "hidden too"})).await;
    send("DELETE", one, json!({})).await;
    server.stop().await;
    let database = rusqlite::Connection::open(data.path().join("registry.sqlite")).unwrap();
    let mut rows = database
        .prepare("SELECT action || ' ' || kind || ' ' || coalesce(before, '-') || ' ' || coalesce(after, '-') FROM audit ORDER BY id")
        .unwrap();
    let rows: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, ["create webhook - h", "update webhook h g", "delete webhook g -"]);
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    let data = tempfile::tempdir().unwrap();
    let now = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let clock = std::sync::Arc::clone(&now);
    let server = Running::with(data.path(), |options| {
        options.clock = overhaul_server::Clock::from_fn(move || {
            let millisecond = clock.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            jiff::Timestamp::from_millisecond(millisecond).unwrap()
        });
    })
    .await;
    assert_eq!(get(hooks(&server)).await.json::<Value>().await.unwrap(), json!({}));
    for name in ["a", "b", "c"] {
        let events = [event("MODEL_VERSION", "CREATED"), event("MODEL_VERSION_TAG", "SET")];
        send("POST", hooks(&server), json!({"name": name, "url": HOOK, "events": events})).await;
    }
    let names = |page: &Value| -> Vec<String> {
        page["webhooks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hook| hook["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole: Value = get(hooks(&server)).await.json().await.unwrap();
    assert_eq!(
        (names(&whole), &whole["next_page_token"]),
        (vec!["c".into(), "b".into(), "a".into()], &Value::Null)
    );
    let first: Value = get(format!("{}?max_results=2", hooks(&server))).await.json().await.unwrap();
    assert_eq!(names(&first), ["c", "b"]);
    let token = first["next_page_token"].as_str().unwrap();
    let second: Value =
        get(format!("{}?max_results=2&page_token={token}", hooks(&server))).await.json().await.unwrap();
    assert_eq!((names(&second), &second["next_page_token"]), (vec!["a".into()], &Value::Null));
    for (query, wanted) in [
        ("max_results=1001", "max_results must be between 1 and 1000"),
        ("max_results=-1", "max_results must be between 1 and 1000"),
        ("max_results=many", "the query is not valid"),
        ("page_token=nonsense", "Invalid page token"),
        ("page_token=eyJvZmZzZXQiOi0xfQ==", "Invalid page token"),
        ("page_token=eyJvZmZzZXQiOjE4NDQ2NzQ0MDczNzA5NTUxNjE1fQ==", "Invalid page token"),
    ] {
        let message = refusal(get(format!("{}?{query}", hooks(&server))).await).await;
        assert!(
            message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains(wanted),
            "{query}: {message}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_that_cannot_be_is_refused_by_parameter_and_value() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let created = event("MODEL_VERSION", "CREATED");
    let body = json!({"name": "h", "url": HOOK, "events": [created]});
    for (key, value, wanted) in [
        ("name", Value::Null, "Missing value for required parameter 'name'"),
        ("name", json!(""), "Missing value for required parameter 'name'"),
        ("name", json!("-x"), "Webhook name \"-x\" is invalid"),
        ("name", json!("größe"), "Webhook name \"größe\" is invalid"),
        ("name", json!("a/b"), "Webhook name \"a/b\" is invalid"),
        ("name", json!("a".repeat(64)), "at most 63 characters"),
        ("name", json!(5), "parameter 'name'"),
        ("url", Value::Null, "Missing value for required parameter 'url'"),
        ("url", json!("http://93.184.216.34/x"), "Invalid webhook URL scheme: \"http\""),
        ("events", Value::Null, "Missing value for required parameter 'events'"),
        ("events", json!([]), "parameter 'events': it is empty"),
        ("events", json!(["model_version.created"]), "parameter 'events[0]'"),
        ("events", json!([{"entity": "MODEL_VERSION"}]), "missing field `action`"),
        (
            "events",
            json!([event("NOBODY", "CREATED")]),
            "\"nobody.created\"; there are: registered_model.created",
        ),
        ("events", json!([event("MODEL_VERSION", "DELETED")]), "\"model_version.deleted\""),
        ("events", json!([created, event("PROMPT", "CREATED")]), "\"prompt.created\""),
        ("events", json!([event("BUDGET_POLICY", "EXCEEDED")]), "\"budget_policy.exceeded\""),
        ("status", json!("ASLEEP"), "parameter 'status': unknown status \"ASLEEP\""),
        ("status", json!(1), "parameter 'status'"),
        ("description", json!("x".repeat(1001)), "parameter 'description': it has 1001 characters"),
        ("secret", json!("x".repeat(1001)), "parameter 'secret': it has 1001 characters"),
    ] {
        let mut body = body.clone();
        body[key] = value;
        let (status, answer) = send("POST", hooks(&server), body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!(
            (status, answer["error_code"].as_str()),
            (400, Some("INVALID_PARAMETER_VALUE")),
            "{key}: {answer}"
        );
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    assert_eq!(get(hooks(&server)).await.json::<Value>().await.unwrap(), json!({}));
    for name in ["a", "7", "a.b_c-d", &"a".repeat(63)] {
        let mut body = body.clone();
        body["name"] = json!(name);
        assert_eq!(send("POST", hooks(&server), body).await.0, 200, "{name}");
    }
    server.stop().await;
}
