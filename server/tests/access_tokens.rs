//! Access tokens: shown once, kept by digest, ended by time or by revocation, known by name ever after.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use common::{
    Process, Running, create_token, files_under, guarded, http, model, publish, refusal, token_command,
    version,
};
use jiff::Timestamp;
use overhaul_client::api::{AuditPage, CreatedToken, MoveAlias, Role, TokenList};
use overhaul_client::mlflow::Token;
use overhaul_client::{Access, Registry};
use overhaul_server::Clock;
use reqwest::Response;
use serde_json::{Value, json};

async fn with(token: &str, url: &str) -> Response {
    http().get(url).bearer_auth(token).send().await.unwrap()
}

fn registry(server: &Running, token: &str) -> Registry {
    Registry::with(&server.url, &Access::default().with_token(Token::new(token).unwrap())).unwrap()
}

#[tokio::test]
async fn a_token_is_good_as_a_bearer_and_as_a_password_whatever_the_user_name() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let token = create_token(data.path(), "ann", Role::Viewer, &[]);
    let url = server.at("/api/v1/models");
    assert_eq!(with(&token, &url).await.status(), 200);
    for user in ["ann", "somebody", ""] {
        let answer = http().get(&url).basic_auth(user, Some(&token)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{user:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_has_no_token_or_a_wrong_one_is_told_how_to_send_one() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let token = create_token(data.path(), "ann", Role::Admin, &[]);
    let url = server.at("/api/v1/models");
    let answer = common::get(&url).await;
    let schemes: Vec<_> = answer.headers().get_all("www-authenticate").iter().cloned().collect();
    assert_eq!(schemes, ["Bearer realm=\"overhaul\"", "Basic realm=\"overhaul\", charset=\"UTF-8\""]);
    let message = refusal(answer).await;
    assert!(message.starts_with("401 UNAUTHENTICATED: "), "{message}");
    assert!(message.contains("MLFLOW_TRACKING_TOKEN"), "{message}");
    let last = if token.ends_with('0') { "1" } else { "0" };
    let almost = format!("{}{last}", &token[..token.len() - 1]);
    let other_row = token.replacen("ovh_1_", "ovh_2_", 1);
    for wrong in ["", "x", "ovh_1_", &token[..token.len() - 1], &almost, &other_row, &format!("{token} x")] {
        let message = refusal(with(wrong, &url).await).await;
        assert!(message.starts_with("401 UNAUTHENTICATED: "), "{wrong}: {message}");
        assert!(!message.contains(&token[8..30]), "{message}");
    }
    for header in ["Bearer", "Basic !", "Basic YQ==", "Digest x", &token] {
        let answer = http().get(&url).header("Authorization", header).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{header}");
    }
    server.stop().await;
}

#[tokio::test]
async fn whoever_may_not_is_told_the_role_they_have_and_the_one_they_need() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let token = create_token(data.path(), "ann", Role::Publisher, &[]);
    let message = refusal(with(&token, &server.at("/api/v1/audit")).await).await;
    assert_eq!(
        message,
        "403 PERMISSION_DENIED: token \"ann\" has role publisher, but GET /api/v1/audit needs role admin"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_endpoint_is_told_as_such_with_tokens_too() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let message = refusal(common::get(server.at("/api/v1/nonsense")).await).await;
    assert!(message.starts_with("404 ENDPOINT_NOT_FOUND"), "{message}");
    let answer = http().delete(server.at("/api/v1/models")).send().await.unwrap();
    assert!(refusal(answer).await.starts_with("405 ENDPOINT_NOT_FOUND"));
    server.stop().await;
}

#[tokio::test]
async fn a_token_revoked_beside_the_running_server_is_refused_from_the_next_request_on() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Process::command(data.path(), "127.0.0.1:0");
    let server = Process::spawn(command.arg("--require-token"));
    let token = create_token(data.path(), "ann", Role::Viewer, &[]);
    let other = create_token(data.path(), "bob", Role::Viewer, &[]);
    let url = format!("{}/api/v1/models", server.url);
    // On one connection, as a client keeps it.
    let client = http();
    let ask = async |token: &str| client.get(&url).bearer_auth(token).send().await.unwrap();
    assert_eq!(ask(&token).await.status(), 200);
    assert!(token_command(data.path(), &["revoke", "ann"]).status.success());
    let message = refusal(ask(&token).await).await;
    assert!(message.starts_with("401 UNAUTHENTICATED: access token \"ann\" was revoked at "), "{message}");
    assert_eq!(ask(&other).await.status(), 200);
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let data = tempfile::tempdir().unwrap();
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let seconds = Arc::new(AtomicI64::new(now.as_second()));
    let clock = Arc::clone(&seconds);
    let server = common::Running::with(data.path(), |options| {
        options.require_token = true;
        options.clock =
            Clock::from_fn(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap());
    })
    .await;
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let new = json!({"name": "ci", "role": "viewer", "expires_at": "2026-03-01T13:00:00Z"});
    let made = http().post(server.at("/api/v1/tokens")).bearer_auth(&admin).json(&new).send().await.unwrap();
    assert_eq!(made.status(), 201);
    assert_eq!(made.headers()["cache-control"], "no-store");
    let token = made.json::<CreatedToken>().await.unwrap().token;
    let url = server.at("/api/v1/models");
    seconds.fetch_add(3599, Ordering::Relaxed);
    assert_eq!(with(&token, &url).await.status(), 200);
    seconds.fetch_add(1, Ordering::Relaxed);
    let message = refusal(with(&token, &url).await).await;
    assert!(
        message.starts_with("401 UNAUTHENTICATED: access token \"ci\" ended at 2026-03-01T13:00:00Z"),
        "{message}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_nowhere_on_disk_and_in_no_list() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let list = with(&admin, &server.at("/api/v1/tokens")).await.text().await.unwrap();
    let secret = admin.rsplit('_').next().unwrap();
    assert_eq!(secret.len(), 64);
    assert!(!list.contains(secret) && list.contains("root"), "{list}");
    let audit = with(&admin, &server.at("/api/v1/audit")).await.text().await.unwrap();
    assert!(!audit.contains(secret), "{audit}");
    let listed = token_command(data.path(), &["list"]);
    assert!(!String::from_utf8(listed.stdout).unwrap().contains(secret));
    for file in files_under(data.path()) {
        let bytes = std::fs::read(data.path().join(&file)).unwrap();
        assert!(!bytes.windows(64).any(|part| part == secret.as_bytes()), "{}", file.display());
    }
    server.stop().await;
}

#[tokio::test]
async fn changes_are_recorded_under_the_tokens_name_whatever_the_request_says() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let token = create_token(data.path(), "fleet", Role::Manager, &[]);
    let registry = registry(&server, &token);
    publish(&registry, b"one").await;
    let to = MoveAlias { version: version(1), actor: "mallory".to_owned(), reason: None };
    let moved = registry.move_alias(&model(), &"production".parse().unwrap(), &to).await.unwrap();
    assert_eq!(moved.actor, "fleet");
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let page: AuditPage = with(&admin, &server.at("/api/v1/audit")).await.json().await.unwrap();
    let actors: Vec<_> =
        page.entries.iter().map(|entry| (entry.action.as_str(), entry.actor.as_str())).collect();
    assert_eq!(
        actors,
        [
            ("create", "local:ann"),
            ("set_alias", "fleet"),
            ("publish_version", "fleet"),
            ("reserve_version", "fleet"),
            ("create", "fleet"),
            ("create", "local:ann"),
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn admins_make_list_and_revoke_tokens_over_http() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let url = server.at("/api/v1/tokens");
    let ask = async |body: Value| http().post(&url).bearer_auth(&admin).json(&body).send().await.unwrap();
    let made: Value =
        ask(json!({"name": "g1", "role": "gateway", "gateway": "gw-1"})).await.json().await.unwrap();
    assert_eq!(
        (&made["name"], &made["role"], &made["gateway"]),
        (&json!("g1"), &json!("gateway"), &json!("gw-1"))
    );
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!(with(&token, &server.at("/api/v1/models")).await.status(), 403);
    for (body, refused) in [
        (json!({"name": "g1", "role": "viewer"}), "409 RESOURCE_ALREADY_EXISTS: there is or was a token g1"),
        (
            json!({"name": "g2", "role": "gateway"}),
            "400 INVALID_PARAMETER_VALUE: token g2 has role gateway; say which",
        ),
        (
            json!({"name": "g2", "role": "viewer", "gateway": "x"}),
            "400 INVALID_PARAMETER_VALUE: token g2 has role viewer",
        ),
        (json!({"name": "a b", "role": "viewer"}), "400 INVALID_PARAMETER_VALUE: "),
        (json!({"name": "g2", "role": "root"}), "400 INVALID_PARAMETER_VALUE: "),
        (
            json!({"name": "g2", "role": "viewer", "expires_at": "2026-03-01T12:00:00Z"}),
            "400 INVALID_PARAMETER_VALUE: token g2 would have ended at 2026-03-01T12:00:00Z",
        ),
    ] {
        let message = refusal(ask(body).await).await;
        assert!(message.starts_with(refused), "{message}");
    }
    let revoke = async |name: &str| {
        http().delete(server.at(&format!("/api/v1/tokens/{name}"))).bearer_auth(&admin).send().await.unwrap()
    };
    assert!(refusal(revoke("nobody").await).await.starts_with("404 RESOURCE_DOES_NOT_EXIST"));
    let first: Value = revoke("g1").await.json().await.unwrap();
    let second: Value = revoke("g1").await.json().await.unwrap();
    assert_eq!((&first, &first["revoked_at"]), (&second, &json!("2026-03-01T12:00:00Z")));
    assert_eq!(with(&token, &server.at("/api/v1/models")).await.status(), 401);
    // The name stays the revoked token's, so that the audit trail means one holder by it.
    assert!(refusal(ask(json!({"name": "g1", "role": "viewer"})).await).await.starts_with("409 "));
    let list: TokenList = with(&admin, &url).await.json().await.unwrap();
    assert_eq!(list.tokens.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(), ["g1", "root"]);
    server.stop().await;
}

#[tokio::test]
async fn where_nobody_is_asked_for_a_token_nobody_makes_one_over_http() {
    let data = tempfile::tempdir().unwrap();
    let server = common::Running::start(data.path()).await;
    let new = json!({"name": "later", "role": "admin"});
    let answer = http().post(server.at("/api/v1/tokens")).json(&new).send().await.unwrap();
    assert!(refusal(answer).await.starts_with("403 PERMISSION_DENIED"));
    server.stop().await;
}

#[tokio::test]
async fn the_audit_trail_is_filtered_and_paged() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    for name in ["a", "b", "c"] {
        let new = json!({"name": name, "role": "viewer"});
        http().post(server.at("/api/v1/tokens")).bearer_auth(&admin).json(&new).send().await.unwrap();
    }
    let ask = async |query: &str| with(&admin, &server.at(&format!("/api/v1/audit?{query}"))).await;
    let subjects = async |query: &str| -> Vec<String> {
        let page: AuditPage = ask(query).await.json().await.unwrap();
        page.entries.into_iter().map(|entry| entry.subject).collect()
    };
    assert_eq!(subjects("").await, ["c", "b", "a", "root"]);
    assert_eq!(subjects("actor=root").await, ["c", "b", "a"]);
    assert_eq!(subjects("kind=token&subject=b").await, ["b"]);
    assert_eq!(subjects("kind=alias").await, [""; 0]);
    // The operator's command has the system's clock, the server of this test another.
    assert_eq!(subjects("since=2026-03-01T12:00:00Z&actor=root").await, ["c", "b", "a"]);
    assert_eq!(subjects("since=2026-03-01T12:00:00.001Z&actor=root").await, [""; 0]);
    let mut seen = Vec::new();
    let mut query = "max_results=3".to_owned();
    loop {
        let page: AuditPage = ask(&query).await.json().await.unwrap();
        seen.push(page.entries.len());
        let Some(token) = page.next_page_token else { break };
        query = format!("max_results=3&page_token={token}");
    }
    assert_eq!(seen, [3, 1]);
    for bad in ["max_results=0", "max_results=1001", "page_token=x", "since=yesterday", "colour=red"] {
        let message = refusal(ask(bad).await).await;
        assert!(message.starts_with("400 INVALID_PARAMETER_VALUE: "), "{bad}: {message}");
    }
    server.stop().await;
}
